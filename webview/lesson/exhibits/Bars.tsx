/** Horizontal bars with a label and a value, for the exhibits of lessons. */

import type { ComponentChildren } from "preact";
import { withWholeNumbers } from "../../ui/sentence.js";
import { Track } from "../../ui/Track.js";

export interface Bar {
  key: string;
  label: ComponentChildren;
  /** 0 to 1: the part of the whole width; without one there is nothing to compare with, and no bar. */
  share: number | undefined;
  value: string;
  /** Stands out from the others. */
  strong?: boolean;
}

export function Bars({ bars }: { bars: Bar[] }) {
  return (
    <div class="lesson-bars" data-tracks={bars.some(({ share }) => share !== undefined)}>
      {bars.map(({ key, label, share, value, strong }) => (
        <div key={key} class="lesson-bar" data-strong={strong === true}>
          <span class="lesson-bar-label">{label}</span>
          {share !== undefined && <Track share={share} />}
          <span class="lesson-bar-value">{withWholeNumbers(value)}</span>
        </div>
      ))}
    </div>
  );
}
