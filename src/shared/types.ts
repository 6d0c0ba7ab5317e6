/** The nouns of Glassbox: what the parts hand to one another. Plain data, structured-cloneable. */

/** The palettes of token boundaries and chips, as `glassbox.tokens.palette` names them. */
export type PaletteName = "default" | "colorBlindSafe" | "monochrome";

/**
 * One token of a text, in document order.
 *
 * `start` and `end` are UTF-16 offsets of the characters that the token touches. A token whose bytes begin or
 * end inside a character still covers that whole character, so neighbours may overlap; `startsInside` and
 * `endsInside` say so.
 */
export interface TokenSpan {
  /** Position in the text, counted from 0. */
  index: number;
  id: number;
  start: number;
  end: number;
  startsInside: boolean;
  endsInside: boolean;
}

/** A token of a GGUF model's vocabulary as text and bytes. */
export interface ModelToken {
  id: number;
  /** The bytes that the token stands for; empty for control tokens. */
  bytes: Uint8Array;
  /** The vocabulary's own name for it, such as `<s>` or `▁return`. */
  name: string;
  /** BOS, EOS, role markers: never produced by text that merely spells them. */
  special: boolean;
}

/** A model token together with the place in the text that it stands for; `start === end` for BOS and the like. */
export interface PlacedModelToken extends ModelToken {
  start: number;
  end: number;
  startsInside: boolean;
  endsInside: boolean;
}

export interface ModelInfo {
  /** Absolute path of the GGUF file. */
  path: string;
  /** `general.name` of the file, or the file's name. */
  name: string;
  architecture: string;
  /** The file's predominant tensor type, such as `Q8_0` or `IQ2_XXS`. */
  quantisation: string;
  fileBytes: number;
  parameterCount: number;
  vocabularySize: number;
  /** The largest context that the model was trained for, in tokens. */
  trainedContext: number;
  /** The context that is allocated now, in tokens. */
  contextSize: number;
  layerCount: number;
  headCount: number;
  /** Whether the file carries a chat template. Without one the text is continued, not answered. */
  chat: boolean;
  /** The graphics card's part in it: by what, and how many layers lie there. Left out where it has none. */
  gpu?: { kind: string; layers: number };
  /** Why the graphics card is not used although its support is here. */
  gpuFault?: string;
  /** Host and port of the server that the model runs on; all that is 0 or empty here is then unknown. */
  server?: string;
}

/** The settings of the sampler that every request for text has. */
export interface SamplingSettings {
  /** 0 is off. */
  topK: number;
  /** 1 is off. */
  topP: number;
  /** 0 is off. */
  minP: number;
  /** 0 is greedy: the most probable token of what the penalties and XTC leave; no other stage is run. */
  temperature: number;
}

/** All settings of the sampler, those among them that mostly are off. */
export interface SamplerSettings extends SamplingSettings {
  /** 1 is off. */
  typicalP: number;
  /** How often XTC strikes, 0 to 1; 0 is off. */
  xtcProbability: number;
  /** From which probability on a token is a top choice for XTC; above 0.5 there never are two, so that it is off. */
  xtcThreshold: number;
  /** 1 is off; above, tokens that stand in the text become less probable. */
  repeatPenalty: number;
  /** Taken from the logit once for each time a token stands in the text; 0 is off. */
  frequencyPenalty: number;
  /** Taken from the logit of each token that stands in the text, however often; 0 is off. */
  presencePenalty: number;
  /** How many tokens back the penalties look. */
  penaltyTokens: number;
}

/** One part of the selection that is explained at a time. Lines are 0-based and inclusive, in the document. */
export interface ExplanationStep {
  index: number;
  /** What kind of syntax it is, in words: "function", "loop", "return". */
  kind: string;
  /** Offsets into the selected text, UTF-16, end exclusive. */
  start: number;
  end: number;
  firstLine: number;
  lastLine: number;
  /** The first line of the step, trimmed, for headings. */
  title: string;
}

export type Verdict = "verified" | "contradicted" | "unchecked";

/** What a tool found out, shown beside a claim or as a fact of its own. */
export interface CheckResult {
  verdict: Verdict;
  /** The claim or fact in one sentence. */
  statement: string;
  /** What the tool saw, in one line. */
  evidence: string;
  /** What a model is told of it, in English; left out where that is the same. */
  told?: string;
  /** Which tool decided: "QuickJS sandbox", "arithmetic" … */
  tool: string;
}

/** The attention weights of one layer over one text. */
export interface LayerAttention {
  layer: number;
  headCount: number;
  tokenCount: number;
  /** (head, query, key), row-major f32; rows sum to 1; zero above the diagonal. */
  weights: Float32Array;
}

/** How far the lens and llama.cpp differ on the same tokens. */
export interface EngineAgreement {
  positions: number;
  /** Largest absolute difference of a next-token probability, over all positions and the whole vocabulary. */
  maxProbabilityDifference: number;
  /** Positions at which both put the same token first. */
  top1Agreements: number;
  /** Positions at which they do not although the engine's two best differ by more than 0.01. */
  top1Disagreements: number;
}

/** One step of merging a piece of text into tokens. */
export interface Merge {
  /** Borders after the step: part `i` is the bytes `[borders[i], borders[i + 1])` of the piece. */
  borders: number[];
  /** Which part the step made. */
  made: number;
  /** Id of what was made; -1 where it is no token of the vocabulary. */
  id: number;
  /** The pairs were joined in this order when the tokenizer was trained; the lowest rank wins. */
  rank: number;
  /** SentencePiece: the logarithm of a probability, and the highest wins in place of the lowest rank. */
  score?: number;
  /** How many pairs of neighbours could have been joined at this moment. */
  candidates: number;
  /** The pair that would have been joined if the winner had not been there. */
  runnerUp: RunnerUp | undefined;
}

/** A pair of neighbours that could have been joined, and was not. Its borders are in bytes of the piece. */
export interface RunnerUp {
  start: number;
  middle: number;
  end: number;
  rank: number;
  score?: number;
}

/** How a piece of text became its tokens. */
export interface MergeReplay {
  /** Borders of the parts that it begins with, in bytes: single bytes, or characters in SentencePiece vocabularies. */
  startBorders: number[];
  /** Their ids; -1 for a character that is no token, and so becomes the tokens of its bytes at the end. */
  startIds: number[];
  merges: Merge[];
  /** The ids at the end. */
  ids: number[];
  /**
   * The piece as a whole is a token that merging does not reach: the encoder looks the whole piece up first, so
   * `ids` is that one token although the merges end in several parts.
   */
  wholeWithoutMerges: boolean;
}
