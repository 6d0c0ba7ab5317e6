/** The model process: one GGUF model behind the typed protocol, one piece of engine work at a time. */

import { stat } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { continuationsOf } from "../core/guess/continuation.js";
import { GlassboxError } from "../shared/errors.js";
import { type BatchLimits, EventBatch } from "../shared/eventBatch.js";
import { t } from "../shared/l10n.js";
import type { ComparisonProgress, ModelComparison } from "../shared/panels/surprisal.js";
import type { GeneratedToken, LoadModelParams, ModelProtocol } from "../shared/workerProtocol.js";
import { EvaluationQueue } from "./evaluationQueue.js";
import { compareModels } from "./model/compareModels.js";
import { generate } from "./model/generate.js";
import { LoadedModel } from "./model/loadedModel.js";
import { machineInfo } from "./model/machine.js";
import { ReadingProcess } from "./model/readingProcess.js";
import { renderChat } from "./model/renderChat.js";
import { readSurprisal } from "./model/surprisal.js";
import { tokenizeWith } from "./model/tokenizeWith.js";
import { serveWorker } from "./serve.js";

/**
 * An answer's tokens, but for its first, are told a few at a time, still several times a second: each message wakes two
 * more processes, for which an engine that uses all cores has to stand back.
 */
const TOKENS_AT_ONCE: BatchLimits = { few: 3, waitMs: 150 };

const queue = new EvaluationQueue();
const reading = new ReadingProcess({ script: fileURLToPath(import.meta.url) });
let current: { key: string; params: LoadModelParams; loaded: LoadedModel } | undefined;
/** The settings that a model was asked for with last; "" for none. What is loaded now may have to make room for it. */
let asked = "";
/** While another model is in the place of the current one, for a comparison: done when that is back. */
let exchange: Promise<unknown> | undefined;

function model(): LoadedModel {
  if (current) return current.loaded;
  throw new GlassboxError(
    "no-model",
    t("No model is loaded."),
    t("Choose a GGUF file in Settings > Glassbox > Model."),
  );
}

function settingsKey({ path, contextSize, gpuLayers, threads, apart }: LoadModelParams): string {
  return JSON.stringify([path, contextSize, gpuLayers, threads, apart]);
}

/** Changes when the settings or the file itself change. */
async function loadKey(params: LoadModelParams): Promise<string> {
  const status = await stat(params.path).catch(() => undefined);
  return JSON.stringify([settingsKey(params), status?.size, status?.mtimeMs]);
}

async function unload(): Promise<void> {
  const leaving = current;
  current = undefined;
  reading.forget();
  await leaving?.loaded.dispose();
}

/** Compares the current model with another, and has the current one back at the end, however that comes about. */
async function withAnother(
  first: LoadedModel,
  params: ModelProtocol["compareModels"]["params"],
  signal: AbortSignal,
  emit: (progress: ComparisonProgress) => void,
): Promise<ModelComparison> {
  const held = current;
  if (!held) throw new GlassboxError("invalid-request", "There is no model to compare with.");
  try {
    return await compareModels(
      {
        first,
        second: async (onProgress) => {
          // Two models at once may not fit into memory.
          await unload();
          const path = { ...held.params, path: params.path };
          const loaded = await LoadedModel.load(path, signal, onProgress);
          current = { key: "", params: path, loaded };
          return loaded;
        },
      },
      params,
      signal,
      emit,
    );
  } finally {
    if (current !== held) {
      await unload();
      const back = (fraction: number) => emit({ stage: "returning", model: first.info.name, fraction });
      const loaded = await LoadedModel.load(held.params, new AbortController().signal, back);
      current = { ...held, loaded };
    }
  }
}

// With the one that forked this: a process that only exits waits for the end of what the engine evaluates.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));

serveWorker<ModelProtocol>({
  async load(params, { signal, emit }) {
    const settings = settingsKey(params);
    // Nobody waits for an evaluation only to hear that the model is there, unless another is to come before.
    if (settings === asked) {
      const key = await loadKey(params);
      if (current?.key === key) return current.loaded.info;
    }
    asked = settings;
    return queue.run(signal, async () => {
      const key = await loadKey(params);
      if (current?.key === key) return current.loaded.info;
      // Two models at once may not fit into memory.
      await unload();
      const loaded = await LoadedModel.load(params, signal, (fraction) => emit({ fraction }));
      current = { key, params, loaded };
      return loaded.info;
    });
  },

  async unload(_params, { signal }) {
    asked = "";
    await queue.run(signal, unload);
    return null;
  },

  machine: () => machineInfo(),

  async tokenize({ text, bos }) {
    await exchange;
    return model().tokenize(text, bos);
  },

  async tokenizeWith({ path, text }, { signal }) {
    await exchange;
    const loaded = model();
    return queue.run(signal, () => tokenizeWith(loaded, path, text, signal));
  },

  async tokens({ ids }) {
    await exchange;
    const { vocabulary } = model();
    return ids.map((id) => vocabulary.token(id));
  },

  next({ tokenIds, own }, { signal }) {
    return queue.run(signal, async () => {
      const startedAt = performance.now();
      const reused = model().reusedOf(tokenIds, own);
      const logits = own
        ? await model().ownLogitsAfter(tokenIds, signal)
        : await model().logitsAfter(tokenIds, signal);
      return { logits, ms: performance.now() - startedAt, reused };
    });
  },

  logitsAtEachPosition({ tokenIds }, { signal, emit }) {
    return queue.run(signal, async () => {
      const startedAt = performance.now();
      await model().logitsAtEachPosition(tokenIds, signal, (position, logits) => emit({ position, logits }));
      return { ms: performance.now() - startedAt };
    });
  },

  surprisal(params, { signal, emit }) {
    return queue.run(signal, async () => {
      const startedAt = performance.now();
      const loaded = model();
      const { key, params: how } = current!;
      if (how.apart) await readSurprisal(loaded, params, signal, emit);
      else {
        const unchanged = async () => (await loadKey(how)) === key;
        await reading.read({ loaded, params: how, unchanged }, params, signal, emit);
      }
      const ms = performance.now() - startedAt;
      return { ms, held: loaded.reusedOf(params.tokenIds) };
    });
  },

  compareModels(params, { signal, emit }) {
    return queue.run(signal, async () => {
      const first = model();
      // Seen before anything is unloaded for it.
      LoadedModel.check(params.path);
      const comparing = withAnother(first, params, signal, emit);
      exchange = comparing.catch(() => undefined);
      try {
        return await comparing;
      } finally {
        exchange = undefined;
      }
    });
  },

  continuations({ tokenIds, texts }, { signal }) {
    return queue.run(signal, () => {
      const loaded = model();
      const encoder = new TextEncoder();
      const next = (ids: readonly number[]) => loaded.logitsAfter([...tokenIds, ...ids], signal);
      const bytes = texts.map((text) => encoder.encode(text));
      return continuationsOf(bytes, loaded.spellings, next, signal);
    });
  },

  async renderChat({ messages, tools }) {
    await exchange;
    return renderChat(model(), messages, tools);
  },

  async callFormat() {
    await exchange;
    const templates = await model().chatTemplates();
    return templates?.forTools?.format ?? null;
  },

  generate(params, { signal, emit }) {
    const batch = new EventBatch<GeneratedToken>((tokens) => emit(...tokens), TOKENS_AT_ONCE);
    return queue.run(signal, async () => {
      try {
        return await generate(model(), params, signal, (token) => batch.post(token));
      } finally {
        batch.flush();
      }
    });
  },
});
