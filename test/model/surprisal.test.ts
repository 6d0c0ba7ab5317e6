/** What the model gives each token that stands in a text, held to whole distributions that come by another way. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { cacheFolder } from "../../src/core/cacheFolder.js";
import { entropyBits, softmax } from "../../src/core/sampling/candidates.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { ModelProtocol, TokenReadings } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";

const STORIES = join(process.cwd(), "media", "models", "stories15M-Q8_0.gguf");
const TINY_LLAMA = join(
  cacheFolder(process.platform, process.env, homedir()),
  "models",
  "tinyllama-1.1b-chat-IQ2_XXS.gguf",
);
const ALTERNATIVES = 8;
/** How far numbers may be off. */
interface Within {
  /** The engine's f32 sums over a vocabulary. */
  bits: number;
  probability: number;
  /** The entropy of what is not among the best 128 is told from three sums. */
  entropyBits: number;
  /** Pieces of other lengths are rounded otherwise. */
  otherPieces: number;
}
const EIGHT_BIT: Within = { bits: 0.01, probability: 0.002, entropyBits: 0.3, otherPieces: 0.05 };
/** Two-bit weights round far more, and otherwise in each length of a piece. */
const TWO_BIT: Within = { bits: 0.3, probability: 0.03, entropyBits: 0.5, otherPieces: 0.5 };

const TEXTS = [
  "Once upon a time, there was a little girl named Lily. She loved to play outside.",
  "Once upon a time, the quantum ledger 0x7f exploded; Ferdinand wept in Übersee.",
  "export function sum(values: number[]): number {\n  let total = 42;\n  return total;\n}\n",
];

function client(): WorkerClient<ModelProtocol> {
  return new WorkerClient<ModelProtocol>({
    name: "model",
    script: join(process.cwd(), "dist", "workers", "model.mjs"),
    log: (line) => console.log(line),
  });
}

const near = (found: number, expected: number, within: number, what: string) =>
  assert.ok(Math.abs(found - expected) <= within, `${what}: ${found}, expected ${expected}`);

function suite(path: string, texts: readonly string[], within: Within): void {
  let worker: WorkerClient<ModelProtocol>;

  before(async () => {
    worker = client();
    await worker.call("load", { path, gpuLayers: 0, threads: 2 });
  });
  after(() => worker.dispose());

  const idsOf = async (text: string) =>
    (await worker.call("tokenize", { text, bos: true })).map(({ id }) => id);
  const read = async (tokenIds: number[], from = 1, signal?: AbortSignal): Promise<TokenReadings[]> => {
    const events: TokenReadings[] = [];
    await worker.call(
      "surprisal",
      { tokenIds, from, alternatives: ALTERNATIVES },
      { onEvent: (event) => events.push(event), ...(signal ? { signal } : {}) },
    );
    return events;
  };

  for (const text of texts) {
    it(`agrees with whole distributions on ${JSON.stringify(text.slice(0, 40))}`, async () => {
      const tokenIds = await idsOf(text);
      const logits: Float32Array[] = [];
      await worker.call(
        "logitsAtEachPosition",
        { tokenIds },
        { onEvent: (event) => void logits.push(event.logits) },
      );
      let seen = 1;
      for (const readings of await read(tokenIds)) {
        assert.equal(readings.first, seen);
        readings.bits.forEach((bits, at) => {
          const position = readings.first + at;
          const id = tokenIds[position]!;
          const probabilities = softmax(logits[position - 1]!);
          const own = probabilities[id]!;
          const what = `token ${position} (${id})`;
          near(bits, -Math.log2(own), within.bits, what);
          near(readings.entropies[at]!, entropyBits(probabilities), within.entropyBits, `${what}, entropy`);
          const off = Math.abs(readings.entropies[at]! - entropyBits(probabilities));
          // The two readings have pieces of other lengths.
          const said = readings.entropiesWithin[at]! + within.otherPieces;
          assert.ok(off <= said, `${what}: entropy ${off} off, said within ${said}`);
          // Ranks of tokens that can hardly be told apart may be any of theirs.
          const apart = 1 + within.bits / 100;
          const better = probabilities.filter((p) => p > own * apart).length;
          const asGood = probabilities.filter((p) => p >= own / apart).length;
          const rank = readings.ranks[at]!;
          assert.ok(
            rank >= Math.min(better + 1, asGood) && rank <= asGood,
            `${what}: rank ${rank}, ${asGood}`,
          );
          const best = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
          for (let nth = 0; nth < ALTERNATIVES; nth++) {
            const other = readings.alternativeIds[at * ALTERNATIVES + nth]!;
            const p = readings.alternativeProbabilities[at * ALTERNATIVES + nth]!;
            near(p, probabilities[best[nth]!]!, within.probability, `${what}, alternative ${nth}`);
            near(p, probabilities[other]!, within.probability, `${what}, alternative ${nth}`);
          }
          seen++;
        });
      }
      assert.equal(seen, tokenIds.length);
    });
  }

  it("reads a part as it reads the whole", async () => {
    const tokenIds = await idsOf(texts[0]!);
    const whole = (await read(tokenIds)).flatMap(({ bits }) => [...bits]);
    const from = 8;
    const part = await read(tokenIds, from);
    assert.equal(part[0]!.first, from);
    for (const [at, bits] of part.flatMap((readings) => [...readings.bits]).entries()) {
      near(bits, whole[from - 1 + at]!, within.otherPieces, `token ${from + at}`);
    }
  });

  it("refuses what it cannot read", async () => {
    const code = (expected: string) => (error: unknown) =>
      error instanceof GlassboxError && error.code === expected;
    const tokenIds = await idsOf("a b");
    await assert.rejects(read(tokenIds, 0), code("invalid-request"));
    await assert.rejects(read(tokenIds, tokenIds.length), code("invalid-request"));
    await assert.rejects(read([...tokenIds, 10_000_000]), code("invalid-request"));
    await assert.rejects(read(new Array<number>(5000).fill(tokenIds[1]!)), code("too-long"));
  });

  it("stops soon, and reads on afterwards", async () => {
    const tokenIds = (await idsOf(texts.join("\n").repeat(3))).slice(0, 250);
    const abort = new AbortController();
    let abortedAt = 0;
    await assert.rejects(
      worker.call(
        "surprisal",
        { tokenIds, from: 1, alternatives: ALTERNATIVES },
        {
          signal: abort.signal,
          onEvent: () => {
            if (abortedAt === 0) {
              abortedAt = Date.now();
              abort.abort();
            }
          },
        },
      ),
      (error: unknown) => error instanceof GlassboxError && error.code === "cancelled",
    );
    const [first] = await read(await idsOf(texts[0]!));
    assert.ok(first!.bits.every((bits) => Number.isFinite(bits)));
  });
}

describe("surprisal, built-in model", function () {
  this.timeout(60_000);
  suite(STORIES, TEXTS, EIGHT_BIT);
});

describe("surprisal, TinyLlama", function () {
  this.timeout(120_000);
  before(function () {
    if (!existsSync(TINY_LLAMA)) this.skip();
  });
  suite(TINY_LLAMA, TEXTS.slice(2), TWO_BIT);
});
