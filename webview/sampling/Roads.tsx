/** All roads that were taken from the prompt, as an outline to walk in, and two of them as a diff. */

import { useState } from "preact/hooks";
import { compareRoads } from "../../src/core/sampling/compareRoads.js";
import { ROOT, type TreeRow } from "../../src/core/sampling/generationTree.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import { isOff, stagesOf } from "../../src/core/sampling/stages.js";
import { GlassboxError } from "../../src/shared/errors.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { tokenName } from "../../src/shared/tokenName.js";
import { countedTokens } from "../ui/counted.js";
import { Figure, type TableData } from "../ui/Figure.js";
import { describeProbability, formatProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Checkbox, LinkButton } from "../ui/toolkit.js";
import { describeDraw } from "./TokenTail.js";
import type { Sampling } from "./useSampling.js";
import { type DrawnToken, WAY_NAMES } from "./walk.js";

export function Roads({ sampling }: { sampling: Sampling }) {
  const { tree, at, prompt } = sampling;
  const [compared, setCompared] = useState<readonly number[]>([]);
  const [fault, setFault] = useState<string>();
  if (tree.nodes.length === 0) return null;
  const rows = tree.rows();
  const leaves = tree.leaves();
  const path = new Set(tree.pathTo(at).map(({ index }) => index));
  const two = compared.filter((leaf) => leaves.includes(leaf));
  const choose = (leaf: number, on: boolean) =>
    setCompared(
      on ? [...two.filter((other) => other !== leaf), leaf].slice(-2) : two.filter((other) => other !== leaf),
    );
  const insert = (leaf: number) => {
    setFault(undefined);
    sampling.insert(leaf).catch((thrown: unknown) => {
      const { message, remedy } = GlassboxError.from(thrown);
      setFault([message, remedy].filter(Boolean).join(" "));
    });
  };
  return (
    <section class="sampling-roads" aria-label={t("Roads from this prompt")}>
      <h2>
        {leaves.length === 1
          ? t("1 road from this prompt")
          : t("{0} roads from this prompt", formatCount(leaves.length))}
        {path.size < tree.nodes.length && (
          <LinkButton onClick={sampling.prune}>{t("Leave only the one in use")}</LinkButton>
        )}
      </h2>
      <p class="gb-dim" role="status">
        {reuseSentence(sampling)}
      </p>
      <Figure name="roads" caption={captionOf(sampling, leaves)} table={tableOf(sampling)}>
        <ol>
          {rows.map((row) => (
            <li key={row.nodes[0]?.index} style={{ "--sampling-depth": row.depth }}>
              <RowChips sampling={sampling} row={row} path={path} />
              {row.leaf && (
                <RoadEnd
                  sampling={sampling}
                  leaf={row.nodes.at(-1)!.index}
                  compared={two}
                  comparable={leaves.length > 1}
                  onCompare={choose}
                  {...(prompt?.source.scope === "given" ? {} : { onInsert: insert })}
                />
              )}
            </li>
          ))}
        </ol>
      </Figure>
      {fault && (
        <p class="sampling-invalid" role="alert">
          {fault}
        </p>
      )}
      {two.length === 2 && <RoadDiff sampling={sampling} one={two[0]!} other={two[1]!} />}
    </section>
  );
}

/** How many roads, and which of them surprises the model least. */
function captionOf({ tree }: Sampling, leaves: readonly number[]): string {
  const roads = leaves.map((leaf) => {
    const steps = tree.pathTo(leaf).length;
    return { leaf, steps, bits: -tree.logProbability(leaf) / Math.LN2 / steps };
  });
  const least = roads.reduce((a, b) => (b.bits < a.bits ? b : a));
  return roads.length === 1
    ? t("One road of {0}: {1} bits a token.", countedTokens(least.steps), formatFixed(least.bits, 2))
    : t(
        "{0} roads with {1}; the one that ends with {2} surprises the model least, {3} bits a token.",
        formatCount(roads.length),
        countedTokens(tree.nodes.length),
        t("“{0}”", nameOf(tree.nodes[least.leaf]!.step)),
        formatFixed(least.bits, 2),
      );
}

/** The tree, a row for each of its tokens: behind which it stands, its probability, and that of the road to it. */
function tableOf({ tree }: Sampling): TableData {
  const ends = new Set(tree.leaves());
  const rows = <Cell,>(
    number: (value: number) => Cell,
    probability: (value: number) => Cell,
  ): (string | Cell)[][] =>
    tree.nodes.map(({ index, parent, step }) => [
      number(index + 1),
      parent === ROOT ? "" : number(parent + 1),
      nameOf(step),
      number(step.id),
      probability(step.before),
      probability(step.after),
      WAY_NAMES[step.way],
      step.way === "drawn" ? number(step.seed) : "",
      stagesOn(step),
      probability(Math.exp(tree.logProbability(index))),
      ends.has(index) ? t("yes") : "",
    ]);
  return {
    columns: [
      ...["Node", "Behind", "Token", "Id", "Before", "After", "How", "Seed", "Settings", "Together"],
      "End of a road",
    ],
    heads: [
      ...[t("Node"), t("Behind"), t("Token"), t("Id"), t("Before"), t("After"), t("How"), t("Seed")],
      ...[t("Settings"), t("Together"), t("End of a road")],
    ],
    spare: ["Id", "How", "Seed", "Settings", "End of a road"],
    rows: () => rows(String, formatProbability),
    exact: () => rows(Number, Number),
  };
}

/** What a token was drawn under; nothing where the draw had no part in it. */
function stagesOn({ way, settings }: DrawnToken): string {
  return way === "drawn"
    ? stagesOf(settings)
        .filter((stage) => !isOff(stage, settings))
        .map((stage) => stageWithSetting(stage, settings))
        .join(", ")
    : "";
}

function nameOf({ token }: DrawnToken): string {
  return tokenName(token);
}

function RowChips(props: { sampling: Sampling; row: TreeRow<DrawnToken>; path: ReadonlySet<number> }) {
  const { sampling, row, path } = props;
  return (
    <span class="gb-strip">
      {row.nodes.map(({ index, step }) => (
        <span
          key={index}
          class={path.has(index) ? "sampling-on-path" : "sampling-off-path"}
          title={describeDraw(step)}
        >
          <TokenChip
            token={step.token}
            band={step.index}
            probability={step.before}
            selected={index === sampling.at}
            onClick={() => sampling.goTo(index)}
          />
        </span>
      ))}
    </span>
  );
}

function RoadEnd(props: {
  sampling: Sampling;
  leaf: number;
  compared: readonly number[];
  comparable: boolean;
  onCompare(leaf: number, on: boolean): void;
  onInsert?(leaf: number): void;
}) {
  const { sampling, leaf, onInsert } = props;
  return (
    <span class="sampling-road-end gb-dim">
      {measureOf(sampling, leaf)}
      {onInsert && (
        <LinkButton label={t("Insert this road into the document")} onClick={() => onInsert(leaf)}>
          {t("Insert")}
        </LinkButton>
      )}
      {props.comparable && (
        <Checkbox
          label={t("Compare")}
          checked={props.compared.includes(leaf)}
          onChange={(on) => props.onCompare(leaf, on)}
        />
      )}
    </span>
  );
}

/** "12 tokens, together 1 in 4,096, 1.0 bits a token". */
function measureOf({ tree }: Sampling, leaf: number): string {
  const count = tree.pathTo(leaf).length;
  const bits = -tree.logProbability(leaf) / Math.LN2;
  const together = describeProbability(2 ** -bits);
  return t(
    "{0}, together {1}, {2} bits a token",
    countedTokens(count),
    together,
    formatFixed(bits / count, 2),
  );
}

/** What the engine did not have to read again for the distribution on screen. */
function reuseSentence({ prediction, history, at }: Sampling): string {
  if (!prediction) return "";
  const all = history.length;
  const kept = countedTokens(prediction.reused);
  const read = countedTokens(all - prediction.reused);
  const sentences = [
    all - prediction.reused === 1
      ? at === ROOT
        ? t(
            "For the distribution behind the prompt the engine kept {0} of {1} in its cache and read only the last one.",
            kept,
            all,
          )
        : t(
            "For the distribution here the engine kept {0} of {1} in its cache and read only the last one.",
            kept,
            all,
          )
      : at === ROOT
        ? t(
            "For the distribution behind the prompt the engine kept {0} of {1} in its cache and read {2}.",
            kept,
            all,
            read,
          )
        : t(
            "For the distribution here the engine kept {0} of {1} in its cache and read {2}.",
            kept,
            all,
            read,
          ),
    t("Going back to a place whose distribution is still on this page reads nothing."),
  ];
  return sentences.join(" ");
}

function RoadDiff({ sampling, one, other }: { sampling: Sampling; one: number; other: number }) {
  const { tree } = sampling;
  const [first, second] = [one, other].map((leaf) => tree.pathTo(leaf).map(({ step }) => step));
  const parts = compareRoads(first ?? [], second ?? []);
  const same = parts.reduce((sum, { in: where, steps }) => sum + (where === "both" ? steps.length : 0), 0);
  const ratio = Math.exp(tree.logProbability(one) - tree.logProbability(other));
  const shared = tree.sharedSteps(one, other);
  const parted =
    shared === 0
      ? t(
          "They part at once; {0} of {1} and {2} tokens are the same in order.",
          same,
          first?.length ?? 0,
          second?.length ?? 0,
        )
      : t(
          "They share their first {0}; {1} of {2} and {3} tokens are the same in order.",
          countedTokens(shared),
          same,
          first?.length ?? 0,
          second?.length ?? 0,
        );
  const likelier =
    first?.length !== second?.length
      ? t("They differ in length, so that their probabilities do not compare.")
      : ratio >= 1
        ? t("The upper road is {0} times as probable.", formatRatio(ratio))
        : t("The lower road is {0} times as probable.", formatRatio(1 / ratio));
  const where = { both: t("both"), first: t("upper"), second: t("lower") };
  const rows = <Cell,>(number: (value: number) => Cell): (string | Cell)[][] =>
    parts.flatMap((part) =>
      part.steps.map((step) => [where[part.in], nameOf(step), String(step.id), number(step.before)]),
    );
  return (
    <div class="sampling-diff">
      <Figure
        name="two-roads"
        caption={`${parted} ${likelier}`}
        table={{
          columns: ["Road", "Token", "Id", "Before"],
          heads: [t("Road"), t("Token"), t("Id"), t("Before")],
          rows: () => rows(formatProbability),
          exact: () => rows(Number),
        }}
      >
        {[
          { label: t("Only in the upper road: underlined"), leaf: one, hides: "second" as const },
          { label: t("Only in the lower road: underlined"), leaf: other, hides: "first" as const },
        ].map(({ label, leaf, hides }) => (
          <section key={leaf} class="gb-strip" aria-label={label}>
            {parts
              .filter((part) => part.in !== hides)
              .flatMap((part) =>
                part.steps.map((step) => (
                  <span
                    key={`${step.index}`}
                    class={part.in === "both" ? "sampling-off-path" : "sampling-differs"}
                  >
                    <TokenChip token={step.token} band={step.index} probability={step.before} />
                    {part.in !== "both" && (
                      <span class="gb-visually-hidden">
                        {" "}
                        {t("differs, {0}", formatProbability(step.before))}{" "}
                      </span>
                    )}
                  </span>
                )),
              )}
          </section>
        ))}
      </Figure>
    </div>
  );
}

function formatRatio(ratio: number): string {
  return ratio < 100 ? formatFixed(ratio, 1) : ratio.toPrecision(2);
}
