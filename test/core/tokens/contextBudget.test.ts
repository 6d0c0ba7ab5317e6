/** How full a window is, what falls out, and in which line it ends. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { fillBar, formatShare, lineOfToken, packWindow } from "../../../src/core/tokens/contextBudget.js";

describe("The context bar", () => {
  for (const [fraction, bar, share] of [
    [0, "▱▱▱▱▱▱▱▱▱▱", "0 %"],
    [0.0001, "▰▱▱▱▱▱▱▱▱▱", "< 0.1 %"],
    [0.031, "▰▱▱▱▱▱▱▱▱▱", "3.1 %"],
    [0.5, "▰▰▰▰▰▱▱▱▱▱", "50 %"],
    [0.9999, "▰▰▰▰▰▰▰▰▰▱", "99.9 %"],
    [1, "▰▰▰▰▰▰▰▰▰▰", "100 %"],
    [1.0001, "▰▰▰▰▰▰▰▰▰▰", "100.1 %"],
    [31.4, "▰▰▰▰▰▰▰▰▰▰", "3,140 %"],
  ] as const) {
    it(`shows ${fraction} as ${bar} ${share}`, () => {
      assert.equal(fillBar(fraction), bar);
      assert.equal(formatShare(fraction), share);
    });
  }

  it("never claims full or empty where it is not, and grows with what it shows", () => {
    const fraction = fc.double({ min: 0, max: 3, noNaN: true });
    fc.assert(
      fc.property(fraction, fraction, fc.integer({ min: 2, max: 30 }), (a, b, cells) => {
        const full = (of: number) => [...fillBar(of, cells)].filter((cell) => cell === "▰").length;
        assert.equal([...fillBar(a, cells)].length, cells);
        assert.equal(full(a) === 0, a === 0);
        assert.equal(full(a) === cells, a >= 1);
        if (a <= b) assert.ok(full(a) <= full(b));
        assert.equal(formatShare(a) === "100 %", a === 1);
      }),
    );
  });

  it("cuts the first that does not fit and drops all after it", () => {
    const packed = packWindow(10, [4, 5, 3, 1], (tokens) => tokens);
    assert.deepEqual(
      packed.map(({ kept }) => kept),
      [4, 5, 1, 0],
    );
  });

  it("keeps a beginning of what was put in, never more than the window", () => {
    fc.assert(
      fc.property(fc.nat(5000), fc.array(fc.nat(1000)), (window, sizes) => {
        const packed = packWindow(window, sizes, (tokens) => tokens);
        const kept = packed.reduce((sum, each) => sum + each.kept, 0);
        const all = sizes.reduce((sum, size) => sum + size, 0);
        assert.equal(kept, Math.min(window, all), "the window is used up before anything falls out");
        const firstCut = packed.findIndex((each) => each.kept < each.tokens);
        if (firstCut !== -1) for (const each of packed.slice(firstCut + 1)) assert.equal(each.kept, 0);
      }),
    );
  });

  it("finds the line in which a limit is passed, as counting line by line does", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20), { minLength: 1 }), fc.nat(300), (lines, limit) => {
        let sum = 0;
        const before = [0, ...lines.map((tokens) => (sum += tokens))];
        const slow = lines.findIndex((_, line) => before[line + 1]! > limit);
        assert.equal(
          lineOfToken(lines.length, limit, (line) => before[line]!),
          slow === -1 ? undefined : slow,
        );
      }),
    );
  });
});
