/** Gives the extension host back to others every few milliseconds during long work. */

/** Milliseconds of work between two breaths: well within a frame. */
const SLICE_MS = 4;

export class Slices {
  readonly #ms: number;
  #end: number;

  /** @param ms shorter slices where a single step may take long itself. */
  constructor(ms = SLICE_MS) {
    this.#ms = ms;
    this.#end = performance.now() + ms;
  }

  /** Whether this slice is over and `breathe` is due. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets everything else run that is waiting, and begins the next slice. */
  async breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + this.#ms;
  }

  /** Breathes where the slice is over. */
  async breatheIfOver(): Promise<void> {
    if (this.over) await this.breathe();
  }
}
