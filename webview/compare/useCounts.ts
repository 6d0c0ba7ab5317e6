/** Asks the host what each tokenizer makes of the text, and keeps the last picture until the next one is whole. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type {
  ComparedText,
  ComparedTokenizer,
  CompareHost,
  CountedText,
} from "../../src/shared/panels/compare.js";
import type { Caller } from "../../src/shared/rpc.js";

/** One row: what was counted, or why not. */
export interface Row {
  tokenizer: ComparedTokenizer;
  counted: CountedText | undefined;
  error: WireError | undefined;
}

export interface Counts {
  /** The text that the rows are about. */
  text: ComparedText | undefined;
  rows: Row[];
  /** Rows that are still counted. */
  waiting: number;
}

/** Milliseconds that the first rows wait for the others, so that not one after another jumps in. */
const TOGETHER_MS = 150;

/** @param said changes when the names stand for something else. */
export function useCounts(
  host: Caller<CompareHost>,
  text: ComparedText | undefined,
  tokenizers: readonly ComparedTokenizer[],
  said: number,
): Counts {
  const [counts, setCounts] = useState<Counts>({ text: undefined, rows: [], waiting: 0 });
  const version = text?.version;

  useEffect(() => {
    if (!text || version === undefined) {
      setCounts({ text: undefined, rows: [], waiting: 0 });
      return;
    }
    const abort = new AbortController();
    const found = new Map<string, Row>();
    let late = false;
    const show = () => {
      if (abort.signal.aborted) return;
      const rows = tokenizers.flatMap((tokenizer) => found.get(tokenizer.name) ?? []);
      const waiting = tokenizers.length - rows.length;
      if (waiting === 0 || (late && rows.length > 0)) setCounts({ text, rows, waiting });
    };
    const timer = setTimeout(() => {
      late = true;
      show();
    }, TOGETHER_MS);
    if (tokenizers.length === 0) show();
    for (const tokenizer of tokenizers) {
      host.call("count", { tokenizer: tokenizer.name, version }, { signal: abort.signal }).then(
        (counted) => {
          found.set(tokenizer.name, { tokenizer, counted, error: undefined });
          show();
        },
        (error: unknown) => {
          if (isCancelled(error)) return;
          found.set(tokenizer.name, { tokenizer, counted: undefined, error: toWireError(error) });
          show();
        },
      );
    }
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [host, version, said]);

  return counts;
}
