/** The training process: it reports, stops within a step, goes on where it was, and answers while it trains. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isCancelled } from "../../src/shared/errors.js";
import type {
  TrainingPlan,
  TrainingProgress,
  TrainingProtocol,
  TrainingStart,
} from "../../src/shared/training.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";

const text = readFileSync(join(process.cwd(), "media/lessons/06-learning/example.txt"), "utf8");
const plan: TrainingPlan = { kind: "learn", text, seed: 3 };

describe("the training process", function () {
  this.timeout(60_000);
  let worker: WorkerClient<TrainingProtocol>;

  before(() => {
    worker = builtWorkers.training();
  });
  after(() => worker.dispose());

  /** Everything that is reported until the end, or until `stopAt` steps. */
  async function train(
    name: string,
    fresh: TrainingPlan | null,
    steps: number,
    stopAt = Number.POSITIVE_INFINITY,
  ) {
    const abort = new AbortController();
    const starts: TrainingStart[] = [];
    const reports: TrainingProgress[] = [];
    const end = await worker
      .call(
        "train",
        { name, plan: fresh, steps },
        {
          signal: abort.signal,
          onEvent: (event) => {
            if ("start" in event) starts.push(event.start);
            else {
              reports.push(event.progress);
              if (event.progress.steps >= stopAt) abort.abort();
            }
          },
        },
      )
      .catch((error: unknown) => error);
    return { starts, reports, end };
  }

  it("says what it trains, reports steps and losses in order, and ends with a sample", async () => {
    const { starts, reports, end } = await train("one", plan, 25);
    assert.deepEqual(end, { steps: 25 });
    assert.equal(starts.length, 1);
    assert.ok((starts[0]?.vocabulary ?? 0) > 20 && (starts[0]?.models[0]?.parameters ?? 0) > 10_000);
    const steps = reports.map((report) => report.steps);
    assert.deepEqual(
      steps,
      [...new Set(steps)].sort((a, b) => a - b),
    );
    const last = reports.at(-1);
    assert.equal(last?.steps, 25);
    assert.ok((last?.heldOut[0] ?? 99) < Math.log(starts[0]?.vocabulary ?? 0));
    assert.equal(Array.from(last?.sample ?? "").length, 120);
  });

  it("stops when it is told to, answers in between, and goes on to the very same end", async () => {
    const whole = await train("whole", plan, 24);
    const part = await train("part", plan, 24, 1);
    assert.ok(isCancelled(part.end), String(part.end));
    const [next] = await worker.call("nextCharacters", { name: "part", prefix: "The ", most: 3 });
    assert.equal(next?.characters.length, 3);
    const rest = await train("part", null, 24);
    assert.deepEqual(rest.end, { steps: 24 });
    assert.ok((rest.reports[0]?.steps ?? 0) > 1, "it does not begin again");
    assert.equal(rest.reports.at(-1)?.sample, whole.reports.at(-1)?.sample);
    assert.deepEqual(rest.reports.at(-1)?.heldOut, whole.reports.at(-1)?.heldOut);
  });

  it("says when there is nothing to go on with, and when a text is too short", async () => {
    const gone = await train("never begun", null, 10);
    assert.match(String(gone.end), /not there any more/);
    const short = await train("short", { kind: "learn", text: "short", seed: 1 }, 10);
    assert.match(String(short.end), /at least 400/);
  });
});
