/** A text's tokens with what the model gave each, as far as it was read; an edit leaves all that does not depend on it. */

import type { TokenReadings } from "../../shared/workerProtocol.js";
import {
  editBetween,
  planAgain,
  planWindows,
  unchangedTokens,
  type Window,
  type WindowSizes,
} from "./windows.js";

/** What the model gave one token. */
export interface TokenReading {
  /** -log2 of its probability. */
  bits: number;
  /** 1 is the most probable. */
  rank: number;
  /** Of the whole distribution, in bits. */
  entropy: number;
  /** By how much that can be off at most. */
  entropyWithin: number;
  /** Most probable instead, best first. */
  alternatives: { id: number; probability: number }[];
}

/** What is to be read next. */
export interface ReadingRequest {
  /** The tokens that go to the model, its BOS token included. */
  tokenIds: number[];
  /** Place in `tokenIds` of the first whose reading is wanted. */
  from: number;
  /** Place in the text of the first of `tokenIds`; -1 for a BOS token before the first. */
  offset: number;
  window: Window;
}

export class ScoredText {
  readonly ids: Uint32Array;
  readonly windows: readonly Window[];
  readonly #sizes: WindowSizes;
  /** The token that the model wants first; undefined for a model without one. */
  readonly #bos: number | undefined;
  readonly #readings: (TokenReading | undefined)[];

  /** @param sizes without the BOS token. */
  static of(ids: Uint32Array, sizes: WindowSizes, bos: number | undefined): ScoredText {
    return new ScoredText(ids, planWindows(ids.length, sizes), sizes, bos, new Array(ids.length));
  }

  private constructor(
    ids: Uint32Array,
    windows: readonly Window[],
    sizes: WindowSizes,
    bos: number | undefined,
    readings: (TokenReading | undefined)[],
  ) {
    this.ids = ids;
    this.windows = windows;
    this.#sizes = sizes;
    this.#bos = bos;
    this.#readings = readings;
  }

  /** The text with other tokens: readings that hold for it still are kept. */
  withTokens(ids: Uint32Array): ScoredText {
    const edit = editBetween(this.ids, ids);
    if (edit.removed === 0 && edit.added === 0) return this;
    const windows = planAgain(this.windows, edit, this.#sizes);
    // What began a window may begin the text now, where nothing can be told of it.
    const readings = Array.from(unchangedTokens(this.windows, windows, edit), (from, token) =>
      from < 0 || !this.canBeRead(token) ? undefined : this.#readings[from],
    );
    return new ScoredText(ids, windows, this.#sizes, this.#bos, readings);
  }

  reading(token: number): TokenReading | undefined {
    return this.#readings[token];
  }

  /** Whether anything stands before a token that its probability could be told from. */
  canBeRead(token: number): boolean {
    return this.#bos !== undefined || token > 0;
  }

  /** How many tokens of a range wait for their reading. */
  missing(start: number, end: number): number {
    let count = 0;
    for (let token = start; token < end; token++) if (this.#waits(token)) count++;
    return count;
  }

  #waits(token: number): boolean {
    return this.#readings[token] === undefined && this.canBeRead(token);
  }

  /** What to read next of a range: what is missing in the window nearest to a token. Undefined where all is read. */
  next(start: number, end: number, near: number): ReadingRequest | undefined {
    let best: { window: Window; first: number; last: number; distance: number } | undefined;
    for (const window of this.windows) {
      const [from, to] = [Math.max(window.scored, start), Math.min(window.end, end)];
      let first = from;
      while (first < to && !this.#waits(first)) first++;
      if (first >= to) continue;
      const distance =
        near < window.scored ? window.scored - near : near >= window.end ? near - window.end + 1 : 0;
      if (best && best.distance <= distance) continue;
      let last = to - 1;
      while (!this.#waits(last)) last--;
      best = { window, first, last, distance };
    }
    if (!best) return undefined;
    const { window, first, last } = best;
    const bos = this.#bos === undefined ? [] : [this.#bos];
    const offset = window.start - bos.length;
    return {
      tokenIds: [...bos, ...this.ids.subarray(window.start, last + 1)],
      from: first - offset,
      offset,
      window,
    };
  }

  /** Takes in what was read for a request of this text. */
  accept({ offset }: Pick<ReadingRequest, "offset">, readings: TokenReadings): void {
    const { first, bits, ranks, entropies, entropiesWithin, alternativeIds, alternativeProbabilities } =
      readings;
    const width = bits.length === 0 ? 0 : alternativeIds.length / bits.length;
    for (let at = 0; at < bits.length; at++) {
      this.#readings[offset + first + at] = {
        bits: bits[at]!,
        rank: ranks[at]!,
        entropy: entropies[at]!,
        entropyWithin: entropiesWithin[at]!,
        alternatives: Array.from({ length: width }, (_, nth) => ({
          id: alternativeIds[at * width + nth]!,
          probability: alternativeProbabilities[at * width + nth]!,
        })).filter(({ probability }) => probability > 0),
      };
    }
  }

  /** What was read of a window from its start to its end; undefined while some of what it scores is missing. */
  readingsOf(window: Window): readonly (TokenReading | undefined)[] | undefined {
    if (this.missing(window.scored, window.end) > 0) return undefined;
    return this.#readings.slice(window.scored, window.end);
  }

  /** Takes in what was read of the same window before. @param readings from `scored` on. */
  restore(window: Window, readings: readonly (TokenReading | undefined)[]): void {
    for (let at = 0; at < readings.length; at++) this.#readings[window.scored + at] ??= readings[at];
  }
}
