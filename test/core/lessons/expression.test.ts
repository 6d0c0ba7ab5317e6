/** Formulas: read as written, evaluated, and differentiated as finite differences say. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { calculate, curveOf, placeOf, rounded, valueAt } from "../../../src/core/lessons/calculator.js";
import {
  differentiate,
  evaluateAt,
  namesOf,
  parseExpression,
  writeExpression,
} from "../../../src/core/lessons/expression.js";
import type { CalculatorInput } from "../../../src/shared/panels/lesson.js";

const computed = (source: string, values: Record<string, number> = {}) =>
  evaluateAt(parseExpression(source), new Map(Object.entries(values)));

describe("a formula", () => {
  it("is read as it is written", () => {
    const cases: [string, number][] = [
      ["1 + 2 * 3", 7],
      ["-2^2", -4],
      ["2^3^2", 512],
      ["2^-1", 0.5],
      ["(1 + 2) * 3 / 2", 4.5],
      ["10 - 4 - 3", 3],
      ["max(2, min(7, 5))", 5],
      ["exp(0) + ln(1) + log2(8) + sqrt(9)", 7],
      ["sigmoid(0) + tanh(0) + relu(-3) + floor(2.7) + ceil(0.2)", 3.5],
      ["1.5e3", 1500],
    ];
    for (const [source, value] of cases) assert.equal(computed(source), value, source);
    assert.equal(
      computed("kv_heads * floor", { kv_heads: 8, floor: 2 }),
      16,
      "a name may be that of a function",
    );
    assert.deepEqual(namesOf(parseExpression("a * b + sigmoid(a - c)")), ["a", "b", "c"]);
    assert.ok(Number.isNaN(computed("a + 1")), "an unknown name has no value");
  });

  it("says where it cannot be read", () => {
    const cases: [string, RegExp][] = [
      ["", /ends where a value should follow/],
      ["1 +", /ends where a value should follow/],
      ["2 $ 3", /Cannot read "\$ 3" at place 2/],
      ["(1 + 2", /bracket is not closed/],
      ["eval(1)", /no function "eval"/],
      ["max(1)", /max takes 2 values, found 1/],
      ["1 2", /Did not expect "2"/],
      ["(".repeat(60), /nested more than 50 deep/],
      ["1".repeat(501), /at most 500/],
    ];
    for (const [source, message] of cases) assert.throws(() => parseExpression(source), message, source);
  });

  const leaf = fc.constantFrom("x", "y", "0.5", "2", "3");
  const { tree } = fc.letrec<{ tree: string }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4, withCrossShrink: true },
      leaf,
      fc
        .tuple(fc.constantFrom("tanh", "sigmoid", "exp"), tie("tree"))
        .map(([name, of]) => `${name}(tanh(${of}))`),
      fc
        .tuple(fc.constantFrom("+", "-", "*"), tie("tree"), tie("tree"))
        .map(([sign, left, right]) => `(${left} ${sign} ${right})`),
      fc.tuple(tie("tree"), tie("tree")).map(([left, right]) => `(${left} / (2 + tanh(${right})))`),
    ),
  }));
  const place = fc.double({ min: -1, max: 1, noNaN: true });

  it("has the slopes that finite differences show", () => {
    fc.assert(
      fc.property(tree, place, place, (source, x, y) => {
        const at = new Map([
          ["x", x],
          ["y", y],
        ]);
        const expression = parseExpression(source);
        const { value, gradient } = differentiate(expression, at);
        assert.equal(value, evaluateAt(expression, at));
        for (const name of namesOf(expression)) {
          const step = 1e-5;
          const moved = (by: number) =>
            evaluateAt(expression, new Map([...at, [name, (at.get(name) ?? 0) + by]]));
          const slope = (moved(step) - moved(-step)) / (2 * step);
          const found = gradient.get(name) ?? Number.NaN;
          assert.ok(
            Math.abs(found - slope) <= 1e-4 * Math.max(1, Math.abs(slope), Math.abs(value)),
            `${name} ${found} ${slope}`,
          );
        }
      }),
      { numRuns: 200 },
    );
  });

  it("is written so that it can be read again", () => {
    fc.assert(
      fc.property(tree, place, place, (source, x, y) => {
        const expression = parseExpression(source);
        const written = parseExpression(writeExpression(expression));
        const at = new Map([
          ["x", x],
          ["y", y],
        ]);
        assert.equal(evaluateAt(written, at), evaluateAt(expression, at));
      }),
      { numRuns: 100 },
    );
  });
});

describe("a calculator", () => {
  const input = (fields: Partial<CalculatorInput>): CalculatorInput => ({
    id: "x",
    label: "x",
    value: 2,
    min: 1,
    max: 1000,
    step: 0,
    scale: "log",
    format: "number",
    from: undefined,
    ...fields,
  });

  it("computes outputs from inputs and from outputs above them", () => {
    const config = {
      type: "calculator" as const,
      text: "",
      own: false,
      inputs: [input({}), input({ id: "two-parts", value: 3 })],
      outputs: [
        { id: "product", label: "", formula: "x * two_parts", format: "number" as const },
        { id: "twice", label: "", formula: "product * 2", format: "number" as const },
      ],
      alike: false,
      curve: { along: "x", outputs: ["twice"] },
    };
    assert.deepEqual(calculate(config, {}), { x: 2, "two-parts": 3, product: 6, twice: 12 });
    assert.equal(calculate(config, { x: 5 }).twice, 30);
    const curve = curveOf(config, {});
    assert.equal(curve?.xs[0], 1);
    assert.ok(Math.abs((curve?.xs.at(-1) ?? 0) - 1000) < 1e-6);
    for (const [at, x] of (curve?.xs ?? []).entries())
      assert.ok(Math.abs((curve?.ys[0]?.[at] ?? 0) - x * 6) < 1e-6);
  });

  it("moves by factors on a log scale and by steps on a linear one", () => {
    const log = input({});
    assert.ok(Math.abs(valueAt(log, 1 / 3) - 10) < 1e-9);
    assert.ok(Math.abs(placeOf(log, 100) - 2 / 3) < 1e-9);
    assert.equal(placeOf(log, 5000), 1, "beyond its end it stands at its end");
    assert.equal(rounded(log, 123.456), 123);
    assert.equal(rounded(input({ scale: "linear", step: 0.1 }), 2.34), 2.3);
    assert.equal(rounded(input({ scale: "linear", step: 1 }), 2000), 1000);
  });
});
