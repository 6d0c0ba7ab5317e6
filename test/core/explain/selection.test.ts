/** What is explained when nothing or too much is selected, and how steps keep their lines under edits. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { moveLines } from "../../../src/core/explain/moveLines.js";
import {
  cutText,
  MOST_CHARACTERS,
  MOST_LINES,
  paragraphAround,
} from "../../../src/core/explain/selectText.js";
import { finishedSentences } from "../../../src/core/explain/sentences.js";

describe("what is explained without a selection", () => {
  const lines = ["a", "b", "", "  ", "c", "d"];
  const around = (line: number) => paragraphAround(lines.length, (index) => lines[index]!, line);

  it("is the paragraph around the caret", () => {
    assert.deepEqual(around(0), { first: 0, last: 1 });
    assert.deepEqual(around(1), { first: 0, last: 1 });
    assert.deepEqual(around(5), { first: 4, last: 5 });
  });

  it("is nothing on a blank line and behind the end", () => {
    assert.equal(around(2), undefined);
    assert.equal(around(3), undefined);
    assert.equal(around(6), undefined);
  });
});

describe("a selection that is too long", () => {
  it("is cut after a stated number of lines", () => {
    const text = Array.from({ length: 1203 }, (_, index) => `line ${index}`).join("\n");
    const cut = cutText(text);
    assert.equal(cut.cut, true);
    assert.equal(cut.lines, MOST_LINES);
    assert.equal(cut.allLines, 1203);
    assert.ok(cut.text.endsWith(`line ${MOST_LINES - 1}`));
  });

  it("is cut after a stated number of characters, never inside one", () => {
    const cut = cutText("😀".repeat(MOST_CHARACTERS));
    assert.ok(cut.text.length <= MOST_CHARACTERS);
    assert.doesNotMatch(cut.text, /\p{Surrogate}/u);
    const odd = cutText(`a${"😀".repeat(MOST_CHARACTERS)}`);
    assert.equal(odd.text.length, MOST_CHARACTERS - 1);
    assert.doesNotMatch(odd.text, /\p{Surrogate}/u);
  });

  it("is left alone when it is short", () => {
    assert.deepEqual(cutText("a\nb"), { text: "a\nb", lines: 2, allLines: 2, cut: false });
  });
});

describe("the lines of a step", () => {
  /** Applies an edit of whole lines to a document of numbered lines and looks where the range's lines went. */
  it("follow whole-line edits above and below them, as a document of numbered lines shows", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 30 }),
        fc.nat(),
        fc.nat(),
        fc.nat(),
        fc.nat(5),
        fc.nat(5),
        (count, a, b, place, removed, inserted) => {
          const document = Array.from({ length: count }, (_, line) => String(line));
          const first = a % count;
          const last = first + (b % (count - first));
          const firstLine = place % (count + 1);
          const lastLine = Math.min(count, firstLine + removed);
          const outside = lastLine <= first || firstLine > last;
          fc.pre(outside);
          const range = { first, last };
          const moved = moveLines(range, { firstLine, lastLine, wholeLines: true, insertedBreaks: inserted });
          document.splice(firstLine, lastLine - firstLine, ...Array.from({ length: inserted }, () => "new"));
          assert.equal(moved.edited, false);
          assert.equal(document[moved.first], String(first));
          assert.equal(document[moved.last], String(last));
        },
      ),
    );
  });

  it("count as edited when the edit touches them", () => {
    const inside = moveLines(
      { first: 4, last: 8 },
      { firstLine: 5, lastLine: 6, wholeLines: false, insertedBreaks: 3 },
    );
    assert.deepEqual(inside, { first: 4, last: 10, edited: true });
    const onLine = moveLines(
      { first: 4, last: 4 },
      { firstLine: 4, lastLine: 4, wholeLines: false, insertedBreaks: 0 },
    );
    assert.deepEqual(onLine, { first: 4, last: 4, edited: true });
    const all = moveLines(
      { first: 4, last: 8 },
      { firstLine: 2, lastLine: 20, wholeLines: false, insertedBreaks: 0 },
    );
    assert.equal(all.edited, true);
    assert.ok(all.first <= all.last);
  });
});

describe("finished sentences", () => {
  it("are counted only when something follows them", () => {
    assert.equal(finishedSentences("It adds"), 0);
    assert.equal(finishedSentences("It adds."), 0);
    assert.equal(finishedSentences("It adds. Then"), 1);
    assert.equal(finishedSentences("It adds. Then it returns `total`. The"), 2);
  });

  it("are not ended by points in names, numbers and abbreviations", () => {
    assert.equal(finishedSentences("It calls a.b.c with 3.14 (e.g. twice, i.e. again) and"), 0);
    assert.equal(finishedSentences("Is it `x.`? Yes."), 1);
  });
});
