/** Which tokenizer reads the text of a model that is known by its name, and whether it really is the model's own. */

import { DEFAULT_ENCODING, type EncodingName } from "./encodings.js";

export interface ModelTokenizer {
  tokenizer: EncodingName;
  /** Whether the model itself counts so; otherwise the tokenizer stands in for one that is not to be had. */
  exact: boolean;
  /** Who makes the model, where that is known. */
  vendor: string | undefined;
  /** Whether the vendor publishes the model's tokenizer, so that a tokenizer.json or GGUF file would give exact counts. */
  published: boolean;
}

/** OpenAI's models as tiktoken lists them (`tiktoken/model.py`), by the start of the name; the first that fits counts. */
const OPENAI: readonly (readonly [RegExp, EncodingName])[] = [
  [
    /^(gpt-5|gpt-4\.5|gpt-4\.1|gpt-4o|chatgpt-4o|chatgpt-latest|gpt-oss|o[134](?![a-z0-9])|codex-mini)/,
    "o200k_base",
  ],
  [/^(gpt-4|gpt-3\.5|gpt-35|text-embedding-|davinci-002|babbage-002)/, "cl100k_base"],
  [
    /^(text-davinci-00[23]|code-|codex|cushman-codex|davinci-codex|text-davinci-edit|code-davinci-edit)/,
    "p50k_base",
  ],
  [
    /^(text-davinci-001|text-curie|text-babbage|text-ada|davinci|curie|babbage|ada|text-similarity-|text-search-)(?![a-z])/,
    "r50k_base",
  ],
  [/^gpt-?2(?![.0-9])/, "gpt2"],
];

/** Makers of models that read text with a tokenizer of their own, and whether they publish it. */
const OTHERS: readonly (readonly [RegExp, vendor: string, published: boolean])[] = [
  [/claude|anthropic/, "Anthropic", false],
  [/gemini/, "Google", false],
  [/gemma/, "Google", true],
  [/grok/, "xAI", false],
  [/(^|[^a-z])nova-|titan/, "Amazon", false],
  [/sonar|perplexity/, "Perplexity", false],
  [/llama/, "Meta", true],
  [/mi[sx]tral|codestral|devstral|magistral|ministral|pixtral/, "Mistral AI", true],
  [/qwen|qwq/, "Alibaba", true],
  [/deepseek/, "DeepSeek", true],
  [/(^|[^a-z])phi-?\d/, "Microsoft", true],
  [/command|cohere|c4ai|aya-/, "Cohere", true],
  [/glm/, "Zhipu AI", true],
  [/kimi|moonshot/, "Moonshot AI", true],
  [/smollm/, "Hugging Face", true],
  [/^(gpt|o\d|text-|whisper|tts|computer-use)/, "OpenAI", false],
];

/**
 * The tokenizer that counts for a model.
 * @param model its name at its vendor, dated, fine-tuned (`ft:…`) or behind the name of a host (`azure/…`) or not.
 * @returns undefined for a name that says nothing; `exact: false` where o200k_base stands in.
 */
export function tokenizerOfModel(model: string): ModelTokenizer | undefined {
  const name = model.trim().toLowerCase();
  // "openrouter/openai/gpt-4o", "ft:gpt-4o-mini:acme::8f3", "openai.gpt-oss-120b-1:0"
  const bare = name.slice(name.lastIndexOf("/") + 1).replace(/^(ft:|openai[.:])/, "");
  for (const [start, tokenizer] of OPENAI) {
    if (start.test(bare)) return { tokenizer, exact: true, vendor: "OpenAI", published: true };
  }
  for (const [part, vendor, published] of OTHERS) {
    if (part.test(name)) return { tokenizer: DEFAULT_ENCODING, exact: false, vendor, published };
  }
  return undefined;
}
