/**
 * The predicted distribution against llama.cpp's own sampler: with the same settings and prefix, the probabilities
 * that the engine's chain ends with, and draws of the engine by the chi-square test.
 */

import { availableParallelism } from "node:os";
import {
  getLlama,
  type LlamaContext,
  type LlamaContextSequence,
  LlamaLogLevel,
  type LlamaModel,
  type Token,
} from "node-llama-cpp";
import type { ExactnessRun } from "../../scripts/exactness.js";
import { engineVersion, type Held } from "../../scripts/held.js";
import {
  builtInModelPath,
  chatModelPath,
  ensureBuiltInModel,
  ensureChatModel,
} from "../../scripts/models.js";
import { candidatesOf } from "../../src/core/sampling/candidates.js";
import { goodnessOfFit } from "../../src/core/sampling/goodnessOfFit.js";
import { drawProbabilities, NEUTRAL_SETTINGS, runStages } from "../../src/core/sampling/stages.js";
import type { SamplerSettings } from "../../src/shared/types.js";
import { builtWorkers } from "../builtWorkers.js";

/** Below this a disagreement is no longer chance. */
const LEAST_P = 0.001;
/** Two probabilities of a token that differ by more come from different settings. */
const SAME = 1e-4;

interface SamplingCase {
  name: string;
  change: Partial<SamplerSettings>;
}

/** Typical-p is not among them: node-llama-cpp does not chain it. */
const CASES: readonly SamplingCase[] = [
  { name: "the model's own probabilities", change: {} },
  { name: "temperature 0.6", change: { temperature: 0.6 } },
  { name: "temperature 1.7", change: { temperature: 1.7 } },
  { name: "top-k 12", change: { topK: 12 } },
  { name: "top-p 0.7", change: { topP: 0.7 } },
  { name: "min-p 0.05", change: { minP: 0.05 } },
  {
    name: "top-k 40, top-p 0.95, min-p 0.02, temperature 0.8",
    change: { topK: 40, topP: 0.95, minP: 0.02, temperature: 0.8 },
  },
  { name: "XTC 0.05 always", change: { xtcProbability: 1, xtcThreshold: 0.05 } },
  {
    name: "XTC 0.1 at every second draw, temperature 1.2",
    change: { xtcProbability: 0.5, xtcThreshold: 0.1, temperature: 1.2 },
  },
  { name: "repeat penalty 1.3", change: { repeatPenalty: 1.3 } },
  { name: "frequency 0.5, presence 0.4", change: { frequencyPenalty: 0.5, presencePenalty: 0.4 } },
  {
    name: "repeat penalty 1.15, presence 0.3, top-p 0.9, temperature 0.9",
    change: { repeatPenalty: 1.15, presencePenalty: 0.3, topP: 0.9, temperature: 0.9 },
  },
];
const ON_TINYLLAMA = new Set([3, 6, 11]);

/** Several tokens are likely next, some of which stand in it more than once, so that every stage has work to do. */
const PROMPT = "Tom had a red ball, a blue ball and a red car. Tom had a";

type SampleOptions = NonNullable<
  NonNullable<
    Exclude<Parameters<LlamaContextSequence["controlledEvaluate"]>[0][number], Token>[1]["generateNext"]
  >["options"]
>;

/** The engine's names for our settings. */
function engineOptions(settings: SamplerSettings, history: readonly number[], seed: number): SampleOptions {
  return {
    temperature: settings.temperature,
    topK: settings.topK,
    topP: settings.topP,
    minP: settings.minP,
    seed,
    ...(settings.xtcProbability > 0 && {
      xtc: { probability: settings.xtcProbability, threshold: settings.xtcThreshold },
    }),
    repeatPenalty: {
      punishTokens: history.slice(-settings.penaltyTokens) as Token[],
      penalty: settings.repeatPenalty,
      frequencyPenalty: settings.frequencyPenalty,
      presencePenalty: settings.presencePenalty,
    },
  };
}

/** What node-llama-cpp itself draws with. Its public ways evaluate the last token again for each draw. */
interface EngineInternals {
  _bindings: {
    AddonSampler: new (model: unknown) => { applyConfig(config: object): void; dispose(): void };
  };
}

/** llama.cpp alone, with the logits behind a prefix at hand. */
class EngineSampler {
  readonly #history: readonly number[];
  readonly #sequence: { _resolveSamplerConfig(options: SampleOptions): object };
  readonly #context: {
    sampleToken(
      index: number,
      sampler: object,
      probabilities: boolean,
    ): Promise<[number, number[] | undefined]>;
  };
  readonly #sampler: InstanceType<EngineInternals["_bindings"]["AddonSampler"]>;
  readonly #dispose: () => Promise<void>;

  private constructor(
    history: readonly number[],
    model: LlamaModel,
    context: LlamaContext,
    sequence: LlamaContextSequence,
  ) {
    this.#history = history;
    const { AddonSampler } = (model.llama as unknown as EngineInternals)._bindings;
    this.#sampler = new AddonSampler((model as unknown as { _model: unknown })._model);
    this.#sequence = sequence as never;
    this.#context = (context as unknown as { _ctx: never })._ctx;
    this.#dispose = async () => {
      this.#sampler.dispose();
      await context.dispose();
      await model.dispose();
    };
  }

  static async open(path: string, tokenIds: readonly number[]): Promise<EngineSampler> {
    const llama = await getLlama({
      gpu: false,
      build: "never",
      skipDownload: true,
      logLevel: LlamaLogLevel.error,
      maxThreads: availableParallelism(),
    });
    const model = await llama.loadModel({ modelPath: path });
    const context = await model.createContext({ contextSize: 256 });
    const sequence = context.getSequence();
    const tokens = [...tokenIds] as Token[];
    // The last by itself, as the logits that it is compared with are made: the engine rounds batches differently.
    await sequence.controlledEvaluate(tokens.slice(0, -1));
    await sequence.controlledEvaluate([[tokens.at(-1)!, { generateNext: { token: true } }]]);
    return new EngineSampler(tokenIds, model, context, sequence);
  }

  async draw(settings: SamplerSettings, seed: number): Promise<number> {
    return (await this.#sample(settings, seed, false))[0];
  }

  /** The probabilities that the chain ends with. */
  async probabilities(settings: SamplerSettings): Promise<Map<number, number>> {
    const [, pairs = []] = await this.#sample(settings, 1, true);
    const found = new Map<number, number>();
    for (let at = 0; at < pairs.length; at += 2) found.set(pairs[at]!, pairs[at + 1]!);
    return found;
  }

  #sample(settings: SamplerSettings, seed: number, probabilities: boolean) {
    this.#sampler.applyConfig(
      this.#sequence._resolveSamplerConfig(engineOptions(settings, this.#history, seed)),
    );
    return this.#context.sampleToken(0, this.#sampler, probabilities);
  }

  dispose(): Promise<void> {
    return this.#dispose();
  }
}

async function check(
  say: (line: string) => void,
  name: string,
  path: string,
  cases: readonly SamplingCase[],
  draws: number,
): Promise<Held[]> {
  let largest = 0;
  let leastP = 1;
  let tokens = 0;
  const worker = builtWorkers.model();
  try {
    await worker.call("load", { path, gpuLayers: 0, threads: 0 });
    const tokenIds = (await worker.call("tokenize", { text: PROMPT, bos: true })).map(({ id }) => id);
    const { logits } = await worker.call("next", { tokenIds, own: true });
    const candidates = candidatesOf(logits);
    const engine = await EngineSampler.open(path, tokenIds);
    try {
      for (const { name: described, change } of cases) {
        const settings: SamplerSettings = { ...NEUTRAL_SETTINGS, ...change };
        const options = { history: tokenIds };
        const left = runStages(candidates, settings, options).at(-1)!.survivors;
        const certain = settings.xtcProbability === 0 || settings.xtcProbability === 1;
        let difference = 0;
        if (certain) {
          const theirs = await engine.probabilities(settings);
          // A cut may fall one token earlier or later: the engine adds thousands of f32 up one by one.
          left.ids.forEach((id, place) => {
            const found = theirs.get(id) ?? 0;
            difference = Math.max(difference, Math.abs(left.probabilities[place]! - found));
            theirs.delete(id);
          });
          for (const found of theirs.values()) difference = Math.max(difference, found);
          tokens += left.ids.length;
          largest = Math.max(largest, difference);
          if (!(difference < SAME))
            throw new Error(`${name}, ${described}: probabilities differ by ${difference}.`);
        }
        const counts = new Map<number, number>();
        for (let draw = 1; draw <= draws; draw++) {
          const id = await engine.draw(settings, draw);
          counts.set(id, (counts.get(id) ?? 0) + 1);
        }
        const { chiSquare, degreesOfFreedom, p } = goodnessOfFit(
          counts,
          drawProbabilities(candidates, settings, options),
        );
        const found =
          `${name}, ${described}: ${draws.toLocaleString("en-US")} draws, chi-square ${chiSquare.toFixed(1)} with ` +
          `${degreesOfFreedom} degrees of freedom, p ${p.toPrecision(2)}`;
        if (!(p > LEAST_P)) throw new Error(found);
        leastP = Math.min(leastP, p);
        say(certain ? `${found}; probabilities within ${difference.toExponential(1)}` : found);
      }
      return [
        {
          what: `probabilities of the tokens that are left, ${name}`,
          against: `the chain of samplers of ${engineVersion()}`,
          cases: tokens,
          of: "tokens",
          found: { kind: "difference", largest, unit: "probability", below: SAME },
        },
        {
          what: `the distribution that is drawn from, at ${cases.length} settings, ${name}`,
          against: `draws of ${engineVersion()}, by the chi-square test`,
          cases: cases.length * draws,
          of: "draws",
          found: { kind: "chance", least: leastP, above: LEAST_P },
        },
      ];
    } finally {
      await engine.dispose();
    }
  } finally {
    worker.dispose();
  }
}

/** `count`: draws at each setting on the built-in model; a fifth of them on TinyLlama. */
export async function run({ say, keep, count = 5000, part }: ExactnessRun): Promise<void> {
  await ensureBuiltInModel();
  await ensureChatModel();
  const few = CASES.filter((_, index) => ON_TINYLLAMA.has(index));
  const models: Record<string, () => Promise<Held[]>> = {
    stories: () => check(say, "built-in model", builtInModelPath(), CASES, count),
    tinyllama: () => check(say, "TinyLlama", chatModelPath(), few, Math.ceil(count / 5)),
  };
  const wanted = Object.keys(models).filter((name) => part === undefined || name === part);
  if (wanted.length === 0) {
    throw new Error(`There is no part "${part}": ${Object.keys(models).join(", ")}.`);
  }
  for (const name of wanted) await keep(name, await models[name]!());
}
