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
    // tiktoken names gpt-5, gpt-4.5, gpt-4.1, gpt-4o, gpt-oss, o1, o3 and o4-mini; what came since counts as they do.
    /^(gpt-[5-9]|gpt-4\.[15]|gpt-4o|chatgpt-|gpt-oss|gpt-audio|gpt-realtime|gpt-image|o[1-9](?![a-z0-9])|codex-mini|computer-use)/,
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
  [/grok-?[12](?![0-9])/, "xAI", true],
  [/grok/, "xAI", false],
  [/(^|[^a-z])nova-|titan/, "Amazon", false],
  [/sonar|perplexity/, "Perplexity", false],
  [/llama/, "Meta", true],
  [/mi[sx]tral|codestral|devstral|magistral|ministral|pixtral/, "Mistral AI", true],
  [/qwen|qwq/, "Alibaba", true],
  [/deepseek/, "DeepSeek", true],
  [/(^|[^a-z])phi-?\d/, "Microsoft", true],
  [/command|cohere|c4ai|aya-/, "Cohere", true],
  [/(^|[^a-z])(chat)?glm/, "Zhipu AI", true],
  [/minimax/, "MiniMax", true],
  [/nemotron/, "NVIDIA", true],
  [/granite/, "IBM", true],
  [/(^|[^a-z])olmo/, "Ai2", true],
  [/ernie/, "Baidu", true],
  [/hunyuan/, "Tencent", true],
  [/seed-?(oss|coder)/, "ByteDance", true],
  [/doubao|seed-?\d/, "ByteDance", false],
  [/falcon/, "Technology Innovation Institute", true],
  [/exaone/, "LG AI Research", true],
  [/jamba/, "AI21 Labs", true],
  [/(^|[^a-z])yi-/, "01.AI", true],
  [/starcoder/, "BigCode", true],
  [/lfm-?\d/, "Liquid AI", true],
  [/kimi|moonshot/, "Moonshot AI", true],
  [/smollm/, "Hugging Face", true],
  [/^(gpt|o\d|text-|whisper|tts|computer-use)/, "OpenAI", false],
];

/** Names as people type them, one or more of each family, for those who mistype one. */
const EXAMPLES =
  "gpt-5 gpt-5-mini gpt-5-nano gpt-5.1 gpt-4.1 gpt-4.1-mini gpt-4o gpt-4o-mini gpt-4-turbo gpt-4 gpt-3.5-turbo gpt-oss-20b gpt-oss-120b o1 o3 o3-mini o4-mini text-embedding-3-small text-embedding-3-large davinci-002 gpt2 claude-opus-4-5 claude-sonnet-4-5 claude-haiku-4-5 gemini-2.5-pro gemini-2.5-flash gemini-3-pro gemma-3-27b grok-4 llama-3.3-70b llama-4-maverick mistral-large mistral-small codestral devstral magistral ministral-8b qwen3-32b qwen3-coder qwen2.5-coder qwq-32b deepseek-chat deepseek-reasoner deepseek-v3 deepseek-r1 phi-4 command-a command-r-plus glm-4.6 kimi-k2 minimax-m2 nemotron-nano granite-4.0 olmo-3 nova-pro sonar-pro smollm3 ernie-4.5 hunyuan-a13b".split(
    " ",
  );

/** Letters from which on the beginning of a name comes near to it. */
const BEGINNING = 3;

/** Names that are offered for one that says nothing. */
const MOST_OFFERED = 3;

/**
 * Names of models and encodings that come near to what somebody typed, the nearest first; none where nothing does.
 * @param encodings further names to look among.
 */
export function nearNames(typed: string, encodings: readonly string[]): string[] {
  const name = typed.trim().toLowerCase();
  if (name === "") return [];
  const letters = (text: string) => text.replace(/[^a-z0-9]/g, "");
  const bare = letters(name);
  const begins = (known: string) => bare.length >= BEGINNING && letters(known).startsWith(bare);
  return [...encodings, ...EXAMPLES]
    .map((known) => ({ known, distance: begins(known) ? 0 : editDistance(bare, letters(known)) }))
    .filter(({ known, distance }) => distance <= Math.max(1, Math.floor(letters(known).length / 3)))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, MOST_OFFERED)
    .map(({ known }) => known);
}

/** Letters to put in, leave out, change or swap with their neighbour, to make one text of the other (Damerau). */
function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      const swapped =
        i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1] ? before[j - 2]! + 1 : changed;
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, changed, swapped));
    }
    before = row;
    row = next;
  }
  return row[b.length]!;
}

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
