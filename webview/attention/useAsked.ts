/** An answer of the host that is wanted while something is in sight, asked for again whenever the question changes. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";

export type Asked<T> =
  | { kind: "none" }
  | { kind: "asking" }
  | { kind: "answered"; answer: T }
  | { kind: "failed"; error: WireError };

/**
 * @param question changes when something else is asked; undefined while nothing is.
 * @param ask is called once for each question.
 */
export function useAsked<T>(
  question: string | undefined,
  ask: (signal: AbortSignal) => Promise<T>,
): { asked: Asked<T>; again(): void } {
  const [state, setState] = useState<{ of: string; asked: Asked<T> }>();
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (question === undefined) return;
    const abort = new AbortController();
    const tell = (asked: Asked<T>) => {
      if (!abort.signal.aborted) setState({ of: question, asked });
    };
    ask(abort.signal).then(
      (answer) => tell({ kind: "answered", answer }),
      (error: unknown) =>
        tell(isCancelled(error) ? { kind: "none" } : { kind: "failed", error: toWireError(error) }),
    );
    return () => abort.abort();
  }, [question, attempt]);
  const asked: Asked<T> =
    question === undefined ? { kind: "none" } : state?.of === question ? state.asked : { kind: "asking" };
  return { asked, again: () => setAttempt(attempt + 1) };
}
