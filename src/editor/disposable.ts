/** The base of everything in the editor that must be cleaned up. */

import type { Disposable as VsDisposable } from "vscode";

export abstract class Disposable {
  readonly #owned: VsDisposable[] = [];
  #disposed = false;

  /** Ties the life of `owned` to this object; hands it back. */
  protected _register<T extends VsDisposable>(owned: T): T {
    if (this.#disposed) owned.dispose();
    else this.#owned.push(owned);
    return owned;
  }

  dispose(): void {
    this.#disposed = true;
    for (const owned of this.#owned.splice(0).reverse()) owned.dispose();
  }
}
