/** Tokenises a text with a model that is not loaded: only its vocabulary is read, which takes no room. */

import { basename } from "node:path";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ModelInfo, PlacedModelToken } from "../../shared/types.js";
import { engine, infoOf, type LoadedModel, readHeader, tokenized, vocabularyKey } from "./loadedModel.js";

/** @throws GlassboxError where the file cannot be read or the engine does not take it; `cancelled`. */
export async function tokenizeWith(
  loaded: LoadedModel,
  path: string,
  text: string,
  signal: AbortSignal,
): Promise<{ model: ModelInfo; tokens: PlacedModelToken[]; sameVocabulary: boolean }> {
  const { card, vocabulary } = readHeader(path);
  const llama = await engine(false);
  try {
    const model = await llama.loadModel({
      modelPath: path,
      vocabOnly: true,
      gpuLayers: 0,
      loadSignal: signal,
    });
    try {
      return {
        model: infoOf(path, card, card.trainedContext),
        tokens: tokenized(model, vocabulary, text, true),
        sameVocabulary: vocabularyKey(vocabulary) === loaded.vocabularyKey,
      };
    } finally {
      await model.dispose();
    }
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof GlassboxError) throw error;
    throw new GlassboxError(
      "file-invalid",
      t(
        'Cannot read the tokens of "{0}": {1}',
        basename(path),
        error instanceof Error ? error.message : String(error),
      ),
      t("Choose another GGUF file."),
      { cause: error },
    );
  }
}
