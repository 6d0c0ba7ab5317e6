/** Placing tokens by their bytes, for tokenizers that the models of the tests do not have. */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { ModelToken } from "../../src/shared/types.js";
import { placeTokens } from "../../src/workers/model/placeTokens.js";

const encoder = new TextEncoder();

function token(text: string | Uint8Array, special = false): ModelToken {
  const name = typeof text === "string" ? text : "bytes";
  const bytes = typeof text === "string" ? encoder.encode(text) : text;
  return { id: 1, name, special, bytes: special ? new Uint8Array(0) : bytes };
}

const places = (text: string, tokens: ModelToken[]) =>
  placeTokens(text, tokens).map(({ start, end }) => text.slice(start, end));

describe("places of model tokens", () => {
  it("cover the text for any way to cut its bytes, with and without a space in front", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: "grapheme", minLength: 1 }),
        fc.array(fc.nat()),
        fc.boolean(),
        (text, cuts, prefix) => {
          const wellFormed = Buffer.from(text, "utf8").toString("utf8");
          const bytes = encoder.encode(prefix ? ` ${wellFormed}` : wellFormed);
          const ends = [...new Set(cuts.map((cut) => 1 + (cut % bytes.length)).concat(bytes.length))].sort(
            (a, b) => a - b,
          );
          const tokens = ends.map((end, i) => token(bytes.slice(ends[i - 1] ?? 0, end)));
          const placed = placeTokens(wellFormed, tokens);
          let end = 0;
          for (const each of placed) {
            assert.ok(each.start <= end && each.end >= end);
            end = each.end;
          }
          assert.equal(end, wellFormed.length);
          assert.equal(placed[0]?.startsInside, false);
          assert.equal(placed.at(-1)?.endsInside, false);
        },
      ),
      { numRuns: 500 },
    );
  });

  it("keep a space that the text has itself", () => {
    assert.deepEqual(places(" a b", [token(" a"), token(" b")]), [" a", " b"]);
    assert.deepEqual(places(" a b", [token("  a"), token(" b")]), [" a", " b"]);
  });

  it("give special tokens their name where the text spells it, and no width elsewhere", () => {
    const tokens = [token("<s>", true), token("hi"), token("</s>", true)];
    assert.deepEqual(places("<s>hi</s>", tokens), ["<s>", "hi", "</s>"]);
    assert.deepEqual(places("hi", tokens), ["", "hi", ""]);
  });

  it("skip whitespace that was swallowed, and count characters where the text was normalised", () => {
    assert.deepEqual(places("<|a|>\n x", [token("<|a|>", true), token("x")]), ["<|a|>", "x"]);
    assert.deepEqual(places("ABC de", [token("ab"), token("c"), token(" de")]), ["AB", "C", " de"]);
    assert.deepEqual(places("a\u2581b", [token("a"), token(" "), token("b")]), ["a", "\u2581", "b"]);
  });
});
