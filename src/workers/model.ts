/** The model process: one GGUF model behind the typed protocol, one piece of engine work at a time. */

import { stat } from "node:fs/promises";
import { GlassboxError } from "../shared/errors.js";
import type { LoadModelParams, ModelProtocol } from "../shared/workerProtocol.js";
import { EvaluationQueue } from "./evaluationQueue.js";
import { generate } from "./model/generate.js";
import { LoadedModel } from "./model/loadedModel.js";
import { machineInfo } from "./model/machine.js";
import { renderChat } from "./model/renderChat.js";
import { readSurprisal } from "./model/surprisal.js";
import { serveWorker } from "./serve.js";

const queue = new EvaluationQueue();
let current: { key: string; loaded: LoadedModel } | undefined;

function model(): LoadedModel {
  if (current) return current.loaded;
  throw new GlassboxError(
    "no-model",
    "No model is loaded.",
    "Choose a GGUF file in Settings > Glassbox > Model.",
  );
}

/** Changes when the settings or the file itself change. */
async function loadKey(params: LoadModelParams): Promise<string> {
  const { path, contextSize, gpuLayers, threads } = params;
  const status = await stat(path).catch(() => undefined);
  return JSON.stringify([path, contextSize, gpuLayers, threads, status?.size, status?.mtimeMs]);
}

async function unload(): Promise<void> {
  const leaving = current;
  current = undefined;
  await leaving?.loaded.dispose();
}

serveWorker<ModelProtocol>({
  async load(params, { signal, emit }) {
    const key = await loadKey(params);
    if (current?.key === key) return current.loaded.info;
    return queue.run(signal, async () => {
      if (current?.key === key) return current.loaded.info;
      // Two models at once may not fit into memory.
      await unload();
      const loaded = await LoadedModel.load(params, signal, (fraction) => emit({ fraction }));
      current = { key, loaded };
      return loaded.info;
    });
  },

  async unload(_params, { signal }) {
    await queue.run(signal, unload);
    return null;
  },

  machine: () => machineInfo(),

  tokenize({ text, bos }) {
    return model().tokenize(text, bos);
  },

  tokens({ ids }) {
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
      await readSurprisal(model(), params, signal, emit);
      return { ms: performance.now() - startedAt };
    });
  },

  renderChat({ messages, tools }) {
    return renderChat(model(), messages, tools);
  },

  async callFormat() {
    const templates = await model().chatTemplates();
    return templates?.forTools?.format ?? null;
  },

  generate(params, { signal, emit }) {
    return queue.run(signal, () => generate(model(), params, signal, emit));
  },
});
