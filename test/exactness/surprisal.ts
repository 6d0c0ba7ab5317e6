/**
 * Surprisal and entropy as the model process streams them, against whole distributions of a second engine: the
 * formulas in 64-bit floats on everything that llama.cpp gives for each position.
 */

import type { ExactnessRun } from "../../scripts/exactness.js";
import { engineVersion, type Held } from "../../scripts/held.js";
import {
  builtInModelPath,
  chatModelPath,
  ensureBuiltInModel,
  ensureChatModel,
} from "../../scripts/models.js";
import { entropyBits, softmax } from "../../src/core/sampling/candidates.js";
import { builtWorkers } from "../builtWorkers.js";
import { engineAnswers, openEngine, withEngine } from "../model/conformance/engine.js";
import { LENS_TEXTS } from "../model/lensTexts.js";

const TEXTS = 20;
const TOKENS = 64;
const CONTEXT = 256;

/**
 * How far two readings may be apart, in bits. The engine multiplies pieces of other lengths in another order, which
 * weights of two bits answer with other roundings: one improbable token may then be a bit off, and has no bar.
 */
interface Bars {
  surprisal: number | undefined;
  /** Beyond what the reading itself says it may be off. */
  entropy: number | undefined;
  /** Of the mean over a text, which is what is shown for it. */
  mean: number;
}

interface Model {
  name: string;
  path(): string;
  bars: Bars;
}

const MODELS: Readonly<Record<string, Model>> = {
  stories: {
    name: "stories15M",
    path: builtInModelPath,
    bars: { surprisal: 0.05, entropy: 0.05, mean: 0.01 },
  },
  tinyllama: {
    name: "TinyLlama",
    path: chatModelPath,
    bars: { surprisal: undefined, entropy: undefined, mean: 0.25 },
  },
};

/** `count`: how many texts. */
export async function run({ say, keep, count = TEXTS, part }: ExactnessRun): Promise<void> {
  await ensureBuiltInModel();
  await ensureChatModel();
  const wanted = Object.keys(MODELS).filter((name) => part === undefined || name === part);
  if (wanted.length === 0) {
    throw new Error(`There is no part "${part}": ${Object.keys(MODELS).join(", ")}.`);
  }
  for (const name of wanted) await keep(name, await check(say, MODELS[name]!, count));
}

async function check(say: (line: string) => void, model: Model, count: number): Promise<Held[]> {
  const { name, bars } = model;
  const path = model.path();
  const worker = builtWorkers.model();
  const largest = { surprisal: 0, entropy: 0, mean: 0 };
  let positions = 0;
  const llama = await openEngine();
  try {
    const { vocabularySize } = await worker.call("load", { path, gpuLayers: 0, threads: 2 });
    await withEngine(llama, path, { exact: false, contextSize: CONTEXT }, async (_, context) => {
      for (const { name: text, text: words } of LENS_TEXTS.slice(0, count)) {
        const tokenIds = (await worker.call("tokenize", { text: words, bos: true }))
          .map(({ id }) => id)
          .slice(0, TOKENS);
        const answers = await engineAnswers(context, tokenIds, vocabularySize);
        let sum = 0;
        await worker.call(
          "surprisal",
          { tokenIds, from: 1, alternatives: 1 },
          {
            onEvent: ({ first, bits, entropies, entropiesWithin }) => {
              bits.forEach((found, at) => {
                const position = first + at;
                const probabilities = softmax(answers[position - 1]!);
                const expected = -Math.log2(probabilities[tokenIds[position]!]!);
                const off = Math.abs(entropies[at]! - entropyBits(probabilities)) - entropiesWithin[at]!;
                largest.surprisal = Math.max(largest.surprisal, Math.abs(found - expected));
                largest.entropy = Math.max(largest.entropy, off);
                sum += found - expected;
                positions++;
                if (
                  !(isWithin(largest.surprisal, bars.surprisal) && isWithin(largest.entropy, bars.entropy))
                ) {
                  throw new Error(
                    `${name}, ${text}, token ${position}: ${found} bits, ${expected} expected; entropy ${off} bits further off than said.`,
                  );
                }
              });
            },
          },
        );
        const mean = Math.abs(sum) / (tokenIds.length - 1);
        largest.mean = Math.max(largest.mean, mean);
        if (!isWithin(mean, bars.mean)) throw new Error(`${name}, ${text}: ${mean} bits a token off.`);
      }
    });
  } finally {
    worker.dispose();
    await llama.dispose();
  }
  say(
    `${name}: ${positions} positions, ${largest.surprisal.toFixed(4)} bits, entropy ${largest.entropy.toFixed(4)}`,
  );
  const held = (what: string, cases: number, of: string, difference: number, below?: number): Held => ({
    what: `${what}, ${name}`,
    against: `distributions of ${engineVersion()}`,
    cases,
    of,
    found: { kind: "difference", largest: difference, unit: "bits", below },
  });
  return [
    held("mean surprisal of a text", count, "texts", largest.mean, bars.mean),
    held("surprisal of each token", positions, "positions", largest.surprisal, bars.surprisal),
    held(
      "entropy of each position, beyond what it says it may be off",
      positions,
      "positions",
      largest.entropy,
      bars.entropy,
    ),
  ];
}

function isWithin(difference: number, below = Number.POSITIVE_INFINITY): boolean {
  return difference < below;
}
