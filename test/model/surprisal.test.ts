/** What the model gives each token that stands in a text, held to the whole distributions it was read from. */

import assert from "node:assert/strict";
import { entropyBits, softmax } from "../../src/core/sampling/candidates.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { ModelProtocol, TokenReadings } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { LoadedModel } from "../../src/workers/model/loadedModel.js";
import { logitsOf } from "../../src/workers/model/nativeSampling.js";
import { type DistributionSource, readSurprisal } from "../../src/workers/model/surprisal.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel, chatModel, THREADS } from "../modelFiles.js";

const STORIES = builtInModel();
const TINY_LLAMA = chatModel();
const ALTERNATIVES = 8;
/** How far numbers may be off: by the engine's f32 sums over a vocabulary. */
const WITHIN = { bits: 0.01, probability: 0.002 };
/** The entropy of what is not among the best 128 is told from three sums, within a bound of its own and this. */
const ENTROPY_BITS = 0.3;

const TEXTS = [
  "Once upon a time, there was a little girl named Lily. She loved to play outside.",
  "Once upon a time, the quantum ledger 0x7f exploded; Ferdinand wept in Übersee.",
  "export function sum(values: number[]): number {\n  let total = 42;\n  return total;\n}\n",
];

function client(): WorkerClient<ModelProtocol> {
  return builtWorkers.model({ log: (line) => console.log(line) });
}

const near = (found: number, expected: number, within: number, what: string) =>
  assert.ok(Math.abs(found - expected) <= within, `${what}: ${found}, expected ${expected}`);

/** Holds one reading to the distribution that it was read from. */
function checkReading(
  readings: TokenReadings,
  at: number,
  tokenIds: readonly number[],
  logits: readonly Float32Array[],
): void {
  const position = readings.first + at;
  const id = tokenIds[position]!;
  const what = `token ${position} (${id})`;
  const probabilities = softmax(logits[position - 1]!);
  const own = probabilities[id]!;
  near(readings.bits[at]!, -Math.log2(own), WITHIN.bits, what);
  const entropy = entropyBits(probabilities);
  near(readings.entropies[at]!, entropy, ENTROPY_BITS, `${what}, entropy`);
  near(
    readings.entropies[at]!,
    entropy,
    readings.entropiesWithin[at]! + 0.001,
    `${what}, entropy as it says`,
  );
  // Ranks of tokens that can hardly be told apart may be any of theirs.
  const apart = 1 + WITHIN.bits / 100;
  const better = probabilities.filter((p) => p > own * apart).length;
  const asGood = probabilities.filter((p) => p >= own / apart).length;
  const rank = readings.ranks[at]!;
  assert.ok(rank >= Math.min(better + 1, asGood) && rank <= asGood, `${what}: rank ${rank}, ${asGood}`);
  const best = [...probabilities.keys()].sort((a, b) => probabilities[b]! - probabilities[a]!);
  for (let nth = 0; nth < ALTERNATIVES; nth++) {
    const other = readings.alternativeIds[at * ALTERNATIVES + nth]!;
    const p = readings.alternativeProbabilities[at * ALTERNATIVES + nth]!;
    near(p, probabilities[best[nth]!]!, WITHIN.probability, `${what}, alternative ${nth}`);
    near(p, probabilities[other]!, WITHIN.probability, `${what}, alternative ${nth}`);
  }
}

/** The readings of a text, and the whole distribution behind each token but the last: (vocabulary) f32 logits. */
async function readWithWitness(
  loaded: LoadedModel,
  tokenIds: number[],
): Promise<{ readings: TokenReadings[]; logits: Float32Array[] }> {
  const logits: Float32Array[] = [];
  const readings: TokenReadings[] = [];
  const sampler = loaded.nativeSampler();
  sampler.applyConfig({ temperature: 1, seed: 1 });
  const { info, vocabulary, nativeContext } = loaded;
  const watched: DistributionSource = {
    info,
    vocabulary,
    nativeContext,
    nativeSampler: () => loaded.nativeSampler(),
    // The engine rounds otherwise in each length of a piece: what it holds of this very piece is looked at.
    distributionsFrom: (ids, from, signal, look) =>
      loaded.distributionsFrom(ids, from, signal, async (first, places) => {
        for (const place of places) {
          const [, list] = await nativeContext.sampleToken(place, sampler, true, false);
          logits.push(logitsOf(list ?? [], info.vocabularySize));
        }
        await look(first, places);
      }),
  };
  try {
    const { signal } = new AbortController();
    const params = { tokenIds, from: 1, alternatives: ALTERNATIVES };
    await readSurprisal(watched, params, signal, (event) => readings.push(event));
  } finally {
    sampler.dispose();
  }
  return { readings, logits };
}

/** @param otherPieces bits by which the engine rounds otherwise in pieces of other lengths. */
function suite(path: string, texts: readonly string[], otherPieces: number): void {
  let worker: WorkerClient<ModelProtocol>;

  before(async () => {
    worker = client();
    await worker.call("load", { path, gpuLayers: 0, threads: THREADS });
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

  describe("of this process", () => {
    let loaded: LoadedModel;

    before(async () => {
      const { signal } = new AbortController();
      loaded = await LoadedModel.load({ path, gpuLayers: 0, threads: THREADS }, signal, () => {});
    });
    after(() => loaded.dispose());

    for (const text of texts) {
      it(`agrees with whole distributions on ${JSON.stringify(text.slice(0, 40))}`, async () => {
        const tokenIds = loaded.tokenize(text, true).map(({ id }) => id);
        const { readings, logits } = await readWithWitness(loaded, tokenIds);
        let seen = 1;
        for (const piece of readings) {
          assert.equal(piece.first, seen);
          for (const at of piece.bits.keys()) checkReading(piece, at, tokenIds, logits);
          seen += piece.bits.length;
        }
        assert.equal(seen, tokenIds.length);
      });
    }
  });

  it("reads a part as it reads the whole", async () => {
    const tokenIds = await idsOf(texts[0]!);
    const whole = (await read(tokenIds)).flatMap(({ bits }) => [...bits]);
    const from = 8;
    const part = await read(tokenIds, from);
    assert.equal(part[0]!.first, from);
    for (const [at, bits] of part.flatMap((readings) => [...readings.bits]).entries()) {
      near(bits, whole[from - 1 + at]!, otherPieces, `token ${from + at}`);
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
  suite(STORIES, TEXTS, 0.05);
});

describe("surprisal, TinyLlama", function () {
  this.timeout(120_000);
  suite(TINY_LLAMA, TEXTS.slice(2), 0.5);
});
