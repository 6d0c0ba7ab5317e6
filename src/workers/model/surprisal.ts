/** What the model gave each token that stands in a text: by the engine's own samplers, several positions at once. */

import {
  boundsAbove,
  boundsAfter,
  boundsBelow,
  boundsOfOthers,
  isClose,
  LADDER_TOP_P,
  likelyBounds,
  makeLadder,
} from "../../core/surprisal/ladder.js";
import {
  type Count,
  entropyBits,
  entropyRange,
  type Head,
  type HeadAndToken,
  rankInHead,
  readHead,
} from "../../core/surprisal/reading.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ModelProtocol, TokenReadings } from "../../shared/workerProtocol.js";
import type { LoadedModel } from "./loadedModel.js";
import { inLanes, LANES, type NativeContext, type NativeSampler, SAMPLER_SEED } from "./nativeSampling.js";

/** Tokens of a head: as many as the engine picks out without sorting the vocabulary. */
const HEAD_SIZE = 128;
/**
 * By how much the logit of the token that stands there is raised, in nats, so that it gets into the head; the next
 * where it does not. f32 probabilities still tell tokens that are 80 nats apart, and logits of models no more.
 */
const RAISES = [40, 80, 120, 160];
/** To so far below the last of the head, in nats, tokens are counted, to foretell the sum and to tell the entropy. */
const COUNTED_BELOW = 2;
/** So hot that all tokens that are left become equal, and the probability of any tells how many they are. */
const EVEN = 1e30;
/** How often the sum over the vocabulary is narrowed down at most. */
const LADDERS = 3;
/** What the sum over the vocabulary may be off by, as a part of it: so much of the tail may be too much or too little. */
const SUM_ERROR = 0.003;
/** A logit that takes a token out of every sum. */
const GONE = -10_000;
/** Keeps the token itself when those below it are cut off, whose logit the engine's f32 arithmetic rounds. */
const ROUNDING = 1e-5;

interface Reading {
  bits: number;
  rank: number;
  entropy: number;
  entropyWithin: number;
  alternatives: { ids: Uint32Array; probabilities: Float64Array };
}

/** What is needed of a model to read the tokens of a text. */
export type DistributionSource = Pick<
  LoadedModel,
  "info" | "vocabulary" | "nativeContext" | "nativeSampler" | "distributionsFrom"
>;

/** Looks at one distribution after the other. */
class Lane {
  readonly #context: NativeContext;
  readonly #vocabularySize: number;
  /** One for all questions: the vocabulary that it has room for stays in the processor's cache. */
  readonly #sampler: NativeSampler;

  constructor(loaded: DistributionSource) {
    this.#context = loaded.nativeContext;
    this.#vocabularySize = loaded.info.vocabularySize;
    this.#sampler = loaded.nativeSampler();
  }

  dispose(): void {
    this.#sampler.dispose();
  }

  async read(place: number, id: number, alternatives: number): Promise<Reading> {
    const { head, logit, inHead } = await this.#headWith(place, id);
    const held = head.logits.reduce((sum, each) => sum + Math.exp(each), 0);
    let above: Count | undefined;
    if (!isClose(boundsOfOthers(head, this.#vocabularySize), held)) {
      const below = head.logits.at(-1)! - COUNTED_BELOW;
      above = { logit: below, count: await this.#countAbove(place, below) };
    }
    const logSum = await this.#logSum(place, head, held, above);
    const count = Math.min(alternatives, head.ids.length);
    const entropy = entropyBits(head, logSum, this.#vocabularySize, above);
    const { least, most } = entropyRange(head, logSum, this.#vocabularySize, above);
    return {
      bits: Math.max(0, (logSum - logit) / Math.LN2),
      rank: inHead ? rankInHead(head, logit) : await this.#countAbove(place, logit - ROUNDING),
      entropy,
      entropyWithin:
        Math.max(entropy - least, most - entropy) + SUM_ERROR * (1 + Math.log2(this.#vocabularySize)),
      alternatives: {
        ids: head.ids.slice(0, count),
        probabilities: head.logits.slice(0, count).map((each) => Math.exp(each - logSum)),
      },
    };
  }

  /** The most probable tokens, and how this one compares with them. */
  async #headWith(place: number, id: number): Promise<HeadAndToken> {
    for (const raise of RAISES) {
      this.#sampler.applyConfig({
        temperature: 1,
        seed: SAMPLER_SEED,
        topK: HEAD_SIZE,
        tokenBiasKeys: Uint32Array.of(id),
        tokenBiasValues: Float32Array.of(raise),
      });
      const [, list] = await this.#context.sampleToken(place, this.#sampler, true, false);
      const found = readHead(list ?? [], id, raise);
      if (found) return found;
    }
    throw new GlassboxError(
      "failed",
      t("The model's distribution says nothing of token {0}.", id),
      t("The model's file or its computation is broken; load another model."),
    );
  }

  /** The logarithm of the sum of exponentials over the vocabulary. @param held by the head. */
  async #logSum(place: number, head: Head, held: number, above: Count | undefined): Promise<number> {
    let others = boundsOfOthers(head, this.#vocabularySize, above);
    let likely = above ? likelyBounds(others, head, held, this.#vocabularySize, above) : others;
    const largest = Math.exp(head.logits.at(-1)!);
    for (let nth = 0; nth < LADDERS && !isClose(others, held); nth++) {
      let weights = makeLadder(likely, head.ids.length, largest);
      if (weights.length === 0) {
        likely = others;
        weights = makeLadder(likely, head.ids.length, largest);
      }
      if (weights.length === 0) break;
      this.#sampler.applyConfig({
        temperature: 1,
        seed: SAMPLER_SEED,
        topP: LADDER_TOP_P,
        tokenBiasKeys: head.ids,
        tokenBiasValues: Float32Array.from(head.logits, (logit, rank) =>
          rank < weights.length ? Math.log(weights[rank]!) - logit : GONE,
        ),
      });
      const [, list] = await this.#context.sampleToken(place, this.#sampler, true, false);
      const kept = this.#told(list?.length) / 2;
      if (kept > weights.length) others = boundsAbove(likely, others);
      else if (kept === 1) others = boundsBelow(likely, others);
      else others = boundsAfter(likely, weights, kept);
      likely = others;
    }
    return Math.log(held + (others.least + others.most) / 2);
  }

  /** How many tokens have at least this logit, counted from the best's. */
  async #countAbove(place: number, logit: number): Promise<number> {
    this.#sampler.applyConfig({ temperature: EVEN, seed: SAMPLER_SEED, minP: Math.exp(logit) });
    const [, , share] = await this.#context.sampleToken(place, this.#sampler, false, true);
    return Math.round(1 / this.#told(share));
  }

  #told(number: number | undefined): number {
    if (number !== undefined && number > 0) return number;
    throw new GlassboxError(
      "unsupported",
      t("The model gives no next-token distribution."),
      t("Choose a model that generates text in Settings > Glassbox > Model."),
    );
  }
}

/**
 * Reads the tokens from `from` on, each by those before it.
 * @throws GlassboxError `cancelled` within one piece of evaluation, `too-long`, `invalid-request`.
 */
export async function readSurprisal(
  loaded: DistributionSource,
  { tokenIds, from, alternatives }: ModelProtocol["surprisal"]["params"],
  signal: AbortSignal,
  onReadings: (readings: TokenReadings) => void,
): Promise<void> {
  if (!Number.isInteger(from) || from < 1 || from >= tokenIds.length) {
    throw new GlassboxError("invalid-request", `There is no token ${from} with one before it.`);
  }
  // Checked here as well: the last is never evaluated.
  loaded.vocabulary.token(tokenIds.at(-1)!);
  const lanes = Array.from({ length: LANES }, () => new Lane(loaded));
  try {
    await loaded.distributionsFrom(tokenIds.slice(0, -1), from - 1, signal, async (first, places) => {
      const count = places.length;
      const readings: TokenReadings = {
        first: first + 1,
        bits: new Float64Array(count),
        ranks: new Uint32Array(count),
        entropies: new Float64Array(count),
        entropiesWithin: new Float64Array(count),
        alternativeIds: new Uint32Array(count * alternatives),
        alternativeProbabilities: new Float64Array(count * alternatives),
      };
      await inLanes(lanes, count, signal, async (lane, at) => {
        const reading = await lane.read(places[at]!, tokenIds[first + at + 1]!, alternatives);
        readings.bits[at] = reading.bits;
        readings.ranks[at] = reading.rank;
        readings.entropies[at] = reading.entropy;
        readings.entropiesWithin[at] = reading.entropyWithin;
        readings.alternativeIds.set(reading.alternatives.ids, at * alternatives);
        readings.alternativeProbabilities.set(reading.alternatives.probabilities, at * alternatives);
      });
      onReadings(readings);
    });
  } finally {
    for (const lane of lanes) lane.dispose();
  }
}
