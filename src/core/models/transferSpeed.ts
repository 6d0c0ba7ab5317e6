/** How fast bytes come, and how long the rest will take. */

/** Older samples than this many milliseconds say nothing about now. */
const WINDOW_MS = 8000;

export class TransferSpeed {
  readonly #samples: { at: number; bytes: number }[] = [];

  /** @param at milliseconds on any steady clock. @param bytes all that have come so far. */
  add(at: number, bytes: number): void {
    this.#samples.push({ at, bytes });
    while (this.#samples.length > 2 && this.#samples[1]!.at <= at - WINDOW_MS) this.#samples.shift();
  }

  /** Bytes a second over the last seconds; undefined before there are two moments to compare. */
  get bytesPerSecond(): number | undefined {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (!first || !last || last.at === first.at) return undefined;
    return (1000 * (last.bytes - first.bytes)) / (last.at - first.at);
  }

  /** Seconds until `total` bytes have come, at this speed; undefined while nothing comes. */
  secondsLeft(total: number): number | undefined {
    const speed = this.bytesPerSecond;
    const last = this.#samples.at(-1);
    return speed !== undefined && speed > 0 && last ? (total - last.bytes) / speed : undefined;
  }
}
