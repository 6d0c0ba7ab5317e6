/** The load of a model that several features may wait for: it is given up when the last of them has cancelled. */

import { throwIfCancelled } from "../../shared/errors.js";
import { unlessCancelled } from "../../shared/unlessCancelled.js";

interface Load<Loaded> {
  key: string;
  promise: Promise<Loaded>;
  abort: AbortController;
  /** Who still waits for it. */
  waiting: number;
}

export class SharedLoad<Params, Loaded> {
  readonly #start: (params: Params, signal: AbortSignal) => Promise<Loaded>;
  #load: Load<Loaded> | undefined;

  /** @param start loads what the parameters name, and gives up when the signal is aborted. */
  constructor(start: (params: Params, signal: AbortSignal) => Promise<Loaded>) {
    this.#start = start;
  }

  /** Whether something is loaded or being loaded. */
  get held(): boolean {
    return this.#load !== undefined;
  }

  /** Who asks from now on has it loaded again; those who wait get what they wait for. */
  forget(): void {
    this.#load = undefined;
  }

  /**
   * What the parameters name, from the load that is done or under way where it is of the same parameters.
   * @throws GlassboxError `cancelled` as soon as the signal is aborted; what the load throws.
   */
  async wait(params: Params, signal?: AbortSignal): Promise<Loaded> {
    throwIfCancelled(signal);
    const load = this.#loadOf(params);
    load.waiting++;
    const giveUp = () => {
      if (--load.waiting > 0) return;
      // At once: whoever asks next must not join a load that has been given up.
      if (this.#load === load) this.#load = undefined;
      load.abort.abort();
    };
    signal?.addEventListener("abort", giveUp, { once: true });
    try {
      return await unlessCancelled(load.promise, signal);
    } finally {
      signal?.removeEventListener("abort", giveUp);
    }
  }

  #loadOf(params: Params): Load<Loaded> {
    const key = JSON.stringify(params);
    if (this.#load?.key === key) return this.#load;
    const abort = new AbortController();
    const load = { key, promise: this.#start(params, abort.signal), abort, waiting: 0 };
    this.#load = load;
    load.promise.catch(() => {
      if (this.#load === load) this.#load = undefined;
    });
    return load;
  }
}
