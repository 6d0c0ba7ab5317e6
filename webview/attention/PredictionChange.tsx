/** How the distribution of the next token moved: by how much, and which tokens, before and after on one scale. */

import { inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CutEffect } from "../../src/shared/panels/attention.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Track } from "../ui/Track.js";

export function PredictionChange(props: {
  /** What was done, as the caption begins: "With “a” in place of “the”". */
  what: string;
  /** The token behind which the prediction stands. */
  behind: string;
  /** Its like in the other text, where that is another. */
  behindOther?: string | undefined;
  /** Tells the file of the figure apart. */
  name: string;
  effect: CutEffect;
  tokens: ReadonlyMap<number, ModelToken>;
}) {
  const { what, behind, behindOther, name, effect, tokens } = props;
  const { klBits, changes } = effect;
  const named = (id: number) => tokenName(tokens.get(id));
  const before = changes.reduce((best, change) => (change.before > best.before ? change : best), changes[0]!);
  const after = changes.reduce((best, change) => (change.after > best.after ? change : best), changes[0]!);
  const moved =
    before.id === after.id
      ? t(
          "“{0}” stays first, {1} before and {2} after",
          named(before.id),
          formatProbability(before.before),
          formatProbability(before.after),
        )
      : t(
          "“{0}” ({1}) takes the place of “{2}” ({3} before)",
          named(after.id),
          formatProbability(after.after),
          named(before.id),
          formatProbability(before.before),
        );
  const longest = Math.max(before.before, after.after);
  return (
    <Figure
      name={name}
      caption={
        behindOther === undefined
          ? t(
              "{0}, the prediction after “{1}” moves by {2} (KL divergence): {3}.",
              what,
              behind,
              formatBits(klBits),
              moved,
            )
          : t(
              "{0}, the prediction after “{1}”, there “{2}”, moves by {3} (KL divergence): {4}.",
              what,
              behind,
              behindOther,
              formatBits(klBits),
              moved,
            )
      }
      table={{
        columns: ["token", "before", "after", "change"],
        heads: [t("token"), t("before"), t("after"), t("change")],
        rows: () =>
          changes.map((change) => [
            named(change.id),
            formatProbability(change.before),
            formatProbability(change.after),
            formatChange(change),
          ]),
        exact: () => changes.map(({ id, before, after }) => [named(id), before, after, after - before]),
      }}
    >
      <ul class="att-effect">
        {changes.map((change) => {
          const token = tokens.get(change.id);
          return (
            <li key={change.id}>
              <span>{token && <TokenChip token={token} />}</span>
              <BeforeAfter {...change} longest={longest} />
              <span>
                <span class="gb-dim">{formatProbability(change.before)} →</span>{" "}
                {formatProbability(change.after)}
              </span>
            </li>
          );
        })}
      </ul>
    </Figure>
  );
}

/** Two bars on one scale: hatched what was, full what is. */
export function BeforeAfter({ before, after, longest }: { before: number; after: number; longest: number }) {
  return (
    <span class="att-before-after">
      <Track share={before / longest} looks="att-before" />
      <Track share={after / longest} />
    </span>
  );
}

function formatChange({ before, after }: { before: number; after: number }): string {
  const points = (after - before) * 100;
  return t("{0} points", `${points < 0 ? "−" : "+"}${inLanguage(Math.abs(points).toPrecision(2))}`);
}

/** 0.34 bits, 1.2e-6 bits. */
export function formatBits(bits: number): string {
  if (bits === 0) return t("{0} bits", 0);
  return t("{0} bits", inLanguage(bits < 1e-3 ? bits.toExponential(1) : bits.toPrecision(2)));
}
