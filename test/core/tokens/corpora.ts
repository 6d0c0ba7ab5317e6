/**
 * The texts that speed and exactness are measured on, about a megabyte of UTF-16 each: real ones where the npm
 * packages at hand hold them, drawn from the vocabulary by a fixed seed where they do not.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { rankData } from "./reference.js";

/** UTF-16 units of a corpus. */
const CORPUS_LENGTH = 1_000_000;

const packages = join(process.cwd(), "node_modules");

/** Files below a folder of node_modules, by name, in an order that never changes. */
function filesOf(folder: string, wanted: (name: string) => boolean): string[] {
  return readdirSync(join(packages, folder), { recursive: true, encoding: "utf8" })
    .filter(wanted)
    .sort()
    .map((name) => readFileSync(join(packages, folder, name), "utf8"));
}

/** The first CORPUS_LENGTH units of the texts, begun again where they are too short. */
function oneText(texts: readonly string[]): string {
  const once = texts.join("\n");
  return once.repeat(Math.ceil(CORPUS_LENGTH / once.length)).slice(0, CORPUS_LENGTH);
}

/** Marsaglia's xorshift32: numbers in [0, 1) that are the same in every run. */
export function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 2 ** 32;
  };
}

/** The tokens of o200k_base that are words of a script, in the order in which training found them. */
function wordsOf(script: RegExp): string[] {
  const decoder = new TextDecoder("utf-8", { fatal: false });
  const words: string[] = [];
  for (const line of rankData("o200k_base").bpe_ranks.split("\n")) {
    for (const token of line.split(" ").slice(2)) {
      const word = decoder.decode(Buffer.from(token, "base64"));
      if (script.test(word)) words.push(word);
    }
  }
  return words;
}

interface Drawn {
  words: string[];
  /** Between words; scripts that write none have "". */
  space: string;
  stop: string;
}

/** Sentences of words drawn by Zipf's law. */
function drawText(languages: readonly Drawn[], seed: number): string {
  const random = seededRandom(seed);
  const parts: string[] = [];
  for (let length = 0; length < CORPUS_LENGTH; ) {
    const { words, space, stop } = languages[Math.floor(random() * languages.length)]!;
    const count = 4 + Math.floor(random() * 12);
    let sentence = "";
    // A rank that is uniform in its logarithm is Zipf's law.
    for (let i = 0; i < count; i++) {
      sentence += (i > 0 ? space : "") + words[Math.floor(words.length ** random()) - 1]!.trim();
    }
    sentence += random() < 0.2 ? `${stop}\n` : stop;
    parts.push(sentence);
    length += sentence.length;
  }
  return parts.join("").slice(0, CORPUS_LENGTH);
}

const EMOJI = [
  "😀",
  "👍🏽",
  "👩‍👩‍👧",
  "🇩🇪",
  "🎉",
  "❤️",
  "🏳️‍🌈",
  "🤔",
  "🔥",
  "😂",
  "🧑🏿‍🚀",
  "✨",
  "🥲",
  "🐛",
  "🚀",
];

const makers = {
  code: () =>
    oneText([
      ...filesOf("assemblyscript/std", (name) => name.endsWith(".ts")),
      ...filesOf("@types/vscode", (name) => name.endsWith(".d.ts")),
    ]),
  minified: () =>
    oneText([
      ...filesOf("@microsoft/fast-foundation/dist", (name) => name.endsWith(".min.js")),
      ...filesOf("markdown-it/dist", (name) => name.includes(".min.")),
      ...filesOf("@vscode/webview-ui-toolkit/dist", (name) => name.endsWith(".min.js")),
      ...filesOf("playwright-core/lib", (name) => /utilsBundleImpl.*\.js$/.test(name)),
    ]),
  english: () => {
    // What people wrote in the documents of the packages, without the lines that are code, tables or links.
    const lines = readdirSync(packages, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !/zh-CN|\.ja\./.test(name))
      .sort()
      .flatMap((name) => readFileSync(join(packages, name), "utf8").split("\n"))
      .filter((line) => /^[A-Z][a-z' ]+ [a-z' ]+/.test(line) && !/[<>{}|]|\]\(/.test(line));
    return oneText(lines);
  },
  json: () =>
    oneText([
      ...filesOf("@microsoft/fast-foundation/dist", (name) => name === "custom-elements.json"),
      ...filesOf("@biomejs/biome", (name) => name === "configuration_schema.json"),
    ]),
  cjk: () =>
    drawText(
      [
        { words: wordsOf(/^\p{Script=Han}+$/u), space: "", stop: "。" },
        { words: wordsOf(/^\p{Script=Han}+$/u), space: "", stop: "，" },
        {
          words: wordsOf(/^[\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Han}]+$/u),
          space: "",
          stop: "、",
        },
        { words: wordsOf(/^ ?\p{Script=Hangul}+$/u), space: " ", stop: ". " },
      ],
      7,
    ),
  scripts: () =>
    drawText(
      [
        { words: wordsOf(/^ ?\p{Script=Arabic}+$/u), space: " ", stop: "، " },
        { words: wordsOf(/^ ?[\p{Script=Devanagari}]+$/u), space: " ", stop: "। " },
        { words: wordsOf(/^[\p{Script=Thai}]+$/u), space: "", stop: " " },
        { words: EMOJI, space: "", stop: " " },
      ],
      11,
    ),
};

export type CorpusName = keyof typeof makers;

export const CORPUS_NAMES = Object.keys(makers) as CorpusName[];

const made = new Map<CorpusName, string>();

export function corpus(name: CorpusName): string {
  let text = made.get(name);
  if (text === undefined) {
    text = makers[name]();
    made.set(name, text);
  }
  return text;
}
