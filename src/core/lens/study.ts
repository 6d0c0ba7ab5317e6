/**
 * A run looked into: what one row of attention is made of, what the residual stream says at each layer, and what comes
 * out when something is cut. It keeps the residual stream before every layer, so that each question begins where it
 * must and gives the same bits as the run itself.
 */

import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type {
  CacheSize,
  CellParts,
  Cut,
  CutEffect,
  HeadCut,
  RowPlace,
  StreamReading,
} from "../../shared/panels/attention.js";
import { probabilities } from "./agreement.js";
import { growMemory, MAX_MEMORY_BYTES, type Pointer } from "./kernel/kernel.js";
import { divergenceBits, largestChanges, topOf } from "./predictionChange.js";
import { roundUp } from "./products.js";
import { LOGIT_BLOCK, placeStudy, type RunBuffers, type StudyBuffers } from "./run.js";
import type { Runner } from "./runner.js";
import { readStream } from "./streamReading.js";
import type { PlacedModel } from "./weights.js";

interface StudyParts {
  memory: WebAssembly.Memory;
  model: PlacedModel;
  runner: Runner;
}

export class Study {
  readonly #memory: WebAssembly.Memory;
  readonly #model: PlacedModel;
  readonly #runner: Runner;
  /** Its streams are there; every other run here shares its buffers. */
  readonly #run: StudyBuffers["run"];
  readonly #otherIds: Pointer;
  readonly #row: Pointer;
  /** The first position of the logits in memory when nothing is cut; undefined when they are of something else. */
  #logitsFrom: number | undefined;

  private constructor({ memory, model, runner }: StudyParts, { run, otherIds, row }: StudyBuffers) {
    this.#memory = memory;
    this.#model = model;
    this.#runner = runner;
    this.#run = { ...run, records: false };
    this.#otherIds = otherIds;
    this.#row = row;
  }

  /**
   * Makes room for further passes over the tokens of a run.
   * @throws GlassboxError `too-long` when there is none.
   */
  static place({ memory, model }: StudyParts, of: RunBuffers): StudyBuffers {
    const placed = placeStudy(model, of);
    if (placed.run.end > MAX_MEMORY_BYTES) {
      throw new GlassboxError(
        "too-long",
        t("{0} tokens need more memory to look into than can be addressed.", of.tokens),
        t("Select less text."),
      );
    }
    growMemory(memory, placed.run.end);
    return placed;
  }

  /**
   * Takes up a finished run; one that has not kept the residual stream before every layer is carried out again, to keep
   * it. The run's own buffers are used: from here on its logits are to be had from the study only.
   * @throws GlassboxError `cancelled`.
   */
  static async of(parts: StudyParts, placed: StudyBuffers, signal: AbortSignal | undefined): Promise<Study> {
    if (placed.run.records) {
      await parts.runner.begin(placed.run);
      await parts.runner.attend(signal, () => {});
      await parts.runner.finish(signal);
    }
    return new Study(parts, placed);
  }

  get tokenCount(): number {
    return this.#run.tokens;
  }

  /** What one row of attention is made of, down to queries, keys and values. */
  async cell(layer: number, head: number, query: number, signal?: AbortSignal): Promise<CellParts> {
    const { heads, kvHeads, headDim, layers, attentionScale, scoreCap, windows } = this.#model.shape;
    const { tokens, q, k, v, mixed } = this.#run;
    this.#check(layer, layers, "layer");
    this.#check(head, heads, "head");
    this.#check(query, tokens, "position");
    const weights = await this.#rowOf({ ...this.#run, resumesAt: layer }, { layer, head, query }, signal);
    const kvHead = Math.floor((head * kvHeads) / heads);
    const firstKey = Math.max(0, query + 1 - (windows[layer] ?? tokens));
    const count = query + 1 - firstKey;
    const perKey = (from: number) => {
      const rows = new Float32Array(count * headDim);
      for (let row = 0; row < count; row++) {
        rows.set(
          this.#floats(from + ((firstKey + row) * kvHeads + kvHead) * headDim * 4, headDim),
          row * headDim,
        );
      }
      return rows;
    };
    return {
      layer,
      head,
      query,
      firstKey,
      kvHead,
      q: this.#floats(q + (query * heads + head) * headDim * 4, headDim).slice(),
      keys: perKey(k),
      values: perKey(v),
      scale: attentionScale,
      cap: scoreCap,
      weights: weights.slice(firstKey),
      mixed: this.#floats(mixed + (query * heads + head) * headDim * 4, headDim).slice(),
    };
  }

  /**
   * What the residual stream says at each layer: the end first, then from the embeddings on.
   * @param onReading what it answers is waited for.
   */
  async streams(
    contextSize: number,
    signal: AbortSignal | undefined,
    onReading: (reading: StreamReading) => unknown,
  ): Promise<CacheSize> {
    const { layers, dim, vocabulary } = this.#model.shape;
    const { tokens, streams, tokenIds } = this.#run;
    const ids = new Int32Array(this.#memory.buffer, tokenIds, tokens).slice();
    const final = new Uint32Array(tokens);
    this.#logitsFrom = undefined;
    for (const layer of [layers, ...Array.from({ length: layers }, (_, index) => index)]) {
      const reading = readStream(layer, tokens);
      for (let first = 0; first < tokens; first += LOGIT_BLOCK) {
        await this.#runner.streamLogits(this.#run, layer, first, signal);
        throwIfCancelled(signal);
        for (let position = first; position < Math.min(first + LOGIT_BLOCK, tokens); position++) {
          const logits = this.#floats(this.#logitsAt(position), vocabulary);
          const stream = this.#floats(streams + (layer * tokens + position) * dim * 4, dim);
          if (layer === layers) final[position] = topOf(logits);
          reading.add(position, logits, stream, final[position]!, ids[position + 1]);
        }
      }
      await onReading(reading.result);
    }
    return this.#cacheSize(contextSize);
  }

  /** The logits behind a position when something is cut, or nothing: (vocabulary) f32. */
  async logitsWithout(cuts: readonly Cut[], position: number, signal?: AbortSignal): Promise<Float32Array> {
    const { layers, vocabulary } = this.#model.shape;
    this.#check(position, this.#run.tokens, "position");
    const first = position - (position % LOGIT_BLOCK);
    if (cuts.length > 0 || this.#logitsFrom !== first) this.#logitsFrom = undefined;
    if (cuts.length === 0) {
      if (this.#logitsFrom === undefined) await this.#runner.streamLogits(this.#run, layers, first, signal);
      this.#logitsFrom = first;
    } else {
      const run = this.#runWith(cuts);
      await this.#runner.begin(run);
      await this.#runner.attend(signal, () => {});
      await this.#runner.finish(signal);
      await this.#runner.logits(run, first, signal);
    }
    return this.#floats(this.#logitsAt(position), vocabulary).slice();
  }

  /** A row of attention as it was and as it is when something is cut: (keys up to the query) each. */
  async rowWithout(
    cuts: readonly Cut[],
    place: RowPlace,
    signal?: AbortSignal,
  ): Promise<{ before: Float32Array; after: Float32Array }> {
    const { layers, heads } = this.#model.shape;
    const { layer } = place;
    this.#check(layer, layers, "layer");
    this.#check(place.head, heads, "head");
    this.#check(place.query, this.#run.tokens, "position");
    const before = await this.#rowOf({ ...this.#run, resumesAt: layer }, place, signal);
    const changed = this.#runWith(cuts);
    // What is cut behind this layer does not change it.
    const reaches = (changed.resumesAt ?? 0) <= layer;
    return { before, after: reaches ? await this.#rowOf(changed, place, signal) : before.slice() };
  }

  /** Carries a run out up to the layer of a row, and answers the row up to its query. */
  async #rowOf(run: RunBuffers, place: RowPlace, signal: AbortSignal | undefined): Promise<Float32Array> {
    this.#logitsFrom = undefined;
    await this.#runner.begin({ ...run, wantedRow: { ...place, to: this.#row } });
    await this.#runner.attend(signal, () => {}, place.layer);
    return this.#floats(this.#row, place.query + 1).slice();
  }

  /** A run with something cut, from the first layer on that it changes. */
  #runWith(cuts: readonly Cut[]): RunBuffers {
    const layers = cuts.map((cut) => this.#firstLayerOf(cut));
    const swaps = cuts.filter((cut) => cut.kind === "swap");
    if (swaps.length === 0)
      return { ...this.#run, cuts, resumesAt: Math.min(this.#model.shape.layers - 1, ...layers) };
    const { buffer } = this.#memory;
    const ids = new Int32Array(buffer, this.#otherIds, this.#run.tokens);
    ids.set(new Int32Array(buffer, this.#run.tokenIds, this.#run.tokens));
    for (const { token, id } of swaps) ids[token] = id;
    return { ...this.#run, cuts, tokenIds: this.#otherIds, resumesAt: undefined };
  }

  /** How the prediction behind a position moves when something is cut. */
  async cut(cuts: readonly Cut[], position: number, signal?: AbortSignal): Promise<CutEffect> {
    const before = probabilities(await this.logitsWithout([], position, signal));
    const after = probabilities(await this.logitsWithout(cuts, position, signal));
    return { klBits: divergenceBits(before, after), changes: largestChanges(before, after) };
  }

  /** The same for every head, one at a time. */
  async cutEachHead(
    position: number,
    signal: AbortSignal | undefined,
    onHead: (cut: HeadCut) => void,
  ): Promise<void> {
    const { layers, heads } = this.#model.shape;
    const before = probabilities(await this.logitsWithout([], position, signal));
    for (let layer = 0; layer < layers; layer++) {
      for (let head = 0; head < heads; head++) {
        const after = probabilities(
          await this.logitsWithout([{ kind: "head", layer, head }], position, signal),
        );
        throwIfCancelled(signal);
        const top = topOf(after);
        onHead({ layer, head, klBits: divergenceBits(before, after), top, topProbability: after[top]! });
      }
    }
  }

  #firstLayerOf(cut: Cut): number {
    const { layers, heads, vocabulary } = this.#model.shape;
    const { tokens } = this.#run;
    if (cut.kind === "token" || cut.kind === "swap") {
      this.#check(cut.token, tokens, "token");
      if (cut.kind === "swap") this.#check(cut.id, vocabulary, "token of the vocabulary");
      return 0;
    }
    if (cut.layer !== undefined) this.#check(cut.layer, layers, "layer");
    if (cut.head !== undefined) this.#check(cut.head, heads, "head");
    if (cut.kind === "edge") {
      this.#check(cut.query, tokens, "token");
      this.#check(cut.key, cut.query + 1, "token that it can look at");
    }
    return cut.layer ?? 0;
  }

  #cacheSize(contextSize: number): CacheSize {
    const { layers, kvHeads, headDim, windows } = this.#model.shape;
    const numbers = (tokens: number) =>
      Array.from({ length: layers }, (_, layer) => Math.min(tokens, windows[layer] ?? tokens)).reduce(
        (sum, kept) => sum + kept * kvHeads * headDim * 2,
        0,
      );
    return { kvHeads, headDim, numbers: numbers(this.#run.tokens), numbersOfContext: numbers(contextSize) };
  }

  #logitsAt(position: number): number {
    return this.#run.logits + (position % LOGIT_BLOCK) * roundUp(this.#model.shape.vocabulary, 4) * 4;
  }

  /** A view; the next run overwrites it. */
  #floats(pointer: number, count: number): Float32Array {
    return new Float32Array(this.#memory.buffer, pointer, count);
  }

  #check(value: number, count: number, what: string): void {
    if (Number.isInteger(value) && value >= 0 && value < count) return;
    throw new GlassboxError(
      "invalid-request",
      `There is no ${what} ${value}: they are counted from 0 to ${count - 1}.`,
    );
  }
}
