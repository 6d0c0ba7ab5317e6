/** How many tokens the engine is given in one piece: it cannot be interrupted, and Stop waits for its end. */

/**
 * What a piece should take, in milliseconds. Large ones cost less by the token, and Stop is to answer within 300, also
 * where a last piece is a quarter longer and the machine has just become a third slower.
 */
export const TARGET_MS = 170;

/** All in tokens. */
export interface PieceLimits {
  /** Below it, a piece takes hardly less time than one twice as large. */
  smallest: number;
  /** Until something has been measured. */
  first: number;
  largest: number;
  /** What a piece should take, in milliseconds; `TARGET_MS` where it is left out. */
  ms?: number;
}

export class PieceSize {
  readonly #limits: PieceLimits;
  #size: number;
  #tokenMs: number | undefined;

  constructor(limits: PieceLimits) {
    this.#limits = limits;
    this.#size = limits.first;
  }

  get tokens(): number {
    return Math.floor(this.#size);
  }

  /** What a token took in the last full piece, in milliseconds. */
  get tokenMs(): number | undefined {
    return this.#tokenMs;
  }

  /**
   * Takes the time of a piece into account. A piece of n tokens takes a + b n, since the engine unpacks all weights
   * once for each: so a size that grows as the time that is left over never grows beyond it.
   * @param tokens how many it had. One that was not full and yet in time tells nothing.
   */
  took(tokens: number, ms: number): void {
    const { smallest, largest, ms: target = TARGET_MS } = this.#limits;
    if (tokens < this.tokens && ms < target) return;
    this.#tokenMs = ms / tokens;
    const wanted = (tokens * target) / Math.max(1, ms);
    // One measurement may have met another load of the machine than the next.
    const near = Math.min(2 * this.#size, Math.max(this.#size / 2, wanted));
    this.#size = Math.min(largest, Math.max(smallest, near));
  }
}
