/**
 * What a page with an attention exhibit may ask: tokenise the text, run the lens, keep its layers, compare with
 * llama.cpp. The panel and the lessons use the same handlers with different surfaces.
 */

import { setImmediate as pause } from "node:timers/promises";
import { emptyLayer, packHead } from "../../core/lens/packedAttention.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type {
  AttentionHost,
  AttentionLayer,
  AttentionSource,
  AttentionSubject,
  LitTokens,
} from "../../shared/panels/attention.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { EngineAgreement, LayerAttention, PlacedModelToken } from "../../shared/types.js";
import type { LensProtocol, LensRun } from "../../shared/workerProtocol.js";
import type { ModelService } from "../models.js";

/** The most tokens that are shown: a map of 256² cells still has a pixel for each cell in a narrow panel. */
export const MOST_TOKENS = 256;

/** Longer texts are not counted to their end. */
const MOST_CHARACTERS = 50_000;

/** Where the text of an exhibit comes from, and where its tokens can be lit. */
export interface AttentionSurface {
  /** The text to run on, as it is now. @throws GlassboxError when there is none. */
  text(): { text: string; source: AttentionSource };
  /** Lights tokens where the text stands; `tokens` are those of the last run. */
  light(lit: LitTokens | null, tokens: readonly PlacedModelToken[]): void;
  point(token: PlacedModelToken | null): void;
  reveal(token: PlacedModelToken): void;
  /** Takes the text that is selected now, where the surface has a selection. */
  takeSelection(): void;
  useBuiltInModel(): Promise<void>;
}

interface Run {
  subject: AttentionSubject;
  tokenIds: number[];
  layers: Map<number, AttentionLayer>;
  lens: LensRun | undefined;
}

export function attentionHandlers(
  models: Pick<ModelService, "ready" | "call">,
  lens: Caller<LensProtocol>,
  surface: AttentionSurface,
): Handlers<AttentionHost> {
  let current: Run | undefined;
  const tokenAt = (index: number) => current?.subject.tokens[index];

  return {
    attend: async (_params, { signal, emit }) => {
      current = undefined;
      surface.light(null, []);
      const subject = await readSubject(models, surface.text(), signal);
      const tokenIds = subject.tokens.map((token) => token.id);
      if (tokenIds.length === 0) {
        throw new GlassboxError("invalid-request", "The selected text has no tokens.", "Select some text.");
      }
      const run: Run = { subject, tokenIds, layers: new Map(), lens: undefined };
      current = run;
      emit({ kind: "subject", subject });
      // Layers may arrive faster than they are packed; they are told of in order.
      let packing = Promise.resolve();
      const keep = async (layer: LayerAttention) => {
        const packed = await packInSlices(layer, signal);
        if (!packed) return;
        run.layers.set(layer.layer, packed);
        emit({ kind: "layer", layer: layer.layer });
      };
      const lensRun = await lens.call(
        "attend",
        { path: subject.model.path, tokenIds },
        {
          signal,
          onEvent: (layer) => {
            packing = packing.then(() => keep(layer));
          },
        },
      );
      await packing;
      run.lens = lensRun;
      return lensRun;
    },

    layer: ({ layer }) => {
      const packed = current?.layers.get(layer);
      if (!packed) throw new GlassboxError("invalid-request", `Layer ${layer} has not been computed.`);
      return packed;
    },

    agree: async (_params, { signal, emit }) => {
      const run = current;
      if (!run?.lens) throw new GlassboxError("invalid-request", "There is no finished run to compare.");
      return agreeWithEngine(models, lens, run.subject.model.path, run.lens, run.tokenIds, signal, emit);
    },

    light: (lit) => {
      surface.light(lit, current?.subject.tokens ?? []);
      return null;
    },
    point: (pointed) => {
      surface.point((pointed && tokenAt(pointed.token)) ?? null);
      return null;
    },
    reveal: ({ token }) => {
      const placed = tokenAt(token);
      if (placed) surface.reveal(placed);
      return null;
    },
    useBuiltInModel: async () => {
      await surface.useBuiltInModel();
      return null;
    },
    takeSelection: () => {
      surface.takeSelection();
      return null;
    },
  };
}

/** Milliseconds of the extension host's time that are taken at once. */
const SLICE_MS = 8;

/** Packs a layer without holding up the editor; undefined when it is no longer wanted. */
async function packInSlices(layer: LayerAttention, signal: AbortSignal): Promise<AttentionLayer | undefined> {
  const packed = emptyLayer(layer);
  let until = performance.now() + SLICE_MS;
  for (let head = 0; head < layer.headCount; head++) {
    packHead(layer, head, packed);
    if (performance.now() < until) continue;
    await pause();
    if (signal.aborted) return undefined;
    until = performance.now() + SLICE_MS;
  }
  return packed;
}

/** Loads the model, tokenises the text with it and cuts it at what can be shown. */
async function readSubject(
  models: Pick<ModelService, "ready" | "call">,
  { text, source }: { text: string; source: AttentionSource },
  signal: AbortSignal,
): Promise<AttentionSubject> {
  const model = await models.ready(signal);
  const counted = firstCharacters(text, MOST_CHARACTERS);
  const tokens = await models.call("tokenize", { text: counted, bos: true }, { signal });
  throwIfCancelled(signal);
  // The engine keeps one place of its context free; what it cannot evaluate could not be compared with it.
  const context = Math.min(model.contextSize - 1, model.trainedContext);
  const limit = Math.min(context, MOST_TOKENS);
  return {
    source,
    model,
    tokens: tokens.slice(0, limit),
    totalTokens: tokens.length,
    totalIsLowerBound: counted.length < text.length,
    limit,
    limitedBy: context < MOST_TOKENS ? "context" : "panel",
  };
}

/**
 * Streams the engine's logits position by position into the lens, which compares them with its own. No more than
 * what is under way between the two processes is held here.
 */
async function agreeWithEngine(
  models: Pick<ModelService, "ready" | "call">,
  lens: Caller<LensProtocol>,
  path: string,
  run: LensRun,
  tokenIds: number[],
  signal: AbortSignal,
  report: (agreement: EngineAgreement) => void,
): Promise<{ agreement: EngineAgreement; engineMs: number }> {
  if ((await models.ready(signal)).path !== path) {
    throw new GlassboxError("invalid-request", "Another model was chosen in the meantime.");
  }
  const abort = new AbortController();
  const stop = () => abort.abort();
  signal.addEventListener("abort", stop, { once: true });
  let failure: unknown;
  let agreement: EngineAgreement | undefined;
  const comparisons: Promise<void>[] = [];
  const compare = async (position: number, engineLogits: Float32Array) => {
    try {
      agreement = await lens.call(
        "agree",
        { run: run.run, position, engineLogits },
        { signal: abort.signal },
      );
      report(agreement);
    } catch (error) {
      failure ??= error;
      abort.abort();
    }
  };
  try {
    const { ms } = await models.call(
      "logitsAtEachPosition",
      { tokenIds },
      {
        signal: abort.signal,
        onEvent: ({ position, logits }) => void comparisons.push(compare(position, logits)),
      },
    );
    await Promise.all(comparisons);
    throwIfCancelled(signal);
    if (failure !== undefined) throw failure;
    if (!agreement) throw new GlassboxError("failed", "The model answered no position to compare with.");
    return { agreement, engineMs: ms };
  } catch (error) {
    // A comparison that failed is the cause; the engine's call was only stopped because of it.
    throw signal.aborted ? GlassboxError.cancelled() : (failure ?? error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
