/** The calculator against BigInt, and against values that are known. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { compare, evaluate, formatRational, numberOf } from "../../../src/core/tools/arithmetic.js";

const value = (expression: string): string => {
  const { value: result } = evaluate(expression);
  assert.ok(result, expression);
  return formatRational(result);
};

/** A tree of integers as an expression, and what BigInt makes of it. */
interface Known {
  text: string;
  value: bigint;
}

const integers: fc.Arbitrary<Known> = fc
  .bigInt({ min: 0n, max: 10n ** 40n })
  .map((n) => ({ text: `${n}`, value: n }));

const expressions: fc.Arbitrary<Known> = fc.letrec<{ tree: Known }>((tie) => ({
  tree: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    integers,
    fc
      .record({ a: tie("tree"), b: tie("tree"), sign: fc.constantFrom("+", "-", "*", "×", "−") })
      .map(({ a, b, sign }) => ({
        text: `(${a.text} ${sign} ${b.text})`,
        value: sign === "+" ? a.value + b.value : "-−".includes(sign) ? a.value - b.value : a.value * b.value,
      })),
    tie("tree").map((a) => ({ text: `-${a.text}`, value: -a.value })),
    fc.record({ a: tie("tree"), n: fc.integer({ min: 0, max: 4 }) }).map(({ a, n }) => ({
      text: `(${a.text})^${n}`,
      value: a.value ** BigInt(n),
    })),
  ),
})).tree;

describe("exact arithmetic", () => {
  it("agrees with BigInt on trees of integers of any size", () => {
    fc.assert(
      fc.property(expressions, ({ text, value: known }) => assert.equal(value(text), `${known}`)),
      { numRuns: 3000 },
    );
  });

  it("reads a chain without brackets as BigInt does: products first, from the left", () => {
    const chain = fc.array(
      fc.tuple(fc.constantFrom("+", "-", "*"), fc.bigInt({ min: 0n, max: 10n ** 12n })),
      {
        minLength: 1,
        maxLength: 12,
      },
    );
    fc.assert(
      fc.property(chain, (links) => {
        const text = links
          .map(([sign, n]) => `${sign} ${n}`)
          .join(" ")
          .replace(/^\S+ /, "");
        let sum = 0n;
        let product = links[0]![1];
        for (const [sign, n] of links.slice(1)) {
          if (sign === "*") product *= n;
          else {
            sum += product;
            product = sign === "+" ? n : -n;
          }
        }
        assert.equal(value(text), `${sum + product}`);
      }),
    );
  });

  it("multiplies any two numbers of ten digits", () => {
    const tenDigits = fc.bigInt({ min: 10n ** 9n, max: 10n ** 10n - 1n });
    fc.assert(
      fc.property(tenDigits, tenDigits, (a, b) => assert.equal(value(`${a} × ${b}`), `${a * b}`)),
      { numRuns: 2000 },
    );
    assert.equal(value("1234567890 * 9876543210"), "12193263111263526900");
  });

  it("divides and takes remainders as fractions: a = b × (a / b), and a % b is BigInt's", () => {
    const numbers = fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n });
    fc.assert(
      fc.property(
        numbers,
        numbers.filter((b) => b !== 0n),
        (a, b) => {
          assert.equal(value(`(${a}) / (${b}) * (${b})`), `${a}`);
          assert.equal(value(`(${a}) % (${b})`), `${a % b}`);
        },
      ),
    );
  });

  it("orders decimals by their value, however many digits they have", () => {
    const decimals = fc.tuple(fc.nat(1_000_000), fc.nat(999_999), fc.integer({ min: 1, max: 12 }));
    fc.assert(
      fc.property(decimals, decimals, ([a, b, n], [c, d, m]) => {
        const left = `${a}.${`${b}`.padStart(n, "0")}`;
        const right = `${c}.${`${d}`.padStart(m, "0")}`;
        const places = Math.max(left.split(".")[1]!.length, right.split(".")[1]!.length);
        const scaled = (text: string) =>
          BigInt(text.split(".")[0]! + text.split(".")[1]!.padEnd(places, "0"));
        const known = scaled(left) < scaled(right) ? "<" : scaled(left) > scaled(right) ? ">" : "=";
        assert.equal(compare(numberOf(left), numberOf(right)), known);
        assert.equal(evaluate(`${left} > ${right}`).comparison?.holds, known === ">");
        assert.equal(evaluate(`${left} <= ${right}`).comparison?.holds, known !== ">");
      }),
    );
    assert.equal(evaluate("9.11 > 9.9").comparison?.order, "<");
  });

  it("roots: the largest number of so many digits whose square is not above", () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 10n ** 30n }), fc.integer({ min: 0, max: 40 }), (n, digits) => {
        const { value: root } = evaluate(`sqrt(${n}, ${digits})`);
        assert.ok(root);
        const { numerator: p, denominator: q } = root;
        assert.ok(p * p <= n * q * q);
        const step = 10n ** BigInt(digits);
        const next = p * step + q;
        assert.ok(root.exact || next * next > n * q * q * step * step);
        assert.equal(root.exact, p * p === n * q * q);
      }),
    );
    assert.equal(value("sqrt(2, 10)"), "about 1.4142135623");
    assert.equal(value("sqrt(16/9)"), "4/3 (about 1.33333333333333333333)");
  });

  const known: [string, string][] = [
    ["3847 × 291", "1119477"],
    ["3,847 * 291", "1119477"],
    ["0.1 + 0.2", "0.3"],
    ["1/3", "1/3 (about 0.33333333333333333333)"],
    ["1/8", "0.125"],
    ["-2^2", "-4"],
    ["2^3^2", "512"],
    ["2^-2", "0.25"],
    ["(-1)^1000001", "-1"],
    ["0^0", "1"],
    ["0^5", "0"],
    ["7 % 3 * 2", "2"],
    ["-7 % 3", "-1"],
    ["1.5e3 + .5", "1500.5"],
    ["gcd(462, 1071)", "21"],
    ["gcd(0, 0)", "0"],
    ["abs(-3.5)", "3.5"],
    ["2 ** 10", "1024"],
    ["--5", "5"],
    ["10 − 4 ÷ 2", "8"],
  ];
  for (const [text, result] of known) it(`${text} = ${result}`, () => assert.equal(value(text), result));

  const faults: [string, RegExp][] = [
    ["", /empty/],
    ["3 +", /ends where a number should follow/],
    ["3 4", /sign between the numbers may be missing/],
    ["(3", /Expected "\)", got the end/],
    ["1/0", /division by zero/],
    ["5 % 0", /division by zero/],
    ["0^-1", /division by zero/],
    ["2^0.5", /whole exponents; use sqrt/],
    ["9^9^9", /more than 60,000 digits/],
    ["sqrt(-1)", /no real square root/],
    ["sqrt(2, 5000)", /0 to 1000 digits/],
    ["process.exit(1)", /Cannot read "\."/],
    ["constructor(1)", /There is no "constructor"/],
    ["gcd(1)", /gcd takes 2 numbers, got 1/],
    ["gcd(1.5, 2)", /takes whole numbers, got 1\.5/],
    ["1 < 2 < 3", /One comparison at a time/],
    ["1e99999", /exponent/],
    [`${"(".repeat(500)}1${")".repeat(500)}`, /nested more than 200/],
    ["1".repeat(20_000), /at most 10000 are read/],
  ];
  for (const [text, message] of faults) {
    it(`says what is wrong with ${JSON.stringify(text.slice(0, 20))}`, () =>
      assert.throws(() => evaluate(text), { code: "invalid-request", message }));
  }

  it("ends quickly or with an error on any text", () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom(..."0129.,+-*/%^()<>=eab _"), maxLength: 60 }),
        (text) => {
          try {
            evaluate(text);
          } catch (error) {
            assert.equal((error as { code?: string }).code, "invalid-request");
          }
        },
      ),
      { numRuns: 5000 },
    );
  });
});
