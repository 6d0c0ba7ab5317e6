/** The embeddings of a loaded model: which tokens' vectors point the same way, and what sums of them point to. */

import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type { Neighbours } from "../../shared/panels/attention.js";
import { Arena, growMemory, type Kernel, type Pointer, unpack } from "./kernel/kernel.js";
import type { PlacedModel } from "./weights.js";

/** Rows that are unpacked at a time. */
const ROWS = 16;
/** Numbers that are compared between two pauses: some milliseconds' work. */
const NUMBERS_AT_ONCE = 4_000_000;

export class Embeddings {
  readonly #kernel: Kernel;
  readonly #memory: WebAssembly.Memory;
  readonly #model: PlacedModel;
  readonly #scratch: Pointer; // (ROWS, dim)
  /** The first free address behind what rows are unpacked to. */
  readonly end: Pointer;

  constructor(kernel: Kernel, memory: WebAssembly.Memory, model: PlacedModel) {
    const arena = new Arena(model.end);
    this.#kernel = kernel;
    this.#memory = memory;
    this.#model = model;
    this.#scratch = arena.floats(ROWS * model.shape.dim);
    this.end = arena.end;
  }

  /**
   * The tokens whose embeddings make the smallest angle with a sum of others' (Mikolov et al. 2013, arXiv:1301.3781,
   * who compare king − man + woman with queen); those that were asked about are left out. Embeddings are taken as they
   * lie in the file. A sum of nothing, or one that comes to zero, is nearest to none.
   * @param pause lets other work of the thread have its turn. @throws GlassboxError `invalid-request`, `cancelled`.
   */
  async neighbours(
    { plus, minus }: { plus: readonly number[]; minus: readonly number[] },
    count: number,
    pause: () => Promise<void>,
    signal?: AbortSignal,
  ): Promise<Neighbours> {
    const { dim, vocabulary } = this.#model.shape;
    const target = new Float64Array(dim);
    for (const [ids, sign] of [
      [plus, 1],
      [minus, -1],
    ] as const) {
      for (const id of ids) {
        this.#check(id);
        for (const [i, value] of this.#rows(id, 1).entries()) target[i]! += sign * value;
      }
    }
    const length = Math.sqrt(target.reduce((sum, value) => sum + value * value, 0));
    const asked = new Set([...plus, ...minus]);
    const nearest: Neighbours["nearest"] = [];
    let sinceThen = 0;
    for (let first = 0; first < vocabulary && length > 0; first += ROWS) {
      if (sinceThen >= NUMBERS_AT_ONCE) {
        await pause();
        throwIfCancelled(signal);
        sinceThen = 0;
      }
      const rows = Math.min(ROWS, vocabulary - first);
      const numbers = this.#rows(first, rows);
      sinceThen += numbers.length;
      for (let row = 0; row < rows; row++) {
        if (asked.has(first + row)) continue;
        keep(
          nearest,
          count,
          first + row,
          cosine(numbers.subarray(row * dim, (row + 1) * dim), target, length),
        );
      }
    }
    return { nearest, compared: vocabulary - asked.size };
  }

  /** The embeddings of tokens as they lie in the file, one after the other: (ids, dim). @throws GlassboxError `invalid-request`. */
  rows(ids: readonly number[]): Float32Array {
    const { dim } = this.#model.shape;
    const out = new Float32Array(ids.length * dim);
    for (const [at, id] of ids.entries()) {
      this.#check(id);
      out.set(this.#rows(id, 1), at * dim);
    }
    return out;
  }

  #check(id: number): void {
    const { vocabulary } = this.#model.shape;
    if (Number.isInteger(id) && id >= 0 && id < vocabulary) return;
    throw new GlassboxError("invalid-request", `${id} is no token: the model has ${vocabulary}, from 0.`);
  }

  /** A view: the next call overwrites it. */
  #rows(first: number, count: number): Float32Array {
    const { embedding, shape, tables } = this.#model;
    growMemory(this.#memory, this.end);
    const from = embedding.pointer + first * embedding.rowBytes;
    unpack(this.#kernel, tables, embedding.type, from, this.#scratch, count * shape.dim);
    return new Float32Array(this.#memory.buffer, this.#scratch, count * shape.dim);
  }
}

function cosine(row: Float32Array, target: Float64Array, length: number): number {
  let dot = 0;
  let squares = 0;
  for (let i = 0; i < row.length; i++) {
    const value = row[i]!;
    dot += value * target[i]!;
    squares += value * value;
  }
  return squares > 0 ? dot / (Math.sqrt(squares) * length) : 0;
}

/** Puts a token among the best, if it is one of them. */
function keep(best: Neighbours["nearest"], count: number, id: number, cosine: number): void {
  if (best.length === count && cosine <= best[count - 1]!.cosine) return;
  const after = best.findIndex((other) => other.cosine < cosine);
  best.splice(after < 0 ? best.length : after, 0, { id, cosine });
  if (best.length > count) best.pop();
}
