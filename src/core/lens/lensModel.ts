/** A model opened by the lens: attention of a token sequence first, next-token logits when they are asked for. */

import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { AttentionLayer, Neighbours } from "../../shared/panels/attention.js";
import type { Routing } from "../../shared/panels/experiments.js";
import type { LayerAttention } from "../../shared/types.js";
import { Embeddings } from "./embeddings.js";
import type { ByteSource } from "./gguf/byteSource.js";
import { type GgufHeader, readGgufHeader } from "./gguf/readGguf.js";
import {
  createMemory,
  growMemory,
  instantiateKernel,
  type Kernel,
  MAX_MEMORY_BYTES,
} from "./kernel/kernel.js";
import type { ModelShape } from "./modelShape.js";
import { triangle } from "./packedAttention.js";
import { roundUp } from "./products.js";
import { remakeLayer } from "./remakeLayer.js";
import { ropeTable } from "./rope.js";
import { type Arithmetic, LOGIT_BLOCK, placeRun, type RunBuffers } from "./run.js";
import { type Runner, SlicedRunner, Slices } from "./runner.js";
import { Study } from "./study.js";
import { type PlacedModel, placeModel } from "./weights.js";

/** Everything a runner needs to find its way in the memory; plain data but for the memory and the module. */
export interface RunnerParts {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  kernel: Kernel;
  model: PlacedModel;
}

/** A run whose layers are there, finished or not, and how many of them. */
interface Attended {
  run: RunBuffers;
  layers: number;
  replaced: AbortController;
}

export class LensModel {
  readonly header: GgufHeader;
  readonly shape: ModelShape;
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: Kernel;
  readonly #model: PlacedModel;
  readonly #runner: Runner;
  readonly #slices: Slices;
  readonly #embeddings: Embeddings;
  #attended: Attended | undefined;
  /** Ends when the layers have been made that were asked for: one at a time, as they share their buffers. */
  #making: Promise<unknown> = Promise.resolve();
  /** The run whose logits can be asked for. */
  #run: RunBuffers | undefined;
  /** First position of the block of logits in memory; undefined when there is none. */
  #logitsFrom: number | undefined;
  #finished = false;
  #study: Study | undefined;
  /** Whether the buffers of the run have become those of a study. */
  #lookedInto = false;

  private constructor(
    header: GgufHeader,
    { memory, kernel, model }: RunnerParts,
    runner: Runner,
    slices: Slices,
    embeddings: Embeddings,
  ) {
    this.header = header;
    this.shape = model.shape;
    this.#memory = memory;
    this.#kernel = kernel;
    this.#model = model;
    this.#runner = runner;
    this.#slices = slices;
    this.#embeddings = embeddings;
  }

  /**
   * Reads a GGUF file and loads its weights.
   * @param module the compiled kernel. @param makeRunner what carries the work out. @param pause see Slices.
   * @throws GlassboxError `file-invalid` or `unsupported`, saying what was found.
   */
  static open(
    source: ByteSource,
    module: WebAssembly.Module,
    makeRunner: (parts: RunnerParts) => Runner,
    pause: () => Promise<void>,
  ): LensModel {
    // A run needs no word of the vocabulary.
    const header = readGgufHeader(source, "when asked");
    const memory = createMemory();
    const kernel = instantiateKernel(module, memory);
    const placed = placeModel(source, header, memory, kernel);
    const embeddings = new Embeddings(kernel, memory, placed);
    // Runs begin behind what the embeddings are unpacked to.
    const parts = { module, memory, kernel, model: { ...placed, end: embeddings.end } };
    return new LensModel(header, parts, makeRunner(parts), new Slices(pause), embeddings);
  }

  /** How many threads carry the work out. */
  get threads(): number {
    return this.#runner.threads;
  }

  /**
   * Computes the attention of every layer and head over the tokens, reporting each layer as it is complete; from
   * then on `layer` answers it. A new call gives up the run before it.
   * @param options.arithmetic what products are computed with, f32 by default.
   * @param options.contextSize tokens that the engine's context has room for, where the model turns queries and keys
   *   otherwise in a long context (LongRoPE); as many as there are tokens where it is left out.
   * @param options.equalPositions as if every token stood at the first position.
   * @param options.mapBytes see `RunOptions`.
   * @param options.onWeights receives each layer as it was computed, before it is rounded to f16.
   * @throws GlassboxError `too-long` beyond the model's context, `invalid-request` for ids that are no tokens,
   *   `cancelled`.
   */
  async attend(
    tokenIds: readonly number[],
    options: {
      arithmetic?: Arithmetic | undefined;
      signal?: AbortSignal | undefined;
      contextSize?: number | undefined;
      equalPositions?: boolean;
      mapBytes?: number;
      onLayer?(layer: number): void;
      onWeights?(attention: LayerAttention): void;
    } = {},
  ): Promise<void> {
    this.#checkTokens(tokenIds);
    this.#attended?.replaced.abort();
    this.#attended = undefined;
    this.#run = undefined;
    this.#finished = false;
    this.#study = undefined;
    this.#lookedInto = false;
    this.#logitsFrom = undefined;
    const { heads, ropes } = this.shape;
    const tokens = tokenIds.length;
    const run = placeRun(this.#model, tokens, {
      arithmetic: options.arithmetic ?? "f32",
      f32Attention: options.onWeights !== undefined,
      mapBytes: options.mapBytes,
      equalPositions: options.equalPositions === true,
      threads: this.#runner.threads,
    });
    if (run.end > MAX_MEMORY_BYTES) {
      throw new GlassboxError(
        "too-long",
        t(
          "{0} tokens need {1} MiB beside the weights, more than can be addressed.",
          tokens,
          ((run.end - this.#model.end) / 2 ** 20).toFixed(0),
        ),
        t("Select less text."),
      );
    }
    growMemory(this.#memory, run.end);
    const { buffer } = this.#memory;
    new Int32Array(buffer, run.tokenIds, tokens).set(tokenIds);
    for (const [index, rope] of ropes.entries()) {
      const context = options.contextSize ?? tokens;
      const angles = new Float32Array(buffer, run.ropes[index]!, tokens * rope.rotated);
      if (!run.equalPositions) angles.set(ropeTable(tokens, rope, this.#model.ropeDivisors, context));
      else {
        const first = ropeTable(1, rope, this.#model.ropeDivisors, context);
        for (let token = 0; token < tokens; token++) angles.set(first, token * rope.rotated);
      }
    }
    await this.#runner.begin(run);
    const attended = { run, layers: 0, replaced: new AbortController() };
    this.#attended = attended;
    await this.#runner.attend(options.signal, (layer, weights) => {
      attended.layers = layer + 1;
      if (weights) options.onWeights?.({ layer, headCount: heads, tokenCount: tokens, weights });
      options.onLayer?.(layer);
    });
    this.#run = run;
  }

  /**
   * The attention of a layer of the last `attend` that is complete, a head at a time.
   * @param onHead receives each head's map, (query, key <= query) f16: a view that the next head overwrites.
   * @throws GlassboxError `cancelled`, also when another run takes the place of this one.
   */
  async eachHead(
    layer: number,
    onHead: (head: number, map: Uint16Array) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    const { run, replaced } = this.#completed(layer);
    const { tokens, kept } = run;
    if (kept === undefined) throw new RangeError("This run keeps no attention.");
    const { heads } = this.shape;
    const either = signal ? AbortSignal.any([signal, replaced.signal]) : replaced.signal;
    if (kept.as === "maps") {
      const each = triangle(tokens);
      const from = kept.pointer + layer * heads * each * 2;
      const hand = (head: number) =>
        onHead(head, new Uint16Array(this.#memory.buffer, from + head * each * 2, each));
      return this.#slices.carryOut({ items: heads, run: hand }, either);
    }
    const making = this.#making.then(async () => {
      throwIfCancelled(either);
      const parts = { kernel: this.#kernel, memory: this.#memory, model: this.#model, run, thread: 0 };
      for (const stage of remakeLayer(parts, layer, onHead)) await this.#slices.carryOut(stage, either);
    });
    // The next waits for the end, however it came about; the caller gets the error.
    this.#making = making.catch(() => undefined);
    return making;
  }

  /** The same, all heads at once: a copy that is the caller's. */
  async layer(layer: number, signal?: AbortSignal): Promise<AttentionLayer> {
    const { heads } = this.shape;
    const { tokens } = this.#completed(layer).run;
    const each = triangle(tokens);
    const halves = new Uint16Array(heads * each);
    await this.eachHead(layer, (head, map) => halves.set(map, head * each), signal);
    return { layer, headCount: heads, tokenCount: tokens, halves };
  }

  /** How many tokens the run has of which this layer is complete. @throws GlassboxError `invalid-request`. */
  completedTokens(layer: number): number {
    return this.#completed(layer).run.tokens;
  }

  #completed(layer: number): Attended {
    const attended = this.#attended;
    if (attended && Number.isInteger(layer) && layer >= 0 && layer < attended.layers) return attended;
    throw new GlassboxError("invalid-request", `Layer ${layer} has not been computed.`);
  }

  /**
   * The logits of the token that follows position `position` of the last `attend`: (vocabulary) f32.
   * The first call finishes the forward pass; neighbouring positions are computed together.
   */
  async logitsAt(position: number, signal?: AbortSignal): Promise<Float32Array> {
    const run = this.#run;
    if (!run || !Number.isInteger(position) || position < 0 || position >= run.tokens) {
      throw new GlassboxError(
        "invalid-request",
        `There is no position ${position} in the last run of ${run?.tokens ?? 0} tokens.`,
      );
    }
    if (this.#lookedInto) return (await this.study(signal)).logitsWithout([], position, signal);
    await this.#finish(run, signal);
    const first = position - (position % LOGIT_BLOCK);
    if (this.#logitsFrom !== first) {
      this.#logitsFrom = undefined;
      await this.#runner.logits(run, first, signal);
      this.#logitsFrom = first;
    }
    const { vocabulary } = this.shape;
    const at = run.logits + (position - first) * roundUp(vocabulary, 4) * 4;
    return new Float32Array(this.#memory.buffer, at, vocabulary).slice();
  }

  /** Where the routers of a mixture of experts sent the tokens of the last `attend`; undefined where there are none. */
  async routing(signal?: AbortSignal): Promise<Routing | undefined> {
    const run = this.#run;
    const { experts, layers } = this.shape;
    if (!run) throw new GlassboxError("invalid-request", "There is no finished run to look into.");
    if (!experts || !run.experts) return undefined;
    await this.#finish(run, signal);
    const { routedTo, routedShares } = run.experts;
    const count = layers * run.tokens * experts.used;
    const { buffer } = this.#memory;
    return {
      ...experts,
      layers,
      tokens: run.tokens,
      chosen: new Int32Array(buffer, routedTo, count).slice(),
      shares: new Float32Array(buffer, routedShares, count).slice(),
    };
  }

  /** See `Embeddings.rows`. */
  embeddings(ids: readonly number[]): Float32Array {
    return this.#embeddings.rows(ids);
  }

  /** See `Embeddings.neighbours`. */
  neighbours(...asked: Parameters<Embeddings["neighbours"]>): Promise<Neighbours> {
    return this.#embeddings.neighbours(...asked);
  }

  async #finish(run: RunBuffers, signal: AbortSignal | undefined): Promise<void> {
    if (this.#finished) return;
    // A forward pass that is stopped halfway cannot be taken up again.
    this.#run = undefined;
    await this.#runner.finish(signal);
    this.#run = run;
    this.#finished = true;
  }

  /**
   * The last `attend`, to be looked into: made at the first call, where the text is short with a second forward pass that
   * gives the same bits.
   */
  async study(signal?: AbortSignal): Promise<Study> {
    const run = this.#run;
    if (!run) throw new GlassboxError("invalid-request", "There is no finished run to look into.");
    // What is left of the first pass cannot be carried out any more once another has begun.
    await this.#finish(run, signal);
    const parts = { memory: this.#memory, model: this.#model, runner: this.#runner };
    if (!this.#study) {
      const placed = Study.place(parts, run);
      this.#lookedInto = true;
      this.#study = await Study.of(parts, placed, signal);
    }
    return this.#study;
  }

  dispose(): void {
    this.#attended?.replaced.abort();
    this.#runner.dispose();
  }

  #checkTokens(tokenIds: readonly number[]): void {
    const { context, vocabulary } = this.shape;
    if (tokenIds.length === 0)
      throw new GlassboxError("invalid-request", "There are no tokens to attend to.");
    if (tokenIds.length > context) {
      throw new GlassboxError(
        "too-long",
        t(
          "The text has {0} tokens; {1} was trained for {2}.",
          tokenIds.length,
          this.header.fileName,
          context,
        ),
        t("Select less text."),
      );
    }
    for (const id of tokenIds) {
      if (!Number.isInteger(id) || id < 0 || id >= vocabulary) {
        throw new GlassboxError("invalid-request", `${id} is no token: the model has ${vocabulary}, from 0.`);
      }
    }
  }
}

/** Opens a model that runs on the calling thread, in slices. @param pause see Slices. */
export function openOnOneThread(
  source: ByteSource,
  module: WebAssembly.Module,
  pause: () => Promise<void>,
): LensModel {
  return LensModel.open(
    source,
    module,
    ({ kernel, memory, model }) => new SlicedRunner(kernel, memory, model, pause),
    pause,
  );
}
