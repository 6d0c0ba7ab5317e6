/**
 * The walk of a sampling exhibit: prompt -> logits -> a token -> the next logits, as a tree of all roads that were
 * taken. The stages are computed here, on the page, so that a slider never waits for the model.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { beamSearch } from "../../src/core/sampling/beamSearch.js";
import { type Candidates, candidatesOf } from "../../src/core/sampling/candidates.js";
import { GenerationTree, ROOT } from "../../src/core/sampling/generationTree.js";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import { type Draw, draw } from "../../src/core/sampling/sample.js";
import {
  chanceOfXtc,
  drawProbabilities,
  type OrderedStage,
  runStages,
  type StageOutcome,
  strikes,
} from "../../src/core/sampling/stages.js";
import { COINS } from "../../src/core/sampling/trial.js";
import { GlassboxError, throwIfCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingHost, SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken, SamplerSettings } from "../../src/shared/types.js";
import { countedTokens } from "../ui/counted.js";
import type { SamplerChoice, SamplingState } from "./samplingState.js";

/** Tokens that get a bar of their own. */
export const BAR_COUNT = 20;

/** Milliseconds that the drawn bar stays marked before the next distribution takes its place. */
const MARK_MS = 350;

/** Distributions that are kept for going back; those that were left longest ago are asked for again. */
const KEPT_PREDICTIONS = 16;

/** Tokens that one press of Run draws at most. */
export const RUN_TOKENS = 16;

/** Tokens of each of the roads that are laid beside each other, and roads that the beam keeps. */
const BESIDE_TOKENS = 12;
export const BEAM_WIDTH = 3;

/** What the model said after one prefix. */
export interface Prediction {
  candidates: Candidates;
  /** Milliseconds that the engine took, and how many tokens of the text it held already and did not read again. */
  ms: number;
  reused: number;
}

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

/** Roads from one place that were laid beside each other. */
export interface Beside {
  from: number;
  roads: { way: Way; leaf: number }[];
}

export type SamplingPhase =
  /** `progress` is worth showing for what takes more than a moment. */
  | { kind: "busy"; text: string; progress?: boolean }
  | { kind: "ready" }
  | { kind: "stopped" }
  | { kind: "no-text" }
  | { kind: "nothing" }
  | { kind: "failed"; error: WireError };

export interface Sampling {
  phase: SamplingPhase;
  prompt: SamplingPrompt | undefined;
  prediction: Prediction | undefined;
  /** With XTC striking, where it is on. */
  outcomes: StageOutcome[];
  /** Probability of each token in a draw, index = id, where XTC's chance makes it differ from the last outcome. */
  mixed: Float64Array | undefined;
  /** Ids of the text so far, which the penalties look at. */
  history: readonly number[];
  /** The tokens from the prompt to where the reader stands. */
  drawn: DrawnToken[];
  tree: GenerationTree<DrawnToken>;
  /** Where the reader stands in the tree: the node behind which the next token comes. */
  at: number;
  beside: Beside | undefined;
  /** While its bar is marked. */
  choosing: Draw | undefined;
  settings: SamplerSettings;
  order: readonly OrderedStage[];
  seed: number;
  /** A token of the vocabulary, once its name has been asked for. */
  name(id: number): ModelToken | undefined;
  /** Asks for the names of tokens that have none yet. */
  learnNames(ids: number[]): Promise<void>;
  setChoice(choice: SamplerChoice): void;
  setSeed(seed: number): void;
  draw(): void;
  /** Draws until the text ends or `RUN_TOKENS` are there. */
  run(): void;
  /** Takes a token whatever its probability. */
  take(id: number): void;
  goTo(index: number): void;
  /** Goes on by the greedy choice, by beam search and by a draw, from where the reader stands. */
  layBeside(): void;
  /** Leaves of the tree only the road to where the reader stands. */
  prune(): void;
  undo(): void;
  reset(): void;
  /** Puts the tokens up to a place of the tree into the document. */
  insert(index: number): Promise<void>;
  stop(): void;
  /** Goes on with what failed or was stopped. */
  retry(): void;
}

interface View {
  prompt: SamplingPrompt;
  tree: GenerationTree<DrawnToken>;
  at: number;
  prediction: Prediction;
}

/**
 * @param reading changes when the text must be read again; so does another model.
 * @param onChange told settings and seed whenever they change, for keeping.
 */
export function useSampling(
  host: Caller<SamplingHost>,
  reading: string,
  initial: SamplingState,
  onChange: (state: SamplingState) => void,
): Sampling {
  const [phase, setPhase] = useState<SamplingPhase>({ kind: "busy", text: t("Reading the text …") });
  const [view, setView] = useState<View>();
  const [choosing, setChoosing] = useState<Draw>();
  const [{ settings, order, seed }, setState] = useState(initial);
  const [, setNamed] = useState(0);
  const names = useRef(new Map<number, ModelToken>());
  const running = useRef<AbortController | undefined>(undefined);
  const again = useRef<() => void>(() => {});
  /** By the tokens before them, those used last at the end. A step that is given up leaves no node, but may leave one. */
  const kept = useRef(new Map<string, Prediction>());
  const [beside, setBeside] = useState<Beside>();

  const history = useMemo(() => (view ? idsAt(view, view.at) : []), [view]);
  const drawn = useMemo(() => (view ? view.tree.pathTo(view.at).map(({ step }) => step) : []), [view]);
  const outcomes = useMemo(
    () => (view ? runStages(view.prediction.candidates, settings, { order, history }) : []),
    [view, settings, order],
  );
  const chance = chanceOfXtc(settings);
  const mixed = useMemo(
    () =>
      view && chance > 0 && chance < 1
        ? drawProbabilities(view.prediction.candidates, settings, { order, history })
        : undefined,
    [view, settings, order],
  );

  /** One piece of work at a time: a new one cancels the one before it. */
  async function run(text: string, work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    again.current = () => void run(text, work);
    setPhase({ kind: "busy", text });
    try {
      await work(controller.signal);
    } catch (thrown) {
      if (running.current !== controller) return;
      setChoosing(undefined);
      const error = GlassboxError.from(thrown);
      setPhase(
        error.code === "cancelled" ? { kind: "stopped" } : { kind: "failed", error: toWireError(error) },
      );
    } finally {
      if (running.current === controller) running.current = undefined;
    }
  }

  async function learnNames(ids: number[], signal: AbortSignal): Promise<void> {
    const unknown = ids.filter((id) => !names.current.has(id));
    if (unknown.length === 0) return;
    for (const token of await host.call("tokens", { ids: unknown }, { signal }))
      names.current.set(token.id, token);
  }

  async function predict(tokenIds: number[], signal: AbortSignal): Promise<Prediction> {
    // The repeat penalty works on the model's own logits.
    const { logits, ms, reused } = await host.call("next", { tokenIds, own: true }, { signal });
    const candidates = candidatesOf(logits);
    await learnNames(Array.from(candidates.ids.subarray(0, BAR_COUNT)), signal);
    throwIfCancelled(signal);
    return { candidates, ms, reused };
  }

  /** The distribution behind a place of the tree: at once, where it is still kept. */
  async function predictionAt(place: Omit<View, "prediction">, signal: AbortSignal): Promise<Prediction> {
    const ids = idsAt(place, place.at);
    const key = ids.join();
    const prediction = kept.current.get(key) ?? (await predict(ids, signal));
    kept.current.delete(key);
    kept.current.set(key, prediction);
    for (const old of kept.current.keys()) {
      if (kept.current.size <= KEPT_PREDICTIONS) break;
      kept.current.delete(old);
    }
    return prediction;
  }

  const load = () =>
    run(t("Reading the text …"), async (signal) => {
      const answer = await host.call("prompt", {}, { signal });
      if (answer.kind !== "prompt") {
        setView(undefined);
        setPhase(answer);
        return;
      }
      const { prompt } = answer;
      if (view?.prompt.model.path !== prompt.model.path) {
        setView(undefined);
        names.current.clear();
      }
      kept.current.clear();
      setBeside(undefined);
      setPhase({ kind: "busy", text: t("The model reads {0} …", countedTokens(prompt.tokens.length)) });
      const place = { prompt, tree: GenerationTree.empty<DrawnToken>(), at: ROOT };
      setView({ ...place, prediction: await predictionAt(place, signal) });
      setPhase({ kind: "ready" });
    });

  /** What the seed draws where a view stands. */
  function choose({ prompt, tree, at, prediction }: View): Omit<DrawnToken, "token"> {
    const index = tree.pathTo(at).length;
    const struck = strikes(settings, seededCoin(seed, index, COINS.xtcOfWalk)());
    const stages = runStages(prediction.candidates, settings, {
      order,
      history: idsAt({ prompt, tree }, at),
      xtcStrikes: struck,
    });
    const chosen = draw(prediction.candidates, stages, seededCoin(seed, index, COINS.walk));
    const survivors = stages.at(-1)?.survivors.ids.length ?? prediction.candidates.ids.length;
    return { ...chosen, way: "drawn", settings, seed, struck, index, survivors };
  }

  /** A token that the reader or a search has chosen, with its probabilities where a view stands. */
  function chosenBy(way: Way, id: number, { tree, at, prediction }: View): Omit<DrawnToken, "token"> {
    const { ids, probabilities } = prediction.candidates;
    const rank = ids.indexOf(id);
    const left = outcomes.at(-1)?.survivors;
    const place = left?.ids.indexOf(id) ?? -1;
    return {
      ...{ id, rank, way, settings, seed },
      before: probabilities[rank] ?? 0,
      after: place < 0 ? 0 : (left?.probabilities[place] ?? 0),
      coin: undefined,
      struck: false,
      index: tree.pathTo(at).length,
      survivors: left?.ids.length ?? ids.length,
    };
  }

  async function named(step: Omit<DrawnToken, "token">, signal: AbortSignal): Promise<DrawnToken> {
    await learnNames([step.id], signal);
    const token = names.current.get(step.id);
    if (!token) throw new GlassboxError("failed", t("The model names no token with the id {0}.", step.id));
    return { ...step, token };
  }

  /** The view behind one token more. */
  async function walked(from: View, step: Omit<DrawnToken, "token">, signal: AbortSignal): Promise<View> {
    const { tree, index } = from.tree.grown(from.at, await named(step, signal));
    const place = { prompt: from.prompt, tree, at: index };
    return { ...place, prediction: await predictionAt(place, signal) };
  }

  const step = (chosen: Omit<DrawnToken, "token">, text: string) => {
    if (!view) return;
    setChoosing(chosen);
    void run(text, async (signal) => {
      setChoosing(chosen);
      const [next] = await Promise.all([
        walked(view, chosen, signal),
        new Promise((resolve) => setTimeout(resolve, MARK_MS)),
      ]);
      throwIfCancelled(signal);
      setView(next);
      setChoosing(undefined);
      setPhase({ kind: "ready" });
    });
  };

  const drawNext = () => {
    if (view && phase.kind !== "busy") step(choose(view), t("The model reads the drawn token …"));
  };

  const take = (id: number) => {
    if (view && phase.kind !== "busy") step(chosenBy("taken", id, view), t("The model reads the token …"));
  };

  const runOn = () => {
    if (!view || phase.kind === "busy") return;
    void run(t("Drawing up to {0} tokens …", RUN_TOKENS), async (signal) => {
      let now = view;
      for (let count = 0; count < RUN_TOKENS; count++) {
        now = await walked(now, choose(now), signal);
        throwIfCancelled(signal);
        setView(now);
        if (now.tree.nodes[now.at]?.step.token.special) break;
      }
      setPhase({ kind: "ready" });
    });
  };

  const goTo = (index: number) => {
    if (!view || (index === view.at && !choosing)) return;
    const place = { prompt: view.prompt, tree: view.tree, at: index };
    setChoosing(undefined);
    const known = kept.current.get(idsAt(place, index).join());
    if (known) {
      running.current?.abort();
      running.current = undefined;
      setView({ ...place, prediction: known });
      setPhase({ kind: "ready" });
      return;
    }
    void run(t("Going back …"), async (signal) => {
      setView({ ...place, prediction: await predictionAt(place, signal) });
      setPhase({ kind: "ready" });
    });
  };

  const undo = () => {
    if (!view) return;
    if (!choosing) {
      const node = view.tree.nodes[view.at];
      if (node) goTo(node.parent);
      return;
    }
    // The draw under way has not been appended yet: it is only given up.
    running.current?.abort();
    running.current = undefined;
    setChoosing(undefined);
    setPhase({ kind: "ready" });
  };

  const layBeside = () => {
    if (!view || phase.kind === "busy") return;
    const { prompt, at } = view;
    const busy = (text: string) => setPhase({ kind: "busy", text, progress: true });
    const start = idsAt(view, at);
    void run(t("Going on in three ways …"), async (signal) => {
      let { tree } = view;
      const predictAfter = async (ids: readonly number[]) => {
        const { logits } = await host.call("next", { tokenIds: [...start, ...ids] }, { signal });
        const candidates = candidatesOf(logits);
        await learnNames(Array.from(candidates.ids.subarray(0, BEAM_WIDTH)), signal);
        throwIfCancelled(signal);
        return candidates;
      };
      const search = async (way: "greedy" | "beam", width: number): Promise<Beside["roads"][number]> => {
        const [best] = await beamSearch({
          width,
          length: BESIDE_TOKENS,
          predict: predictAfter,
          ends: (id) => names.current.get(id)?.special === true,
          onStep: (done) => busy(t("{0}: {1} of {2} tokens …", WAY_NAMES[way], done, BESIDE_TOKENS)),
        });
        let leaf = at;
        for (const [place, id] of (best?.ids ?? []).entries()) {
          const before = best?.probabilities[place] ?? 0;
          const rank = best?.ranks[place] ?? 0;
          const step = { id, rank, before, after: before, coin: undefined, way, settings, seed };
          const index = tree.pathTo(leaf).length;
          const token = await named({ ...step, struck: false, index, survivors: 1 }, signal);
          ({ tree, index: leaf } = tree.grown(leaf, token));
        }
        return { way, leaf };
      };
      const roads = [await search("greedy", 1), await search("beam", BEAM_WIDTH)];
      let now: View = { ...view, tree };
      for (let count = 0; count < BESIDE_TOKENS; count++) {
        busy(t("{0}: {1} of {2} tokens …", WAY_NAMES.drawn, count, BESIDE_TOKENS));
        now = await walked(now, choose(now), signal);
        if (now.tree.nodes[now.at]?.step.token.special) break;
      }
      throwIfCancelled(signal);
      setBeside({ from: at, roads: [...roads, { way: "drawn", leaf: now.at }] });
      setView({ prompt, tree: now.tree, at, prediction: view.prediction });
      setPhase({ kind: "ready" });
    });
  };

  const prune = () => {
    if (!view || phase.kind === "busy") return;
    let tree = GenerationTree.empty<DrawnToken>();
    let at = ROOT;
    for (const { step } of view.tree.pathTo(view.at)) ({ tree, index: at } = tree.grown(at, step));
    setBeside(undefined);
    setView({ ...view, tree, at });
  };

  const change = (state: SamplingState) => {
    setState(state);
    onChange(state);
  };

  useEffect(() => {
    void load();
    return () => running.current?.abort();
  }, [reading]);

  return {
    phase,
    prompt: view?.prompt,
    prediction: view?.prediction,
    outcomes,
    mixed,
    history,
    drawn,
    tree: view?.tree ?? GenerationTree.empty(),
    at: view?.at ?? ROOT,
    beside,
    choosing,
    settings,
    order,
    seed,
    name: (id) => names.current.get(id),
    learnNames: async (ids) => {
      await learnNames(ids, new AbortController().signal);
      setNamed(names.current.size);
    },
    setChoice: (choice) => change({ ...choice, seed }),
    setSeed: (next) => change({ settings, order, seed: next }),
    draw: drawNext,
    run: runOn,
    take,
    goTo,
    layBeside,
    prune,
    undo,
    reset: () => goTo(ROOT),
    insert: async (index) => {
      const steps = view?.tree.pathTo(index).map(({ step }) => step.token) ?? [];
      await host.call("insert", { text: textOfTokens(steps) });
    },
    stop: () => running.current?.abort(),
    retry: () => again.current(),
  };
}

function promptIds(prompt: SamplingPrompt): number[] {
  return prompt.tokens.map(({ id }) => id);
}

/** Ids of the text up to a place of the tree. */
function idsAt({ prompt, tree }: Pick<View, "prompt" | "tree">, at: number): number[] {
  return [...promptIds(prompt), ...tree.pathTo(at).map(({ step }) => step.id)];
}
