/**
 * The state of a sampling exhibit: the view that is shown, what is under way, settings and seed. The stages are
 * computed here, on the page, so that a slider never waits for the model.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { GenerationTree, ROOT } from "../../src/core/sampling/generationTree.js";
import type { Draw } from "../../src/core/sampling/sample.js";
import {
  chanceOfXtc,
  drawProbabilities,
  type OrderedStage,
  runStages,
  type StageOutcome,
} from "../../src/core/sampling/stages.js";
import { GlassboxError, throwIfCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingHost, SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken, SamplerSettings } from "../../src/shared/types.js";
import { countedTokens } from "../ui/counted.js";
import { type Prediction, Predictions } from "./predictions.js";
import type { SamplerChoice, SamplingState } from "./samplingState.js";
import {
  type Beside,
  type DrawnToken,
  drawnOn,
  drawnStep,
  idsUpTo,
  pruned,
  RUN_TOKENS,
  type Step,
  takenStep,
  threeWays,
  type View,
  viewOf,
  walked,
} from "./walk.js";

/** Milliseconds that the drawn bar stays marked before the next distribution takes its place. */
const MARK_MS = 350;

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
  const [state, setState] = useState(initial);
  const [beside, setBeside] = useState<Beside>();
  const [, setNamed] = useState(0);
  const asked = useRef(host);
  asked.current = host;
  const predictions = useMemo(() => new Predictions(() => asked.current), []);
  const running = useRef<AbortController | undefined>(undefined);
  const again = useRef<() => void>(() => {});
  const { settings, order, seed } = state;

  const history = useMemo(() => (view ? idsUpTo(view) : []), [view]);
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

  /** One piece of work at a time: a new one cancels the one before it. Where it is done, it leaves the view. */
  async function run(text: string, work: (signal: AbortSignal) => Promise<View | undefined>): Promise<void> {
    running.current?.abort();
    const controller = new AbortController();
    running.current = controller;
    again.current = () => void run(text, work);
    setPhase({ kind: "busy", text });
    try {
      const found = await work(controller.signal);
      throwIfCancelled(controller.signal);
      if (found) show(found);
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

  function show(found: View): void {
    setView(found);
    setChoosing(undefined);
    setPhase({ kind: "ready" });
  }

  /** Gives up what is under way; nothing of it has been appended yet. */
  function giveUp(): void {
    running.current?.abort();
    running.current = undefined;
  }

  const load = () =>
    run(t("Reading the text …"), async (signal) => {
      const answer = await host.call("prompt", {}, { signal });
      if (answer.kind !== "prompt") {
        setView(undefined);
        setPhase(answer);
        return undefined;
      }
      const { prompt } = answer;
      if (view?.prompt.model.path !== prompt.model.path) {
        setView(undefined);
        predictions.forgetNames();
      }
      predictions.forget();
      setBeside(undefined);
      setPhase({ kind: "busy", text: t("The model reads {0} …", countedTokens(prompt.tokens.length)) });
      return viewOf({ prompt, tree: GenerationTree.empty(), at: ROOT }, predictions, signal);
    });

  /** Where the reader stands, unless something is under way. */
  const resting = phase.kind === "busy" ? undefined : view;

  const goOnWith = (from: View, step: Step, text: string) =>
    void run(text, async (signal) => {
      setChoosing(step);
      const [next] = await Promise.all([
        walked(from, step, predictions, signal),
        new Promise((resolve) => setTimeout(resolve, MARK_MS)),
      ]);
      return next;
    });

  const goTo = (index: number) => {
    if (!view || (index === view.at && !choosing)) return;
    const place = { prompt: view.prompt, tree: view.tree, at: index };
    const prediction = predictions.known(idsUpTo(place));
    if (prediction) {
      giveUp();
      show({ ...place, prediction });
      return;
    }
    setChoosing(undefined);
    void run(t("Going back …"), (signal) => viewOf(place, predictions, signal));
  };

  const undo = () => {
    const node = view?.tree.nodes[view.at];
    if (choosing) {
      giveUp();
      setChoosing(undefined);
      setPhase({ kind: "ready" });
    } else if (node) goTo(node.parent);
  };

  const change = (next: SamplingState) => {
    setState(next);
    onChange(next);
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
    name: (id) => predictions.name(id),
    learnNames: async (ids) => {
      await predictions.learnNames(ids, new AbortController().signal);
      setNamed(predictions.named);
    },
    setChoice: (choice) => change({ ...choice, seed }),
    setSeed: (next) => change({ settings, order, seed: next }),
    draw: () => {
      if (resting) goOnWith(resting, drawnStep(resting, state), t("The model reads the drawn token …"));
    },
    run: () => {
      if (!resting) return;
      void run(t("Drawing up to {0} tokens …", RUN_TOKENS), (signal) =>
        drawnOn(resting, RUN_TOKENS, state, predictions, signal, setView),
      );
    },
    take: (id) => {
      if (resting)
        goOnWith(resting, takenStep(id, resting, outcomes, state), t("The model reads the token …"));
    },
    goTo,
    layBeside: () => {
      if (!resting) return;
      void run(t("Going on in three ways …"), async (signal) => {
        const onProgress = (text: string) => setPhase({ kind: "busy", text, progress: true });
        const found = await threeWays(resting, state, predictions, signal, onProgress);
        throwIfCancelled(signal);
        // Both at once: what is laid beside each other are places of this tree.
        setBeside(found.beside);
        show({ ...resting, tree: found.tree });
        return undefined;
      });
    },
    prune: () => {
      if (!resting) return;
      setBeside(undefined);
      setView(pruned(resting));
    },
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
