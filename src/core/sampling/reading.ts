/** What a picture of sampling shows, computed from the stages: bars before and after, and one sentence. */

import { formatCount } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import { listed } from "../../shared/listed.js";
import type { Candidates } from "./candidates.js";
import { NEUTRAL_SETTINGS, type StageName, type StageOutcome, type StageSettings } from "./stages.js";

/** One token's bar. */
export interface Bar {
  id: number;
  /** Place in the model's own ranking, 0 is the best. */
  rank: number;
  /** Probability as the model gave it, and after the last stage. */
  before: number;
  after: number;
  /** The stage that cut it; `undefined` for a survivor. */
  cutBy: StageName | undefined;
}

export interface Bars {
  /** Best first. */
  bars: Bar[];
  /** All other tokens together. */
  rest: { count: number; survivors: number; before: number; after: number };
}

/**
 * The bars of the `count` best tokens, of the token `also` wherever it ranks, and of the rest of the vocabulary.
 * All bars and the rest sum to 1, before and after.
 * @param drawn the probabilities of a draw, index = id, where the last outcome alone does not tell them.
 */
export function barsOf(
  candidates: Candidates,
  outcomes: readonly StageOutcome[],
  count: number,
  also?: number,
  drawn?: Float64Array,
): Bars {
  const { ids, probabilities } = candidates;
  const bars: Bar[] = [];
  const add = (rank: number) =>
    bars.push({
      id: ids[rank] as number,
      rank,
      before: probabilities[rank] as number,
      after: 0,
      cutBy: undefined,
    });
  for (let rank = 0; rank < Math.min(count, ids.length); rank++) add(rank);
  if (also !== undefined && !bars.some(({ id }) => id === also)) {
    const rank = ids.indexOf(also);
    if (rank >= 0) add(rank);
  }

  const shown = new Map(bars.map((bar) => [bar.id, bar]));
  for (const { stage, removed } of outcomes) {
    for (let at = 0; at < removed.length; at++) {
      const bar = shown.get(removed[at] as number);
      if (bar) bar.cutBy = stage;
    }
  }
  const rest = {
    count: ids.length - bars.length,
    survivors: 0,
    before: 1 - bars.reduce((sum, bar) => sum + bar.before, 0),
    after: 0,
  };
  const keep = (id: number, probability: number) => {
    const bar = shown.get(id);
    if (bar) {
      bar.after = probability;
    } else {
      rest.survivors++;
      rest.after += probability;
    }
  };
  if (drawn) {
    for (const id of ids) if (drawn[id]! > 0) keep(id, drawn[id]!);
    for (const bar of bars) if (bar.after > 0) bar.cutBy = undefined;
  } else {
    const left = outcomes.at(-1)?.survivors ?? candidates;
    for (let place = 0; place < left.ids.length; place++) keep(left.ids[place]!, left.probabilities[place]!);
  }
  // A difference of sums that is rounding and nothing else.
  if (rest.before < 1e-12) rest.before = 0;
  return { bars, rest };
}

/** What can be drawn in the end. */
export interface Left {
  tokens: number;
  /** The most probable of them, and its probability in a draw. */
  best: number;
  probability: number;
}

/** @param drawn the probabilities of a draw, index = id, where the last outcome alone does not tell them. */
export function whatIsLeft(
  candidates: Candidates,
  outcomes: readonly StageOutcome[],
  drawn?: Float64Array,
): Left {
  if (!drawn) {
    const { ids, probabilities } = outcomes.at(-1)?.survivors ?? candidates;
    return { tokens: ids.length, best: ids[0]!, probability: probabilities[0]! };
  }
  let [tokens, best] = [0, 0];
  // In the order of the array, which takes a tenth of the time: of equals the smallest id, as they are ranked.
  for (let id = 0; id < drawn.length; id++) {
    if (drawn[id]! > 0) tokens++;
    if (drawn[id]! > drawn[best]!) best = id;
  }
  return { tokens, best, probability: drawn[best]! };
}

/** A stage with its value, as sentences and tables name it: "top-p 0.95". */
export function stageWithSetting(stage: StageName, given: StageSettings): string {
  const settings = { ...NEUTRAL_SETTINGS, ...given };
  switch (stage) {
    case "penalties":
      return t(
        "the penalties {0}, {1} and {2}",
        trimmed(settings.repeatPenalty),
        trimmed(settings.frequencyPenalty),
        trimmed(settings.presencePenalty),
      );
    case "typical-p":
      return `typical-p ${trimmed(settings.typicalP)}`;
    case "xtc": {
      const strike = `XTC ${trimmed(settings.xtcThreshold)}`;
      const chance = Math.round(settings.xtcProbability * 100);
      return chance < 100 ? `${strike} ${t("at {0} % of draws", chance)}` : strike;
    }
    case "top-k":
      return `top-k ${formatCount(settings.topK)}`;
    case "top-p":
      return `top-p ${trimmed(settings.topP)}`;
    case "min-p":
      return `min-p ${trimmed(settings.minP)}`;
    case "temperature":
      return t("temperature {0}", trimmed(settings.temperature));
    case "greedy":
      return t("temperature {0}", 0);
  }
}

/**
 * One sentence on what is to be seen.
 * @param name how a token is written, such as “total”.
 * @param percent how a probability is written, such as 98.6 %.
 * @param drawn the probabilities of a draw, index = id, where XTC strikes at some draws only.
 */
export function captionOf(
  candidates: Candidates,
  outcomes: readonly StageOutcome[],
  settings: StageSettings,
  name: (id: number) => string,
  percent: (probability: number) => string,
  drawn?: Float64Array,
): string {
  const left = whatIsLeft(candidates, outcomes, drawn);
  const best = name(left.best);
  const before = percent(candidates.probabilities[candidates.ids.indexOf(left.best)]!);
  const after = percent(left.probability);
  if (outcomes.some(({ stage }) => stage === "greedy")) {
    if (left.tokens === 1)
      return t("Temperature 0 is greedy: {0} is always taken, although the model gave it {1}.", best, before);
    const struck = outcomes.at(-1)!.survivors.ids[0]!;
    const spared = candidates.ids.find((id) => id !== struck && drawn![id]! > 0)!;
    return t(
      "Temperature 0 is greedy: {0} is taken at {1} of draws, and {2} at the others, where XTC strikes.",
      name(spared),
      percent(drawn![spared]!),
      name(struck),
    );
  }

  const cutting = outcomes.filter(({ removed }) => removed.length > 0);
  if (cutting.length === 0) {
    const all = t("Nothing is cut: any of the {0} tokens can be drawn.", formatCount(left.tokens));
    const second =
      settings.temperature === 1
        ? t("{0} is the most probable with {1}.", best, before)
        : t(
            "{0} takes {1} from {2} to {3}.",
            capital(stageWithSetting("temperature", settings)),
            best,
            before,
            after,
          );
    return `${all} ${second}`;
  }
  const stages = listed(cutting.map(({ stage }) => stageWithSetting(stage, settings)));
  if (left.tokens === 1) return t("Only {0} survives {1}: every draw takes it.", best, stages);
  const tokens = capital(inWords(left.tokens));
  return drawn
    ? t("{0} tokens can be drawn under {1}; {2} is the most probable with {3}.", tokens, stages, best, after)
    : t("{0} tokens survive {1}; {2} holds {3} of what is left.", tokens, stages, best, after);
}

const NUMBER_WORDS = [
  t("zero"),
  t("one"),
  t("two"),
  t("three"),
  t("four"),
  t("five"),
  t("six"),
  t("seven"),
  t("eight"),
  t("nine"),
  t("ten"),
  t("eleven"),
  t("twelve"),
];

function inWords(count: number): string {
  return NUMBER_WORDS[count] ?? formatCount(count);
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** At most three decimals, without zeros at the end. */
function trimmed(value: number): string {
  return formatCount(Number(value.toFixed(3)));
}
