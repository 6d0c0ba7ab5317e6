/**
 * Ids and spans in every encoding, or in the one that is named: all corpora, a hundred thousand texts, a hundred
 * thousand edits.
 */

import assert from "node:assert/strict";
import type { ExactnessRun } from "../../scripts/exactness.js";
import { type Held, packageVersion } from "../../scripts/held.js";
import { ENCODING_NAMES } from "../../src/core/tokens/encodings.js";
import { CORPUS_NAMES, corpus } from "../core/tokens/corpora.js";
import { checkEdits, checkTexts, SECOND } from "../core/tokens/exactness.js";
import { encoderOf, referenceIds } from "../core/tokens/reference.js";

const COUNT = 100_000;
const SEED = 20_261_122;
/** Repeated 2,000 times: where byte-pair encoders are slow, and differ. */
const RUNS = ["a", " ", "=", "😀", "中", "ab", "\n", "\u0301", "हि"];

export async function run({ say, keep, count = COUNT, part: only }: ExactnessRun): Promise<void> {
  const names = ENCODING_NAMES.filter((name) => only === undefined || name === only);
  if (names.length === 0) throw new Error(`There is no encoding "${only}": ${ENCODING_NAMES.join(", ")}.`);
  const same = (what: string, against: string, cases: number, of: string): Held => ({
    what,
    against,
    cases,
    of,
    found: { kind: "equal" },
  });
  const [first, second] = [packageVersion("js-tiktoken"), packageVersion("gpt-tokenizer")];
  for (const name of names) {
    let inCorpora = 0;
    for (const kind of CORPUS_NAMES) {
      const text = corpus(kind);
      const ids = encoderOf(name).encode(text);
      assert.deepEqual(ids, SECOND[name](text), `${name}: ${kind} by gpt-tokenizer`);
      // In parts: js-tiktoken takes minutes for some of these as a whole.
      for (let at = 0; at < text.length; at += 50_000) {
        const part = text.slice(at, at + 10_000);
        assert.deepEqual(encoderOf(name).encode(part), referenceIds(name, part), `${name}: ${kind} at ${at}`);
      }
      inCorpora += ids.length;
      say(`${name}: ${ids.length} tokens of ${kind}`);
    }
    for (const unit of RUNS) {
      const run = unit.repeat(2000);
      assert.deepEqual(
        encoderOf(name).encode(run),
        SECOND[name](run),
        `${name}: a run of ${JSON.stringify(unit)}`,
      );
    }
    checkTexts(name, count, SEED);
    say(`${name}: ${count} texts`);
    checkEdits(name, count, SEED);
    say(`${name}: ${count} edits`);
    await keep(name, [
      same(
        `ids of ${CORPUS_NAMES.length} corpora`,
        `${second}, a fifth of each also ${first}`,
        inCorpora,
        "tokens",
      ),
      same("ids of runs of one character", second, RUNS.length, "texts"),
      same("ids, bytes and spans of random texts", first, count, "texts"),
      same("ids and spans after random edits", first, count, "edits"),
    ]);
  }
}
