/** What every head of the model does on the text, asked for when it is first looked at. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type { AttentionHost, LayerReport } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";

export interface Heads {
  /** By layer, as many as are measured. */
  layers: readonly LayerReport[];
  error: WireError | undefined;
}

const NOTHING: Heads = { layers: [], error: undefined };

/** @param run undefined while nobody looks, or there is none. */
export function useHeads(host: Caller<AttentionHost>, run: LensRun | undefined): Heads {
  const [state, setState] = useState<{ of: LensRun; heads: Heads }>();
  const known = state && run && state.of === run ? state.heads : undefined;
  const complete = known !== undefined && known.layers.length === run?.layerCount;
  useEffect(() => {
    if (!run || complete) return;
    const abort = new AbortController();
    const layers: LayerReport[] = [];
    const tell = (error?: WireError) => {
      if (!abort.signal.aborted) setState({ of: run, heads: { layers: [...layers], error } });
    };
    host
      .call(
        "heads",
        {},
        {
          signal: abort.signal,
          onEvent: (layer) => {
            layers.push(layer);
            // One drawing for all that arrives at once would do; layers are few.
            tell();
          },
        },
      )
      .catch((error: unknown) => {
        if (!isCancelled(error)) tell(toWireError(error));
      });
    return () => abort.abort();
  }, [host, run]);
  return known ?? NOTHING;
}
