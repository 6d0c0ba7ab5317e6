/** Giving up waiting without giving up what is waited for. */

import { GlassboxError } from "./errors.js";

/**
 * Waits for a promise that others may wait for too, and only as long as the signal, not aborted yet, is not aborted.
 * @throws GlassboxError `cancelled`, what the promise throws.
 */
export function unlessCancelled<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise;
  return new Promise((resolve, reject) => {
    const cancel = () => reject(GlassboxError.cancelled());
    signal.addEventListener("abort", cancel, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
  });
}
