/** Answers the comparison's questions about one text, for its own panel and for exhibits in lessons. */

import { ID_BITS } from "../../core/tokens/tokenBuffer.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import {
  type CompareHost,
  type CountedText,
  MOST_COMPARED,
  MOST_DRAWN,
  type ReadingPrice,
} from "../../shared/panels/compare.js";
import type { Handlers } from "../../shared/rpc.js";
import type { Tokenizers } from "../tokenizers.js";
import { tokensOf } from "./countTokens.js";

/** What the handlers need of where they are used. */
export interface CompareSurface {
  /** The whole text that is counted, and its version. */
  text(): { text: string; version: number };
  /** What a model that reads with this tokenizer takes for so many tokens; undefined where nothing is known. */
  price(tokenizer: string, tokens: number): ReadingPrice | undefined;
  addTokenizer(): Promise<void>;
  removeTokenizer(name: string): Promise<void>;
  keepText(kept: boolean): void;
  useText(text: string, name: string): void;
}

/** As many short texts as are counted by one request. */
const MOST_TEXTS = 100;

export function compareHandlers(tokenizers: Tokenizers, surface: CompareSurface): Handlers<CompareHost> {
  return {
    count: async ({ tokenizer: name, version }, { signal }) => {
      const tokenizer = await tokenizers.get(name);
      const now = surface.text();
      if (now.version !== version) throw GlassboxError.cancelled();
      const { words, length } = await tokensOf(tokenizer, now.text, signal);
      const ids = words.subarray(0, length);
      return {
        label: tokenizer.name,
        tokens: length,
        ...drawnTokens(ids, (id) => tokenizer.byteLength(id), now.text),
        price: surface.price(name, length),
      };
    },
    countTexts: async ({ tokenizer: name, texts }, { signal }) => {
      const whole = texts.reduce((sum, text) => sum + text.length, 0);
      if (texts.length > MOST_TEXTS || whole > MOST_COMPARED) {
        throw new GlassboxError("invalid-request", `Cannot count ${texts.length} texts at once.`);
      }
      const tokenizer = await tokenizers.get(name);
      const counts: number[] = [];
      for (const text of texts) counts.push((await tokensOf(tokenizer, text, signal)).length);
      return counts;
    },
    addTokenizer: async () => {
      await surface.addTokenizer();
      return null;
    },
    removeTokenizer: async ({ name }) => {
      await surface.removeTokenizer(name);
      return null;
    },
    keepText: ({ kept }) => {
      surface.keepText(kept);
      return null;
    },
    useText: ({ text, name }) => {
      surface.useText(firstCharacters(text, MOST_COMPARED), name);
      return null;
    },
  };
}

/** The tokens of the drawn beginning; the last is counted only as far as that reaches. */
export function drawnTokens(
  words: Uint32Array,
  byteLength: (id: number) => number,
  text: string,
): Pick<CountedText, "ids" | "lengths" | "goesOn"> {
  const size = Buffer.byteLength(firstCharacters(text, MOST_DRAWN));
  const ids: number[] = [];
  const lengths: number[] = [];
  let at = 0;
  for (let index = 0; index < words.length && at < size; index++) {
    const id = words[index]! & ID_BITS;
    const length = byteLength(id);
    ids.push(id);
    lengths.push(Math.min(length, size - at));
    at += length;
  }
  return { ids: Uint32Array.from(ids), lengths: Uint32Array.from(lengths), goesOn: at > size };
}
