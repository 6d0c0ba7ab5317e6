/** JSON that is read in steps is what JSON.parse makes of it, and what is none is refused. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { type JsonEntries, readJsonInSteps } from "../../../src/core/tokens/readJson.js";
import { finished } from "./vocabularies.js";

const read = (text: string, asEntries = new Set<string>()) =>
  finished(readJsonInSteps(new TextEncoder().encode(text), asEntries));

describe("JSON in steps", () => {
  it("is what JSON.parse makes of it", () => {
    fc.assert(
      fc.property(fc.json({ stringUnit: "grapheme" }), fc.constantFrom(undefined, 2, "\t"), (text, space) => {
        const spaced = JSON.stringify(JSON.parse(text), null, space);
        assert.deepEqual(read(spaced), JSON.parse(spaced));
      }),
      { numRuns: 500 },
    );
    for (const text of [
      '{"__proto__":{"a":1}}',
      '"\\u00e9\\n\\"\\\\"',
      "-1.5e-7",
      '[[],{},"",0]',
      ' {"a":[1 , 2]} ',
    ]) {
      assert.deepEqual(read(text), JSON.parse(text), text);
    }
  });

  it("refuses what JSON.parse refuses", () => {
    const valid = '{"a":[1,-2.5e3,true,null,"x\\n\u00e9"],"b":{"c":""}}';
    fc.assert(
      fc.property(
        fc.nat(valid.length - 1),
        fc.nat(2),
        fc.constantFrom(...'{}[]",:01.-e\\tn \u0001'),
        (at, cut, put) => {
          const text = valid.slice(0, at) + put + valid.slice(at + cut);
          let expected: unknown;
          try {
            expected = JSON.parse(text);
          } catch (error) {
            assert.ok(error instanceof SyntaxError);
            assert.throws(() => read(text), SyntaxError, text);
            return;
          }
          assert.deepEqual(read(text), expected, text);
        },
      ),
      { numRuns: 3000 },
    );
    for (const text of ["", " ", "nul", "01", "[1,]", '{"a"}', "[1]]", '"', '{"a":1,}', "\ufeff1"]) {
      assert.throws(() => read(text), SyntaxError, text);
    }
  });

  it("lists entries where that is asked for", () => {
    const text = '{"vocab":{"b":1,"0":2},"c":{"d":3}}';
    const found = read(text, new Set(["vocab"])) as { vocab: JsonEntries; c: unknown };
    const { vocab } = found;
    const entries = Array.from({ length: vocab.length }, (_, at) => [vocab.keyAt(at), vocab.valueAt(at)]);
    assert.deepEqual(entries, [
      ["b", 1],
      ["0", 2],
    ]);
    const many = read(
      `{"vocab":{${Array.from({ length: 9000 }, (_, at) => `"k${at}":${at}`).join()}}}`,
      new Set(["vocab"]),
    );
    const { vocab: long } = many as { vocab: JsonEntries };
    assert.deepEqual([long.length, long.keyAt(4096), long.valueAt(8999)], [9000, "k4096", 8999]);
    assert.deepEqual(found.c, { d: 3 });
  });

  it("hands control back", () => {
    const steps = readJsonInSteps(
      new TextEncoder().encode(JSON.stringify(Array(10_000).fill("x"))),
      new Set(),
    );
    let count = 0;
    while (!steps.next().done) count++;
    assert.ok(count >= 9);
  });
});
