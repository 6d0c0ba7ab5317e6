/** Something that takes a while and is begun by the reader: what there is of it so far, stopping it, what went wrong. */

import { useLayoutEffect, useRef, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";

export interface Task<T> {
  running: boolean;
  /** The newest that was shown; it stays when the task is stopped. */
  value: T | undefined;
  error: WireError | undefined;
  /** Gives up what is under way, and begins. */
  begin(work: (signal: AbortSignal, show: (value: T) => void) => Promise<void>): void;
  stop(): void;
  /** Stops, and forgets what there is. */
  clear(): void;
}

/** @param about what the task is about: with something else, what there is of it goes. */
export function useTask<T>(about: string): Task<T> {
  const [running, setRunning] = useState(false);
  const [got, setGot] = useState<{ about: string; value: T }>();
  const [error, setError] = useState<{ about: string; error: WireError }>();
  const abort = useRef<AbortController>(undefined);
  const stop = () => {
    abort.current?.abort();
    setRunning(false);
  };
  // Before the next press: it must not stop what that begins.
  useLayoutEffect(() => stop, [about]);
  return {
    running,
    value: got?.about === about ? got.value : undefined,
    error: error?.about === about ? error.error : undefined,
    begin(work) {
      abort.current?.abort();
      const own = new AbortController();
      abort.current = own;
      setRunning(true);
      setError(undefined);
      work(own.signal, (value) => {
        if (!own.signal.aborted) setGot({ about, value });
      })
        .catch((thrown: unknown) => {
          if (!own.signal.aborted && !isCancelled(thrown)) setError({ about, error: toWireError(thrown) });
        })
        .finally(() => {
          if (abort.current === own) setRunning(false);
        });
    },
    stop,
    clear() {
      stop();
      setGot(undefined);
      setError(undefined);
    },
  };
}
