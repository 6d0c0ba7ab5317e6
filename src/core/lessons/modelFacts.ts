/** What a model's file says of itself, read off its header: for the lessons that open it. */

import type { ModelFacts } from "../../shared/panels/lesson.js";
import type { ModelInfo } from "../../shared/types.js";
import type { GgufHeader } from "../lens/gguf/readGguf.js";

const MOST_TENSORS = 8;
const LONGEST_VALUE = 200;
/** Templates and lists are no reading matter. */
const SKIPPED = /chat_template|\.tokens$|\.merges$|\.scores$|token_type$/;
/** The large tables of a layer's feed-forward part, one for all or one for each expert. */
const FEED_FORWARD = /\.ffn_(?:gate|up|down)(?:_exps)?\.weight$/;

export function modelFacts(info: ModelInfo, header: GgufHeader, machineMemory: number): ModelFacts {
  const tensors = [...header.tensors.values()];
  const types = new Map<string, ModelFacts["tensorTypes"][number]>();
  for (const { type, elements, bytes } of tensors) {
    const sum = types.get(type.name) ?? { type: type.name, tensors: 0, weights: 0, bytes: 0 };
    sum.tensors++;
    sum.weights += elements;
    sum.bytes += bytes;
    types.set(type.name, sum);
  }
  const number = (key: string) => {
    const value = header.metadata.get(`${info.architecture}.${key}`);
    return value && value.type !== "array" && typeof value.value === "number" ? value.value : undefined;
  };
  const width = number("embedding_length");
  const heads = info.headCount;
  const headWidth = number("attention.key_length") ?? (width === undefined ? undefined : width / heads);
  const values: ModelFacts["values"] = {
    "model-parameters": info.parameterCount,
    "model-file-bytes": info.fileBytes,
    "model-layers": info.layerCount,
    "model-heads": heads,
    "model-kv-heads": number("attention.head_count_kv") ?? heads,
    "model-context": info.trainedContext,
    "model-vocabulary": info.vocabularySize,
    "machine-memory": machineMemory,
    ...(width !== undefined && { "model-width": width }),
    ...(headWidth !== undefined && { "model-head-width": headWidth }),
  };
  return {
    name: info.name,
    values,
    tensorTypes: [...types.values()].sort((a, b) => b.bytes - a.bytes),
    largest: tensors
      .toSorted((a, b) => b.bytes - a.bytes)
      .slice(0, MOST_TENSORS)
      .map(({ name, shape, type, bytes }) => ({ name, shape, type: type.name, bytes })),
    metadata: [...header.metadata].flatMap(([key, value]) => {
      if (value.type === "array" || SKIPPED.test(key)) return [];
      return [{ key, value: String(value.value).slice(0, LONGEST_VALUE) }];
    }),
    feedForwardWeights: tensors
      .filter(({ name }) => FEED_FORWARD.test(name))
      .reduce((sum, { elements }) => sum + elements, 0),
    fileBytes: info.fileBytes,
    headerBytes: Math.min(info.fileBytes, ...tensors.map(({ position }) => position)),
  };
}
