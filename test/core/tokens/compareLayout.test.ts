/** The alignment of tokenizers: every character once in every row, the same columns everywhere, borders that agree. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Borders,
  bordersOf,
  countCuts,
  tokenAt,
  tokensWithin,
} from "../../../src/core/tokens/compareBorders.js";
import { clustersOf, layOut, type TokenPart } from "../../../src/core/tokens/compareLayout.js";
import type { EncodingName } from "../../../src/core/tokens/encodings.js";
import { tokenSpans } from "../../../src/core/tokens/tokenSpans.js";
import { joiningForms, visualOrder } from "../../../src/core/tokens/writingDirection.js";
import { anyText, encoderOf, FAMILIES } from "./reference.js";

const utf8 = new TextEncoder();
/** CJK and emoji take two columns. */
const widthOf = (text: string) => (/^[\u1100-\uffff\u{1f000}-\u{1ffff}]/u.test(text) ? 2 : 1);

function rowOf(encoding: EncodingName, text: string) {
  const encoder = encoderOf(encoding);
  const ids = encoder.encode(text);
  return { ids, lengths: ids.map((id) => encoder.byteLength(id)) };
}

const compare = (text: string, columns = 40, encodings: readonly EncodingName[] = FAMILIES) =>
  layOut(
    text,
    encodings.map((encoding) => rowOf(encoding, text)),
    columns,
    widthOf,
  );

const partsOf = (lines: ReturnType<typeof compare>["lines"], row: number): TokenPart[] =>
  lines.flatMap(({ rows }) => rows[row]!);

describe("The alignment of tokenizers", function () {
  this.timeout(30_000);

  it("shows every token of every row, its beginning and its end once", () => {
    fc.assert(
      fc.property(anyText(30), fc.integer({ min: 8, max: 120 }), (text, columns) => {
        const { lines, borders } = compare(text, columns);
        for (const [row, encoding] of FAMILIES.entries()) {
          const { ids, lengths } = rowOf(encoding, text);
          const parts = partsOf(lines, row);
          const begun = parts.filter(({ start }) => start !== undefined).map(({ token }) => token);
          const ended = parts.filter(({ ends }) => ends).map(({ token }) => token);
          const all = Array.from(ids.keys());
          assert.deepEqual(
            begun.sort((a, b) => a - b),
            all,
          );
          assert.deepEqual(
            ended.sort((a, b) => a - b),
            all,
          );
          for (const { token, id, firstByte, endByte } of parts) {
            assert.equal(id, ids[token]);
            assert.equal(firstByte, borders.starts[row]![token]);
            assert.equal(endByte - firstByte, lengths[token]);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("fills each line from its first to its last column, in every row", () => {
    fc.assert(
      fc.property(anyText(30), fc.integer({ min: 8, max: 120 }), (text, columns) => {
        for (const { rows, width } of compare(text, columns).lines) {
          assert.ok(width <= columns, `${width} of ${columns}`);
          for (const parts of rows) {
            let at = 0;
            for (const part of parts) {
              near(part.x, at);
              let within = part.x;
              for (const glyph of part.glyphs) {
                near(glyph.x, within);
                within += glyph.width;
              }
              at += part.width;
              near(within, at);
            }
            near(at, width);
          }
        }
      }),
      { numRuns: 150 },
    );
  });

  it("writes every character once in every row, at the same columns", () => {
    const text = "const größe = [1, 22, 333]; // 中文 and e\u0301\r\n\treturn total;\n\n\nend";
    const { lines } = compare(text);
    const expected = text.replaceAll(" ", "·").replaceAll("\t", "→").replaceAll("\r\n", "␍⏎");
    for (const row of FAMILIES.keys()) {
      const written = partsOf(lines, row).flatMap(({ glyphs }) => glyphs);
      // gpt2 and others may cut 中 into bytes: hex digits stand in its place.
      const letters = written.filter(({ kind }) => kind !== "byte").map((glyph) => glyph.text);
      const bytes = written.filter(({ kind }) => kind === "byte").map((glyph) => glyph.text);
      const whole = letters.join("").replaceAll("\u25cc", "");
      if (bytes.length === 0) assert.equal(whole, expected.replaceAll("\n", "⏎"));
      else assert.ok(whole.length < expected.length);
    }
    for (const { rows } of lines) {
      const places = rows.map((parts) => {
        const found = new Map<number, string>();
        for (const glyph of parts.flatMap(({ glyphs }) => glyphs)) {
          if (glyph.kind === "byte") continue;
          const step = glyph.width / glyph.text.length;
          if (step !== 1) continue;
          for (const [index, letter] of [...glyph.text].entries()) found.set(glyph.x + index, letter);
        }
        return found;
      });
      for (const one of places) {
        for (const other of places) {
          for (const [x, letter] of one) assert.equal(other.get(x) ?? letter, letter, `column ${x}`);
        }
      }
    }
  });

  it("has the borders where the spans of the tokens have them", () => {
    fc.assert(
      fc.property(anyText(25), (text) => {
        const rows = FAMILIES.map((encoding) => rowOf(encoding, text));
        const borders = bordersOf(rows, utf8.encode(text).length);
        for (const [row, encoding] of FAMILIES.entries()) {
          const spans = tokenSpans(encoderOf(encoding), text, Uint32Array.from(rows[row]!.ids));
          for (const span of spans) {
            if (span.startsInside) continue;
            const firstByte = utf8.encode(text.slice(0, span.start)).length;
            assert.equal(borders.starts[row]![span.index], firstByte);
          }
        }
        assertCutsAgree(borders);
      }),
      { numRuns: 80 },
    );
  });

  function assertCutsAgree(borders: Borders): void {
    const size = borders.cuts.length - 1;
    const sets = borders.starts.map((starts) => new Set(starts));
    let any = 0;
    let all = 0;
    for (let at = 0; at <= size; at++) {
      const count = sets.filter((set) => set.has(at)).length;
      if (at > 0 && at < size) {
        assert.equal(borders.cuts[at], count);
        if (count > 0) any++;
        if (count === sets.length) all++;
      }
    }
    assert.deepEqual(countCuts(borders), { any, all });
    let end = 0;
    for (const stretch of borders.stretches) {
      assert.equal(stretch.firstByte, end);
      end = stretch.endByte;
      let inside = false;
      for (let at = stretch.firstByte + 1; at < end; at++) inside ||= sets.some((set) => set.has(at));
      assert.equal(stretch.disputed, inside);
    }
    assert.equal(end, size);
  }

  it("finds the tokens of other rows that share bytes with one", () => {
    fc.assert(
      fc.property(anyText(15), (text) => {
        const rows = FAMILIES.map((encoding) => rowOf(encoding, text));
        const size = utf8.encode(text).length;
        if (size === 0) return;
        const borders = bordersOf(rows, size);
        for (let byte = 0; byte < size; byte++) {
          for (const row of rows.keys()) {
            const token = tokenAt(borders, row, byte);
            assert.ok(borders.starts[row]![token]! <= byte && byte < borders.starts[row]![token + 1]!);
          }
        }
        const { from, to } = tokensWithin(borders, 2, borders.starts[0]![0]!, borders.starts[0]![1]!);
        const ofToken = rows[2]!.lengths.slice(0, to).reduce((sum, length) => sum + length, 0);
        assert.equal(from, 0);
        assert.ok(ofToken >= rows[0]!.lengths[0]!);
      }),
      { numRuns: 80 },
    );
  });

  it("shows the bytes where a token splits a character, and the character itself above", () => {
    const { lines } = compare("a 🦜 b", 40, ["o200k_base", "gpt2"]);
    const [line] = lines;
    assert.ok(line?.text?.some(({ text }) => text === "🦜"));
    const gpt2 = line!.rows[1]!.filter(({ splits }) => splits);
    assert.ok(gpt2.length > 1);
    const shown = gpt2.flatMap(({ glyphs }) => glyphs).filter(({ kind }) => kind === "byte");
    assert.deepEqual(
      shown.map(({ text }) => text),
      ["F0", "9F", "A6", "9C"],
    );
  });

  it("leaves the line of the text away where no character is split", () => {
    for (const { text, rows } of compare("let total = 0;\nreturn total;\n").lines) {
      assert.equal(text, undefined);
      assert.ok(rows.flat().every(({ splits }) => !splits));
    }
  });

  it("begins a line after a line break, and lets blank lines join the next", () => {
    const firstBytes = compare("a\n\n\n  b\nc", 40).lines.map(({ rows }) => rows[0]![0]!.firstByte);
    // "a⏎" | "⏎⏎··b⏎" | "c"; a token of several line breaks belongs to the line that it begins in.
    assert.equal(firstBytes.length, 3);
  });

  it("ends a long line where all tokenizers cut, if there is such a place near", () => {
    const text = "the quick brown fox jumps over the lazy dog ".repeat(20);
    const { lines, borders } = compare(text, 30);
    assert.ok(lines.length > 20);
    for (const { rows } of lines.slice(1)) {
      const first = rows[0]![0]!;
      assert.equal(first.start, "all");
      assert.equal(borders.cuts[first.firstByte], FAMILIES.length);
    }
  });

  it("refuses tokens that are not the text", () => {
    assert.throws(() => bordersOf([{ ids: [1], lengths: [2] }], 3), /2 bytes, the text has 3/);
  });

  it("takes an empty text and one token", () => {
    assert.deepEqual(compare("").lines, []);
    const [line] = compare("a").lines;
    assert.deepEqual(
      line!.rows.map((parts) => parts.length),
      FAMILIES.map(() => 1),
    );
  });

  it("keeps what is seen as one character together", () => {
    const clusters = clustersOf("e\u0301👩‍👩‍👧\r\n🇩🇪x");
    assert.deepEqual(
      clusters.map(({ text }) => text),
      ["e\u0301", "👩‍👩‍👧", "\r\n", "🇩🇪", "x"],
    );
    assert.equal(clusters.at(-1)!.firstByte, 3 + 18 + 2 + 8);
  });
});

describe("The direction of writing", () => {
  const seen = (text: string) =>
    visualOrder([...text])
      .map(({ index }) => [...text][index])
      .join("");

  it("leaves text from left to right as it is", () => {
    assert.equal(seen("let x = 12;"), "let x = 12;");
  });

  it("turns a line of Hebrew around, but not the number in it", () => {
    assert.equal(seen("אבג 123 דה"), "הד 123 גבא");
  });

  it("turns a Hebrew word inside a Latin line around", () => {
    assert.equal(seen("say אבג now"), "say גבא now");
  });

  it("turns Latin words inside a Hebrew line back", () => {
    assert.equal(seen("אב foo bar גד"), "דג foo bar בא");
  });

  it("puts every character somewhere, once", () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(..."ab1 ,אבגשلمن\n"), maxLength: 40 }), (text) => {
        const order = visualOrder([...text]).map(({ index }) => index);
        assert.deepEqual(
          order.sort((a, b) => a - b),
          [...text].map((_, index) => index),
        );
      }),
    );
  });

  it("joins Arabic letters as their neighbours ask for it", () => {
    // Lam joins both sides, alef only the one before it; the hamza none.
    assert.deepEqual(joiningForms([..."لاء"]), ["ل\u200d", "\u200dا", "ء"]);
    assert.deepEqual(joiningForms([..."ab"]), ["a", "b"]);
  });
});

function near(actual: number, expected: number): void {
  assert.ok(Math.abs(actual - expected) < 1e-9, `${actual}, expected ${expected}`);
}
