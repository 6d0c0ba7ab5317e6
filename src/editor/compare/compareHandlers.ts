/** Answers the comparison's questions about one text, for its own panel and for exhibits in lessons. */

import { ID_BITS } from "../../core/tokens/tokenBuffer.js";
import type { TokenBytes } from "../../core/tokens/tokenizer.js";
import { walkTokens } from "../../core/tokens/tokenSpans.js";
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
      return {
        label: tokenizer.name,
        tokens: length,
        ...drawnTokens(tokenizer, words.subarray(0, length), now.text),
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

/**
 * The tokens of the drawn beginning, each with the bytes of the text that it covers; the last is counted only as far
 * as the drawing reaches.
 */
export function drawnTokens(
  tokenizer: TokenBytes,
  words: Uint32Array,
  text: string,
): Pick<CountedText, "ids" | "lengths" | "goesOn"> {
  const drawn = firstCharacters(text, MOST_DRAWN);
  const byteAt = bytePlaces(drawn);
  const size = byteAt[drawn.length]!;
  const walk = walkTokens(tokenizer, text, words, false);
  const ids: number[] = [];
  const lengths: number[] = [];
  let at = 0;
  let end = 0;
  while (!walk.done && at < size) {
    ids.push(words[walk.index]! & ID_BITS);
    walk.step();
    // A space that is read in front of the text is none of its bytes.
    end = walk.offset < drawn.length ? byteAt[walk.offset]! + Math.max(0, walk.inside) : size;
    lengths.push(end - at);
    at = end;
  }
  // What belongs to no token, as the spaces that BERT leaves out, is drawn with the token behind it, else before it.
  if (walk.done && at < size && lengths.length > 0) lengths[lengths.length - 1]! += size - at;
  return {
    ids: Uint32Array.from(ids),
    lengths: Uint32Array.from(lengths),
    goesOn: walk.offset > drawn.length || (walk.offset === drawn.length && walk.inside > 0),
  };
}

/** For each UTF-16 unit of a text, and its end, the byte of its UTF-8 that it begins at. */
function bytePlaces(text: string): Uint32Array {
  const places = new Uint32Array(text.length + 1);
  let byte = 0;
  for (let at = 0; at < text.length; at++) {
    places[at] = byte;
    const code = text.codePointAt(at)!;
    if (code > 0xffff) places[++at] = byte;
    byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
  }
  places[text.length] = byte;
  return places;
}
