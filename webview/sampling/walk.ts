/**
 * The walk of a sampling exhibit: prompt -> logits -> a token -> the next logits, as a tree of all roads that were
 * taken. Where the reader stands in it, and the ways to go on from there.
 */

import { type Beam, beamSearch } from "../../src/core/sampling/beamSearch.js";
import { GenerationTree, ROOT } from "../../src/core/sampling/generationTree.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import { type Draw, draw } from "../../src/core/sampling/sample.js";
import { runStages, type StageOutcome, strikes } from "../../src/core/sampling/stages.js";
import { COINS } from "../../src/core/sampling/trial.js";
import { throwIfCancelled } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { ModelToken, SamplerSettings } from "../../src/shared/types.js";
import type { Prediction, Predictions } from "./predictions.js";
import type { SamplingState } from "./samplingState.js";

/** Tokens that one press of Run draws at most. */
export const RUN_TOKENS = 16;

/** Tokens of each of the roads that are laid beside each other, and roads that the beam keeps. */
const BESIDE_TOKENS = 12;
export const BEAM_WIDTH = 3;

/** How a token came into the tree. */
export type Way = "drawn" | "taken" | "greedy" | "beam";

export const WAY_NAMES: Readonly<Record<Way, string>> = {
  drawn: t("Drawn"),
  taken: t("Taken by hand"),
  greedy: t("Greedy"),
  beam: t("Beam of {0}", BEAM_WIDTH),
};

/** A token of the tree, and everything that decided it. */
export interface DrawnToken extends Draw {
  token: ModelToken;
  way: Way;
  settings: SamplerSettings;
  seed: number;
  /** Whether XTC struck at this draw. */
  struck: boolean;
  /** Which coin of the seed it was, counted from 0: its place in the continuation. */
  index: number;
  survivors: number;
}

/** The same before its name is known. */
export type Step = Omit<DrawnToken, "token">;

/** Roads from one place that were laid beside each other. */
export interface Beside {
  from: number;
  roads: { way: Way; leaf: number }[];
}

/** Where a reader stands. */
export interface Place {
  prompt: SamplingPrompt;
  tree: GenerationTree<DrawnToken>;
  /** The node behind which the next token comes. */
  at: number;
}

/** The same with what the model says there. */
export interface View extends Place {
  prediction: Prediction;
}

/** Ids of the text up to a place. */
export function idsUpTo({ prompt, tree, at }: Place): number[] {
  return [...prompt.tokens.map(({ id }) => id), ...tree.pathTo(at).map(({ step }) => step.id)];
}

export async function viewOf(place: Place, predictions: Predictions, signal: AbortSignal): Promise<View> {
  return { ...place, prediction: await predictions.behind(idsUpTo(place), signal) };
}

/** What the seed draws where a view stands. */
export function drawnStep(view: View, { settings, order, seed }: SamplingState): Step {
  const { candidates } = view.prediction;
  const index = view.tree.pathTo(view.at).length;
  const struck = strikes(settings, seededCoin(seed, index, COINS.xtcOfWalk)());
  const stages = runStages(candidates, settings, { order, history: idsUpTo(view), xtcStrikes: struck });
  const chosen = draw(candidates, stages, seededCoin(seed, index, COINS.walk));
  const survivors = stages.at(-1)?.survivors.ids.length ?? candidates.ids.length;
  return { ...chosen, way: "drawn", settings, seed, struck, index, survivors };
}

/** A token that the reader takes by hand, with its probabilities before and behind the stages. */
export function takenStep(
  id: number,
  { tree, at, prediction }: View,
  outcomes: readonly StageOutcome[],
  { settings, seed }: SamplingState,
): Step {
  const { ids, probabilities } = prediction.candidates;
  const rank = ids.indexOf(id);
  const left = outcomes.at(-1)?.survivors;
  const place = left?.ids.indexOf(id) ?? -1;
  return {
    ...{ id, rank, way: "taken", settings, seed },
    before: probabilities[rank] ?? 0,
    after: place < 0 ? 0 : (left?.probabilities[place] ?? 0),
    coin: undefined,
    struck: false,
    index: tree.pathTo(at).length,
    survivors: left?.ids.length ?? ids.length,
  };
}

/** The view behind one token more. */
export async function walked(
  view: View,
  step: Step,
  predictions: Predictions,
  signal: AbortSignal,
): Promise<View> {
  const token = await predictions.token(step.id, signal);
  const { tree, index: at } = view.tree.grown(view.at, { ...step, token });
  return viewOf({ prompt: view.prompt, tree, at }, predictions, signal);
}

/**
 * Draws until the text ends or so many tokens are there.
 * @param onStep told each view on the way. @returns the last.
 */
export async function drawnOn(
  view: View,
  count: number,
  state: SamplingState,
  predictions: Predictions,
  signal: AbortSignal,
  onStep: (view: View, done: number) => void,
): Promise<View> {
  let now = view;
  for (let done = 1; done <= count; done++) {
    now = await walked(now, drawnStep(now, state), predictions, signal);
    throwIfCancelled(signal);
    onStep(now, done);
    if (now.tree.nodes[now.at]?.step.token.special) break;
  }
  return now;
}

/** Goes on by the greedy choice, by beam search and by a draw. @returns the tree with all three roads. */
export async function threeWays(
  view: View,
  state: SamplingState,
  predictions: Predictions,
  signal: AbortSignal,
  onProgress: (text: string) => void,
): Promise<{ tree: View["tree"]; beside: Beside }> {
  const tell = (way: Way, done: number) =>
    onProgress(t("{0}: {1} of {2} tokens …", WAY_NAMES[way], done, BESIDE_TOKENS));
  const start = idsUpTo(view);
  const roads: Beside["roads"] = [];
  let { tree } = view;
  for (const [way, width] of [
    ["greedy", 1],
    ["beam", BEAM_WIDTH],
  ] as const) {
    const [best] = await beamSearch({
      width,
      length: BESIDE_TOKENS,
      predict: (ids) => predictions.inPassing([...start, ...ids], BEAM_WIDTH, signal),
      ends: (id) => predictions.name(id)?.special === true,
      onStep: (done) => tell(way, done),
    });
    let leaf = view.at;
    for (const step of best ? stepsOf(best, way, tree.pathTo(view.at).length, state) : []) {
      const token = await predictions.token(step.id, signal);
      ({ tree, index: leaf } = tree.grown(leaf, { ...step, token }));
    }
    roads.push({ way, leaf });
  }
  tell("drawn", 0);
  const drawn = await drawnOn({ ...view, tree }, BESIDE_TOKENS, state, predictions, signal, (_, done) =>
    tell("drawn", done),
  );
  return { tree: drawn.tree, beside: { from: view.at, roads: [...roads, { way: "drawn", leaf: drawn.at }] } };
}

/** What a search has found, as steps. @param first how many tokens have come before. */
function stepsOf(beam: Beam, way: Way, first: number, { settings, seed }: SamplingState): Step[] {
  return beam.ids.map((id, place) => {
    const before = beam.probabilities[place]!;
    return {
      ...{ id, rank: beam.ranks[place]!, before, after: before, coin: undefined },
      ...{ way, settings, seed, struck: false, index: first + place, survivors: 1 },
    };
  });
}

/** Leaves of the tree only the road to where the reader stands. */
export function pruned(view: View): View {
  let tree = GenerationTree.empty<DrawnToken>();
  let at = ROOT;
  for (const { step } of view.tree.pathTo(view.at)) ({ tree, index: at } = tree.grown(at, step));
  return { ...view, tree, at };
}
