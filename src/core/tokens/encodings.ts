/** The encodings that Glassbox offers: their names, and what a reader needs to know to choose one. */

export const ENCODING_NAMES = ["o200k_base", "cl100k_base", "p50k_base", "r50k_base", "gpt2"] as const;

export type EncodingName = (typeof ENCODING_NAMES)[number];

export const DEFAULT_ENCODING: EncodingName = "o200k_base";

export interface EncodingDescription {
  name: EncodingName;
  /** The models that read text through it. */
  models: string;
  /** Tokens that ordinary text can become, special tokens left out. */
  ordinaryTokens: number;
}

export const ENCODINGS: Readonly<Record<EncodingName, EncodingDescription>> = {
  o200k_base: {
    name: "o200k_base",
    models: "GPT-4o, GPT-4.1, GPT-5, o1, o3, o4-mini",
    ordinaryTokens: 199_998,
  },
  cl100k_base: {
    name: "cl100k_base",
    models: "GPT-4, GPT-3.5 Turbo, text-embedding-3",
    ordinaryTokens: 100_256,
  },
  p50k_base: {
    name: "p50k_base",
    models: "Codex, text-davinci-002, text-davinci-003",
    ordinaryTokens: 50_280,
  },
  r50k_base: { name: "r50k_base", models: "GPT-3 (davinci, curie, babbage, ada)", ordinaryTokens: 50_256 },
  gpt2: { name: "gpt2", models: "GPT-2", ordinaryTokens: 50_256 },
};

export function isEncodingName(value: unknown): value is EncodingName {
  return ENCODING_NAMES.some((name) => name === value);
}
