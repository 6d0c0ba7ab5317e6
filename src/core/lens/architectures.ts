/** What the architectures that the lens runs differ in, as data: one description of the block for each. */

/** How positions enter: RoPE on pairs (2i, 2i + 1), RoPE on pairs (i, i + half), or a learned vector added to each token. */
type Positions = "interleaved" | "halves" | "learned";

/** Layers of a group see a window of tokens only, all but the last one of each group. */
interface SlidingWindows {
  /** Layers of a group, where the file does not say. */
  group: number;
  /** Tokens of the window, where the file does not say; undefined: then there are no windows. */
  window: number | undefined;
  /** The RoPE base of these layers, where the file does not say; undefined: that of the others, scaling included. */
  ropeBase: number | undefined;
}

export interface Architecture {
  /** RMS norm, or layer norm with a bias. */
  norm: "rms" | "layer";
  positions: Positions;
  /** Whether RoPE may turn a part of each head only. */
  turnsInPart: boolean;
  /** Whether tensors may be there that divide the frequencies of RoPE (Llama 3, LongRoPE). */
  mayDivideFrequencies: boolean;
  /** Every so many layers one goes without RoPE, the last of each group; 0: none does. */
  unturnedEvery: number;
  /** Whether queries and keys are normed by head before they are turned. */
  headNorms: boolean;
  /** Whether what attention and feed-forward add is normed before it is added. */
  postNorms: boolean;
  /** Whether embeddings are multiplied with the root of their width. */
  scalesEmbeddings: boolean;
  activation: "silu" | "gelu";
  /** down(act(gate x) · up x), the same with gate and up in one matrix, or down(act(up x)). */
  feedForward: "gated" | "gated in one" | "plain";
  experts: "never" | "perhaps" | "always";
  /** Whether a classifier of its own may be there; otherwise the embedding is it. */
  mayUntie: boolean;
  slidingWindows: SlidingWindows | undefined;
  /** Models with this many layers scale scores by the width of the model over its heads, not by that of a head. */
  scaledByWidthAt: number | undefined;
  /** The soft-cap of attention scores where the file does not say; undefined: scores are not capped. */
  scoreCap: number | undefined;
  /** The soft-cap of logits: "perhaps" where the file names one, a number where it does not; undefined: never. */
  logitCap: number | "perhaps" | undefined;
}

const LLAMA: Architecture = {
  norm: "rms",
  positions: "interleaved",
  turnsInPart: false,
  mayDivideFrequencies: false,
  unturnedEvery: 0,
  headNorms: false,
  postNorms: false,
  scalesEmbeddings: false,
  activation: "silu",
  feedForward: "gated",
  experts: "never",
  mayUntie: true,
  slidingWindows: undefined,
  scaledByWidthAt: undefined,
  scoreCap: undefined,
  logitCap: undefined,
};
const QWEN3: Architecture = { ...LLAMA, positions: "halves", headNorms: true };
const GEMMA: Architecture = {
  ...LLAMA,
  positions: "halves",
  scalesEmbeddings: true,
  activation: "gelu",
  mayUntie: false,
};

/**
 * By `general.architecture`, as llama.cpp runs them: it is the engine that the pictures are held against. Defaults
 * are its own. Phi 3 names a sliding window that llama.cpp leaves out, and so does the lens; it is wider than any text
 * that is looked at.
 */
export const ARCHITECTURES = {
  llama: { ...LLAMA, mayDivideFrequencies: true, experts: "perhaps" },
  qwen2: { ...LLAMA, positions: "halves" },
  qwen3: QWEN3,
  qwen3moe: { ...QWEN3, experts: "always" },
  gemma: GEMMA,
  gemma2: {
    ...GEMMA,
    postNorms: true,
    slidingWindows: { group: 2, window: 4096, ropeBase: undefined },
    scaledByWidthAt: 46,
    scoreCap: 50,
    logitCap: 30,
  },
  gemma3: {
    ...GEMMA,
    headNorms: true,
    postNorms: true,
    mayUntie: true,
    slidingWindows: { group: 6, window: undefined, ropeBase: 10_000 },
    scaledByWidthAt: 62,
    logitCap: "perhaps",
  },
  phi3: {
    ...LLAMA,
    positions: "halves",
    turnsInPart: true,
    mayDivideFrequencies: true,
    feedForward: "gated in one",
  },
  smollm3: { ...LLAMA, unturnedEvery: 4 },
  gpt2: { ...LLAMA, norm: "layer", positions: "learned", activation: "gelu", feedForward: "plain" },
} as const satisfies Record<string, Architecture>;

export type ArchitectureName = keyof typeof ARCHITECTURES;

export const SUPPORTED_ARCHITECTURES = Object.keys(ARCHITECTURES) as readonly ArchitectureName[];

export function isSupportedArchitecture(name: string): name is ArchitectureName {
  return Object.hasOwn(ARCHITECTURES, name);
}
