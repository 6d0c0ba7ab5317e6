/**
 * One of the lens's compute threads: carries out its share of every stage, on memory that all threads share.
 * Items are taken one at a time from a common counter, so a thread that is held up takes fewer.
 */

import { parentPort, workerData } from "node:worker_threads";
import { forwardStages, logitStage, streamStage } from "../../core/lens/forwardPass.js";
import { instantiateKernel } from "../../core/lens/kernel/kernel.js";
import type { ForwardContext, RunBuffers, Stage } from "../../core/lens/run.js";
import { copyAttention } from "../../core/lens/runner.js";
import type { PlacedModel } from "../../core/lens/weights.js";
import { GlassboxError, toWireError, type WireError } from "../../shared/errors.js";

/** Words of the control block, int32 each. */
export const CONTROL = {
  /** The next item of the stage at hand. */
  item: 0,
  /** Threads that have reached the barrier. */
  arrived: 1,
  /** Counts the barriers passed; threads wait on it. */
  barrier: 2,
  /** Not 0 as soon as somebody wants to stop. */
  stop: 3,
  /** `stop` as it was when the last thread arrived: what all of them go by. */
  stopped: 4,
  words: 16,
} as const;

export interface ThreadData {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  model: PlacedModel;
  control: SharedArrayBuffer;
  thread: number;
  threads: number;
}

export type ToThread =
  | { kind: "begin"; run: RunBuffers }
  | { kind: "attend"; lastLayer: number }
  | { kind: "finish" }
  | { kind: "logits"; run: RunBuffers; first: number }
  | { kind: "streamLogits"; run: RunBuffers; layer: number; first: number };

export type FromThread =
  | { kind: "layer"; layer: number; weights: Float32Array<ArrayBuffer> | undefined }
  | { kind: "done"; complete: boolean; error: WireError | undefined };

export function runLensThread(): void {
  const port = parentPort;
  if (!port) throw new GlassboxError("invalid-request", "This file is a thread of the lens worker.");
  const { module, memory, model, control: shared, thread, threads } = workerData as ThreadData;
  const control = new Int32Array(shared);
  const kernel = instantiateKernel(module, memory);
  let context: ForwardContext | undefined;
  let stages: Iterator<Stage, void> | undefined;
  let failure: WireError | undefined;
  const contextOf = (run: RunBuffers): ForwardContext => ({ kernel, memory, model, run, thread });

  /** Waits for the other threads. @returns whether to go on. */
  function barrier(): boolean {
    const passed = Atomics.load(control, CONTROL.barrier);
    if (Atomics.add(control, CONTROL.arrived, 1) === threads - 1) {
      Atomics.store(control, CONTROL.arrived, 0);
      Atomics.store(control, CONTROL.item, 0);
      Atomics.store(control, CONTROL.stopped, Atomics.load(control, CONTROL.stop));
      Atomics.add(control, CONTROL.barrier, 1);
      Atomics.notify(control, CONTROL.barrier);
    } else {
      while (Atomics.load(control, CONTROL.barrier) === passed)
        Atomics.wait(control, CONTROL.barrier, passed);
    }
    return Atomics.load(control, CONTROL.stopped) === 0;
  }

  /** Does this thread's share of a stage. @returns whether it was completed by all. */
  function carryOut(stage: Stage): boolean {
    try {
      while (Atomics.load(control, CONTROL.stop) === 0) {
        const item = Atomics.add(control, CONTROL.item, 1);
        if (item >= stage.items) break;
        stage.run(item);
      }
    } catch (error) {
      failure = toWireError(error);
      Atomics.store(control, CONTROL.stop, 1);
    }
    return barrier();
  }

  /** Carries out stages until the attention of `lastLayer` is complete, or to the end. */
  function advance(lastLayer: number | undefined): boolean {
    if (!stages || !context) return false;
    for (let next = stages.next(); !next.done; next = stages.next()) {
      if (!carryOut(next.value)) return false;
      const layer = next.value.attentionOf;
      if (layer === undefined) continue;
      // No thread can overwrite the map before this one has reached the next barrier.
      if (thread === 0) {
        const weights = copyAttention(context);
        port?.postMessage(
          { kind: "layer", layer, weights } satisfies FromThread,
          weights ? [weights.buffer] : [],
        );
      }
      if (layer === lastLayer) return true;
    }
    return true;
  }

  function answer(message: ToThread): boolean {
    switch (message.kind) {
      case "begin":
        context = contextOf(message.run);
        stages = forwardStages(context);
        return true;
      case "attend":
        return advance(message.lastLayer);
      case "finish":
        return advance(undefined);
      case "logits":
        return carryOut(logitStage(contextOf(message.run), message.first));
      case "streamLogits": {
        const of = contextOf(message.run);
        return (
          carryOut(streamStage(of, message.layer, message.first)) && carryOut(logitStage(of, message.first))
        );
      }
    }
  }

  port.on("message", (message: ToThread) => {
    failure = undefined;
    const complete = answer(message);
    port.postMessage({ kind: "done", complete, error: failure } satisfies FromThread);
  });
}
