/** Lets one piece of engine work run at a time: a context can evaluate only one sequence of tokens. */

import { GlassboxError, throwIfCancelled } from "../shared/errors.js";

export class EvaluationQueue {
  #last: Promise<unknown> = Promise.resolve();

  /**
   * Runs the work when everything that was asked for before has ended.
   * @throws GlassboxError `cancelled`, at once while it waits, when the signal aborts.
   */
  async run<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    throwIfCancelled(signal);
    const before = this.#last;
    const running = before.then(() => {
      throwIfCancelled(signal);
      return work();
    });
    // The next in the queue waits for the end, however it came about; the caller gets the error.
    this.#last = running.then(
      () => undefined,
      () => undefined,
    );
    let started = false;
    void before.then(() => {
      started = true;
    });
    return new Promise<T>((resolve, reject) => {
      const leave = () => {
        if (!started) reject(GlassboxError.cancelled());
      };
      signal.addEventListener("abort", leave, { once: true });
      running.then(resolve, reject).finally(() => signal.removeEventListener("abort", leave));
    });
  }
}
