/** The tokens of a text that is edited are those of the edited text, whatever the edit. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import { anyText, encoderOf, FAMILIES } from "./reference.js";

const idsOf = (document: TokenDocument) => document.spans(0, document.length).map((span) => span.id);

/** Code that fills several chunks. */
function longText(name: string): string {
  const lines: string[] = [];
  for (let i = 0; i < 220; i++) {
    lines.push(
      `  const value${i} = ${name}.get("key-${i}") ?? 'don\\'t'; // ${i % 7 === 0 ? "größer 中文 😀" : "x"}`,
    );
    if (i % 9 === 0) lines.push("", "", "\t\t");
    if (i % 13 === 0) lines.push("=".repeat(60), "HTTPSERVERCONFIGURATION");
  }
  return lines.join("\n");
}

interface Edit {
  at: number;
  length: number;
  text: string;
}

const edits = fc.array(
  fc.record({
    at: fc.double({ min: 0, max: 1, noNaN: true }),
    length: fc.oneof(fc.constant(0), fc.nat(3), fc.nat(40)),
    text: fc.oneof(fc.constant(""), anyText(3)),
  }),
  { minLength: 1, maxLength: 12 },
);

function apply(document: TokenDocument, text: string, { at, length, text: inserted }: Edit): string {
  const offset = Math.round(at * text.length);
  const removed = Math.min(length, text.length - offset);
  document.edit({ offset, length: removed, text: inserted });
  return text.slice(0, offset) + inserted + text.slice(offset + removed);
}

for (const name of FAMILIES) {
  describe(`tokens of an edited text, ${name}`, () => {
    const encoder = encoderOf(name);

    const holds = (start: fc.Arbitrary<string>, runs: number) =>
      fc.assert(
        fc.property(start, edits, (initial, list) => {
          const document = new TokenDocument(encoder, initial);
          document.encode(() => true);
          let text = initial;
          for (const edit of list) {
            text = apply(document, text, edit);
            assert.equal(document.length, text.length);
            assert.equal(document.text(0, text.length), text);
            assert.ok(document.complete);
            const expected = encoder.encode(text);
            assert.deepEqual(idsOf(document), expected);
            assert.equal(document.tokenCount, expected.length);
          }
        }),
        { numRuns: runs },
      );

    it("are those of the whole text, in short texts", () => holds(anyText(30), 700));

    it("are those of the whole text, in texts of many chunks", () => holds(fc.constant(longText(name)), 12));

    it("are those of the whole text when it is edited before it has been read", () => {
      fc.assert(
        fc.property(fc.constant(longText(name)), edits, fc.nat(12), (initial, list, steps) => {
          const document = new TokenDocument(encoder, initial);
          let text = initial;
          for (const edit of list) {
            let left = steps;
            document.encode(() => --left > 0, Math.round(edit.at * text.length));
            text = apply(document, text, edit);
          }
          document.encode(() => true);
          assert.deepEqual(idsOf(document), encoder.encode(text));
        }),
        { numRuns: 30 },
      );
    });

    it("are those of the whole text while a piece longer than a slice is under way", () => {
      const run = "n".repeat(30_000);
      const document = new TokenDocument(encoder, `let x = ${run} + 1`);
      document.encode(() => false);
      document.encode(() => false);
      document.edit({ offset: 5000, length: 1, text: "ab" });
      document.encode(() => true);
      assert.deepEqual(idsOf(document), encoder.encode(document.text(0, document.length)));
    });
  });
}
