/** What every layer of the model would predict, asked for when it is first looked at. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type { AttentionHost, CacheSize, StreamReading } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";

export interface Streams {
  /** By layer; the last one is the end. In order when `complete` is there. */
  readings: readonly StreamReading[];
  complete: { cache: CacheSize; tokens: ReadonlyMap<number, ModelToken> } | undefined;
  error: WireError | undefined;
}

const NOTHING: Streams = { readings: [], complete: undefined, error: undefined };

/** @param run undefined while nobody looks, or there is none. */
export function useStreams(host: Caller<AttentionHost>, run: LensRun | undefined): Streams {
  const [state, setState] = useState<{ of: LensRun; streams: Streams }>();
  useEffect(() => {
    if (!run) return;
    const abort = new AbortController();
    const readings: StreamReading[] = [];
    const tell = (more: Partial<Streams>) => {
      if (!abort.signal.aborted)
        setState({ of: run, streams: { ...NOTHING, readings: [...readings], ...more } });
    };
    const onEvent = (reading: StreamReading) => {
      readings.push(reading);
      tell({});
    };
    host.call("streams", {}, { signal: abort.signal, onEvent }).then(
      ({ cache, tokens }) => {
        readings.sort((a, b) => a.layer - b.layer);
        tell({ complete: { cache, tokens: new Map(tokens.map((token) => [token.id, token])) } });
      },
      (error: unknown) => {
        if (!isCancelled(error)) tell({ error: toWireError(error) });
      },
    );
    return () => abort.abort();
  }, [host, run]);
  return state && state.of === run ? state.streams : NOTHING;
}
