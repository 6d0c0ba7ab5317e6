/** How the work of a function grows: the inputs that grow, and the curves that are told apart. */

import assert from "node:assert/strict";
import { COMPLEXITIES, fitComplexity, GROWING_SIZES, grownInput } from "../../../src/core/checks/growth.js";
import { isSimpleLiteral, sameLiteral, splitArguments } from "../../../src/core/checks/literals.js";

const points = (of: (n: number) => number) =>
  GROWING_SIZES.map((size) => ({ size, lines: Math.round(of(size)) }));

describe("growth by measured lines", () => {
  const curves: Record<(typeof COMPLEXITIES)[number], (n: number) => number> = {
    "O(1)": () => 7,
    "O(log n)": (n) => 4 + 5 * Math.floor(Math.log2(n)),
    "O(n)": (n) => 3 + 2 * n + (n % 3),
    "O(n log n)": (n) => 5 + 3 * n * Math.log2(n) + n,
    "O(n²)": (n) => 2 + 3 * n + (n * (n - 1)) / 2,
  };
  for (const name of COMPLEXITIES) {
    it(`tells ${name}`, () => assert.equal(fitComplexity(points(curves[name])), name));
  }

  it("says nothing of too few points or of curves that are none of these", () => {
    assert.equal(fitComplexity(points(curves["O(n)"]).slice(0, 3)), undefined);
    assert.equal(fitComplexity(points((n) => 2 ** Math.min(n, 40))), undefined);
  });

  it("grows lists and texts, else whole numbers", () => {
    assert.equal(splitArguments(grownInput("[3, 1, 2], 4", ["values", "target"], 8)!).length, 2);
    const list = JSON.parse(grownInput("[3, 1, 2]", ["values"], 64)!) as number[];
    assert.equal(new Set(list).size, 64);
    assert.notDeepEqual(
      list,
      [...list].sort((a, b) => a - b),
    );
    const sorted = JSON.parse(grownInput("[3, 1, 2]", ["sorted"], 64)!) as number[];
    assert.deepEqual(
      sorted,
      [...sorted].sort((a, b) => a - b),
    );
    assert.match(grownInput('"ab", true', ["text", "flag"], 10)!, /^"[a-z]{10}", true$/);
    assert.equal(grownInput("3, 4", ["a", "b"], 16), "16, 16");
    assert.equal(grownInput("[{ id: 1 }, { id: 2 }]", ["items"], 3), "[{ id: 1 }, { id: 2 }, { id: 1 }]");
    assert.equal(grownInput("true", ["flag"], 8), undefined);
  });
});

describe("literals", () => {
  it("are split at the commas outside", () => {
    assert.deepEqual(splitArguments(String.raw`[1, 2], "a,\"b", { x: (1, 2) }`), [
      "[1, 2]",
      String.raw`"a,\"b"`,
      "{ x: (1, 2) }",
    ]);
    assert.deepEqual(splitArguments("  "), []);
  });

  it("are the same whatever the quotes, spaces and keys", () => {
    assert.ok(sameLiteral("{a: 1}", '{ "a": 1.0 }'));
    assert.ok(sameLiteral("['x']", '["x"]'));
    assert.ok(!sameLiteral("[1, 2]", "[12]"));
    assert.ok(!sameLiteral("5", '"5"'));
  });

  it("are simple when they are short and flat", () => {
    for (const value of ["-1", "3.25", '"a b"', "true", "None", "[1, 2]", "(1, 2)", "{ a: 1 }", "[]"]) {
      assert.ok(isSimpleLiteral(value), value);
    }
    for (const value of ["[[1]]", "f(x)", "1e400 + 2", "Map {}", `"${"a".repeat(80)}"`]) {
      assert.ok(!isSimpleLiteral(value), value);
    }
  });
});
