/**
 * Puts attention into words and figures: the first-token sink set aside, a row as one sentence, what a head does
 * as scores. Everything said here is read off the numbers of the text on screen.
 */

import { formatFixed } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { HeadHabit, HeadScore } from "../../shared/panels/attention.js";
import { quoted } from "../../shared/quoted.js";
import { textMarks } from "./textMarks.js";

/** A token as sentences name it. */
export interface NamedToken {
  id: number;
  /** Visible text, such as `·total` or `<s>`. */
  label: string;
}

/** A square of attention over one text. */
export interface AttentionSquare {
  tokenCount: number;
  /** (query, key) f32, row-major; rows sum to 1 (or to 0 where nothing is left), zero above the diagonal. */
  weights: Float32Array;
}

/**
 * The same attention without the first token: key 0 is removed and each row is divided by what is left, so that it
 * sums to 1 again. Rows with nothing left, such as the first, become zero. Heads with nothing to look for rest on
 * the first token, the "attention sink" of Xiao et al. 2023, arXiv:2309.17453.
 * @param rest where it is written, in place of an array of its own: as large, and of an earlier call.
 */
export function setFirstAside(
  { tokenCount, weights }: AttentionSquare,
  rest = new Float32Array(weights.length),
): AttentionSquare {
  for (let query = 1; query < tokenCount; query++) {
    const row = query * tokenCount;
    // Summed rather than 1 - weights[row], which would magnify rounding where the sink takes nearly all.
    let left = 0;
    for (let key = 1; key <= query; key++) left += weights[row + key] ?? 0;
    for (let key = 1; key <= query; key++) rest[row + key] = left > 0 ? (weights[row + key] ?? 0) / left : 0;
  }
  return { tokenCount, weights: rest };
}

/** The weights of one query over all tokens, as a view. */
export function attentionRow({ tokenCount, weights }: AttentionSquare, query: number): Float32Array {
  return weights.subarray(query * tokenCount, (query + 1) * tokenCount);
}

/** A weight as it is written everywhere: 0.41, 0.0031, <0.0001. */
export function formatWeight(weight: number): string {
  if (weight === 0) return "0";
  if (weight < 0.0001) return `<${formatFixed(0.0001, 4)}`;
  if (weight < 0.01) return formatFixed(weight, 4);
  if (weight < 0.1) return formatFixed(weight, 3);
  return formatFixed(weight, 2);
}

/** At least this share of a row is "mostly". */
const MOSTLY = 0.5;

/** Below this the largest weight is not worth being called a target: the row is spread. */
const SPREAD = 0.2;

/** Behind a target that has most of the row, the next is named from this weight on. */
const WORTH_SAYING = 0.05;

/**
 * What one query looks at, as one sentence. The number of tokens in "spread" is exp(entropy), the number of
 * equally weighted tokens that would be as spread.
 */
export function describeRow(
  square: AttentionSquare,
  tokens: readonly NamedToken[],
  query: number,
  firstAside: boolean,
): string {
  const row = attentionRow(square, query);
  const name = quote(tokens[query]);
  if (query === 0) {
    return firstAside
      ? t("{0} is the first token: with the first token set aside, nothing is left for it to look at.", name)
      : t("{0} is the first token: it can only look at itself, so all of its attention, 1, is there.", name);
  }
  const keys = Array.from({ length: query + 1 }, (_, key) => key).sort(
    (a, b) => (row[b] ?? 0) - (row[a] ?? 0) || b - a,
  );
  const top = keys[0] ?? 0;
  const weight = row[top] ?? 0;
  if (weight === 0) return t("{0} has no attention left once the first token is set aside.", name);

  const copies = keys.filter((key) => key < query && tokens[key]?.id === tokens[query]?.id);
  const onCopies = copies.reduce((sum, key) => sum + (row[key] ?? 0), 0);
  if (copies.length > 1 && onCopies >= MOSTLY) {
    const said = [name, formatWeight(onCopies), copies.length] as const;
    return firstAside
      ? t(
          "{0} gives {1} of its attention to {2} earlier copies of itself, of what the first token leaves.",
          ...said,
        )
      : t("{0} gives {1} of its attention to {2} earlier copies of itself.", ...said);
  }
  const target = relation(tokens, query, top);
  const most = [name, target, formatWeight(weight)] as const;
  // Behind the first token every row has two keys or more.
  const next = keys[1] ?? top;
  const nextWeight = row[next] ?? 0;
  const both = [...most, relation(tokens, query, next), formatWeight(nextWeight)] as const;
  if (weight >= MOSTLY && nextWeight < WORTH_SAYING) {
    return firstAside
      ? t("{0} looks mostly at {1}, {2}, of what the first token leaves.", ...most)
      : t("{0} looks mostly at {1}, {2}.", ...most);
  }
  if (weight >= MOSTLY) {
    return firstAside
      ? t("{0} looks mostly at {1}, {2}, then at {3}, {4}, of what the first token leaves.", ...both)
      : t("{0} looks mostly at {1}, {2}, then at {3}, {4}.", ...both);
  }
  if (weight >= SPREAD) {
    return firstAside
      ? t("{0} looks most at {1}, {2}, then at {3}, {4}, of what the first token leaves.", ...both)
      : t("{0} looks most at {1}, {2}, then at {3}, {4}.", ...both);
  }
  const spread = [name, Math.round(Math.exp(entropy(row))), formatWeight(weight), target] as const;
  return firstAside
    ? t(
        "{0} spreads its attention over about {1} tokens; most of it, {2}, goes to {3}, of what the first token leaves.",
        ...spread,
      )
    : t("{0} spreads its attention over about {1} tokens; most of it, {2}, goes to {3}.", ...spread);
}

/** A key as the query looks at it. */
function relation(tokens: readonly NamedToken[], query: number, key: number): string {
  if (key === query) return t("itself");
  const name = quote(tokens[key]);
  if (key === 0) return t("the first token, {0}", name);
  if (key === query - 1) return t("the token before it, {0}", name);
  if (tokens[key]?.id === tokens[query]?.id) return t("an earlier {0}", name);
  return name;
}

function quote(token: NamedToken | undefined): string {
  return quoted(token?.label ?? "?");
}

/** Entropy of the weights from one index up to another in nats; of a row by itself unless they are told. */
export function entropy(weights: Float32Array, from = 0, to = weights.length): number {
  let sum = 0;
  for (let at = from; at < to; at++) {
    const weight = weights[at]!;
    if (weight > 0) sum -= weight * Math.log(weight);
  }
  return sum;
}

/** The definition of each score, for the evidence. */
export const HABITS: Record<HeadHabit, { label: string; definition: string }> = {
  first: {
    label: t("first token"),
    definition: t("mean weight on the first token, over all queries but the first"),
  },
  previous: {
    label: t("previous token"),
    definition: t("mean weight on the token just before, over all queries but the first"),
  },
  self: {
    label: t("itself"),
    definition: t("mean weight on the query itself, over all queries but the first"),
  },
  same: {
    label: t("same token"),
    definition: t("mean summed weight on earlier copies of the query, over the queries that have one"),
  },
  induction: {
    label: t("induction"),
    definition: t(
      "mean summed weight on the tokens that followed earlier copies of the query, over the queries that have one",
    ),
  },
  brackets: {
    label: t("brackets"),
    definition: t(
      "mean summed weight on the brackets that the query closes, over the queries that close one",
    ),
  },
  indentation: {
    label: t("indentation"),
    definition: t(
      "mean summed weight on white space that begins a line, over the queries with some of it at or before them",
    ),
  },
};

/** A token as habits are measured on it; without bytes nothing is known of brackets and indentation. */
export interface HabitToken {
  id: number;
  bytes?: Uint8Array;
}

/** By habit: each query that can show it, with the keys that it would look at. */
type HabitTargets = Record<HeadHabit, { query: number; keys: readonly number[] }[]>;

/** Where each habit would have the queries of a text look; the same for all heads. */
export function habitTargets(tokens: readonly HabitToken[]): HabitTargets {
  const targets: HabitTargets = {
    first: [],
    previous: [],
    self: [],
    same: [],
    induction: [],
    brackets: [],
    indentation: [],
  };
  const { openers, indents } = textMarks(tokens.map(({ bytes }) => bytes ?? new Uint8Array(0)));
  const earlier = new Map<number, number[]>();
  let indented = 0;
  for (const [query, { id }] of tokens.entries()) {
    const add = (habit: HeadHabit, keys: readonly number[]) => {
      if (keys.length > 0) targets[habit].push({ query, keys });
    };
    const copies = earlier.get(id) ?? [];
    if (query > 0) {
      add("first", [0]);
      add("previous", [query - 1]);
      add("self", [query]);
    }
    add("same", copies);
    add(
      "induction",
      copies.map((key) => key + 1).filter((key) => key < query),
    );
    add("brackets", openers.get(query) ?? []);
    if (indents[indented] === query) indented++;
    add("indentation", indents.slice(0, indented));
    earlier.set(id, [...copies, query]);
  }
  return targets;
}

/**
 * How far a head follows each habit on this text, strongest first; a habit that no query can show is left out.
 * @param options.targets of the tokens, where they are at hand. @param options.firstAside whether that is done to `square`.
 */
export function headScores(
  square: AttentionSquare,
  tokens: readonly HabitToken[],
  {
    targets = habitTargets(tokens),
    firstAside = false,
  }: { targets?: HabitTargets; firstAside?: boolean } = {},
): HeadScore[] {
  const { tokenCount, weights } = square;
  return (Object.keys(targets) as HeadHabit[])
    .filter((habit) => targets[habit].length > 0)
    .map((habit) => {
      const places = targets[habit];
      let score = 0;
      let even = 0;
      for (const { query, keys } of places) {
        for (const key of keys) score += weights[query * tokenCount + key] ?? 0;
        even += firstAside
          ? (keys.length - (keys.includes(0) ? 1 : 0)) / Math.max(1, query)
          : keys.length / (query + 1);
      }
      const queries = places.length;
      return { habit, score: score / queries, even: even / queries, queries };
    })
    .sort((a, b) => b.score - a.score);
}

/** From this score on a head is said to have a habit, if it also has it twice as much as even attention would. */
const HABIT_FROM = 0.3;

/** What a head does most on the text, if it does anything clearly. @param scores as `headScores` answers them. */
export function characterOf(scores: readonly HeadScore[]): HeadScore | undefined {
  return scores.find(({ score, even }) => score >= HABIT_FROM && score >= 2 * even);
}

const DOES: Record<HeadHabit, string> = {
  first: t("This head rests on the first token"),
  previous: t("This head looks at the token just before"),
  self: t("This head looks at the token itself"),
  same: t("This head finds earlier copies of the same token"),
  induction: t("This head looks at what followed an earlier copy of the same token"),
  brackets: t("This head looks from a closing bracket to the one that it closes"),
  indentation: t("This head looks at the white space that begins lines"),
};

/** A head's strongest habit as one sentence, or that it has none. @param scores as `headScores` answers them. */
export function describeHead(scores: readonly HeadScore[]): string {
  const best = characterOf(scores);
  if (!best) return t("On this text the head has no strong habit.");
  const { habit, score, even, queries } = best;
  const said = [DOES[habit], formatWeight(score), queries, formatWeight(even)] as const;
  return queries === 1
    ? t("{0}: {1}, on average over {2} token; even attention would give {3}.", ...said)
    : t("{0}: {1}, on average over {2} tokens; even attention would give {3}.", ...said);
}
