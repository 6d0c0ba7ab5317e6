/**
 * The walk of a sampling exhibit: prompt -> logits -> draw -> the next logits. The stages are computed here, on the
 * page, so that a slider never waits for the model.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Candidates, candidatesOf } from "../../src/core/sampling/candidates.js";
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
import type { SamplingHost, SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken, SamplerSettings } from "../../src/shared/types.js";
import { plural } from "../ui/format.js";
import type { SamplerChoice, SamplingState } from "./samplingState.js";

/** Tokens that get a bar of their own. */
export const BAR_COUNT = 20;

/** Milliseconds that the drawn bar stays marked before the next distribution takes its place. */
const MARK_MS = 350;

/** Distributions that are kept for stepping back; older ones are asked for again. */
const KEPT_STEPS = 16;

/** What the model said after one prefix. */
export interface Prediction {
  candidates: Candidates;
  /** Milliseconds that the engine took; of the last evaluation, whatever part of the prefix it still held. */
  ms: number;
}

/** A token that was drawn, and everything that decided it. */
export interface DrawnToken extends Draw {
  token: ModelToken;
  settings: SamplerSettings;
  seed: number;
  /** Whether XTC struck at this draw. */
  struck: boolean;
  /** Which coin of the seed it was, counted from 0: its place in the continuation. */
  index: number;
  survivors: number;
  /** The distribution that it was drawn from, while that is kept. */
  from: Prediction | undefined;
}

export type SamplingPhase =
  | { kind: "busy"; text: string }
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
  drawn: DrawnToken[];
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
  undo(): void;
  reset(): void;
  stop(): void;
  /** Goes on with what failed or was stopped. */
  retry(): void;
}

interface View {
  prompt: SamplingPrompt;
  first: Prediction;
  prediction: Prediction;
  drawn: DrawnToken[];
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
  const [phase, setPhase] = useState<SamplingPhase>({ kind: "busy", text: "Reading the text …" });
  const [view, setView] = useState<View>();
  const [choosing, setChoosing] = useState<Draw>();
  const [{ settings, order, seed }, setState] = useState(initial);
  const [, setNamed] = useState(0);
  const names = useRef(new Map<number, ModelToken>());
  const running = useRef<AbortController | undefined>(undefined);
  const again = useRef<() => void>(() => {});

  const history = useMemo(
    () => (view ? [...promptIds(view.prompt), ...view.drawn.map(({ id }) => id)] : []),
    [view],
  );
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
    const { logits, ms } = await host.call("next", { tokenIds, own: true }, { signal });
    const candidates = candidatesOf(logits);
    await learnNames(Array.from(candidates.ids.subarray(0, BAR_COUNT)), signal);
    return { candidates, ms };
  }

  const load = () =>
    run("Reading the text …", async (signal) => {
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
      setPhase({ kind: "busy", text: `The model reads ${plural(prompt.tokens.length, "token")} …` });
      const prediction = await predict(promptIds(prompt), signal);
      throwIfCancelled(signal);
      setView({ prompt, first: prediction, prediction, drawn: [] });
      setPhase({ kind: "ready" });
    });

  const drawNext = () => {
    if (!view || phase.kind === "busy") return;
    const { prediction, drawn } = view;
    const index = drawn.length;
    const struck = strikes(settings, seededCoin(seed, index, COINS.xtcOfWalk)());
    const stages =
      struck || chance === 0
        ? outcomes
        : runStages(prediction.candidates, settings, { order, history, xtcStrikes: false });
    const chosen = draw(prediction.candidates, stages, seededCoin(seed, index, COINS.walk));
    setChoosing(chosen);
    void run("The model reads the drawn token …", async (signal) => {
      setChoosing(chosen);
      await learnNames([chosen.id], signal);
      const [next] = await Promise.all([
        predict([...history, chosen.id], signal),
        new Promise((resolve) => setTimeout(resolve, MARK_MS)),
      ]);
      throwIfCancelled(signal);
      const token = names.current.get(chosen.id);
      if (!token) throw new GlassboxError("failed", `The model names no token with the id ${chosen.id}.`);
      const survivors = stages.at(-1)?.survivors.ids.length ?? 0;
      const step: DrawnToken = {
        ...chosen,
        token,
        settings,
        seed,
        struck,
        index,
        survivors,
        from: prediction,
      };
      setView({ ...view, prediction: next, drawn: forgetOld([...drawn, step]) });
      setChoosing(undefined);
      setPhase({ kind: "ready" });
    });
  };

  const backTo = (count: number) => {
    if (!view || count < 0 || count >= view.drawn.length) return;
    const { prompt, first } = view;
    const drawn = view.drawn.slice(0, count);
    const kept = count === 0 ? first : view.drawn[count]?.from;
    setChoosing(undefined);
    if (kept) {
      running.current?.abort();
      running.current = undefined;
      setView({ ...view, prediction: kept, drawn });
      setPhase({ kind: "ready" });
      return;
    }
    void run("Stepping back …", async (signal) => {
      const prediction = await predict([...promptIds(prompt), ...drawn.map(({ id }) => id)], signal);
      throwIfCancelled(signal);
      setView({ ...view, prediction, drawn });
      setPhase({ kind: "ready" });
    });
  };

  const undo = () => {
    if (!view) return;
    if (!choosing) return backTo(view.drawn.length - 1);
    // The draw under way has not been appended yet: it is only given up.
    running.current?.abort();
    running.current = undefined;
    setChoosing(undefined);
    setPhase({ kind: "ready" });
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
    drawn: view?.drawn ?? [],
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
    undo,
    reset: () => backTo(0),
    stop: () => running.current?.abort(),
    retry: () => again.current(),
  };
}

function promptIds(prompt: SamplingPrompt): number[] {
  return prompt.tokens.map(({ id }) => id);
}

function forgetOld(drawn: DrawnToken[]): DrawnToken[] {
  return drawn.map((step, index) =>
    index < drawn.length - KEPT_STEPS && step.from ? { ...step, from: undefined } : step,
  );
}
