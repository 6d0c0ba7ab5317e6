/** What a model says about itself in its GGUF header, for the model chip and before any engine is handed the file. */

import { GlassboxError } from "../../../shared/errors.js";
import { t } from "../../../shared/l10n.js";
import type { ModelInfo } from "../../../shared/types.js";
import { integer, number, text } from "./metadata.js";
import type { GgufHeader } from "./readGguf.js";
import { readVocabulary } from "./vocabulary.js";

/** What the header alone tells of a model; where the file lies and what is allocated comes with loading it. */
export type ModelCard = Omit<ModelInfo, "path" | "contextSize">;

/**
 * Reads the card and refuses files that would bring an engine down: llama.cpp ends its whole process over a
 * missing head count or feed-forward length, or over two tokens of one name.
 * @param vocabularySize given by who needs no look at every token's name, which takes a while.
 * @throws GlassboxError `file-invalid` with the key that is missing or wrong.
 */
export function readModelCard(
  header: GgufHeader,
  vocabularySize: number = readVocabulary(header).size,
): ModelCard {
  const architecture = text(header, "general.architecture");
  if (architecture === undefined || architecture === "") {
    throw missing(header, "general.architecture");
  }
  const required = (key: string) => {
    const name = `${architecture}.${key}`;
    const value = number(header, name);
    if (value === undefined || value <= 0) throw missing(header, name);
    return integer(header, name) ?? 0;
  };
  required("embedding_length");
  if (!header.metadata.has(`${architecture}.feed_forward_length`)) {
    throw missing(header, `${architecture}.feed_forward_length`);
  }
  const headKey = `${architecture}.attention.head_count`;
  const heads = header.metadata.get(headKey);
  if (heads === undefined) throw missing(header, headKey);
  if (header.tensors.size === 0) {
    throw new GlassboxError(
      "file-invalid",
      t('Cannot use "{0}": it holds no tensors, only metadata.', header.fileName),
      t("Choose the GGUF file that holds the weights."),
    );
  }
  return {
    name: text(header, "general.name") || header.fileName,
    architecture,
    quantisation: predominantType(header),
    fileBytes: header.fileBytes,
    parameterCount: sum([...header.tensors.values()].map((tensor) => tensor.elements)),
    vocabularySize,
    trainedContext: required("context_length"),
    layerCount: required("block_count"),
    // A few models have another number of heads in each layer; the card names the largest. Some have none.
    headCount:
      heads?.type === "array" && heads.elementType !== "string"
        ? Math.max(...Array.from(heads.value, Number))
        : (integer(header, headKey) ?? 0),
    chat: header.metadata.has("tokenizer.chat_template"),
  };
}

function predominantType(header: GgufHeader): string {
  const weights = new Map<string, number>();
  for (const { type, elements } of header.tensors.values()) {
    weights.set(type.name, (weights.get(type.name) ?? 0) + elements);
  }
  return [...weights].reduce((most, entry) => (entry[1] > most[1] ? entry : most), ["", 0])[0];
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function missing(header: GgufHeader, key: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": its metadata has no usable "{1}".', header.fileName, key),
    t("The file is damaged or no language model. Choose another in Settings > Glassbox > Model."),
  );
}
