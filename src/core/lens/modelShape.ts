/** The sizes and settings of a model that the forward pass can run, checked before any weight is read. */

import { GlassboxError } from "../../shared/errors.js";
import { integer, number, text } from "./gguf/metadata.js";
import { readModelCard } from "./gguf/modelCard.js";
import type { GgufHeader, GgufTensor } from "./gguf/readGguf.js";
import { isSupportedType, SUPPORTED_TYPES } from "./kernel/kernel.js";

export const SUPPORTED_ARCHITECTURES = ["llama"] as const;

export interface ModelShape {
  layers: number;
  /** Width of the residual stream. */
  dim: number;
  heads: number;
  /** Heads of keys and values; several query heads share one where it is smaller (GQA). */
  kvHeads: number;
  headDim: number;
  /** Width of the feed-forward part. */
  hidden: number;
  vocabulary: number;
  /** The context the model was trained for, in tokens. */
  context: number;
  rmsEpsilon: number;
  /** What scores are multiplied with before the softmax, 1/sqrt(headDim) as a rule. */
  attentionScale: number;
  ropeBase: number;
  /** Angles are multiplied with this: 1, or 1/factor with linear scaling. */
  ropeScale: number;
}

const CHOOSE_ANOTHER = `Choose a model of architecture ${SUPPORTED_ARCHITECTURES.join(", ")} in Settings > Glassbox > Model.`;

/**
 * Reads the shape of a `llama` model (Llama 1 to 3, TinyLlama, Mistral, SmolLM2 …).
 * @throws GlassboxError `unsupported` naming the architecture or setting that the lens does not know;
 *   `file-invalid` when keys are missing or contradict one another.
 */
export function readModelShape(header: GgufHeader): ModelShape {
  const card = readModelCard(header);
  const { architecture } = card;
  if (!(SUPPORTED_ARCHITECTURES as readonly string[]).includes(architecture)) {
    throw unsupported(header, `its architecture is "${architecture}"`);
  }
  const key = (name: string) => `${architecture}.${name}`;
  const count = (name: string) => integer(header, key(name));
  if (count("expert_count")) throw unsupported(header, "it is a mixture of experts");

  const dim = count("embedding_length")!;
  const heads = card.headCount;
  const kvHeads = count("attention.head_count_kv") ?? heads;
  const headDim = count("attention.key_length") ?? dim / heads;
  const valueDim = count("attention.value_length") ?? headDim;
  const hidden = count("feed_forward_length")!;
  if (!Number.isInteger(headDim) || headDim % 4 !== 0 || dim % 4 !== 0 || hidden % 4 !== 0) {
    throw unsupported(header, `its sizes (${dim}, ${headDim} a head, ${hidden}) are no multiples of 4`);
  }
  if (heads === 0 || kvHeads === 0 || heads % kvHeads !== 0) {
    throw invalid(header, `${heads} query heads cannot share ${kvHeads} key heads`);
  }
  if (valueDim !== headDim || (count("rope.dimension_count") ?? headDim) !== headDim) {
    throw unsupported(header, "its heads are rotated in part, or have values of another size than keys");
  }
  return {
    layers: card.layerCount,
    dim,
    heads,
    kvHeads,
    headDim,
    hidden,
    vocabulary: card.vocabularySize,
    context: card.trainedContext,
    rmsEpsilon: positive(header, key("attention.layer_norm_rms_epsilon")) ?? 1e-5,
    attentionScale: positive(header, key("attention.scale")) ?? 1 / Math.sqrt(headDim),
    ropeBase: positive(header, key("rope.freq_base")) ?? 10_000,
    ropeScale: ropeScale(header, key),
  };
}

function ropeScale(header: GgufHeader, key: (name: string) => string): number {
  const type = text(header, key("rope.scaling.type")) ?? "linear";
  if (type === "none") return 1;
  if (type !== "linear") throw unsupported(header, `its RoPE scaling is "${type}"`);
  const factor = positive(header, key("rope.scaling.factor")) ?? positive(header, key("rope.scale_linear"));
  return factor === undefined ? 1 : 1 / factor;
}

function positive(header: GgufHeader, key: string): number | undefined {
  const value = number(header, key);
  return value === undefined || value <= 0 ? undefined : value;
}

/**
 * The tensor of this name and shape.
 * @param shape the fastest-running dimension first: a matrix is [columns, rows].
 * @throws GlassboxError `file-invalid` when it is missing or has another shape, `unsupported` by its type.
 */
export function requireTensor(header: GgufHeader, name: string, shape: readonly number[]): GgufTensor {
  const tensor = header.tensors.get(name);
  if (tensor === undefined) throw invalid(header, `the tensor "${name}" is missing`);
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw invalid(
      header,
      `the tensor "${name}" should be ${shape.join(" × ")}, it is ${tensor.shape.join(" × ")}`,
    );
  }
  if (!isSupportedType(tensor.type.name)) {
    throw new GlassboxError(
      "unsupported",
      `The lens cannot read "${header.fileName}": the tensor "${name}" is of type ${tensor.type.name}; supported are ${SUPPORTED_TYPES.join(", ")}.`,
      "Choose a file of the same model in one of these types.",
    );
  }
  return tensor;
}

/** Refuses a file with tensors that the forward pass would leave out: its result would be wrong. */
export function requireAllUsed(header: GgufHeader, used: ReadonlySet<string>): void {
  for (const name of header.tensors.keys()) {
    if (!used.has(name)) throw unsupported(header, `it has a tensor "${name}" that the lens does not know`);
  }
}

function unsupported(header: GgufHeader, what: string): GlassboxError {
  return new GlassboxError(
    "unsupported",
    `The lens cannot run "${header.fileName}": ${what}. It supports ${SUPPORTED_ARCHITECTURES.join(", ")}.`,
    CHOOSE_ANOTHER,
  );
}

function invalid(header: GgufHeader, what: string): GlassboxError {
  return new GlassboxError("file-invalid", `Cannot use "${header.fileName}": ${what}.`, CHOOSE_ANOTHER);
}
