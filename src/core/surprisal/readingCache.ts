/** Keeps what was read, by content and model: a text that is shown again, or an edit that is undone, costs nothing. */

import type { TokenReading } from "./scoredText.js";

/** Tokens whose readings are kept; with eight alternatives each takes about a kilobyte. */
const MOST_TOKENS = 60_000;

export class ReadingCache {
  readonly #kept = new Map<string, readonly (TokenReading | undefined)[]>();
  readonly #mostTokens: number;
  #tokens = 0;

  constructor(mostTokens = MOST_TOKENS) {
    this.#mostTokens = mostTokens;
  }

  /**
   * @param model whatever tells models and their settings apart.
   * @param ids the tokens of a window, from its start.
   * @param skipped how many of them are not scored by it.
   */
  get(model: string, ids: Uint32Array, skipped: number): readonly (TokenReading | undefined)[] | undefined {
    const key = keyOf(model, ids, skipped);
    const found = this.#kept.get(key);
    if (found) {
      // Used last, dropped last.
      this.#kept.delete(key);
      this.#kept.set(key, found);
    }
    return found;
  }

  set(
    model: string,
    ids: Uint32Array,
    skipped: number,
    readings: readonly (TokenReading | undefined)[],
  ): void {
    const key = keyOf(model, ids, skipped);
    this.#drop(key);
    this.#kept.set(key, readings);
    this.#tokens += readings.length;
    for (const oldest of this.#kept.keys()) {
      if (this.#tokens <= this.#mostTokens) break;
      this.#drop(oldest);
    }
  }

  #drop(key: string): void {
    this.#tokens -= this.#kept.get(key)?.length ?? 0;
    this.#kept.delete(key);
  }
}

function keyOf(model: string, ids: Uint32Array, skipped: number): string {
  return `${model}\n${skipped}\n${ids.join(" ")}`;
}
