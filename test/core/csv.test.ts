/** Tables survive a reader of RFC 4180, and no cell becomes a formula. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { BudgetTree } from "../../src/core/budget/budgetTree.js";
import { toCsv } from "../../src/core/csv.js";
import type { Price } from "../../src/core/tokens/prices.js";
import { budgetCsv } from "../../src/editor/budget/exportCsv.js";

describe("The budget as CSV", () => {
  it("has a row for each file, with what was counted with, what it costs, and how sure both are", () => {
    const tree = new BudgetTree("app");
    tree.set("src/a.ts", { tokens: 1000, bytes: 4000 });
    tree.set("b.md", { tokens: 10, bytes: 40 });
    const roots = [{ tree, folder: { name: "app" } as Parameters<typeof budgetCsv>[0][number]["folder"] }];
    const price: Price = {
      ...{ model: "claude", vendor: "Anthropic", input: 3, output: 15 },
      ...{ date: "2026-09-23", source: "https://anthropic.com/pricing" },
    };
    const counted = { tokenizer: "o200k_base", approximate: false, price, estimated: true };
    const [head, ...rows] = parse(budgetCsv(roots, counted)) as [string[], ...string[][]];
    const row = (path: string, table = rows) => {
      const cells = table.find(([first]) => first === path)!;
      return Object.fromEntries(head.map((name, at) => [name, cells[at]]));
    };
    assert.equal(rows.length, 2);
    assert.deepEqual(row("src/a.ts"), {
      ...{ path: "src/a.ts", tokens: "1000", bytes: "4000", tokenizer: "o200k_base", approximate: "no" },
      ...{ model: "claude", input_cost_usd: "0.003", output_cost_usd: "0.015", cost_estimated: "yes" },
      ...{ price_date: "2026-09-23", price_source: "https://anthropic.com/pricing" },
    });
    const exact = parse(budgetCsv(roots, { ...counted, estimated: false }));
    assert.equal(row("b.md", exact).cost_estimated, "no");
    const standsIn = parse(budgetCsv(roots, { ...counted, approximate: true, estimated: false }));
    assert.equal(row("b.md", standsIn).approximate, "yes");
    assert.equal(row("b.md", standsIn).cost_estimated, "yes", "of a count that is none");
    const unpriced = row("b.md", parse(budgetCsv(roots, { ...counted, price: undefined, estimated: false })));
    assert.deepEqual(
      Object.keys(unpriced).filter((name) => unpriced[name] === ""),
      ["model", "input_cost_usd", "output_cost_usd", "cost_estimated", "price_date", "price_source"],
    );
  });

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
