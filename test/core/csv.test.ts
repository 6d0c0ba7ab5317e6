/** Tables survive a reader of RFC 4180, and no cell becomes a formula. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { toCsv } from "../../src/core/csv.js";

describe("The budget as CSV", () => {
  it("quotes what must be quoted, and nothing else", () => {
    assert.equal(
      toCsv([
        ["path", "tokens"],
        ['a "b", c.ts', 12],
        ["two\nlines", 0],
      ]),
      'path,tokens\r\n"a ""b"", c.ts",12\r\n"two\nlines",0\r\n',
    );
  });

  it("lets no text begin a formula", () => {
    for (const text of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x","y")']) {
      const [[cell]] = parse(toCsv([[text]])) as [[string]];
      assert.equal(cell, `'${text}`);
    }
    assert.equal(toCsv([["a=b"]]), "a=b\r\n");
  });

  it("writes small numbers without an exponent", () => {
    assert.equal(toCsv([[0.0000025, 1e-9, 3, 0.5]]), "0.0000025,0.000000001,3,0.5\r\n");
  });

  it("gives back any table to a reader of RFC 4180", () => {
    const table = fc.array(fc.array(fc.string({ unit: "grapheme" }), { minLength: 1, maxLength: 5 }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(table, (rows) => {
        const guarded = rows.map((row) => row.map((text) => (/^[=+\-@\t\r]/.test(text) ? `'${text}` : text)));
        assert.deepEqual(parse(toCsv(rows)), guarded);
      }),
    );
  });
});

/** A reader after the grammar of RFC 4180, letter by letter. */
function parse(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const letter = text[i]!;
    if (quoted) {
      if (letter !== '"') field += letter;
      else if (text[i + 1] === '"') field += text[++i];
      else quoted = false;
    } else if (letter === '"') quoted = true;
    else if (letter === ",") {
      row.push(field);
      field = "";
    } else if (letter === "\r" && text[i + 1] === "\n") {
      rows.push([...row, field]);
      row = [];
      field = "";
      i++;
    } else field += letter;
  }
  return rows;
}
