/** A text that is taken in line by line while it is edited ends up as the text that it is. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type LineEdit, LineIntake } from "../../../src/core/tokens/lineIntake.js";
import { TokenDocument } from "../../../src/core/tokens/tokenDocument.js";
import { encoderOf } from "./reference.js";

interface Place {
  line: number;
  character: number;
}

/** A document as the editor holds it, and the changes that it reports. */
class EditedText {
  readonly #eol: string;
  #lines: string[];

  constructor(text: string, eol: string) {
    this.#eol = eol;
    this.#lines = text.split("\n");
  }

  get lineCount(): number {
    return this.#lines.length;
  }

  get text(): string {
    return this.#lines.join(this.#eol);
  }

  lines(first: number, end: number): string {
    const text = this.#lines.slice(first, end).join(this.#eol);
    return end < this.#lines.length ? text + this.#eol : text;
  }

  /** Replaces what lies between each two places, given as shares of the text; answers what VS Code tells of it. */
  replace(shares: readonly number[], inserted: string): LineEdit[] {
    const places = shares
      .map((share) => {
        const line = Math.floor(share * this.#lines.length);
        return { line, character: Math.floor((share * 7919) % (this.#lines[line]!.length + 1)) };
      })
      .sort((a, b) => a.line - b.line || a.character - b.character);
    const changes: LineEdit[] = [];
    // The last place first.
    for (let i = (places.length & ~1) - 2; i >= 0; i -= 2) {
      changes.push(this.#replaceOne(places[i]!, places[i + 1]!, inserted));
    }
    return changes;
  }

  #replaceOne(start: Place, end: Place, inserted: string): LineEdit {
    const offset = ({ line, character }: Place) =>
      this.#lines.slice(0, line).reduce((sum, { length }) => sum + length + this.#eol.length, character);
    const rangeOffset = offset(start);
    const rangeLength = offset(end) - rangeOffset;
    const before = this.#lines[start.line]!.slice(0, start.character);
    const joined = before + inserted + this.#lines[end.line]!.slice(end.character);
    this.#lines.splice(start.line, end.line - start.line + 1, ...joined.split("\n"));
    return { range: { start, end }, rangeOffset, rangeLength, text: inserted.replaceAll("\n", this.#eol) };
  }
}

describe("Taking in a text by lines", () => {
  const line = fc.string({ maxLength: 12 }).map((text) => text.replace(/[\r\n]/g, " "));
  const share = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  const step = fc.oneof(
    fc.constant("take in" as const),
    fc.record({
      // Several carets at once.
      carets: fc.array(share, { minLength: 2, maxLength: 6 }),
      text: fc.array(line, { minLength: 1, maxLength: 3 }).map((lines) => lines.join("\n")),
    }),
  );

  it("follows edits before, behind and across what was taken in", () => {
    const tokenizer = encoderOf("o200k_base");
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1, maxLength: 900 }),
        fc.constantFrom("\n", "\r\n"),
        fc.array(step, { maxLength: 12 }),
        (lines, eol, steps) => {
          const source = new EditedText(lines.join("\n"), eol);
          const tokens = new TokenDocument(tokenizer, "");
          const intake = new LineIntake(tokens, source, source.text.length);
          for (const done of steps) {
            if (done === "take in") {
              if (!intake.done) intake.takeIn();
              continue;
            }
            // The source has all of them before the first is told.
            for (const change of source.replace(done.carets, done.text)) intake.edit(change);
            assert.equal(tokens.length + tokens.unread, source.text.length, "all is taken in or to come");
            // An empty last line brings nothing, and is still to be taken in.
            if (intake.done) assert.deepEqual([tokens.unread, tokens.length], [0, source.text.length]);
          }
          while (!intake.done) intake.takeIn();
          assert.equal(tokens.text(0, tokens.length), source.text);
          assert.equal(tokens.unread, 0);
          tokens.encode(() => true);
          assert.deepEqual(
            tokens.spans(0, tokens.length).map(({ id }) => id),
            tokenizer.encode(source.text),
          );
        },
      ),
      { numRuns: 300 },
    );
  });

  it("is complete only when all was taken in", () => {
    const tokenizer = encoderOf("o200k_base");
    const source = new EditedText("let a = 1;\n".repeat(2000), "\n");
    const tokens = new TokenDocument(tokenizer, "");
    const intake = new LineIntake(tokens, source, source.text.length);
    assert.equal(tokens.countStarting(0, 1), undefined);
    intake.takeIn();
    tokens.encode(() => true);
    assert.ok(!tokens.complete);
    assert.ok(tokens.fraction > 0 && tokens.fraction < 1);
    assert.ok(tokens.isEncoded(0, tokens.length));
    assert.ok(!tokens.isEncoded(0, tokens.length + 1));
    assert.equal(tokens.indexAt(tokens.length + 1), undefined);
    while (!intake.done) intake.takeIn();
    tokens.encode(() => true);
    assert.ok(tokens.complete);
    assert.equal(tokens.tokenCount, tokenizer.encode(source.text).length);
  });
});
