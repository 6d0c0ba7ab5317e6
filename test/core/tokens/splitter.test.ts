/** The hand-written pre-tokenisers cut where their regular expressions do, and know how far an edit reaches. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { pieceEndInSteps, splitterFor } from "../../../src/core/tokens/splitter.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { anyText, encoderOf, FAMILIES } from "./reference.js";

/** Few characters at a time, so that every rule meets those that it competes with. */
const dense = fc.oneof(
  ...[
    "  \n\rA'sr!/1中\u0301",
    "x'reL",
    " \n\t1a",
    "AB中aǅʰ\u0301",
    "\ud835\udc00\udc1aA!",
    "!/\r\n ½12é_😀",
  ].map((units) => fc.string({ unit: fc.constantFrom(...units.split("")), maxLength: 12 })),
);
const texts = fc.oneof({ weight: 4, arbitrary: dense }, { weight: 1, arbitrary: anyText(12) });

for (const name of FAMILIES) {
  describe(`the pre-tokeniser of ${name}`, () => {
    const { pattern } = encoderOf(name).table;
    const { pieceEnd, isCertainBorder, settledBefore } = splitterFor(pattern);

    function borders(text: string): number[] {
      const found = [0];
      for (let at = 0; at < text.length; found.push(at)) at = pieceEnd(text, at);
      return found;
    }

    it("cuts where its regular expression does", () => {
      fc.assert(
        fc.property(texts, (text) => {
          const expected = [0];
          for (const match of text.matchAll(new RegExp(pattern, "ug"))) {
            assert.equal(match.index, expected.at(-1));
            expected.push(match.index + match[0].length);
          }
          assert.deepEqual(borders(text), expected);
        }),
        { numRuns: 10_000 },
      );
    });

    it("cuts at every certain border", () => {
      fc.assert(
        fc.property(texts, (text) => {
          const cuts = new Set(borders(text));
          for (let index = 0; index <= text.length; index++) {
            if (isCertainBorder(text, index)) assert.ok(cuts.has(index), `at ${index}`);
          }
        }),
        { numRuns: 5000 },
      );
    });

    it("leaves the pieces before an edit's reach as they are", () => {
      fc.assert(
        fc.property(texts, fc.nat(), fc.nat(3), dense, (text, place, length, inserted) => {
          const offset = place % (text.length + 1);
          const after = borders(text.slice(0, offset) + inserted + text.slice(offset + length));
          const settled = settledBefore(text, offset);
          const before = borders(text).filter((border) => border < settled);
          assert.deepEqual(after.slice(0, before.length), before);
        }),
        { numRuns: 20_000 },
      );
    });

    it("finds the end of a long piece in steps", () => {
      const runs = fc
        .tuple(
          fc.constantFrom(..."aA中!'= \u0301ʰ7/\n", "😀", "𠀀", "𝐀"),
          fc.integer({ min: 32_700, max: 32_900 }),
        )
        .map(([unit, count]) => unit.repeat(count));
      fc.assert(
        fc.property(fc.oneof(fc.constantFrom("", " "), dense), runs, dense, (front, run, tail) => {
          const text = front + run + tail;
          const steps = pieceEndInSteps(pieceEnd, text, 0);
          let step = steps.next();
          while (!step.done) step = steps.next();
          assert.equal(step.value, pieceEnd(text, 0));
        }),
        { numRuns: 300 },
      );
    });
  });
}

describe("an unknown pre-tokeniser", () => {
  it("is refused by name", () => {
    assert.throws(
      () => splitterFor("\\w+"),
      (error: unknown) =>
        error instanceof GlassboxError && error.code === "unsupported" && /\\w\+/.test(error.message),
    );
  });
});
