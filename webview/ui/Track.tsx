/** A bar in its track: how much of a whole something is. What it says in numbers stands beside it. */

export interface TrackProps {
  /** 0 to 1; beyond them the nearest of the two, and nothing for what is no number. */
  share: number;
  /** Further classes, for another height or ground. */
  looks?: string;
  /** Of the bar, where it is not the accent's. */
  colour?: string;
}

export function Track({ share, looks, colour }: TrackProps) {
  // The least that there is can be seen.
  const width = share > 0 ? `max(1px, ${Math.min(1, share) * 100}%)` : "0";
  return (
    <span class={looks ? `gb-track ${looks}` : "gb-track"} aria-hidden="true">
      <span style={{ width, ...(colour === undefined ? {} : { background: colour }) }} />
    </span>
  );
}
