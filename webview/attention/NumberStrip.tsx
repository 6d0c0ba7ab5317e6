/** A vector as a row of bars, upwards where it is positive and downwards where it is negative. */

const HEIGHT = 40;

export function NumberStrip({
  label,
  values,
  largest,
}: {
  label: string;
  values: ArrayLike<number>;
  largest?: number;
}) {
  const numbers = Array.from(values);
  const top = largest ?? Math.max(...numbers.map(Math.abs), Number.MIN_VALUE);
  return (
    <svg
      class="att-strip-of-numbers"
      viewBox={`0 0 ${numbers.length} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
    >
      <line x1={0} x2={numbers.length} y1={HEIGHT / 2} y2={HEIGHT / 2} />
      {numbers.map((value, index) => {
        const height = (Math.abs(value) / top) * (HEIGHT / 2);
        return (
          <rect
            // A vector has no identity but its places.
            key={`${index}`}
            class={value < 0 ? "att-below" : "att-above"}
            x={index + 0.1}
            width={0.8}
            y={value < 0 ? HEIGHT / 2 : HEIGHT / 2 - height}
            height={height}
          />
        );
      })}
    </svg>
  );
}
