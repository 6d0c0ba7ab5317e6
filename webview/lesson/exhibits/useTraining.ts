/** A training as the page sees it: its text, what has been reported so far, and starting, stopping and going on. */

import { useEffect, useRef, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { formatFixed } from "../../../src/shared/formatCount.js";
import type { WholeText } from "../../../src/shared/panels/laboratory.js";
import type { LessonSource } from "../../../src/shared/panels/lesson.js";
import {
  FEWEST_TRAINING_CHARACTERS,
  type TrainingPlan,
  type TrainingProgress,
  type TrainingStart,
} from "../../../src/shared/training.js";
import type { LessonHost } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

export interface TrainingText {
  used: WholeText | undefined;
  /** The reader's file, where there is one, whether or not it is used. */
  file: WholeText | undefined;
  /** The file is shorter than a model can learn anything from. */
  tooShort: boolean;
  error: WireError | undefined;
  again(): void;
  useExample(use: boolean): void;
}

/** The reader's whole file, or the lessons' example where there is none, where it is too short, or on request. */
export function useTrainingText(host: LessonHost, source: LessonSource | undefined): TrainingText {
  const [exampleWanted, setExampleWanted] = useState(false);
  // A new line or selection is no new file; its text is read when it is needed.
  const { value, error, again } = useAnswer(`${source?.fileName ?? ""}\n${source?.text ?? ""}`, (signal) =>
    host.call("wholeTexts", {}, { signal }),
  );
  const file = value?.file ?? undefined;
  const tooShort = file !== undefined && Array.from(file.text).length < FEWEST_TRAINING_CHARACTERS;
  const used = file && !tooShort && !exampleWanted ? file : value?.example;
  return { used, file, tooShort, error, again, useExample: setExampleWanted };
}

export interface Training {
  state: "fresh" | "running" | "stopped" | "done";
  start: TrainingStart | undefined;
  /** Everything that was reported, in order. */
  history: TrainingProgress[];
  /** What is being or was trained. */
  plan: TrainingPlan | undefined;
  error: WireError | undefined;
  begin(plan: TrainingPlan): void;
  goOn(): void;
  stop(): void;
  reset(): void;
}

/** @param name tells this training apart from those of other exhibits. */
export function useTraining(host: LessonHost, name: string, steps: number): Training {
  const [state, setState] = useState<Training["state"]>("fresh");
  const [start, setStart] = useState<TrainingStart>();
  const [history, setHistory] = useState<TrainingProgress[]>([]);
  const [plan, setPlan] = useState<TrainingPlan>();
  const [error, setError] = useState<WireError>();
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const train = (fresh: TrainingPlan | null) => {
    abort.current?.abort();
    const controller = new AbortController();
    const { signal } = controller;
    abort.current = controller;
    setState("running");
    setError(undefined);
    host
      .call(
        "train",
        { name, plan: fresh, steps },
        {
          signal,
          onEvent: (event) => {
            if (signal.aborted) return;
            if ("start" in event) setStart(event.start);
            else setHistory((before) => [...before, event.progress]);
          },
        },
      )
      .then(
        () => !signal.aborted && setState("done"),
        (thrown: unknown) => {
          if (signal.aborted || isCancelled(thrown)) return;
          setState("stopped");
          setError(toWireError(thrown));
        },
      );
  };
  const clear = () => {
    setHistory([]);
    setStart(undefined);
  };
  return {
    state,
    start,
    history,
    plan,
    error,
    begin: (fresh) => {
      clear();
      setPlan(fresh);
      train(fresh);
    },
    goOn: () => train(null),
    stop: () => {
      abort.current?.abort();
      setState("stopped");
    },
    reset: () => {
      abort.current?.abort();
      clear();
      setPlan(undefined);
      setError(undefined);
      setState("fresh");
    },
  };
}

/** The last measured value of a model, by a field of the reports. */
export function latest(
  history: readonly TrainingProgress[],
  field: "losses" | "heldOut",
  model: number,
): number | undefined {
  for (let at = history.length - 1; at >= 0; at--) {
    const value = history[at]?.[field][model];
    if (value !== null && value !== undefined) return value;
  }
  return undefined;
}

/** A loss in nats, with as many digits as those beside it: 2.10 and 2.12. */
export function formatNats(nats: number): string {
  return Number.isFinite(nats) && nats !== 0 ? formatFixed(nats, 2) : formatReading(nats, "number");
}

/** A field of the reports as a line of a curve; what was not measured is a gap. */
export function lineOf(
  history: readonly TrainingProgress[],
  field: "losses" | "heldOut",
  model: number,
): number[] {
  return history.map((progress) => progress[field][model] ?? Number.NaN);
}
