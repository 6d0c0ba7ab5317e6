/** Trains one tiny transformer on a text, step by step, and asks it what it has learned so far. */

import { seededCoin } from "../sampling/randomness.js";
import { Adam } from "./adam.js";
import type { CharacterVocabulary } from "./characters.js";
import { meanLoss, TinyTransformer } from "./tinyTransformer.js";

export interface TrainerSetup {
  vocabulary: CharacterVocabulary;
  /** What it learns from. */
  text: string;
  layers: number;
  width: number;
  heads: number;
  /** Characters that it sees at once. */
  context: number;
  /** Passages that each step learns from. */
  sequences: number;
  seed: number;
}

/** A step of Adam at the start, and what is left of it after `SETTLE_STEPS`. */
const RATE = 6e-3;
const SETTLED = 0.2;
const WARM_STEPS = 10;
const SETTLE_STEPS = 1500;

/** Streams of coins of one seed. */
const PARAMETERS = 1;
const PASSAGES = 2;
const SAMPLES = 3;

export class Trainer {
  readonly vocabulary: CharacterVocabulary;
  readonly parameters: number;
  readonly #setup: TrainerSetup;
  readonly #model: TinyTransformer;
  readonly #adam: Adam;
  readonly #ids: Int32Array;
  readonly #length: number;
  readonly #coin: () => number;
  #steps = 0;

  /** @param setup its text has at least two characters. */
  constructor(setup: TrainerSetup) {
    const { vocabulary, text, layers, width, heads, context, sequences, seed } = setup;
    this.#setup = setup;
    this.vocabulary = vocabulary;
    this.#ids = vocabulary.encode(text);
    this.#length = Math.min(context, this.#ids.length - 1);
    const shape = { vocabulary: vocabulary.characters.length, layers, width, heads, context };
    this.#model = new TinyTransformer(shape, sequences * context, seededCoin(seed, 0, PARAMETERS));
    this.#adam = new Adam(this.#model.parameters.length);
    this.#coin = seededCoin(seed, 0, PASSAGES);
    this.parameters = this.#model.parameters.length;
  }

  get steps(): number {
    return this.#steps;
  }

  /** Learns from a few passages of the text and answers the loss before that, in nats a character. */
  step(): number {
    const { tokens, targets } = this.#passages();
    return this.#learn(tokens, targets);
  }

  /** As `step`, but towards what a teacher says comes next, not towards what really did. */
  stepTowards(teacher: Trainer): number {
    const { tokens } = this.#passages();
    return this.#learn(tokens, teacher.#model.forward(tokens, this.#length).slice());
  }

  /** The loss in nats on the first windows of a text that it has not learned from. */
  lossOn(text: string, mostWindows: number): number {
    const ids = this.vocabulary.encode(text);
    const { context } = this.#setup;
    const { vocabulary } = this.#model.shape;
    let [sum, count] = [0, 0];
    for (let at = 0; at + 1 < ids.length && count < mostWindows * context; at += context) {
      const length = Math.min(context, ids.length - 1 - at);
      const probabilities = this.#model.forward(ids.slice(at, at + length), length);
      sum += length * meanLoss(probabilities, ids.slice(at + 1, at + 1 + length), vocabulary);
      count += length;
    }
    return sum / count;
  }

  /** The probability of each character of the vocabulary right after a text, of which its context holds the end. */
  next(prefix: string): Float64Array {
    const { context } = this.#setup;
    // With nothing to go on from, it goes on from a line's end.
    const ids = this.vocabulary.encode(prefix === "" ? "\n" : prefix).slice(-context);
    const { vocabulary } = this.#model.shape;
    const probabilities = this.#model.forward(ids, ids.length);
    return probabilities.slice((ids.length - 1) * vocabulary);
  }

  /** The probability of a whole continuation: the product over its characters. */
  probabilityOf(continuation: string, prefix: string): number {
    let sum = 0;
    let before = prefix;
    for (const character of continuation) {
      sum += Math.log(this.next(before)[this.vocabulary.encode(character)[0] ?? 0] ?? 0);
      before += character;
    }
    return Math.exp(sum);
  }

  /** Goes on from a text by drawing, at temperature 1: a character at each call. */
  sampler(prefix: string, seed: number): () => string {
    const coin = seededCoin(seed, 0, SAMPLES);
    let text = prefix;
    return () => {
      const probabilities = this.next(text);
      // What it has never seen it cannot write either.
      let rest = coin() * (1 - (probabilities[0] ?? 0));
      let id = 1;
      while (id < probabilities.length - 1 && rest >= probabilities[id]!) rest -= probabilities[id++]!;
      const drawn = this.vocabulary.characters[id] ?? "";
      text += drawn;
      return drawn;
    };
  }

  #learn(tokens: Int32Array, targets: Int32Array | Float64Array): number {
    const loss = this.#model.learn(tokens, this.#length, targets);
    this.#adam.step(this.#model.parameters, this.#model.gradients, this.#rate());
    this.#steps++;
    return loss;
  }

  /** A short run-up, then ever smaller steps along half a wave of a cosine. */
  #rate(): number {
    const warm = Math.min(1, (this.#steps + 1) / WARM_STEPS);
    const along = Math.min(1, this.#steps / SETTLE_STEPS);
    return RATE * warm * (SETTLED + (1 - SETTLED) * 0.5 * (1 + Math.cos(Math.PI * along)));
  }

  /** Passages from places that the seed decides, and what comes next behind each of their characters. */
  #passages(): { tokens: Int32Array; targets: Int32Array } {
    const { sequences } = this.#setup;
    const tokens = new Int32Array(sequences * this.#length);
    const targets = new Int32Array(tokens.length);
    for (let sequence = 0; sequence < sequences; sequence++) {
      const from = Math.floor(this.#coin() * (this.#ids.length - this.#length));
      tokens.set(this.#ids.subarray(from, from + this.#length), sequence * this.#length);
      targets.set(this.#ids.subarray(from + 1, from + 1 + this.#length), sequence * this.#length);
    }
    return { tokens, targets };
  }
}
