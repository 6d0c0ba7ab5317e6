/** The walk of an attention exhibit: run the lens, fetch the layer that is looked at, compare with the engine. */

import { useEffect, useRef, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type { AttentionHost, AttentionLayer, AttentionSubject } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { EngineAgreement } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";

/** Layers that are kept on the page; others are asked for again. Each is 8.4 MB with 32 heads and 512 tokens. */
const KEPT_LAYERS = 6;

export type AttentionPhase =
  | { kind: "waiting" }
  | { kind: "reading" }
  /** `layers` of the model's are finished. */
  | { kind: "running"; layers: number }
  | { kind: "done" }
  | { kind: "stopped" }
  | { kind: "failed"; error: WireError };

export type AgreementState =
  | { kind: "none" }
  | { kind: "comparing"; soFar: EngineAgreement | undefined }
  | { kind: "compared"; agreement: EngineAgreement; engineMs: number }
  | { kind: "stopped"; soFar: EngineAgreement | undefined }
  | { kind: "failed"; error: WireError };

export interface Attention {
  phase: AttentionPhase;
  subject: AttentionSubject | undefined;
  /** How many layers are finished; layers are finished in order. */
  layers: number;
  run: LensRun | undefined;
  agreement: AgreementState;
  /** A layer, once it is here; asking for one that is not fetches it. */
  layer(index: number): AttentionLayer | undefined;
  /** Why a layer could not be fetched. */
  fault: WireError | undefined;
  stop(): void;
  again(): void;
  /** Whether the reader wants f32 also where 16-bit integers are quicker; a change runs the lens again. */
  exact: boolean;
  setExact(exact: boolean): void;
}

interface State {
  phase: AttentionPhase;
  subject: AttentionSubject | undefined;
  layers: number;
  run: LensRun | undefined;
  agreement: AgreementState;
  fault: WireError | undefined;
}

const NOTHING: State = {
  phase: { kind: "waiting" },
  subject: undefined,
  layers: 0,
  run: undefined,
  agreement: { kind: "none" },
  fault: undefined,
};

/** @param reading changes when the host has a text to run on; 0 while it has none. */
export function useAttention(host: Caller<AttentionHost>, reading: number | string): Attention {
  const [state, setState] = useState<State>(NOTHING);
  const [attempt, setAttempt] = useState(0);
  const [exact, setExact] = useState(false);
  const abort = useRef(new AbortController());
  const fetched = useRef(new Map<number, AttentionLayer | "asked">());

  useEffect(() => {
    if (reading === 0) return;
    const controller = new AbortController();
    const { signal } = controller;
    abort.current = controller;
    fetched.current = new Map();
    setState({ ...NOTHING, phase: { kind: "reading" } });
    // What arrives for a run that was given up is not shown.
    const update = (change: Partial<State> | ((now: State) => Partial<State>)) => {
      if (abort.current !== controller) return;
      setState((now) => ({ ...now, ...(typeof change === "function" ? change(now) : change) }));
    };
    void walk(host, exact, signal, update);
    return () => controller.abort();
  }, [host, reading, attempt, exact]);

  const fetchLayer = (index: number) => {
    const cache = fetched.current;
    const { signal } = abort.current;
    cache.set(index, "asked");
    host
      .call("layer", { layer: index })
      .then((layer) => {
        // Another run has its own layers.
        if (fetched.current !== cache) return;
        // The one that is used last stands last.
        cache.delete(index);
        cache.set(index, layer);
        for (const old of [...cache.keys()].slice(0, Math.max(0, cache.size - KEPT_LAYERS)))
          cache.delete(old);
        setState((now) => ({ ...now, fault: undefined }));
      })
      .catch((error: unknown) => {
        if (fetched.current !== cache || signal.aborted) return;
        cache.delete(index);
        setState((now) => ({ ...now, fault: toWireError(error) }));
      });
  };

  return {
    ...state,
    layer: (index) => {
      const found = fetched.current.get(index);
      if (found === undefined && index < state.layers && !state.fault) fetchLayer(index);
      return found === "asked" ? undefined : found;
    },
    stop: () => abort.current.abort(),
    again: () => setAttempt(attempt + 1),
    exact,
    setExact,
  };
}

/** Runs the lens, then compares with the engine, telling `update` about everything on the way. */
async function walk(
  host: Caller<AttentionHost>,
  exact: boolean,
  signal: AbortSignal,
  update: (change: Partial<State> | ((now: State) => Partial<State>)) => void,
): Promise<void> {
  try {
    const run = await host.call(
      "attend",
      { exact },
      {
        signal,
        onEvent: (event) => {
          if (event.kind === "subject")
            update({ subject: event.subject, phase: { kind: "running", layers: 0 } });
          else {
            const layers = event.layer + 1;
            update({ layers, phase: { kind: "running", layers } });
          }
        },
      },
    );
    update({ run, phase: { kind: "done" }, agreement: { kind: "comparing", soFar: undefined } });
  } catch (error) {
    update({
      phase: isCancelled(error) ? { kind: "stopped" } : { kind: "failed", error: toWireError(error) },
    });
    return;
  }
  try {
    const compared = await host.call(
      "agree",
      {},
      { signal, onEvent: (soFar) => update({ agreement: { kind: "comparing", soFar } }) },
    );
    update({ agreement: { kind: "compared", ...compared } });
  } catch (error) {
    update(({ agreement }) => ({
      agreement: isCancelled(error)
        ? { kind: "stopped", soFar: agreement.kind === "comparing" ? agreement.soFar : undefined }
        : { kind: "failed", error: toWireError(error) },
    }));
  }
}
