/**
 * What a page with an attention exhibit may ask: tokenise the text, run the lens, keep its layers, compare with
 * llama.cpp. The panel and the lessons use the same handlers with different surfaces.
 */

import { setMaxListeners } from "node:events";
import { fetchLayer } from "../../core/lens/fetchLayer.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type {
  AttentionHost,
  AttentionSource,
  AttentionSubject,
  LitTokens,
} from "../../shared/panels/attention.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { EngineAgreement, ModelToken, PlacedModelToken } from "../../shared/types.js";
import type { LensProtocol } from "../../shared/workerProtocol.js";
import type { ModelService } from "../models.js";
import { type Beside, besideHandlers } from "./besideHandlers.js";

/** The most tokens that are shown: a map of 512² cells still has a pixel for each cell in a panel of its own. */
export const MOST_TOKENS = 512;

/** Tokens that are named as nearest to one. */
const MOST_NEIGHBOURS = 12;

/** Characters of a word that the reader types; it has to be one token. */
const MOST_TYPED = 200;

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
  /** Where the surface has a caret that can be followed. */
  setFollowing?(on: boolean): void;
}

interface Run {
  subject: AttentionSubject;
  /** As much of the text as the shown tokens stand for. */
  text: string;
  tokenIds: number[];
  /** The lens's name for it, as soon as a layer is there; the layers stay with the lens until they are looked at. */
  lensRun: number | undefined;
  finished: boolean;
}

export function attentionHandlers(
  models: Pick<ModelService, "ready" | "call">,
  lens: Caller<LensProtocol>,
  surface: AttentionSurface,
  beside?: Beside,
): Handlers<AttentionHost> {
  let current: Run | undefined;
  const tokenAt = (index: number) => current?.subject.tokens[index];

  return {
    ...besideHandlers(models, lens, () => finishedRun(current), beside),

    attend: async ({ exact }, { signal, emit }) => {
      current = undefined;
      surface.light(null, []);
      const chosen = surface.text();
      const subject = await readSubject(models, chosen, signal);
      const tokenIds = subject.tokens.map((token) => token.id);
      if (tokenIds.length === 0) {
        throw new GlassboxError(
          "invalid-request",
          t("The selected text has no tokens."),
          t("Select some text."),
        );
      }
      const text = chosen.text.slice(0, subject.tokens.at(-1)?.end);
      const run: Run = { subject, text, tokenIds, lensRun: undefined, finished: false };
      current = run;
      emit({ kind: "subject", subject });
      const { path, contextSize } = subject.model;
      const lensRun = await lens.call(
        "attend",
        { path, tokenIds, exact: exact ?? false, contextSize },
        {
          signal,
          onEvent: ({ run: name, layer }) => {
            run.lensRun = name;
            emit({ kind: "layer", layer });
          },
        },
      );
      run.finished = true;
      return lensRun;
    },

    layer: ({ layer }, { signal }) => {
      const run = current?.lensRun;
      if (run === undefined) {
        throw new GlassboxError("invalid-request", `Layer ${layer} has not been computed.`);
      }
      return fetchLayer(lens, { run, layer }, signal);
    },

    heads: async (_params, { signal, emit }) => {
      const { lensRun, subject, tokenIds } = finishedRun(current);
      const bytes = subject.tokens.map((token) => token.bytes);
      return lens.call("heads", { run: lensRun, tokenIds, bytes }, { signal, onEvent: emit });
    },

    cell: (asked, { signal }) => {
      const { lensRun } = finishedRun(current);
      return lens.call("cell", { run: lensRun, ...asked }, { signal });
    },

    streams: async (_params, { signal, emit }) => {
      const { lensRun, subject } = finishedRun(current);
      const ids = new Set<number>();
      const { contextSize } = subject.model;
      const cache = await lens.call(
        "streams",
        { run: lensRun, contextSize },
        {
          signal,
          onEvent: (reading) => {
            for (const id of reading.top) ids.add(id);
            emit(reading);
          },
        },
      );
      return { cache, tokens: await named(models, subject, ids, signal) };
    },

    cut: async (asked, { signal }) => {
      const { lensRun, subject } = finishedRun(current);
      const effect = await lens.call("cut", { run: lensRun, ...asked }, { signal });
      const ids = effect.changes.map(({ id }) => id);
      return { effect, tokens: await named(models, subject, ids, signal) };
    },

    neighbours: async (asked, { signal }) => {
      const { lensRun, subject } = finishedRun(current);
      const count = MOST_NEIGHBOURS;
      const found = await lens.call("neighbours", { run: lensRun, ...asked, count }, { signal });
      const ids = [...asked.plus, ...asked.minus, ...found.nearest.map(({ id }) => id)];
      return { ...found, tokens: await named(models, subject, ids, signal) };
    },

    tokensOf: async ({ text }, { signal }) => {
      const { subject } = finishedRun(current);
      await requireModel(models, subject.model.path, signal);
      return models.call("tokenize", { text: firstCharacters(text, MOST_TYPED), bos: false }, { signal });
    },

    cutEachHead: async ({ position }, { signal, emit }) => {
      const { lensRun, subject } = finishedRun(current);
      const ids = new Set<number>();
      await lens.call(
        "cutEachHead",
        { run: lensRun, position },
        {
          signal,
          onEvent: (cut) => {
            ids.add(cut.top);
            emit(cut);
          },
        },
      );
      return { tokens: await named(models, subject, ids, signal) };
    },

    agree: async (_params, { signal, emit }) => {
      const { lensRun, subject, tokenIds } = finishedRun(current);
      return agreeWithEngine(models, lens, subject.model.path, lensRun, tokenIds, signal, emit);
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
    setFollowing: ({ on }) => {
      surface.setFollowing?.(on);
      return null;
    },
    takeSelection: () => {
      surface.takeSelection();
      return null;
    },
  };
}

/** Names and bytes of tokens of the model that the lens ran. */
async function named(
  models: Pick<ModelService, "ready" | "call">,
  { model }: AttentionSubject,
  ids: Iterable<number>,
  signal: AbortSignal,
): Promise<ModelToken[]> {
  await requireModel(models, model.path, signal);
  return models.call("tokens", { ids: [...ids] }, { signal });
}

/** @throws GlassboxError `invalid-request` when another model is the active one by now. */
async function requireModel(
  models: Pick<ModelService, "ready" | "call">,
  path: string,
  signal: AbortSignal,
): Promise<void> {
  if ((await models.ready(signal)).path === path) return;
  throw new GlassboxError("invalid-request", t("Another model was chosen in the meantime."));
}

/** The run, when it is over. @throws GlassboxError `invalid-request` before that. */
function finishedRun(run: Run | undefined): Run & { lensRun: number } {
  if (!run?.finished || run.lensRun === undefined) {
    throw new GlassboxError("invalid-request", "There is no finished run to look into.");
  }
  return { ...run, lensRun: run.lensRun };
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
  run: number,
  tokenIds: number[],
  signal: AbortSignal,
  report: (agreement: EngineAgreement) => void,
): Promise<{ agreement: EngineAgreement; engineMs: number }> {
  await requireModel(models, path, signal);
  const abort = new AbortController();
  // Each comparison that is under way listens.
  setMaxListeners(0, abort.signal);
  const stop = () => abort.abort();
  signal.addEventListener("abort", stop, { once: true });
  let failure: unknown;
  let agreement: EngineAgreement | undefined;
  const comparisons: Promise<void>[] = [];
  const compare = async (position: number, engineLogits: Float32Array) => {
    try {
      agreement = await lens.call("agree", { run, position, engineLogits }, { signal: abort.signal });
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
    if (!agreement) throw new GlassboxError("failed", t("The model answered no position to compare with."));
    return { agreement, engineMs: ms };
  } catch (error) {
    // A comparison that failed is the cause; the engine's call was only stopped because of it.
    throw signal.aborted ? GlassboxError.cancelled() : (failure ?? error);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}
