/**
 * The checks of exactness, for as many cases as wanted: the unit tests run some, `npm run exactness -- tokens` runs
 * a hundred thousand of each kind in every encoding.
 */

import assert from "node:assert/strict";
import fc from "fast-check";
import { encode as encodeCl100k } from "gpt-tokenizer/encoding/cl100k_base";
import { encode as encodeO200k } from "gpt-tokenizer/encoding/o200k_base";
import { encode as encodeP50k } from "gpt-tokenizer/encoding/p50k_base";
import { encode as encodeR50k } from "gpt-tokenizer/encoding/r50k_base";
import type { EncodingName } from "../../../src/core/tokens/encodings.js";
import { type TextEdit, TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import type { TokenSpan } from "../../../src/shared/types.js";
import { seededRandom } from "./corpora.js";
import { anyText, encoderOf, referenceIds, SCRAPS } from "./reference.js";

const PLAIN = { allowedSpecial: new Set<string>(), disallowedSpecial: new Set<string>() };

/** gpt-tokenizer, for texts on which js-tiktoken's quadratic merge would take minutes. */
export const SECOND: Record<EncodingName, (text: string) => number[]> = {
  o200k_base: (text) => encodeO200k(text, PLAIN),
  cl100k_base: (text) => encodeCl100k(text, PLAIN),
  p50k_base: (text) => encodeP50k(text, PLAIN),
  r50k_base: (text) => encodeR50k(text, PLAIN),
  // The vocabulary of r50k_base under its first name.
  gpt2: (text) => encodeR50k(text, PLAIN),
};

/** Written out: `deepEqual` of a hundred thousand texts takes longer than their tokens. */
function isSame(left: readonly number[], right: readonly number[]): boolean {
  return left.length === right.length && left.every((id, at) => id === right[at]);
}

function isSameSpan(left: TokenSpan, right: TokenSpan): boolean {
  return (
    left.index === right.index &&
    left.id === right.id &&
    left.start === right.start &&
    left.end === right.end &&
    left.startsInside === right.startsInside &&
    left.endsInside === right.endsInside
  );
}

/** Spans lie side by side over the whole text, and the tokens' bytes are the text's. */
function assertSpans(name: EncodingName, text: string): void {
  const encoder = encoderOf(name);
  const ids = encoder.encode(text);
  const bytes = Buffer.concat(ids.map((id) => encoder.bytesOf(id)));
  // Lone surrogates have no UTF-8: they become U+FFFD, as in TextEncoder.
  const expected = Buffer.from(new TextEncoder().encode(text));
  assert.ok(bytes.equals(expected), `${name}: the bytes of ${JSON.stringify(text)}`);
  // Where each byte of the text lies in UTF-16, counted character by character.
  const unitOfByte: number[] = [];
  for (let unit = 0; unit < text.length; ) {
    const character = String.fromCodePoint(text.codePointAt(unit)!);
    const width = new TextEncoder().encode(character).length;
    for (let i = 0; i < width; i++) unitOfByte.push(unit);
    unit += character.length;
  }
  unitOfByte.push(text.length);
  let byte = 0;
  for (const span of tokenSpans(encoder, text, Uint32Array.from(ids))) {
    const after = byte + encoder.byteLength(span.id);
    const startsInside = byte > 0 && unitOfByte[byte] === unitOfByte[byte - 1];
    const endsInside = unitOfByte[after] === unitOfByte[after - 1];
    const last = unitOfByte[after - 1]!;
    const end = last + (text.codePointAt(last)! > 0xffff ? 2 : 1);
    assert.deepEqual(
      { start: span.start, end: span.end, startsInside: span.startsInside, endsInside: span.endsInside },
      { start: unitOfByte[byte], end, startsInside, endsInside },
      `${name}: token ${span.index} of ${JSON.stringify(text)}`,
    );
    byte = after;
  }
}

/** Random texts have js-tiktoken's ids and exact spans. */
export function checkTexts(name: EncodingName, count: number, seed: number): void {
  fc.assert(
    fc.property(anyText(20), (text) => {
      assert.deepEqual(encoderOf(name).encode(text), referenceIds(name, text));
      assertSpans(name, text);
    }),
    { numRuns: count, seed },
  );
}

/**
 * After each of many random edits a document has js-tiktoken's ids for the text that it then is, and each token its
 * place: insertions, deletions, replacements, several carets at once, undoing, other line ends, and the joints where
 * pre-tokenisers look ahead.
 */
export function checkEdits(name: EncodingName, count: number, seed: number): void {
  const random = seededRandom(seed);
  const below = (limit: number) => Math.floor(random() * limit);
  const scrap = () => {
    if (random() < 0.7) return SCRAPS[below(SCRAPS.length)]!;
    if (random() < 0.5) return String.fromCharCode(below(0x10000));
    return String.fromCodePoint(below(0x110000));
  };
  const scraps = (most: number) => Array.from({ length: below(most + 1) }, scrap).join("");
  let text = "";
  let document = new TokenDocument(encoderOf(name), text);
  let undo: TextEdit[] = [];

  const apply = (edit: TextEdit): TextEdit => {
    const gone = text.slice(edit.offset, edit.offset + edit.length);
    document.edit(edit);
    text = text.slice(0, edit.offset) + edit.text + text.slice(edit.offset + edit.length);
    return { offset: edit.offset, length: edit.text.length, text: gone };
  };
  const oneEdit = (): TextEdit => {
    const offset = below(text.length + 1);
    const length = random() < 0.5 ? 0 : Math.min(text.length - offset, below(random() < 0.1 ? 60 : 4));
    return { offset, length, text: random() < 0.25 ? "" : scraps(random() < 0.05 ? 30 : 3) };
  };
  /** A character of the kind that changes what a pre-tokeniser does with its neighbours. */
  const jointEdit = (): TextEdit => {
    const places = [...text.matchAll(/\d|\s\S|[\r\n]|'|[A-Z]{2}|[\ud800-\udfff]/g)];
    const place = places[below(places.length)];
    const joints = ["1", "\n", " ", "\r\n", "'", "s", "A", "\ud83d", "\ude00", "\ufeff", "\0", "\u0301"];
    return {
      offset: place?.index ?? 0,
      length: below(2) && place ? 1 : 0,
      text: joints[below(joints.length)]!,
    };
  };

  for (let i = 0; i < count; i++) {
    const kind = random();
    if (text.length > 600 || kind < 0.001) {
      // Begins again, sometimes with a text of several chunks.
      text = scraps(random() < 0.02 ? 2500 : 40);
      document = new TokenDocument(encoderOf(name), text);
      document.encode(() => true);
      undo = [];
    } else if (kind < 0.1 && undo.length > 0) {
      for (const edit of undo) apply(edit);
      undo = [];
    } else if (kind < 0.2) {
      // Several carets: from the last place to the first, as the editor reports them.
      const inserted = scraps(2);
      const offsets = [...new Set([below(text.length + 1), below(text.length + 1), below(text.length + 1)])];
      undo = offsets
        .sort((a, b) => b - a)
        .map((offset) => apply({ offset, length: 0, text: inserted }))
        .reverse();
    } else if (kind < 0.22) {
      const lineEnd = ["\n", "\r\n", "\r"][below(3)]!;
      undo = [apply({ offset: 0, length: text.length, text: text.replace(/\r\n|\r|\n/g, lineEnd) })];
    } else {
      undo = [apply(kind < 0.5 ? jointEdit() : oneEdit())];
    }
    document.encode(() => true);
    const spans = document.spans(0, text.length);
    const ids = spans.map(({ id }) => id);
    const what = () => `${name}, seed ${seed}, after edit ${i}: ${JSON.stringify(text)}`;
    const expected = referenceIds(name, text);
    if (!isSame(ids, expected)) assert.deepEqual(ids, expected, what());
    // `assertSpans` holds these to the bytes of random texts.
    const whole = tokenSpans(encoderOf(name), text, Uint32Array.from(ids));
    if (!spans.every((span, at) => isSameSpan(span, whole[at]!))) assert.deepEqual(spans, whole, what());
  }
}
