/** The probability of a continuation is the sum over all ways to spell it, on a small vocabulary where all can be listed. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { continuationOf, continuationsOf } from "../../../src/core/guess/continuation.js";
import { rankOf, rate, rated } from "../../../src/core/guess/rate.js";
import { byteString, Spellings } from "../../../src/core/guess/spellings.js";

/** Token 0 is a control token; "a", "b" and "c" make every text of the three spellable. */
const TOKENS = ["", "a", "b", "c", "ab", "bc", "abc", "aa", "ca", "abca"];
const bytesOf = (text: string) => new TextEncoder().encode(text);
const spellings = new Spellings(TOKENS.length, (id) => bytesOf(TOKENS[id]!));

/** A distribution that depends on what stands before, by a fixed rule. */
function logitsAfter(ids: readonly number[], seed: number): Float32Array {
  const raw = TOKENS.map(
    (_, id) => Math.sin(seed + 3 * id + 5 * ids.reduce((sum, each) => 7 * sum + each + 1, 0)) * 2,
  );
  const sum = raw.reduce((all, logit) => all + Math.exp(logit), 0);
  return Float32Array.from(raw, (logit) => logit - Math.log(sum));
}

/** The same by listing every sequence of tokens. */
function listed(text: string, seed: number, ids: readonly number[] = []): number {
  const logits = logitsAfter(ids, seed);
  let sum = 0;
  for (const [id, token] of TOKENS.entries()) {
    if (token === "") continue;
    const probability = Math.exp(logits[id]!);
    if (token.startsWith(text)) sum += probability;
    else if (text.startsWith(token))
      sum += probability * listed(text.slice(token.length), seed, [...ids, id]);
  }
  return sum;
}

const score = (text: string, seed: number) =>
  continuationOf(
    bytesOf(text),
    spellings,
    async (ids) => logitsAfter(ids, seed),
    new AbortController().signal,
  );

describe("The probability of a continuation", () => {
  it("is that of all ways to spell it, within what it says is missing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 6 }),
        fc.integer({ min: 0, max: 1000 }),
        async (letters, seed) => {
          const text = letters.join("");
          const { probability, missing } = await score(text, seed);
          const expected = listed(text, seed);
          assert.ok(probability <= expected + 1e-6, `${text}: ${probability} of ${expected}`);
          assert.ok(
            probability + missing >= expected - 1e-6,
            `${text}: ${probability} + ${missing}, ${expected}`,
          );
        },
      ),
    );
  });

  it("finds the most probable of several, and of the others at most what they can be", async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 1000 }), async (seed) => {
        const texts = ["ab", "ca", "bca", "aab"];
        const found = await continuationsOf(
          texts.map(bytesOf),
          spellings,
          async (ids) => logitsAfter(ids, seed),
          new AbortController().signal,
        );
        const expected = texts.map((text) => listed(text, seed));
        for (const [at, { probability, missing }] of found.entries()) {
          assert.ok(probability <= expected[at]! + 1e-6);
          assert.ok(probability + missing >= expected[at]! - 1e-6);
        }
        const most = Math.max(...expected);
        const best = found.reduce((a, b) => (b.probability > a.probability ? b : a));
        assert.ok(best.probability >= 0.98 * most, `${best.probability} of ${most}`);
      }),
    );
  });

  it("counts a part of a token as all tokens that begin with it", async () => {
    const logits = logitsAfter([], 1);
    // "abc" begins two tokens, and may be spelled "ab" "c…", "a" "bc…" and "a" "b" "c…" as well.
    const { probability, oneToken, beginning, spelling } = await score("abc", 1);
    assert.equal(oneToken, true);
    assert.equal(beginning, 2);
    assert.ok(probability > Math.exp(logits[6]!) + Math.exp(logits[9]!));
    assert.ok(TOKENS[spelling.at(-1)!]!.length > 0);
    const part = await score("abcab", 1);
    assert.equal(part.oneToken, false);
    assert.equal(part.beginning, 0);
    assert.ok(part.spelling.length > 1);
  });

  it("is nothing where no token spells it, and refuses what is empty", async () => {
    const none = await score("x", 1);
    assert.deepEqual(none, { probability: 0, missing: 0, oneToken: false, beginning: 0, spelling: [] });
    await assert.rejects(score("", 1), /nothing to score/);
  });

  it("stops when it is told to", async () => {
    const next = async () => assert.fail("It asked for a distribution.");
    await assert.rejects(
      continuationOf(bytesOf("a"), spellings, next, AbortSignal.abort()),
      (error: Error & { code?: string }) => error.code === "cancelled",
    );
  });
});

describe("A vocabulary by its bytes", () => {
  it("finds the tokens that begin with a text, those that are it, and those that it begins with", () => {
    const texts = (ids: Iterable<number>) => [...ids].map((id) => TOKENS[id]);
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom("a", "b", "c", "d"), { minLength: 1, maxLength: 5 }),
        (letters) => {
          const text = letters.join("");
          const own = TOKENS.filter((token) => token !== "");
          assert.deepEqual(
            texts(spellings.beginningWith(text)),
            own.filter((t) => t.startsWith(text)).sort(),
          );
          assert.deepEqual(
            texts(spellings.exactly(text)),
            own.filter((t) => t === text),
          );
          assert.deepEqual(
            texts(spellings.beginningsOf(text).map(({ id }) => id)),
            own.filter((t) => t !== text && text.startsWith(t)).sort((a, b) => a.length - b.length),
          );
        },
      ),
    );
  });

  it("keeps bytes above 127 apart", () => {
    const tokens = [Uint8Array.of(0xc3), Uint8Array.of(0xc3, 0xbc), Uint8Array.of(0xff), Uint8Array.of(0x7f)];
    const high = new Spellings(tokens.length, (id) => tokens[id]!);
    assert.deepEqual([...high.beginningWith(byteString(Uint8Array.of(0xc3)))], [0, 1]);
    assert.deepEqual([...high.beginningWith(byteString(Uint8Array.of(0xff)))], [2]);
  });
});

describe("The rating of a distribution", () => {
  it("agrees with sorting it", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 6, maxLength: 40 }), (raw) => {
        const sum = raw.reduce((all, logit) => all + Math.exp(logit), 0);
        const logits = Float32Array.from(raw, (logit) => logit - Math.log(sum));
        const order = [...logits.keys()].sort((a, b) => logits[b]! - logits[a]! || a - b);
        const { best, entropy } = rate(logits, 5);
        assert.deepEqual(
          best.map(({ id }) => id),
          order.slice(0, 5),
        );
        const bits = [...logits].reduce(
          (all, logit) => all - Math.exp(logit) * Math.log2(Math.exp(logit)),
          0,
        );
        assert.ok(Math.abs(entropy - bits) < 1e-5);
        for (const [at, id] of order.entries()) {
          assert.ok(rankOf(logits, id) <= at + 1);
          assert.ok(
            Math.abs(rated(logits, id).bits + Math.log2(Math.exp(logits[id]!))) < 1e-9 || logits[id]! > 0,
          );
        }
      }),
    );
  });
});
