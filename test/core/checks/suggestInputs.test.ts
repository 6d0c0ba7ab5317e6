/** Suggested inputs: sensible for names, types, defaults and uses, and always valid JavaScript. */

import assert from "node:assert/strict";
import * as fc from "fast-check";
import type { Parameter } from "../../../src/core/checks/inputValues.js";
import { prepareSource } from "../../../src/core/checks/prepareSource.js";
import { suggestInputs } from "../../../src/core/checks/suggestInputs.js";

/** The arguments that an argument list stands for. */
function evaluate(list: string): unknown[] {
  return new Function(`return [${list}\n];`)() as unknown[];
}

const first = (parameter: Parameter, body = "") => evaluate(suggestInputs([parameter], body)[0] ?? "")[0];

describe("suggested inputs", () => {
  it("go by the type first", () => {
    const cases: [type: string, check: (value: unknown) => boolean][] = [
      ["number", (value) => typeof value === "number"],
      ["string | undefined", (value) => typeof value === "string"],
      ['"asc" | "desc"', (value) => value === "asc"],
      [
        "readonly string[]",
        (value) => Array.isArray(value) && value.every((each) => typeof each === "string"),
      ],
      ["Array<number[]>", (value) => Array.isArray(value) && Array.isArray(value[0])],
      ["Map<string, number>", (value) => value instanceof Map && value.size === 1],
      ["Set<number>", (value) => value instanceof Set],
      ["Record<string, number>", (value) => (value as { hello: number }).hello === 3],
      ["[string, number]", (value) => Array.isArray(value) && value.length === 2],
      [
        "{ name: string; age?: number; tags: string[] }",
        (value) => (value as { name: string }).name === "Ada",
      ],
      ["(a: number) => boolean", (value) => typeof value === "function"],
      ["bigint", (value) => typeof value === "bigint"],
      ["Date", (value) => value instanceof Date],
    ];
    for (const [type, check] of cases) {
      const value = first({ name: "anything", type });
      assert.ok(check(value), `${type}: ${String(value)}`);
    }
  });

  it("go by what the body does with a parameter, then by its name", () => {
    assert.equal(typeof first({ name: "a" }, "return a.split(',')"), "string");
    assert.ok(Array.isArray(first({ name: "thing" }, "for (const x of thing) y += x;")));
    assert.equal(typeof first({ name: "f" }, "return f(1)"), "function");
    assert.equal(typeof first({ name: "userName" }), "string");
    assert.equal(typeof first({ name: "isOpen" }), "boolean");
    assert.equal(typeof first({ name: "maxCount" }), "number");
    assert.ok(Array.isArray(first({ name: "numbers" })));
    assert.deepEqual(Object.keys(first({ name: "{ width, height: h }" }) as object), ["width", "height"]);
  });

  it("try edge cases, tell numbers apart, and leave defaults to the function once", () => {
    assert.ok(suggestInputs([{ name: "text" }], "").includes('""'));
    assert.ok(suggestInputs([{ name: "xs" }], "").includes("[]"));
    const [a, b] = evaluate(suggestInputs([{ name: "a" }, { name: "b" }], "")[0]!);
    assert.notEqual(a, b);
    assert.equal(suggestInputs([{ name: "n" }, { name: "base", defaultValue: "10" }], "")[0], "3");
    assert.deepEqual(suggestInputs([], ""), [""]);
    assert.deepEqual(evaluate(suggestInputs([{ name: "...xs", type: "number[]" }], "")[0]!), [3, 10, 0]);
  });

  it("are valid JavaScript for any names and types", () => {
    const name = fc.constantFrom("a", "xs", "isIt", "{ a, b: c = 2 }", "[x, y]", "...rest", "$el", "текст");
    const type = fc.constantFrom(
      "number",
      "Foo<Bar>",
      "A & B",
      "string[][]",
      "{ a: { b: number } }",
      "'x' | 1 | null",
      "(x: string) => void",
      "typeof x",
      "[a: number, b?: string]",
    );
    const parameter = fc.record({ name, type }, { requiredKeys: ["name"] });
    fc.assert(
      fc.property(fc.array(parameter, { maxLength: 4 }), fc.string(), (parameters, body) => {
        const inputs = suggestInputs(parameters as Parameter[], body);
        assert.ok(inputs.length >= 1 && inputs.length <= 4);
        assert.equal(new Set(inputs).size, inputs.length);
        for (const input of inputs) evaluate(input);
      }),
      { numRuns: 300 },
    );
  });
});

describe("source for the sandbox", () => {
  it("is left alone where it is plain JavaScript", () => {
    const source = 'function f() { return "export default import"; } const g = () => import("x");';
    assert.equal(prepareSource(source, "javascript"), source);
  });

  it("loses types and module syntax and keeps its lines", () => {
    const source =
      'import { a } from "a";\n\nexport function f(x: number): number {\n  return x as number;\n}';
    const prepared = prepareSource(source, "typescript");
    assert.equal(
      prepared.split("\n").findIndex((line) => line.includes("return x")),
      3,
    );
    assert.equal(
      new Function("exports", "require", `${prepared}; return f(4);`)({}, () => ({})),
      4,
    );
  });

  it("says where it does not parse", () => {
    assert.throws(() => prepareSource("const x: = 3;", "typescript"), /\(1:10\)/);
  });
});
