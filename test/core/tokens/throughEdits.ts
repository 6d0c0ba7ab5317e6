/** A document that is edited, held after every edit to what its text gives when it is tokenised from nothing. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import type { Tokenizer } from "../../../src/core/tokens/tokenizer.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import type { TokenSpan } from "../../../src/shared/types.js";

export interface PlacedEdit {
  /** Where, as a part of the whole text. */
  at: number;
  /** UTF-16 units that are taken out. */
  length: number;
  text: string;
}

/** Few edits, anywhere, of nothing up to everything; `texts` are put in. */
export const editsWith = (...texts: fc.Arbitrary<string>[]): fc.Arbitrary<PlacedEdit[]> =>
  fc.array(
    fc.record({
      at: fc.double({ min: 0, max: 1, noNaN: true }),
      length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(30), fc.constant(1e6)),
      text: fc.oneof(fc.constant(""), ...texts),
    }),
    { minLength: 1, maxLength: 8 },
  );

/** Gives the text after each edit, and the spans of its tokens that are not nowhere in it, such as a space in front. */
export function* throughEdits(
  tokenizer: Tokenizer,
  begun: string,
  edits: readonly PlacedEdit[],
): Generator<{ text: string; spans: TokenSpan[]; document: TokenDocument }, void, void> {
  let text = begun;
  const document = new TokenDocument(tokenizer, text);
  document.encode(() => true);
  for (const edit of edits) {
    const offset = Math.floor(edit.at * text.length);
    const length = Math.min(edit.length, text.length - offset);
    document.edit({ offset, length, text: edit.text });
    document.encode(() => true);
    text = text.slice(0, offset) + edit.text + text.slice(offset + length);
    const ids = tokenizer.encode(text);
    assert.equal(document.tokenCount, ids.length);
    const spans = wide(document.spans(0, document.length));
    assert.equal(
      JSON.stringify(spans),
      JSON.stringify(wide(tokenSpans(tokenizer, text, Uint32Array.from(ids)))),
    );
    yield { text, spans, document };
  }
}

const wide = (spans: readonly TokenSpan[]) => spans.filter(({ start, end }) => end > start);
