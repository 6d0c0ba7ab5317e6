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

/** Few characters, so that the runs grow long in which an edit can reach back: blanks, capitals, contractions. */
const joint = fc.string({ unit: fc.constantFrom(..." \n\rAa'sreLl1中!/\u0301𝐀".split("")), maxLength: 2 });
const lookahead = fc
  .array(
    fc.oneof(
      fc
        .tuple(
          fc.constantFrom(" ", "\n", "A", "'", "1", "a", "中", "\u0301", "𝐀", "!"),
          fc.integer({ min: 1, max: 6 }),
        )
        .map(([unit, count]) => unit.repeat(count)),
      fc.constantFrom("\n    ", "x'r", "x're", "x'LL", "中AB", "\u0301ABC", "!\r\n\n/"),
    ),
    { maxLength: 8 },
  )
  .map((parts) => parts.join(""));

/** Two runs without any certain border, longer than what is encoded at once. */
const longRuns = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "a",
        " ",
        "=",
        "N",
        "7",
        "😀",
        "中",
        "ab",
        "hello",
        "XYZ",
        "漢字仮名",
        "हि",
        "e\u0301",
        "-=",
        "abcdefg",
      ),
      fc.integer({ min: 2100, max: 5000 }),
    ),
    { minLength: 1, maxLength: 2 },
  )
  .map((runs) => runs.map(([unit, length]) => unit.repeat(Math.ceil(length / unit.length))).join(""));

/** Texts far too long for one chunk, in which nothing or little is certain to end a piece. */
const giants = fc
  .array(
    fc.tuple(
      fc.constantFrom(
        "a",
        " ",
        "=",
        "😀",
        "中",
        "N",
        "7",
        "ab",
        "漢字仮名",
        "= ",
        "\n",
        "aA",
        "中A",
        "\ud83d",
        "\r\n",
      ),
      fc.constantFrom(700, 6000, 30_000, 150_000),
      fc.constantFrom("", "", "\nfoo bar(1);\n", " x ", "'s"),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((runs) =>
    runs.map(([unit, length, end]) => unit.repeat(Math.ceil(length / unit.length)) + end).join(""),
  );

/** What people and their tools do in such texts: mostly where they did something last, sometimes at several places. */
const longEdits = fc.array(
  fc.record({
    // Where the caret goes; it stays where the last edit left it without.
    at: fc.option(fc.double({ min: 0, max: 1, noNaN: true })),
    length: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.constantFrom(1, 2, 30, 3000, 12_000)),
    text: fc.oneof(
      fc.constantFrom(
        "a",
        "x",
        "1",
        " ",
        "\n",
        "A",
        "=",
        "'",
        "中",
        "😀",
        "\ud83d",
        "\ude00",
        "\u0301",
        "ab",
      ),
      fc.constantFrom("", "", "aaaaaaa", "\r\n", "'s", "=".repeat(300), "中".repeat(2500), "foo bar"),
    ),
    carets: fc.constantFrom(1, 1, 1, 3),
  }),
  { minLength: 1, maxLength: 8 },
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

    it("are those of the whole text at the joints where pre-tokenisers look ahead", () => {
      fc.assert(
        fc.property(lookahead, fc.nat(), fc.nat(2), joint, (text, place, length, inserted) => {
          const offset = place % (text.length + 1);
          const document = new TokenDocument(encoder, text);
          document.encode(() => true);
          const removed = Math.min(length, text.length - offset);
          document.edit({ offset, length: removed, text: inserted });
          assert.deepEqual(
            idsOf(document),
            encoder.encode(text.slice(0, offset) + inserted + text.slice(offset + removed)),
          );
        }),
        { numRuns: 4000 },
      );
    });

    it("are those of the whole text around pieces of many thousand characters", () => {
      fc.assert(
        fc.property(longRuns, edits, (initial, list) => {
          const document = new TokenDocument(encoder, initial);
          document.encode(() => true);
          let text = initial;
          for (const edit of list) text = apply(document, text, edit);
          assert.deepEqual(idsOf(document), encoder.encode(text));
          assert.equal(document.text(0, text.length), text);
        }),
        { numRuns: 40 },
      );
    });

    it("are those of the whole text where it cannot be cut for long, wherever it is edited", () => {
      fc.assert(
        fc.property(giants, longEdits, (initial, list) => {
          const document = new TokenDocument(encoder, initial);
          document.encode(() => true);
          let text = initial;
          let caret = text.length >> 1;
          for (const { at, length, text: inserted, carets } of list) {
            if (at !== null) caret = Math.round(at * text.length);
            // From the last place to the first, as the editor reports several at once.
            for (let i = carets - 1; i >= 0; i--) {
              const offset = Math.min(caret + i * 40, text.length);
              const removed = Math.min(carets === 1 ? length : 0, text.length - offset);
              document.edit({ offset, length: removed, text: inserted });
              text = text.slice(0, offset) + inserted + text.slice(offset + removed);
            }
            document.encode(() => true);
            const expected = encoder.encode(text);
            assert.equal(document.tokenCount, expected.length);
            assert.deepEqual(idsOf(document), expected);
            assert.equal(document.text(0, text.length), text);
            caret = Math.min(caret + inserted.length, text.length);
          }
        }),
        { numRuns: 12 },
      );
    }).timeout(60_000);

    it("are mended at once in a run of many characters", () => {
      for (const unit of ["a", "=", "中", "漢字仮名"]) {
        const document = new TokenDocument(encoder, `let x = 1;\n${unit.repeat(300_000 / unit.length)}\nend`);
        document.encode(() => true);
        let caret = 150_000;
        for (const text of ["中", unit, `${unit} `, "", unit, ""]) {
          const length = text === "" ? unit.length : 0;
          document.edit({ offset: caret, length, text });
          assert.ok(document.complete, `${JSON.stringify(text)} in a run of ${unit}`);
          caret += text.length;
        }
        assert.deepEqual(idsOf(document), encoder.encode(document.text(0, document.length)));
      }
    });

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
