/** What one stage does, as two strips: what came in with what it cut, and what goes out with the rest grown to fill it. */

import type { Candidates } from "../../src/core/sampling/candidates.js";
import type { StageOutcome } from "../../src/core/sampling/stages.js";

/** Tokens that get a part of the strip of their own; the others share one. */
const PARTS = 8;

/** The best tokens of what came in, each by its share; cut ones are hatched. */
export function StageStrip({ before, outcome }: { before: Candidates; outcome: StageOutcome }) {
  const { survivors, removed, removedMass } = outcome;
  const cut = new Set(removed.length < before.ids.length ? removed.subarray(0, PARTS) : []);
  const ids = Array.from(before.ids.subarray(0, PARTS));
  const came = ids.map((id, rank) => ({ id, share: before.probabilities[rank]!, cut: cut.has(id) }));
  const keptShare = came.reduce((sum, part) => sum + (part.cut ? 0 : part.share), 0);
  const cutShare = came.reduce((sum, part) => sum + (part.cut ? part.share : 0), 0);
  const left = ids.flatMap((id) => {
    const place = cut.has(id) ? -1 : survivors.ids.indexOf(id);
    return place < 0 ? [] : [{ id, share: survivors.probabilities[place]! }];
  });
  return (
    <span class="sampling-strips" aria-hidden="true">
      <span class="sampling-strip-in">
        {came.map(({ id, share, cut }) => (
          <Part key={id} share={share} kind={cut ? "cut" : "kept"} />
        ))}
        <Part share={1 - removedMass - keptShare} kind="others" />
        <Part share={removedMass - cutShare} kind="cut" />
      </span>
      <span class="sampling-strip-out">
        {left.map(({ id, share }) => (
          <Part key={id} share={share} kind="kept" />
        ))}
        <Part share={1 - left.reduce((sum, { share }) => sum + share, 0)} kind="others" />
      </span>
    </span>
  );
}

function Part({ share, kind }: { share: number; kind: "kept" | "cut" | "others" }) {
  // Less than that is rounding, or not to be seen.
  if (share < 1e-4) return null;
  return <span class={`sampling-part sampling-part-${kind}`} style={{ flexGrow: share }} />;
}
