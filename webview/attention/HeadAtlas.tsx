/** "Which head does what?": every head of the model, measured on this text, as one map of layers and heads. */

import { useMemo, useState } from "preact/hooks";
import { characterOf, formatWeight, HABITS } from "../../src/core/lens/describe.js";
import { formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { HeadHabit, HeadScore, LayerReport } from "../../src/shared/panels/attention.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { HeatMap } from "../ui/HeatMap.js";
import { ErrorNote, LoadingNote } from "../ui/notes.js";
import { Checkbox, LinkButton } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { ScaleChoice } from "./ScaleChoice.js";
import type { Heads } from "./useHeads.js";
import type { Look } from "./useView.js";

/** Heads that are named below the map. */
const NAMED_HEADS = 6;

interface PlacedHead {
  layer: number;
  head: number;
  scores: readonly HeadScore[];
  /** Bits. */
  entropy: number;
}

type Shown = HeadHabit | "entropy";

/** The habits as files name them. */
const COLUMNS: Record<HeadHabit, string> = {
  first: "first token",
  previous: "previous token",
  self: "itself",
  same: "same token",
  induction: "induction",
  brackets: "brackets",
  indentation: "indentation",
};

export function HeadAtlas({ heads, look, onOpen }: { heads: Heads; look: Look; onOpen(): void }) {
  const { layers, error } = heads;
  const [chosen, setChosen] = useState<Shown>();
  const [pictures, setPictures] = useState(false);
  const { firstAside, layerCount } = look;
  const all = useMemo(() => placedHeads(layers, firstAside), [layers, firstAside]);
  const shown = chosen ?? firstTelling(all);
  const data = useMemo(() => mapOf(layers, all, shown, pictures, firstAside), [layers, all, shown, pictures]);
  if (error) return <ErrorNote error={error} />;
  if (layers.length < layerCount) {
    return (
      <LoadingNote
        text={t("Measuring every head: layer {0} of {1}.", layers.length, layerCount)}
        fraction={layers.length / layerCount}
      />
    );
  }
  const ranking = rankingOf(all, shown);
  const at = (row: number, column: number) => all.find(({ layer, head }) => layer === row && head === column);
  const choose = ({ layer, head }: { layer: number; head: number }) => {
    look.setLayer(layer);
    look.setHead(head);
  };
  return (
    <>
      <HabitChoice all={all} chosen={shown} onChoose={setChosen} />
      <p class="gb-dim">{definitionOf(shown)}</p>
      <Figure
        name="heads"
        caption={captionOf(ranking, shown, all.length)}
        table={{
          columns: ["layer", "head", ...habitsOf(all).map((habit) => COLUMNS[habit]), "entropy (bits)"],
          heads: [
            t("layer"),
            t("head"),
            ...habitsOf(all).map((habit) => HABITS[habit].label),
            t("entropy (bits)"),
          ],
          rows: () =>
            ranking.map(({ layer, head, scores, entropy }) => [
              `${layer}`,
              `${head}`,
              ...habitsOf(all).map((habit) => formatWeight(scoreOf(scores, habit)?.score ?? 0)),
              formatFixed(entropy, 2),
            ]),
          exact: () =>
            ranking.map(({ layer, head, scores, entropy }) => [
              layer,
              head,
              ...habitsOf(all).map((habit) => scoreOf(scores, habit)?.score ?? 0),
              entropy,
            ]),
        }}
      >
        <HeatMap
          label={t("All heads: a row is a layer, a column a head")}
          data={data}
          scale={look.scale}
          chosenRow={undefined}
          choosing={t("Enter chooses the head")}
          describe={(row, column) => headText(at(row, column), shown)}
          formatValue={shown === "entropy" ? (value) => formatFixed(value, 1) : formatWeight}
          onChoose={({ row, column }) => choose({ layer: row, head: column })}
        />
      </Figure>
      <p class="gb-row">
        <Checkbox label={t("Small maps")} checked={pictures} onChange={setPictures} />
        <Checkbox label={t("Set the first token aside")} checked={firstAside} onChange={look.setAside} />
        <ScaleChoice look={look} />
      </p>
      <ol class="att-ranking" aria-label={t("Heads by {0}", labelOf(shown))}>
        {ranking.slice(0, NAMED_HEADS).map((placed) => (
          <li key={`${placed.layer}:${placed.head}`}>
            <LinkButton
              onClick={() => {
                choose(placed);
                onOpen();
              }}
            >
              {headText(placed, shown)}
            </LinkButton>
          </li>
        ))}
      </ol>
      <p>
        {typeof look.head === "number" && <>{t("Chosen: layer {0}, head {1}.", look.layer, look.head)} </>}
        <LinkButton onClick={onOpen}>{t("See its map")}</LinkButton>
      </p>
    </>
  );
}

/** A choice among the habits that this text can show, each with how many heads have it. */
function HabitChoice(props: { all: readonly PlacedHead[]; chosen: Shown; onChoose(shown: Shown): void }) {
  const name = useUniqueId();
  const { all, chosen } = props;
  const count = (habit: HeadHabit) => all.filter(({ scores }) => characterOf(scores)?.habit === habit).length;
  return (
    <fieldset class="att-habits">
      <legend>{t("Heads that look at …")}</legend>
      {[...habitsOf(all), "entropy" as const].map((shown) => (
        <label key={shown} class={`att-habit-choice${shown === chosen ? " att-habit-chosen" : ""}`}>
          <input
            type="radio"
            class="gb-visually-hidden"
            name={name}
            checked={shown === chosen}
            onChange={() => props.onChoose(shown)}
          />
          {labelOf(shown)}
          {shown !== "entropy" && <span class="gb-dim"> {count(shown)}</span>}
        </label>
      ))}
    </fieldset>
  );
}

function labelOf(shown: Shown): string {
  return shown === "entropy" ? t("how many tokens") : HABITS[shown].label;
}

function definitionOf(shown: Shown): string {
  return shown === "entropy"
    ? t(
        "Entropy of a head’s rows in bits, the mean over all queries but the first: 0 looks at one token only, 3 is as spread as 8 tokens evenly.",
      )
    : t(
        "Score: {0}. Behind each name stands how many heads do this most, with a score of at least 0.3 and twice that of even attention.",
        HABITS[shown].definition,
      );
}

function habitsOf(all: readonly PlacedHead[]): HeadHabit[] {
  return (Object.keys(HABITS) as HeadHabit[]).filter((habit) =>
    all.some(({ scores }) => scoreOf(scores, habit) !== undefined),
  );
}

function scoreOf(scores: readonly HeadScore[], habit: HeadHabit): HeadScore | undefined {
  return scores.find((score) => score.habit === habit);
}

function placedHeads(layers: readonly LayerReport[], firstAside: boolean): PlacedHead[] {
  return layers.flatMap(({ layer, heads }) =>
    heads.map((report, head) => ({
      layer,
      head,
      scores: firstAside ? report.asideScores : report.scores,
      entropy: firstAside ? report.asideEntropy : report.entropy,
    })),
  );
}

/** The habit that most heads have, but for those that say little: the first token and the query itself. */
function firstTelling(all: readonly PlacedHead[]): Shown {
  const counts = new Map<HeadHabit, number>();
  for (const { scores } of all) {
    const habit = characterOf(scores)?.habit;
    if (habit && habit !== "first" && habit !== "self") counts.set(habit, (counts.get(habit) ?? 0) + 1);
  }
  const [most] = [...counts].sort((a, b) => b[1] - a[1]);
  return most?.[0] ?? "previous";
}

function numberOf({ scores, entropy }: PlacedHead, shown: Shown): number {
  return shown === "entropy" ? entropy : (scoreOf(scores, shown)?.score ?? 0);
}

function mapOf(
  layers: readonly LayerReport[],
  all: readonly PlacedHead[],
  shown: Shown,
  pictures: boolean,
  firstAside: boolean,
) {
  const columns = Math.max(0, ...layers.map(({ heads }) => heads.length));
  return {
    rowLabels: layers.map(({ layer }) => `${layer}`),
    columnLabels: Array.from({ length: columns }, (_, head) => `${head}`),
    values: Float32Array.from(all, (placed) => numberOf(placed, shown)),
    causal: false,
    ...(pictures
      ? {
          picture: (row: number, column: number) => {
            const head = layers[row]?.heads[column];
            const values = firstAside ? head?.asideThumbnail : head?.thumbnail;
            return values && { size: layers[row]!.side, values };
          },
        }
      : {}),
  };
}

function rankingOf(all: readonly PlacedHead[], shown: Shown): PlacedHead[] {
  return [...all].sort((a, b) => numberOf(b, shown) - numberOf(a, shown));
}

function headText(placed: PlacedHead | undefined, shown: Shown): string {
  if (!placed) return "";
  const { layer, head, entropy } = placed;
  if (shown === "entropy") return t("layer {0}, head {1}: {2} bits", layer, head, formatFixed(entropy, 2));
  const score = scoreOf(placed.scores, shown);
  return t(
    "layer {0}, head {1}: {2}, evenly {3}",
    layer,
    head,
    formatWeight(score?.score ?? 0),
    formatWeight(score?.even ?? 0),
  );
}

function captionOf(ranking: readonly PlacedHead[], shown: Shown, count: number): string {
  const best = ranking[0];
  if (!best) return t("There are no heads.");
  if (shown === "entropy") {
    const last = ranking.at(-1) ?? best;
    const tokens = (bits: number) => countedTokens(Math.round(2 ** bits));
    return t(
      "The most spread head, {0} of layer {1}, looks at as many as {2} evenly would be; the narrowest, {3} of layer {4}, at {5}.",
      best.head,
      best.layer,
      tokens(best.entropy),
      last.head,
      last.layer,
      tokens(last.entropy),
    );
  }
  const having = ranking.filter(({ scores }) => characterOf(scores)?.habit === shown).length;
  const score = scoreOf(best.scores, shown);
  const found = [
    having,
    count,
    HABITS[shown].label,
    best.head,
    best.layer,
    formatWeight(score?.score ?? 0),
    formatWeight(score?.even ?? 0),
  ] as const;
  return having === 1
    ? t(
        "On this text {0} of {1} heads has “{2}” as their strongest habit; the highest score is that of head {3} in layer {4}: {5}, where even attention would give {6}.",
        ...found,
      )
    : t(
        "On this text {0} of {1} heads have “{2}” as their strongest habit; the highest score is that of head {3} in layer {4}: {5}, where even attention would give {6}.",
        ...found,
      );
}
