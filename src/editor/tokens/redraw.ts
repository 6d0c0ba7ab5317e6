/** Draws what follows the tokens in the text together and not at once: all parts in one turn, and what they send in one message. */

import { Disposable } from "../disposable.js";

/** Edits, carets and scrolling come faster than they can be seen. */
const REDRAW_MS = 16;

/** A part that is drawn with the others until it is disposed of. */
export interface RedrawnPart {
  /** Draws this part with the next frame. */
  schedule(): void;
  dispose(): void;
}

export class Redraw extends Disposable {
  readonly #parts = new Set<{ draw: () => void; due: boolean }>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    super();
    this._register({ dispose: () => clearTimeout(this.#timer) });
  }

  /** Takes a part in. VS Code gathers what is sent in one turn. */
  part(draw: () => void): RedrawnPart {
    const part = { draw, due: false };
    this.#parts.add(part);
    return {
      schedule: () => {
        part.due = true;
        this.#timer ??= setTimeout(() => this.#flush(), REDRAW_MS);
      },
      dispose: () => {
        this.#parts.delete(part);
      },
    };
  }

  #flush(): void {
    this.#timer = undefined;
    for (const part of this.#parts) {
      if (!part.due) continue;
      part.due = false;
      part.draw();
    }
  }
}
