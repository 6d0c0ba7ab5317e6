/** Carries out the stages of a forward pass: here in slices on one thread; worker threads do it their own way. */

import { throwIfCancelled } from "../../shared/errors.js";
import { forwardStages, logitStage, streamStage } from "./forwardPass.js";
import type { Kernel } from "./kernel/kernel.js";
import type { ForwardContext, RunBuffers, Stage } from "./run.js";
import type { PlacedModel } from "./weights.js";

/** @param weights (head, query, key) where the run has them in f32, a copy that is the receiver's. */
export type OnLayer = (layer: number, weights: Float32Array<ArrayBuffer> | undefined) => void;

/** A copy of the attention of the layer at hand, where it is there in f32. */
export function copyAttention({ memory, model, run }: ForwardContext): Float32Array<ArrayBuffer> | undefined {
  if (run.attention === undefined) return undefined;
  const count = model.shape.heads * run.tokens ** 2;
  const copy = new Float32Array(count);
  copy.set(new Float32Array(memory.buffer, run.attention, count));
  return copy;
}

/** Something that can carry out a run. One run at a time; `begin` gives up the one before. */
export interface Runner {
  readonly threads: number;
  /** Takes up a run whose token ids and angles are in place. */
  begin(run: RunBuffers): Promise<void>;
  /** Runs until the attention of `lastLayer`, or of all, is known, handing out each layer's as it is complete. */
  attend(signal: AbortSignal | undefined, onLayer: OnLayer, lastLayer?: number): Promise<void>;
  /** Runs what is left after `attend`, so that logits can be computed. */
  finish(signal: AbortSignal | undefined): Promise<void>;
  /** Computes the logits of up to LOGIT_BLOCK positions from `first` of a run that is finished. */
  logits(run: RunBuffers, first: number, signal: AbortSignal | undefined): Promise<void>;
  /** The same from the residual stream before `layer`, of a run that kept it. */
  streamLogits(run: RunBuffers, layer: number, first: number, signal: AbortSignal | undefined): Promise<void>;
  dispose(): void;
}

/** Milliseconds of work between two looks at what else wants to be done. */
const SLICE_MS = 8;

/** Carries out stages on the calling thread and lets go of it every few milliseconds. */
export class Slices {
  readonly #pause: () => Promise<void>;
  #end = 0;

  /** @param pause resolves after other work of the thread has had its turn, such as `setImmediate`. */
  constructor(pause: () => Promise<void>) {
    this.#pause = pause;
  }

  async carryOut(stage: Stage, signal: AbortSignal | undefined): Promise<void> {
    for (let item = 0; item < stage.items; item++) {
      if (performance.now() >= this.#end) {
        await this.#pause();
        throwIfCancelled(signal);
        this.#end = performance.now() + SLICE_MS;
      }
      stage.run(item);
    }
  }
}

/** Runs on the calling thread, in slices. */
export class SlicedRunner implements Runner {
  readonly threads = 1;
  readonly #kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #model: PlacedModel;
  readonly #slices: Slices;
  #context: ForwardContext | undefined;
  #stages: Iterator<Stage, void> | undefined;

  /** @param pause see Slices. */
  constructor(kernel: Kernel, memory: WebAssembly.Memory, model: PlacedModel, pause: () => Promise<void>) {
    this.#kernel = kernel;
    this.#memory = memory;
    this.#model = model;
    this.#slices = new Slices(pause);
  }

  async begin(run: RunBuffers): Promise<void> {
    this.#context = this.#contextOf(run);
    this.#stages = forwardStages(this.#context);
  }

  #contextOf(run: RunBuffers): ForwardContext {
    return { kernel: this.#kernel, memory: this.#memory, model: this.#model, run, thread: 0 };
  }

  async attend(
    signal: AbortSignal | undefined,
    onLayer: OnLayer,
    last = this.#model.shape.layers - 1,
  ): Promise<void> {
    const context = this.#context;
    await this.#advance(signal, (stage) => {
      if (stage.attentionOf === undefined || !context) return false;
      onLayer(stage.attentionOf, copyAttention(context));
      return stage.attentionOf === last;
    });
  }

  async finish(signal: AbortSignal | undefined): Promise<void> {
    await this.#advance(signal, () => false);
  }

  async logits(run: RunBuffers, first: number, signal: AbortSignal | undefined): Promise<void> {
    await this.#slices.carryOut(logitStage(this.#contextOf(run), first), signal);
  }

  async streamLogits(
    run: RunBuffers,
    layer: number,
    first: number,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    await this.#slices.carryOut(streamStage(this.#contextOf(run), layer, first), signal);
    await this.logits(run, first, signal);
  }

  dispose(): void {
    this.#context = undefined;
    this.#stages = undefined;
  }

  /** Carries out stages until `enough` says so of the one just completed, or none is left. */
  async #advance(signal: AbortSignal | undefined, enough: (stage: Stage) => boolean): Promise<void> {
    const stages = this.#stages;
    if (!stages) return;
    for (let next = stages.next(); !next.done; next = stages.next()) {
      await this.#slices.carryOut(next.value, signal);
      if (enough(next.value)) return;
    }
  }
}
