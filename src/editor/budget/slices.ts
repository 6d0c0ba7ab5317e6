/** Gives the extension host back to others every few milliseconds during long work. */

/** Milliseconds of work between two breaths: well within a frame. */
const SLICE_MS = 4;

export class Slices {
  #end = performance.now() + SLICE_MS;

  /** Whether this slice is over and `breathe` is due. */
  get over(): boolean {
    return performance.now() >= this.#end;
  }

  /** Lets everything else run that is waiting, and begins the next slice. */
  async breathe(): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    this.#end = performance.now() + SLICE_MS;
  }

  /** Breathes where the slice is over. */
  async breatheIfOver(): Promise<void> {
    if (this.over) await this.breathe();
  }
}
