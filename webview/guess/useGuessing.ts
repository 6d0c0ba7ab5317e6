/** The state of a game: the passage, the rounds that were played, and what is under way. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type { GuessHost, GuessPassage, GuessRound } from "../../src/shared/panels/guess.js";
import type { Caller } from "../../src/shared/rpc.js";

export type GuessPhase =
  | { kind: "reading" }
  | { kind: "no-text" }
  | { kind: "nothing" }
  /** The reader's turn. */
  | { kind: "guessing" }
  | { kind: "scoring" }
  /** The last round is shown. */
  | { kind: "revealed" }
  /** Every token of the passage was revealed, or the reader has ended the game. */
  | { kind: "over" }
  | { kind: "failed"; error: WireError; retry(): void };

export interface Guessing {
  phase: GuessPhase;
  passage: GuessPassage | undefined;
  rounds: readonly GuessRound[];
  /** @param typed nothing where the reader gives up this place. */
  guess(typed: string): void;
  goOn(): void;
  end(): void;
  stop(): void;
}

/** @param beginning the game is begun anew whenever this changes. */
export function useGuessing(host: Caller<GuessHost>, beginning: number, onBegin: () => void): Guessing {
  const [phase, setPhase] = useState<GuessPhase>({ kind: "reading" });
  const [passage, setPassage] = useState<GuessPassage>();
  const [rounds, setRounds] = useState<readonly GuessRound[]>([]);
  const abort = useRef(new AbortController());
  const ask = <T>(
    work: (signal: AbortSignal) => Promise<T>,
    took: (answer: T) => void,
    retry: () => void,
  ) => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    work(signal).then(
      (answer) => {
        if (!signal.aborted) took(answer);
      },
      (error: unknown) => {
        if (!signal.aborted && !isCancelled(error))
          setPhase({ kind: "failed", error: toWireError(error), retry });
      },
    );
  };
  useEffect(() => {
    setPhase({ kind: "reading" });
    setPassage(undefined);
    setRounds([]);
    ask(
      (signal) => host.call("begin", {}, { signal }),
      (answer) => {
        if (answer.kind === "passage") setPassage(answer.passage);
        setPhase(answer.kind === "passage" ? { kind: "guessing" } : answer);
      },
      onBegin,
    );
    return () => abort.current.abort();
  }, [beginning]);
  const last = passage !== undefined && rounds.length >= Math.max(1, passage.count);
  const guess = (typed: string) => {
    setPhase({ kind: "scoring" });
    ask(
      (signal) => host.call("guess", { index: rounds.length, typed }, { signal }),
      (round) => {
        setRounds([...rounds, round]);
        setPhase({ kind: "revealed" });
      },
      () => guess(typed),
    );
  };
  const end = () => {
    setPhase({ kind: "over" });
    ask(
      () => host.call("showAll", {}),
      () => {},
      end,
    );
  };
  return {
    phase,
    passage,
    rounds,
    guess,
    goOn: () => (last ? end() : setPhase({ kind: "guessing" })),
    end,
    stop: () => {
      abort.current.abort();
      setPhase({ kind: "guessing" });
    },
  };
}
