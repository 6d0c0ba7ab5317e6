/** Asks for something whenever its key changes: the newest answer, what went wrong, and asking again. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";

export interface Answer<T> {
  /** Of the key that was asked last, or of one before it while that is under way. */
  value: T | undefined;
  /** Whether `value` is of the key as it is now. */
  current: boolean;
  error: WireError | undefined;
  again(): void;
}

/** @param key undefined while there is nothing to ask. */
export function useAnswer<T>(key: string | undefined, ask: (signal: AbortSignal) => Promise<T>): Answer<T> {
  const [attempt, setAttempt] = useState(0);
  const [got, setGot] = useState<{ key: string; value: T }>();
  const [error, setError] = useState<{ key: string; error: WireError }>();
  useEffect(() => {
    if (key === undefined) return;
    const abort = new AbortController();
    ask(abort.signal).then(
      (value) => {
        if (abort.signal.aborted) return;
        setError(undefined);
        setGot({ key, value });
      },
      (thrown: unknown) => {
        if (!abort.signal.aborted && !isCancelled(thrown)) setError({ key, error: toWireError(thrown) });
      },
    );
    return () => abort.abort();
  }, [key, attempt]);
  return {
    value: got?.value,
    current: got !== undefined && got.key === key,
    error: error?.key === key ? error?.error : undefined,
    again: () => setAttempt((before) => before + 1),
  };
}
