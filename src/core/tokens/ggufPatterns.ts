/**
 * The pre-tokenisers of GGUF vocabularies that are rarer than those of preTokenizers.ts, as the expressions that
 * llama.cpp reads one after the other, each cutting what those before it left. As llama.cpp has it, `\s` is Unicode's
 * White_Space, case is told apart in ASCII only, and `\d` is a digit of ASCII. The tests hold each against llama.cpp.
 */

export interface GgufPatterns {
  patterns: readonly string[];
  /** Whether a piece that is a token becomes it, whatever the merges say. */
  ignoresMerges: boolean;
  /** Whether tokens are letters, and spaces are spelt as `▁`; otherwise tokens are bytes in GPT-2's alphabet. */
  letters: boolean;
  /** Whether a run of line breaks that is a token becomes it. */
  wholeLineBreaks: boolean;
}

const S = "\\p{White_Space}";
const NOT_S = "\\P{White_Space}";
const WORDS = "'[sS]|'[tT]|'[rR][eE]|'[vV][eE]|'[mM]|'[lL][lL]|'[dD]";
const SPACES = `${S}*[\\r\\n]+|${S}+(?!${NOT_S})|${S}+`;
const SIGNS = ` ?[^${S}\\p{L}\\p{N}]+[\\r\\n]*`;
const SIGNS_OR_SLASH = ` ?[^${S}\\p{L}\\p{N}]+[\\r\\n/]*`;
const CL100K = (digits: string) => `(?:${WORDS})|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}|${SIGNS}|${SPACES}`;
/** o200k_base's where no case is told apart, so that both of its runs take all letters and marks. */
const CASELESS = (digits: string) =>
  `[^\\r\\n\\p{L}\\p{N}]?[\\p{L}\\p{M}]+(?:${WORDS})?|${digits}|${SIGNS_OR_SLASH}|${SPACES}`;
const GPT2 = `'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^${S}\\p{L}\\p{N}]+|${S}+(?!${NOT_S})|${S}+`;
const SENTENCES = ` ?[^(${S}|.,!?\\u2026\\u3002\\uff0c\\u3001\\u0964\\u06d4\\u060c)]+`;
/** Digits in groups of three, counted from the right: llama.cpp cuts behind each group, not before the first. */
const GROUPED_DIGITS = "(?<=\\p{N})(?=(?:\\p{N}{3})*(?!\\p{N}))";
const LINES = "[^\\n]+|\\n+";
const HAN =
  "\\u4e00-\\u9fff\\u3400-\\u4dbf\\u{20000}-\\u{2a6df}\\u{2a700}-\\u{2ebef}\\uf900-\\ufaff\\u{2f800}-\\u{2fa1f}";
const UPPER = "(?:(?![a-z])[\\p{L}\\p{M}])";
const LOWER = "(?:(?![A-Z])[\\p{L}\\p{M}])";
const DEEPSEEK_WORDS = `[!"#$%&'()*+,\\-.\\/:;<=>?@\\[\\\\\\]^_\`\\{\\|\\}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|${SPACES}`;
/** Letters of the alphabets with two cases, as the file lists them. */
const CASED_LETTERS =
  "A-Za-z\\u00b5\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u01ba\\u01bc-\\u01bf\\u01c4-\\u0293\\u0295-\\u02af\\u0370-\\u0373\\u0376\\u0377\\u037b-\\u037d\\u037f\\u0386\\u0388-\\u038a\\u038c\\u038e-\\u03a1\\u03a3-\\u03f5\\u03f7-\\u0481\\u048a-\\u052f\\u0531-\\u0556\\u10a0-\\u10c5\\u13a0-\\u13f5\\u13f8-\\u13fd\\u1c90-\\u1cba\\u1cbd-\\u1cbf\\u1d00-\\u1d2b\\u1d6b-\\u1d77\\u1d79-\\u1d9a\\u1e00-\\u1f15\\u1f18-\\u1f1d\\u1f20-\\u1f45\\u1f48-\\u1f4d\\u1f50-\\u1f57\\u1f59\\u1f5b\\u1f5d\\u1f5f-\\u1f7d\\u1f80-\\u1fb4\\u1fb6-\\u1fbc\\u1fbe\\u1fc2-\\u1fc4\\u1fc6-\\u1fcc\\u1fd0-\\u1fd3\\u1fd6-\\u1fdb\\u1fe0-\\u1fec\\u1ff2-\\u1ff4\\u1ff6-\\u1ffc\\u2102\\u2107\\u210a-\\u2113\\u2115\\u2119-\\u211d\\u2124\\u2126\\u2128\\u212a-\\u212d\\u212f-\\u2134\\u2139\\u213c-\\u213f\\u2145-\\u2149\\u214e\\u2183\\u2184\\u2c00-\\u2c7b\\u2c7e-\\u2ce4\\u2ceb-\\u2cee\\u2cf2\\u2cf3\\ua640-\\ua66d\\ua680-\\ua69b\\ua722-\\ua76f\\ua771-\\ua787\\ua78b-\\ua78e\\uab70-\\uabbf\\ufb00-\\ufb06\\ufb13-\\ufb17\\uff21-\\uff3a\\uff41-\\uff5a\\u{10400}-\\u{1044f}\\u{104b0}-\\u{104d3}\\u{104d8}-\\u{104fb}\\u{10c80}-\\u{10cb2}\\u{10cc0}-\\u{10cf2}\\u{118a0}-\\u{118df}\\u{1e900}-\\u{1e943}";

const bytes = (...patterns: string[]): GgufPatterns => ({
  patterns,
  ignoresMerges: false,
  letters: false,
  wholeLineBreaks: false,
});

const poro = bytes(SENTENCES);
const grouped = bytes(GROUPED_DIGITS, CASELESS("\\p{N}{1,3}"));
const gemma4: GgufPatterns = { ...bytes(LINES), letters: true, wholeLineBreaks: true };

const PATTERNS: ReadonlyMap<string, GgufPatterns> = new Map([
  [
    "jais-2",
    bytes(
      `(?:${WORDS})|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|${SIGNS}|${S}*[\\r\\n]+|${[512, 256, 128, 64, 32, 16, 8, 4, "1,2"].map((count) => `${S}{${count}}(?!${NOT_S})`).join("|")}|${S}`,
    ),
  ],
  [
    "deepseek-llm",
    bytes(
      "[\\r\\n]",
      `${S}?[${CASED_LETTERS}]+`,
      `${S}?[!-\\/:-~\\uff01-\\uff0f\\uff1a-\\uff5e\\u2018-\\u201f\\u3001-\\u3002]+`,
      `${S}+(?![\\s\\S])`,
      `(?:(?!${S})[\\u0800-\\u9fa5\\uac00-\\ud7ff])+`,
      "\\p{N}+",
    ),
  ],
  [
    "youtu",
    {
      ...bytes(
        "[\\uac00-\\ud7a3\\u3131-\\u318e]+|[\\uff01\\u2026\\u201c\\u201d\\u2018\\u2019\\u2014\\uff1a\\uff1b\\uff0c\\u3001-\\u303f\\ufe30-\\ufe4f]+|[\\u3105-\\u312f]+|[\\u4e00-\\u9fa5\\u3040-\\u309f\\u30a0-\\u30ff]+",
        CASELESS("\\p{N}"),
      ),
      ignoresMerges: true,
    },
  ],
  ["poro-chat", poro],
  ["bloom", poro],
  ["gpt3-finnish", poro],
  ["viking", bytes(SENTENCES, "\\p{N}")],
  [
    "chameleon",
    bytes(
      "<sentinel:[0-9]+>",
      "IMGIMG[A-I]{1,4}Z",
      "[\\t\\n]|    |  ",
      "\\p{N}",
      "[\\p{P}!-\\/:-@\\[-`\\{-~]",
      GPT2,
    ),
  ],
  [
    "granite-embed-multi-97m",
    {
      ...bytes(
        `[^\\r\\n\\p{L}\\p{N}]?${UPPER}*${LOWER}+(?:${WORDS})?|[^\\r\\n\\p{L}\\p{N}]?${UPPER}+${LOWER}*(?:${WORDS})?|\\p{N}{1,3}|${SIGNS_OR_SLASH}|${SPACES}`,
      ),
      ignoresMerges: true,
    },
  ],
  ["tiny_aya", grouped],
  ["cohere2moe", grouped],
  [
    "kimi-k2",
    bytes(
      `[${HAN}]+|[^\\r\\n\\p{L}\\p{N}]?(?:(?![${HAN}])\\p{L})+(?:${WORDS})?|\\p{N}{1,3}|${SIGNS}|${SPACES}`,
    ),
  ],
  ["superbpe", bytes("\\p{N}+", "(?=(?:[0-9]{3})+(?![0-9]))")],
  [
    "afmoe",
    bytes(
      GROUPED_DIGITS,
      "[\\u4e00-\\u9fff\\u3400-\\u4dbf\\u8c48-\\ufaff\\u3040-\\u309f\\u30a0-\\u30ff\\uff65-\\uff9f\\u2f00-\\u2fdf\\u0e40-\\u0e7f\\u0e80-\\u0eff\\u1780-\\u17ff\\u1000-\\u109f\\uaa60-\\uaa7f\\ua9e0-\\ua9ff\\uac00-\\ud7af\\u1100-\\u11ff]+",
      DEEPSEEK_WORDS,
    ),
  ],
  ["laguna", bytes(LINES, CL100K("\\p{N}"))],
  [
    "exaone-moe",
    bytes(
      `(?:${WORDS})|[^\\r\\n\\p{L}\\p{N}]?(?:\\p{L}\\p{M}*(?: \\p{L}\\p{M}*)*)+|\\p{N}| ?[^${S}\\p{L}\\p{N}]+[\\r\\n/]?|${S}*[\\r\\n]|${S}+(?!${NOT_S})|${S}+`,
    ),
  ],
  ["minicpm5", { ...bytes("\\p{N}{1,3}", CL100K("\\p{N}+")), ignoresMerges: true }],
  ["gemma4", gemma4],
  ["granite-embed-multi-311m", gemma4],
  ["sarvam-moe", { ...gemma4, wholeLineBreaks: false }],
]);

/** The names of `tokenizer.ggml.pre` that are read by their expressions. */
export const PATTERN_NAMES: readonly string[] = [...PATTERNS.keys()];

/** The expressions behind llama.cpp's name for a pre-tokeniser; undefined where they are not known. */
export function ggufPatterns(name: string): GgufPatterns | undefined {
  return PATTERNS.get(name);
}
