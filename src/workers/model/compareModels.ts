/** Two models on one text, one after the other in the same memory: what each gave every token, and how they differ. */

import { type CostedToken, divergenceOf, stretchesOf } from "../../core/surprisal/divergence.js";
import { GlassboxError } from "../../shared/errors.js";
import type { ComparedModel, ComparisonProgress, ModelComparison } from "../../shared/panels/surprisal.js";
import type { PlacedModelToken } from "../../shared/types.js";
import { visibleText } from "../../shared/visibleText.js";
import type { ModelProtocol } from "../../shared/workerProtocol.js";
import { DistributionStore } from "./distributionStore.js";
import type { LoadedModel } from "./loadedModel.js";
import { inLanes, LANES, logitsOf, SAMPLER_SEED } from "./nativeSampling.js";

/** Tokens that are compared at most: the engine takes ten milliseconds to hand out a vocabulary of 32,000. */
const MOST_TOKENS = 512;
/** What the distributions of the first model may take on disk. */
const MOST_STORED_BYTES = 512 * 1024 * 1024;
/** Tokens by which the speed is told, read twice: the first time brings the weights into memory. */
const TIMED_TOKENS = 128;

type Params = ModelProtocol["compareModels"]["params"];

export interface Exchange {
  first: LoadedModel;
  /** Puts the other model in the place of the first. */
  second(onProgress: (fraction: number) => void): Promise<LoadedModel>;
}

/**
 * Reads the text with both.
 * @throws GlassboxError `cancelled` within a piece of evaluation, `invalid-request` for a text without tokens.
 */
export async function compareModels(
  { first, second: load }: Exchange,
  params: Params,
  signal: AbortSignal,
  emit: (progress: ComparisonProgress) => void,
): Promise<ModelComparison> {
  const { vocabularySize } = first.info;
  const store = new DistributionStore(vocabularySize);
  try {
    const room = Math.min(MOST_TOKENS, Math.floor(MOST_STORED_BYTES / (4 * vocabularySize)));
    const one = await read(first, params, room, signal, emit, (row, logits) => store.write(row, logits));
    // The second reads no more than the first has.
    const text = params.text.slice(0, one.placed.at(-1)?.end ?? 0);
    const vocabulary = first.vocabularyKey;
    const second = await load((fraction) => emit({ stage: "loading", model: "", fraction }));
    const same = second.vocabularyKey === vocabulary && sameTokens(one.ids, second.tokenize(text, true));
    const divergences: ReturnType<typeof divergenceOf>[] = [];
    const two = await read(second, { ...params, text }, MOST_TOKENS, signal, emit, (row, logits) => {
      if (same) divergences[row] = divergenceOf(store.read(row), logits);
    });
    const models = { first: one.model, second: two.model };
    if (same && two.ids.length === one.ids.length) {
      const name = (id: number) => {
        const token = second.vocabulary.token(id);
        return visibleText(token.bytes) || token.name;
      };
      const column = (of: (each: (typeof divergences)[number]) => number) =>
        Float64Array.from(divergences, of);
      return {
        ...models,
        bytes: bytesOf(one.placed, one.from),
        texts: one.placed.slice(one.from).map((token) => visibleText(token.bytes) || token.name),
        starts: Uint32Array.from(one.placed.slice(one.from), ({ start }) => start),
        ends: Uint32Array.from(one.placed.slice(one.from), ({ end }) => end),
        firstBits: Float64Array.from(one.bits),
        secondBits: Float64Array.from(two.bits),
        byToken: {
          forward: column(({ forward }) => forward),
          backward: column(({ backward }) => backward),
          firstEntropies: column(({ firstEntropy }) => firstEntropy),
          secondEntropies: column(({ secondEntropy }) => secondEntropy),
          flips: Uint8Array.from(divergences, (each) => (each.firstTop === each.secondTop ? 0 : 1)),
          firstTops: divergences.map(({ firstTop }) => name(firstTop)),
          secondTops: divergences.map(({ secondTop }) => name(secondTop)),
        },
      };
    }
    const stretches = stretchesOf(costed(one), costed(two), params.from);
    const column = (of: (each: (typeof stretches)[number]) => number) => stretches.map(of);
    const encoder = new TextEncoder();
    const texts = stretches.map(({ start, end }) => encoder.encode(text.slice(start, end)));
    return {
      ...models,
      bytes: texts.reduce((sum, bytes) => sum + bytes.length, 0),
      texts: texts.map(visibleText),
      starts: Uint32Array.from(column(({ start }) => start)),
      ends: Uint32Array.from(column(({ end }) => end)),
      firstBits: Float64Array.from(column(({ firstBits }) => firstBits)),
      secondBits: Float64Array.from(column(({ secondBits }) => secondBits)),
      byToken: undefined,
    };
  } finally {
    store.close();
  }
}

interface Read {
  model: ComparedModel;
  placed: PlacedModelToken[];
  ids: number[];
  /** Place of the first token whose probability was read, and the bits of all from there on. */
  from: number;
  bits: number[];
}

/** Reads a text with one model. @param look gets the distribution behind each token but the last, by rows from 0. */
async function read(
  loaded: LoadedModel,
  { text, from: start }: Params,
  room: number,
  signal: AbortSignal,
  emit: (progress: ComparisonProgress) => void,
  look: (row: number, logits: Float32Array) => void,
): Promise<Read> {
  const placed = loaded.tokenize(text, true).slice(0, Math.min(room, loaded.maxTokens));
  const ids = placed.map(({ id }) => id);
  const found = placed.findIndex(({ end }, at) => at > 0 && end > start);
  if (found < 1) {
    throw new GlassboxError("invalid-request", "There are not two tokens to compare the models on.");
  }
  const tell = (fraction: number) => emit({ stage: "reading", model: loaded.info.name, fraction });
  tell(0);
  const timed = ids.slice(0, TIMED_TOKENS);
  await loaded.readingMs(timed, signal);
  const timedMs = await loaded.readingMs(timed, signal);
  const bits: number[] = [];
  const samplers = Array.from({ length: LANES }, () => loaded.nativeSampler());
  try {
    for (const sampler of samplers) sampler.applyConfig({ temperature: 1, seed: SAMPLER_SEED });
    await loaded.distributionsFrom(ids.slice(0, -1), found - 1, signal, async (first, places) => {
      await inLanes(samplers, places.length, signal, async (sampler, at) => {
        const [, list] = await loaded.nativeContext.sampleToken(places[at]!, sampler, true, false);
        const logits = logitsOf(list ?? [], loaded.info.vocabularySize);
        const row = first + at - (found - 1);
        bits[row] = Math.max(0, -logits[ids[first + at + 1]!]! / Math.LN2);
        look(row, logits);
      });
      tell((first + places.length) / (ids.length - 1));
    });
  } finally {
    for (const sampler of samplers) sampler.dispose();
  }
  const model: ComparedModel = {
    info: loaded.info,
    tokens: ids.length - found,
    bits: bits.reduce((sum, each) => sum + each, 0),
    timedTokens: timed.length,
    timedMs,
    residentBytes: process.memoryUsage.rss(),
  };
  return { model, placed, ids, from: found, bits };
}

function costed({ placed, from, bits }: Read): CostedToken[] {
  return placed.map(({ end, endsInside }, at) => ({
    end,
    endsInside,
    bits: at < from ? undefined : bits[at - from],
  }));
}

function sameTokens(ids: readonly number[], others: readonly PlacedModelToken[]): boolean {
  return others.length === ids.length && others.every(({ id }, at) => id === ids[at]);
}

function bytesOf(placed: readonly PlacedModelToken[], from: number): number {
  return placed.slice(from).reduce((sum, { bytes }) => sum + bytes.length, 0);
}
