/** What the panel "Why Did It Split Here?" is given: the encoder's own pieces and tokens, and what an edit changed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { splitView } from "../../../src/core/tokens/splitView.js";
import { MOST_REPLAYED_BYTES, MOST_SPLIT_CHARACTERS } from "../../../src/shared/panels/split.js";
import { changeBetween, restoreState, type TextView, textView } from "../../../webview/split/splitState.js";
import { anyText, encoderOf, FAMILIES } from "./reference.js";

const idsOf = ({ pieces }: Pick<TextView, "pieces">) =>
  pieces.flatMap(({ tokens }) => tokens.map(({ id }) => id));

describe("the view of a split text", () => {
  it("has the encoder's tokens in its pieces, and a replay that ends in those of the chosen one", () => {
    fc.assert(
      fc.property(fc.constantFrom(...FAMILIES), anyText(8), fc.nat(), (name, text, place) => {
        const encoder = encoderOf(name);
        const at = place % (text.length + 1);
        const view = splitView(encoder, text, at);
        assert.deepEqual(idsOf(view), encoder.encode(text));
        assert.equal(view.pieces.at(-1)?.end ?? 0, text.length);
        for (const [index, { start }] of view.pieces.entries()) {
          assert.equal(start, view.pieces[index - 1]?.end ?? 0);
        }
        const piece = view.pieces[view.chosen];
        if (text === "") {
          assert.equal(piece, undefined);
          assert.equal(view.detail, undefined);
          return;
        }
        assert.ok(piece && view.detail);
        assert.ok(at === text.length ? piece.end === at : piece.start <= at && at < piece.end);
        assert.ok(textView({ ...view, ms: 0 }, text).rule, "a rule is named");
        assert.equal(view.detail.byteCount, Buffer.byteLength(text.slice(piece.start, piece.end)));
        if (view.detail.byteCount > MOST_REPLAYED_BYTES) return;
        assert.deepEqual(
          view.detail.replay.ids,
          piece.tokens.map(({ id }) => id),
        );
      }),
      { numRuns: 400 },
    );
  });

  it("replays only so much of a long piece, and never half a character of it", () => {
    const encoder = encoderOf("o200k_base");
    const { pieces, detail } = splitView(encoder, "a字".repeat(500), 3);
    assert.equal(pieces.length, 1);
    assert.equal(detail?.byteCount, 2000);
    assert.equal(detail?.bytes.length, 240);
    assert.equal(detail?.replay.startIds.length, 240);
    const odd = splitView(encoder, "字".repeat(500), 0).detail!;
    assert.equal(odd.bytes.length % 3, 0);
    assert.ok(odd.bytes.length > MOST_REPLAYED_BYTES - 3 && odd.bytes.length <= MOST_REPLAYED_BYTES);
  });

  it("looks at so much text and no more", () => {
    const { pieces } = splitView(encoderOf("gpt2"), "x ".repeat(5000), 0);
    assert.equal(pieces.at(-1)?.end, MOST_SPLIT_CHARACTERS);
  });
});

describe("the change between two views", () => {
  const viewOf = (text: string): TextView =>
    textView({ ...splitView(encoderOf("o200k_base"), text, 0), ms: 0 }, text);

  it("is the piece that was edited, and the tokens that it made", () => {
    const after = viewOf("let total = 0;");
    assert.deepEqual(changeBetween(viewOf("let totals = 0;"), after), {
      firstPiece: 1,
      endPiece: 2,
      firstToken: 1,
      endToken: 2,
    });
  });

  it("is nothing where nothing changed, and all where nothing stayed", () => {
    const { firstPiece, endPiece } = changeBetween(viewOf("a b"), viewOf("a b"));
    assert.equal(endPiece, firstPiece);
    assert.deepEqual(changeBetween(viewOf(""), viewOf("one two")), {
      firstPiece: 0,
      endPiece: 2,
      firstToken: 0,
      endToken: 2,
    });
  });

  it("leaves exactly what stands before and behind it", () => {
    fc.assert(
      fc.property(anyText(6), anyText(2), fc.nat(), fc.nat(3), (text, inserted, place, length) => {
        const at = place % (text.length + 1);
        const before = viewOf(text);
        const after = viewOf(text.slice(0, at) + inserted + text.slice(at + length));
        const { firstToken, endToken, firstPiece, endPiece } = changeBetween(before, after);
        const [old, fresh] = [idsOf(before), idsOf(after)];
        assert.deepEqual(fresh.slice(0, firstToken), old.slice(0, firstToken));
        const behind = fresh.length - endToken;
        assert.deepEqual(fresh.slice(endToken), old.slice(old.length - behind));
        assert.ok(firstToken <= endToken && firstPiece <= endPiece);
        assert.ok(firstToken + behind <= old.length);
      }),
      { numRuns: 500 },
    );
  });
});

describe("the saved state of the page", () => {
  it("is taken as far as it is what was saved", () => {
    const state = { edited: { text: "abc", at: 1 }, tokenizer: "gpt2", follow: false };
    assert.deepEqual(restoreState(structuredClone(state)), state);
    const fresh = { edited: undefined, tokenizer: undefined, follow: true };
    assert.deepEqual(restoreState(undefined), fresh);
    assert.deepEqual(restoreState({ edited: { text: 5 }, tokenizer: 1, follow: "yes" }), fresh);
  });
});
