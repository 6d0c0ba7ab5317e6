/** Lines over one number, with the place that the reader has chosen: for calculators and descents. */

export interface CurveLine {
  label: string;
  ys: number[];
}

export interface CurveProps {
  /** Ascending: the drawing reaches from the first to the last. */
  xs: number[];
  lines: CurveLine[];
  /** The x that is chosen now; its values are marked. */
  at?: number;
  /** Whether steps of x are factors. */
  logX?: boolean;
  /** The upper end of y where there is one, such as 1 for a share; else it is the largest y. */
  most?: number;
  xLabel: string;
  writeX(x: number): string;
  writeY(y: number): string;
}

/** Of the drawing; it is stretched to the width of the page. */
const HEIGHT = 100;
const WIDTH = 300;
const PAD = 4;

export function Curve({ xs, lines, at, logX, most, xLabel, writeX, writeY }: CurveProps) {
  const all = lines.flatMap(({ ys }) => ys).filter(Number.isFinite);
  const [low, high] = [Math.min(0, ...all), Math.max(...all, ...(most === undefined ? [] : [most]))];
  const [first = 0, last = 1] = [xs[0], xs.at(-1)];
  const place = (x: number) =>
    first === last ? 0.5 : logX ? Math.log(x / first) / Math.log(last / first) : (x - first) / (last - first);
  const px = (x: number) => place(x) * WIDTH;
  const py = (y: number) => HEIGHT - PAD - ((y - low) / (high - low || 1)) * (HEIGHT - 2 * PAD);
  const known = (ys: number[]) =>
    ys.map((y, index) => [xs[index] ?? 0, y] as const).filter(([, y]) => Number.isFinite(y));
  const points = (ys: number[]) =>
    // A single point is a line of no length, which is drawn as a dot.
    known(ys)
      .flatMap((point, _, all) => (all.length === 1 ? [point, point] : [point]))
      .map(([x, y]) => `${px(x).toFixed(1)},${py(y).toFixed(1)}`)
      .join(" ");
  return (
    <div class="lesson-curve">
      <div class="lesson-curve-y gb-dim" aria-hidden="true">
        <span>{Number.isFinite(high) ? writeY(high) : ""}</span>
        <span>{Number.isFinite(low) ? writeY(low) : ""}</span>
      </div>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {low < 0 && high > 0 && <line class="lesson-line-zero" x1={0} x2={WIDTH} y1={py(0)} y2={py(0)} />}
        {lines.map(({ label, ys }, index) => (
          <polyline
            key={label}
            class={`lesson-line lesson-line-${index % 4}`}
            data-point={known(ys).length === 1}
            points={points(ys)}
          />
        ))}
        {at !== undefined && <line class="lesson-line-at" x1={px(at)} x2={px(at)} y1={0} y2={HEIGHT} />}
      </svg>
      <div class="lesson-curve-x gb-dim" aria-hidden="true">
        <span>{writeX(first)}</span>
        <span>{xLabel}</span>
        <span>{first === last ? "" : writeX(last)}</span>
      </div>
      <ul class="lesson-legend">
        {lines.map(({ label }, index) => (
          <li key={label}>
            <svg class="lesson-swatch" viewBox="0 0 26 4" aria-hidden="true">
              <line class={`lesson-line lesson-line-${index % 4}`} x1={0} x2={26} y1={2} y2={2} />
            </svg>
            <span>{label}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
