/** Carries out a forward pass on several threads, while this one stays free to stop them. */

import { Worker } from "node:worker_threads";
import type { RunnerParts } from "../../core/lens/lensModel.js";
import type { RunBuffers } from "../../core/lens/run.js";
import type { OnLayer, Runner } from "../../core/lens/runner.js";
import { GlassboxError, throwIfCancelled, type WireError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { CONTROL, type FromThread, type ThreadData, type ToThread } from "./lensThread.js";

/** A thread lets go of little but a few small objects for each item of work: told so, it takes a megabyte less. */
const RESOURCE_LIMITS = { maxYoungGenerationSizeMb: 1 };

export class ThreadedRunner implements Runner {
  readonly threads: number;
  readonly #control = new Int32Array(new SharedArrayBuffer(CONTROL.words * 4));
  readonly #layers: number;
  readonly #workers: Worker[];
  #onLayer: OnLayer | undefined;

  /** @param script the bundled worker script, which runs `runLensThread` when it is not the main thread. */
  constructor({ module, memory, model }: RunnerParts, threads: number, script: URL) {
    this.threads = threads;
    this.#layers = model.shape.layers;
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const control = this.#control.buffer;
      const data: ThreadData = { module, memory, model, control, thread, threads };
      return new Worker(script, { workerData: data, resourceLimits: RESOURCE_LIMITS });
    });
    // Each waits for messages of its own; listeners come and go with the requests.
    for (const worker of this.#workers) worker.setMaxListeners(0);
  }

  async begin(run: RunBuffers): Promise<void> {
    await this.#ask({ kind: "begin", run }, undefined);
  }

  async attend(
    signal: AbortSignal | undefined,
    onLayer: OnLayer,
    lastLayer = this.#layers - 1,
  ): Promise<void> {
    this.#onLayer = onLayer;
    try {
      await this.#ask({ kind: "attend", lastLayer }, signal);
    } finally {
      this.#onLayer = undefined;
    }
  }

  async finish(signal: AbortSignal | undefined): Promise<void> {
    await this.#ask({ kind: "finish" }, signal);
  }

  async logits(run: RunBuffers, first: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#ask({ kind: "logits", run, first }, signal);
  }

  async streamLogits(
    run: RunBuffers,
    layer: number,
    first: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#ask({ kind: "streamLogits", run, layer, first }, signal);
  }

  dispose(): void {
    Atomics.store(this.#control, CONTROL.stop, 1);
    for (const worker of this.#workers) void worker.terminate();
  }

  /** Asks every thread and waits for all of them. */
  async #ask(message: ToThread, signal: AbortSignal | undefined): Promise<void> {
    throwIfCancelled(signal);
    this.#control.fill(0);
    const stop = () => void Atomics.store(this.#control, CONTROL.stop, 1);
    signal?.addEventListener("abort", stop, { once: true });
    try {
      const answers = await Promise.all(this.#workers.map((worker) => this.#askOne(worker, message)));
      const failed = answers.find((answer) => answer.error !== undefined)?.error;
      if (failed) throw GlassboxError.fromWire(failed);
      throwIfCancelled(signal);
      if (answers.some((answer) => !answer.complete)) throw GlassboxError.cancelled();
    } finally {
      signal?.removeEventListener("abort", stop);
    }
  }

  #askOne(worker: Worker, message: ToThread): Promise<{ complete: boolean; error: WireError | undefined }> {
    return new Promise((resolve, reject) => {
      const onMessage = (reply: FromThread) => {
        if (reply.kind === "layer") return this.#onLayer?.(reply.layer, reply.weights);
        leave();
        resolve(reply);
      };
      const onEnd = (reason: unknown) => {
        leave();
        const what = reason instanceof Error ? reason.message : t("it ended with code {0}", String(reason));
        reject(new GlassboxError("failed", t("A thread of the lens failed: {0}.", what), t("Try again.")));
      };
      const leave = () => {
        worker.off("message", onMessage);
        worker.off("error", onEnd);
        worker.off("exit", onEnd);
      };
      worker.on("message", onMessage);
      worker.on("error", onEnd);
      worker.on("exit", onEnd);
      worker.postMessage(message);
    });
  }
}
