/** The training process: trains the lessons' tiny models step by step, and listens between the steps. */

import { constants, setPriority } from "node:os";
import { setImmediate as breathe } from "node:timers/promises";
import { Experiment } from "../core/training/experiment.js";
import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";
import type { TrainingProgress, TrainingProtocol } from "../shared/training.js";
import { serveWorker } from "./serve.js";

/** Trainings that are kept to be gone on with; the one that was used longest ago goes first. */
const MOST_KEPT = 3;
/** Milliseconds between two reports: quick enough to look on. */
const REPORT_MS = 150;
/** Steps between two measurements on the kept text. */
const MEASURE_EVERY = 20;
/** Steps before the first sample; each further one comes after twice as many. */
const FIRST_SAMPLE = 20;
const SAMPLE_CHARACTERS = 120;
/** Characters that are drawn before others have their turn. */
const DRAWN_AT_ONCE = 8;
/** What a sample goes on from. */
const SAMPLE_PREFIX = "\n";

interface Kept {
  experiment: Experiment;
  /** The end of what was asked for last. */
  idle: Promise<void>;
}

const kept = new Map<string, Kept>();

function find(name: string): Kept {
  const found = kept.get(name);
  if (!found) {
    throw new GlassboxError(
      "invalid-request",
      t("This training is not there any more."),
      t("Start it from the beginning."),
    );
  }
  return found;
}

// It computes for minutes: whatever else the reader does comes first.
setPriority(constants.priority.PRIORITY_BELOW_NORMAL);

serveWorker<TrainingProtocol>({
  async train({ name, plan, steps }, { signal, emit }) {
    if (plan) {
      await kept.get(name)?.idle;
      kept.delete(name);
      kept.set(name, { experiment: new Experiment(plan), idle: Promise.resolve() });
      for (const old of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(old);
    }
    const training = find(name);
    const before = training.idle;
    let done = () => {};
    training.idle = new Promise<void>((resolve) => {
      done = resolve;
    });
    try {
      await before;
      const { experiment } = training;
      emit({ start: experiment.start });
      await advance(experiment, steps, signal, (progress) => emit({ progress }));
      return { steps: experiment.steps };
    } finally {
      done();
    }
  },

  nextCharacters({ name, prefix, most }) {
    return find(name).experiment.next(prefix, Math.min(20, most));
  },
});

async function advance(
  experiment: Experiment,
  until: number,
  signal: AbortSignal,
  report: (progress: TrainingProgress) => void,
): Promise<void> {
  // Losses since the last report, by model.
  let sums: { sum: number; count: number }[] = [];
  let [reportedAt, reportedSteps] = [performance.now(), experiment.steps];
  let heldOut: number[] | null = null;
  let payload: TrainingProgress["payload"] = null;
  let sample: string | null = null;
  const tell = () => {
    const now = performance.now();
    report({
      steps: experiment.steps,
      losses: sums.map(({ sum, count }) => (count === 0 ? null : sum / count)),
      heldOut: sums.map((_, model) => heldOut?.[model] ?? null),
      payload,
      sample,
      stepMs: (now - reportedAt) / Math.max(1, experiment.steps - reportedSteps),
    });
    [reportedAt, reportedSteps] = [now, experiment.steps];
    [sums, heldOut, payload, sample] = [[], null, null, null];
  };
  const measure = () => {
    heldOut = experiment.heldOut();
    payload = experiment.payload();
  };
  while (experiment.steps < until && !signal.aborted) {
    for (const [model, loss] of experiment.step().entries()) {
      const { sum, count } = sums[model] ?? { sum: 0, count: 0 };
      sums[model] = loss === null ? { sum, count } : { sum: sum + loss, count: count + 1 };
    }
    if (experiment.steps % MEASURE_EVERY === 0) measure();
    const doublings = Math.log2(experiment.steps / FIRST_SAMPLE);
    if (doublings >= 0 && Number.isInteger(doublings)) sample = await sampleOf(experiment, signal);
    if (performance.now() - reportedAt >= REPORT_MS && experiment.steps < until) tell();
    await breathe();
  }
  if (signal.aborted) return;
  measure();
  sample = await sampleOf(experiment, signal);
  if (!signal.aborted) tell();
}

/** A few lines of what the model writes now; null where nobody reads it, or when it is stopped. */
async function sampleOf(experiment: Experiment, signal: AbortSignal): Promise<string | null> {
  const draw = experiment.sampler(SAMPLE_PREFIX);
  if (!draw) return null;
  let text = "";
  for (let drawn = 1; drawn <= SAMPLE_CHARACTERS; drawn++) {
    text += draw();
    if (drawn % DRAWN_AT_ONCE === 0) await breathe();
    if (signal.aborted) return null;
  }
  return text;
}
