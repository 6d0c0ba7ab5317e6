/** Anchors of lessons hold by their text: through moves, other indentation and small changes, and not beyond. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { findAnchor } from "../../../src/core/lessons/anchors.js";

const FILE = readFileSync("media/sample/src/sum.ts", "utf8");
const LOOP = "for (const value of values) {\n  total += value;\n}";
const lines = (text: string) => text.split("\n");
const at = (text: string, part: string) => lines(text.slice(0, text.indexOf(part))).length - 1;

/** The lines that an anchor was found in, as text. */
function foundIn(text: string, anchor: string, near?: number): string | undefined {
  const found = findAnchor(text, anchor, near);
  return (
    found &&
    lines(text)
      .slice(found.firstLine, found.lastLine + 1)
      .join("\n")
  );
}

describe("an anchor in code", () => {
  it("is found where its text stands, whatever its indentation", () => {
    const found = findAnchor(FILE, LOOP);
    assert.deepEqual(found, { firstLine: 3, lastLine: 5, changed: false });
    const tabs = FILE.replace(/^( {2})+/gm, (spaces) => "\t".repeat(spaces.length));
    assert.deepEqual(findAnchor(tabs, LOOP), found);
    assert.deepEqual(findAnchor(FILE.replaceAll("\n", "\r\n"), LOOP), found);
  });

  it("is found after whatever is put in or taken out above it, below it, or around it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.stringMatching(/^[a-z{}()= ;]{0,30}$/), { maxLength: 60 }),
        fc.array(fc.stringMatching(/^[a-z{}()= ;]{0,30}$/), { maxLength: 60 }),
        fc.constantFrom("", "  ", "\t\t", "      "),
        (above, below, indent) => {
          const code = lines(LOOP).map((line) => indent + line);
          const found = findAnchor([...above, ...code, ...below].join("\n"), LOOP);
          assert.deepEqual(found, {
            firstLine: above.length,
            lastLine: above.length + 2,
            changed: false,
          });
        },
      ),
    );
  });

  it("is found with a line put between, a line gone, a name changed, a comment added", () => {
    const body = "  if (values.length === 0) return 0;\n  return sum(values) / values.length;";
    const changes: [RegExp | string, string][] = [
      ["return 0;\n", "return 0;\n  // The usual case.\n"],
      ["values.length === 0", "values.length == 0"],
      ["return sum(values) /", "return total(values) /"],
      ["return sum(values) / values.length;", "return sum(values) / values.length; // prices"],
    ];
    for (const [from, to] of changes) {
      const text = FILE.replace(from, to);
      assert.notEqual(text, FILE, String(from));
      const found = findAnchor(text, body);
      assert.equal(found?.changed, true, to);
      assert.equal(found?.firstLine, at(text, "if (values.length"), to);
      assert.equal(found?.lastLine, at(text, "/ values.length;"), to);
    }
    const renamed = FILE.replaceAll("value", "price");
    assert.match(foundIn(renamed, `let total = 0;\n${LOOP}\nreturn total;`) ?? "", /price of prices/);
    const other = FILE.replaceAll("total", "subtotal");
    assert.match(
      foundIn(other, `let total = 0;\n${LOOP}\nreturn total;`) ?? "",
      /^ *let sub[\s\S]*return sub/,
    );
  });

  it("follows a function that is moved to the end of its file", () => {
    const average = /\/\*\* The mean[\s\S]*?\n}\n/.exec(FILE)?.[0] ?? "";
    const moved = `${FILE.replace(average, "")}\n${average}`;
    const anchor = "return sum(values) / values.length;";
    assert.equal(foundIn(moved, anchor)?.trim(), anchor);
    assert.ok((findAnchor(moved, anchor)?.firstLine ?? 0) > at(moved, "export function largest"));
  });

  it("keeps to the place where it stood when there are two of it", () => {
    const twice = `${FILE}\n${FILE}`;
    const second = lines(FILE).length + 3;
    assert.equal(findAnchor(twice, LOOP)?.firstLine, 3);
    assert.equal(findAnchor(twice, LOOP, second - 4)?.firstLine, second);
  });

  it("is gone when its text is gone, and is not found in what merely looks like code", () => {
    assert.equal(
      findAnchor(FILE.replace(/ {2}for \(const value[\s\S]*?}\n/, ""), `${LOOP}\nreturn total;`),
      undefined,
    );
    assert.equal(findAnchor(FILE.slice(FILE.indexOf("/** The mean")), LOOP), undefined);
    assert.equal(findAnchor("", LOOP), undefined);
    assert.equal(findAnchor("}\n}\n{\n}", LOOP), undefined);
    assert.equal(findAnchor(FILE, "  \n"), undefined);
    assert.equal(findAnchor(readFileSync("media/sample/src/parseQuery.ts", "utf8"), LOOP), undefined);
  });

  it("is found in a file of five thousand lines without a search of everything with everything", () => {
    const filler = Array.from(
      { length: 4000 },
      (_, line) => `const value${line} = compute(${line}, values);`,
    );
    const changed = LOOP.replace("total += value", "total += Number(value)");
    const text = [...filler, ...lines(changed), ...filler.slice(0, 900)].join("\n");
    const found = findAnchor(text, LOOP);
    assert.deepEqual([found?.firstLine, found?.lastLine, found?.changed], [4000, 4002, true]);
  });
});
