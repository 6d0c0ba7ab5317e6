/** The sizes and settings of a model that the forward pass can run, checked before any weight is read. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import {
  ARCHITECTURES,
  type Architecture,
  type ArchitectureName,
  isSupportedArchitecture,
  SUPPORTED_ARCHITECTURES,
} from "./architectures.js";
import { integer, number, numbers, text } from "./gguf/metadata.js";
import { readModelCard } from "./gguf/modelCard.js";
import type { GgufHeader, GgufTensor } from "./gguf/readGguf.js";
import { countTokens } from "./gguf/vocabulary.js";
import { isSupportedType, SUPPORTED_TYPES } from "./kernel/kernel.js";
import type { Rope } from "./rope.js";

export interface ModelShape {
  architecture: ArchitectureName;
  layers: number;
  /** Width of the residual stream. */
  dim: number;
  heads: number;
  /** Heads of keys and values; several query heads share one where it is smaller (GQA). */
  kvHeads: number;
  headDim: number;
  /** Width of the feed-forward part, or of one expert of it. */
  hidden: number;
  /** Where the feed-forward part is a mixture: how many experts there are and how many each token has. */
  experts: { count: number; used: number } | undefined;
  vocabulary: number;
  /** The context the model was trained for, in tokens. */
  context: number;
  normEpsilon: number;
  /** What embeddings are multiplied with: 1 as a rule. */
  embeddingScale: number;
  /** What scores are multiplied with before the softmax, 1/sqrt(headDim) as a rule. */
  attentionScale: number;
  /** Scores s become cap · tanh(s / cap). */
  scoreCap: number | undefined;
  /** Logits likewise. */
  logitCap: number | undefined;
  /** By layer: how many tokens, up to the query itself, it sees; undefined where it sees all. */
  windows: (number | undefined)[];
  /** The rotations that there are; those of `layerRopes` count from 0. */
  ropes: Rope[];
  /** By layer: which rotation turns its queries and keys; undefined where none does. */
  layerRopes: (number | undefined)[];
}

const CHOOSE_ANOTHER = t(
  "Choose a model of architecture {0} in Settings > Glassbox > Model.",
  SUPPORTED_ARCHITECTURES.join(", "),
);

/**
 * Reads the shape of a model of one of the supported architectures.
 * @throws GlassboxError `unsupported` naming the architecture or setting that the lens does not know;
 *   `file-invalid` when keys are missing or contradict one another.
 */
export function readModelShape(header: GgufHeader): ModelShape {
  // Our own forward pass does not mind two tokens of one name.
  const card = readModelCard(header, countTokens(header));
  const name = card.architecture;
  if (!isSupportedArchitecture(name)) throw unsupported(header, t('its architecture is "{0}"', name));
  const architecture: Architecture = ARCHITECTURES[name];
  const key: Key = (part) => `${name}.${part}`;
  const count = (part: string) => integer(header, key(part));

  const layers = card.layerCount;
  // Lists by layer are made below, before a tensor is asked for.
  if (layers > header.tensors.size) {
    throw invalid(header, t("its {0} layers cannot be made of {1} tensors", layers, header.tensors.size));
  }
  const dim = count("embedding_length")!;
  const heads = sameInAll(header, key("attention.head_count")) ?? 0;
  const kvHeads = sameInAll(header, key("attention.head_count_kv")) ?? heads;
  const headDim = count("attention.key_length") ?? dim / heads;
  const valueDim = count("attention.value_length") ?? headDim;
  const rotated = count("rope.dimension_count") ?? headDim;
  const experts = readExperts(header, architecture, key);
  const wide = sameInAll(header, key("feed_forward_length")) ?? 0;
  const hidden =
    experts === undefined
      ? wide
      : (count("expert_feed_forward_length") ?? expertWidth(name, wide, experts.used));
  if (!Number.isInteger(headDim) || headDim % 4 !== 0 || dim % 4 !== 0 || hidden % 4 !== 0) {
    throw unsupported(
      header,
      t("its sizes ({0}, {1} a head, {2}) are no multiples of 4", dim, headDim, hidden),
    );
  }
  if (heads === 0 || kvHeads === 0 || heads % kvHeads !== 0) {
    throw invalid(header, t("{0} query heads cannot share {1} key heads", heads, kvHeads));
  }
  if (valueDim !== headDim) throw unsupported(header, t("its heads have values of another size than keys"));
  const turns = architecture.positions !== "learned";
  if (
    turns &&
    (rotated > headDim || rotated % 2 !== 0 || (rotated !== headDim && !architecture.turnsInPart))
  ) {
    throw unsupported(header, t("{0} of the {1} numbers of a head are turned by RoPE", rotated, headDim));
  }
  const windows = readWindows(header, architecture, key, card);
  const { ropes, layerRopes } = turns
    ? readRopes(header, architecture, key, { layers, rotated, context: card.trainedContext, windows })
    : { ropes: [], layerRopes: Array.from({ length: layers }, () => undefined) };
  return {
    architecture: name,
    layers,
    dim,
    heads,
    kvHeads,
    headDim,
    hidden,
    experts,
    vocabulary: card.vocabularySize,
    context: card.trainedContext,
    normEpsilon:
      positive(
        header,
        key(
          architecture.norm === "rms" ? "attention.layer_norm_rms_epsilon" : "attention.layer_norm_epsilon",
        ),
      ) ?? 1e-5,
    embeddingScale: architecture.scalesEmbeddings ? Math.sqrt(dim) : 1,
    attentionScale:
      1 / Math.sqrt(architecture.scaledByWidthAt === layers ? Math.floor(dim / heads) : headDim),
    scoreCap:
      architecture.scoreCap === undefined
        ? undefined
        : (positive(header, key("attn_logit_softcapping")) ?? architecture.scoreCap),
    logitCap: readLogitCap(header, architecture, key),
    windows,
    ropes,
    layerRopes,
  };
}

/** The name of a setting in the file, from its part behind the architecture's name. */
type Key = (part: string) => string;

function readExperts(header: GgufHeader, { experts }: Architecture, key: Key): ModelShape["experts"] {
  const count = integer(header, key("expert_count")) ?? 0;
  const used = sameInAll(header, key("expert_used_count")) ?? 0;
  if (count === 0) {
    if (experts === "always")
      throw invalid(header, t('its metadata has no usable "{0}"', key("expert_count")));
    return undefined;
  }
  if (experts === "never") throw unsupported(header, t("it is a mixture of experts"));
  if (used === 0 || used > count) throw invalid(header, t("it uses {0} of {1} experts", used, count));
  if ((integer(header, key("expert_group_count")) ?? 0) > 1)
    throw unsupported(header, t("its experts are grouped"));
  return { count, used };
}

/** Where the file gives no width for an expert: of all that a token has (Qwen), or of each (Llama). */
function expertWidth(name: ArchitectureName, wide: number, used: number): number {
  return name === "llama" ? wide : Math.floor(wide / used);
}

function readLogitCap(header: GgufHeader, { logitCap }: Architecture, key: Key): number | undefined {
  if (logitCap === undefined) return undefined;
  return positive(header, key("final_logit_softcapping")) ?? (logitCap === "perhaps" ? undefined : logitCap);
}

function readWindows(
  header: GgufHeader,
  { slidingWindows }: Architecture,
  key: Key,
  { layerCount, trainedContext }: { layerCount: number; trainedContext: number },
): (number | undefined)[] {
  const window =
    slidingWindows && (integer(header, key("attention.sliding_window")) ?? slidingWindows.window);
  const pattern = key("attention.sliding_window_pattern");
  // A pattern that is spelled out by layer is passed over, as llama.cpp does.
  const group =
    header.metadata.get(pattern)?.type === "array"
      ? slidingWindows?.group
      : (integer(header, pattern) ?? slidingWindows?.group);
  return Array.from({ length: layerCount }, (_, layer) => {
    if (window === undefined || window === 0 || group === undefined) return undefined;
    return group === 0 || layer % group < group - 1 ? Math.min(window, trainedContext) : undefined;
  });
}

function readRopes(
  header: GgufHeader,
  { positions, slidingWindows, unturnedEvery }: Architecture,
  key: Key,
  {
    layers,
    rotated,
    context,
    windows,
  }: { layers: number; rotated: number; context: number; windows: readonly unknown[] },
): Pick<ModelShape, "ropes" | "layerRopes"> {
  const type = text(header, key("rope.scaling.type")) ?? "linear";
  if (!["none", "linear", "yarn", "longrope"].includes(type)) {
    throw unsupported(header, t('its RoPE scaling is "{0}"', type));
  }
  const factor = positive(header, key("rope.scaling.factor")) ?? positive(header, key("rope.scale_linear"));
  const original = integer(header, key("rope.scaling.original_context_length")) ?? context;
  const everywhere: Rope = {
    pairs: positions === "interleaved" ? "interleaved" : "halves",
    rotated,
    base: positive(header, key("rope.freq_base")) ?? 10_000,
    scale: type === "none" || factor === undefined ? 1 : 1 / factor,
    yarn: type === "yarn" ? { fast: 32, slow: 1 } : undefined,
    magnitude: positive(header, key("rope.scaling.attn_factor")) ?? 1,
    originalContext: original === 0 ? context : original,
    divided: true,
  };
  const inWindows: Rope | undefined = slidingWindows && {
    ...everywhere,
    base: positive(header, key("rope.freq_base_swa")) ?? slidingWindows.ropeBase ?? everywhere.base,
    scale: slidingWindows.ropeBase === undefined ? everywhere.scale : 1,
    divided: false,
  };
  return {
    ropes: inWindows ? [everywhere, inWindows] : [everywhere],
    layerRopes: Array.from({ length: layers }, (_, layer) => {
      if (unturnedEvery > 0 && (layer + 1) % unturnedEvery === 0) return undefined;
      return inWindows && windows[layer] !== undefined ? 1 : 0;
    }),
  };
}

/** A number that some files give once for each layer; the lens needs it to be the same in all. */
function sameInAll(header: GgufHeader, key: string): number | undefined {
  if (header.metadata.get(key)?.type !== "array") return integer(header, key);
  const different = new Set(Array.from(numbers(header, key) ?? [], Number));
  const [value] = different;
  if (value === undefined || different.size > 1)
    throw unsupported(header, t('its layers differ in "{0}"', key));
  return value;
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
  if (tensor === undefined) throw invalid(header, t('the tensor "{0}" is missing', name));
  if (tensor.shape.length !== shape.length || tensor.shape.some((size, i) => size !== shape[i])) {
    throw invalid(
      header,
      t('the tensor "{0}" should be {1}, it is {2}', name, shape.join(" × "), tensor.shape.join(" × ")),
    );
  }
  if (!isSupportedType(tensor.type.name)) {
    throw new GlassboxError(
      "unsupported",
      t(
        'The lens cannot read "{0}": the tensor "{1}" is of type {2}; supported are {3}.',
        header.fileName,
        name,
        tensor.type.name,
        SUPPORTED_TYPES.join(", "),
      ),
      t("Choose a file of the same model in one of these types."),
    );
  }
  return tensor;
}

/** Refuses a file with tensors that the forward pass would leave out: its result would be wrong. */
export function requireAllUsed(header: GgufHeader, used: ReadonlySet<string>): void {
  for (const name of header.tensors.keys()) {
    if (!used.has(name))
      throw unsupported(header, t('it has a tensor "{0}" that the lens does not know', name));
  }
}

function unsupported(header: GgufHeader, what: string): GlassboxError {
  return new GlassboxError(
    "unsupported",
    t(
      'The lens cannot run "{0}": {1}. It supports {2}.',
      header.fileName,
      what,
      SUPPORTED_ARCHITECTURES.join(", "),
    ),
    CHOOSE_ANOTHER,
  );
}

function invalid(header: GgufHeader, what: string): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t('Cannot use "{0}": {1}.', header.fileName, what),
    CHOOSE_ANOTHER,
  );
}
