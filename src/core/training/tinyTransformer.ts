/** A small transformer of the usual build with its own gradients: what the lessons train while the reader looks on. */

import type { Coin } from "../sampling/randomness.js";
import { addProduct, addProductOfColumns, addProductOfRows } from "./matrices.js";

export interface TinyShape {
  /** Entries of the vocabulary. */
  vocabulary: number;
  layers: number;
  /** Numbers that stand for a token. */
  width: number;
  heads: number;
  /** Tokens that it sees at once. */
  context: number;
}

/** The parts of the parameters, or of their gradients: views of one array. */
interface Parts {
  /** (vocabulary, width): reads tokens in, and, turned round, writes them out. */
  tokens: Float64Array;
  /** (context, width) */
  positions: Float64Array;
  layers: LayerParts[];
  /** (width) */
  norm: Float64Array;
}

interface LayerParts {
  /** (width) */
  attentionNorm: Float64Array;
  /** (width, 3 * width): queries, keys, values */
  attend: Float64Array;
  /** (width, width) */
  mix: Float64Array;
  /** (width) */
  feedNorm: Float64Array;
  /** (width, 4 * width) */
  up: Float64Array;
  /** (4 * width, width) */
  down: Float64Array;
}

/** What a layer computed, kept for the way back. */
interface LayerRun {
  /** (rows, width): the stream as it came in, and between the two halves of the layer. */
  input: Float64Array;
  middle: Float64Array;
  attentionNormed: Float64Array;
  feedNormed: Float64Array;
  /** (rows): one over the root mean square of `input` and of `middle`. */
  attentionScale: Float64Array;
  feedScale: Float64Array;
  /** (rows, 3 * width) */
  attended: Float64Array;
  /** (sequences, heads, context, context): attention weights */
  weights: Float64Array;
  /** (rows, width) */
  mixed: Float64Array;
  /** (rows, 4 * width): before and after the activation */
  raised: Float64Array;
  active: Float64Array;
}

const EPSILON = 1e-5;
/** Standard deviation of the parameters at the start: about one over the root of a width of 64. */
const SPREAD = 0.1;

export class TinyTransformer {
  readonly shape: TinyShape;
  /** All parameters, one after the other, and the gradient of the last loss by each. */
  readonly parameters: Float64Array;
  readonly gradients: Float64Array;
  readonly #parts: Parts;
  readonly #slopes: Parts;
  readonly #runs: LayerRun[];
  /** (rows, width): the stream behind the last layer, and normed. */
  readonly #end: Float64Array;
  readonly #endNormed: Float64Array;
  readonly #endScale: Float64Array;
  /** (rows, vocabulary): logits, then probabilities, then the loss's gradient by the logits. */
  readonly #logits: Float64Array;
  // Room for the way back: (rows, width), (rows, 3 * width), (rows, 4 * width).
  readonly #stream: Float64Array;
  readonly #inner: Float64Array;
  readonly #attendedSlope: Float64Array;
  readonly #raisedSlope: Float64Array;

  /**
   * @param rows tokens that are worked on at once: sequences × their length.
   * @param coin decides the parameters at the start.
   */
  constructor(shape: TinyShape, rows: number, coin: Coin) {
    this.shape = shape;
    const { vocabulary, layers, width, heads, context } = shape;
    const count = parameterCount(shape);
    this.parameters = new Float64Array(count);
    this.gradients = new Float64Array(count);
    this.#parts = partsOf(this.parameters, shape);
    this.#slopes = partsOf(this.gradients, shape);
    this.#begin(coin);
    const room = (columns: number) => new Float64Array(rows * columns);
    this.#runs = Array.from({ length: layers }, () => ({
      input: room(width),
      middle: room(width),
      attentionNormed: room(width),
      feedNormed: room(width),
      attentionScale: room(1),
      feedScale: room(1),
      attended: room(3 * width),
      weights: new Float64Array(rows * heads * context),
      mixed: room(width),
      raised: room(4 * width),
      active: room(4 * width),
    }));
    this.#end = room(width);
    this.#endNormed = room(width);
    this.#endScale = room(1);
    this.#logits = room(vocabulary);
    this.#stream = room(width);
    this.#inner = room(width);
    this.#attendedSlope = room(3 * width);
    this.#raisedSlope = room(4 * width);
  }

  #begin(coin: Coin): void {
    // Two coins make a normal number (Box and Muller, 1958).
    const normal = () => Math.sqrt(-2 * Math.log(1 - coin())) * Math.cos(2 * Math.PI * coin());
    const { layers } = this.shape;
    for (let at = 0; at < this.parameters.length; at++) this.parameters[at] = SPREAD * normal();
    this.#parts.norm.fill(1);
    for (const layer of this.#parts.layers) {
      layer.attentionNorm.fill(1);
      layer.feedNorm.fill(1);
      // What each layer adds to the stream starts small, so that their sum does not grow with their number.
      for (const part of [layer.mix, layer.down]) {
        for (let at = 0; at < part.length; at++) part[at]! /= Math.sqrt(2 * layers);
      }
    }
  }

  /**
   * The probabilities of what comes next behind every token: (sequences * length, vocabulary), a view that the next
   * call overwrites.
   * @param tokens (sequences * length), sequence after sequence; each of at most `context` tokens.
   */
  forward(tokens: Int32Array, length: number): Float64Array {
    const { vocabulary, width } = this.shape;
    const rows = tokens.length;
    const { tokens: embedding, positions, layers, norm } = this.#parts;
    let stream = this.#runs[0]?.input ?? this.#end;
    for (let row = 0; row < rows; row++) {
      const from = tokens[row]! * width;
      const place = (row % length) * width;
      for (let at = 0; at < width; at++)
        stream[row * width + at] = embedding[from + at]! + positions[place + at]!;
    }
    for (const [index, layer] of layers.entries()) {
      const run = this.#runs[index]!;
      const next = this.#runs[index + 1]?.input ?? this.#end;
      normalise(run.attentionNormed, run.attentionScale, run.input, layer.attentionNorm, rows, width);
      run.attended.fill(0, 0, rows * 3 * width);
      addProduct(run.attended, run.attentionNormed, layer.attend, rows, width, 3 * width);
      this.#attend(run, rows, length);
      copy(run.middle, run.input, rows * width);
      addProduct(run.middle, run.mixed, layer.mix, rows, width, width);
      normalise(run.feedNormed, run.feedScale, run.middle, layer.feedNorm, rows, width);
      run.raised.fill(0, 0, rows * 4 * width);
      addProduct(run.raised, run.feedNormed, layer.up, rows, width, 4 * width);
      for (let at = 0; at < rows * 4 * width; at++) {
        // SiLU: a gate of its own input.
        const value = run.raised[at]!;
        run.active[at] = value / (1 + Math.exp(-value));
      }
      copy(next, run.middle, rows * width);
      addProduct(next, run.active, layer.down, rows, 4 * width, width);
      stream = next;
    }
    normalise(this.#endNormed, this.#endScale, stream, norm, rows, width);
    const logits = this.#logits;
    logits.fill(0, 0, rows * vocabulary);
    addProductOfRows(logits, this.#endNormed, embedding, rows, width, vocabulary);
    for (let row = 0; row < rows; row++) softmaxRow(logits, row * vocabulary, vocabulary);
    return logits.subarray(0, rows * vocabulary);
  }

  /**
   * The mean loss in nats, and its gradients by all parameters in `gradients`.
   * @param targets what really comes next: the id behind each token; or a teacher's probabilities of all ids,
   *   (sequences * length, vocabulary).
   */
  learn(tokens: Int32Array, length: number, targets: Int32Array | Float64Array): number {
    const { vocabulary, width } = this.shape;
    const rows = tokens.length;
    const probabilities = this.forward(tokens, length);
    const loss = meanLoss(probabilities, targets, vocabulary);
    this.gradients.fill(0);
    // The gradient of softmax and cross-entropy together: what was said less what was right.
    for (let at = 0; at < rows * vocabulary; at++) {
      const right = targets instanceof Float64Array ? targets[at]! : 0;
      probabilities[at] = (probabilities[at]! - right) / rows;
    }
    if (targets instanceof Int32Array) {
      for (let row = 0; row < rows; row++) probabilities[row * vocabulary + targets[row]!]! -= 1 / rows;
    }
    const [parts, slopes] = [this.#parts, this.#slopes];
    const [stream, inner] = [this.#stream, this.#inner];
    inner.fill(0, 0, rows * width);
    addProduct(inner, probabilities, parts.tokens, rows, vocabulary, width);
    addProductOfColumns(slopes.tokens, probabilities, this.#endNormed, rows, vocabulary, width);
    stream.fill(0, 0, rows * width);
    normaliseBack(stream, slopes.norm, inner, this.#end, this.#endScale, parts.norm, rows, width);
    for (let index = this.shape.layers - 1; index >= 0; index--) this.#layerBack(index, rows, length);
    for (let row = 0; row < rows; row++) {
      const to = tokens[row]! * width;
      const place = (row % length) * width;
      for (let at = 0; at < width; at++) {
        slopes.tokens[to + at]! += stream[row * width + at]!;
        slopes.positions[place + at]! += stream[row * width + at]!;
      }
    }
    return loss;
  }

  /** Softmax over what each token may look back to, and the mix of values that it makes. */
  #attend({ attended, weights, mixed }: LayerRun, rows: number, length: number): void {
    const { width, heads, context } = this.shape;
    const size = width / heads;
    const scale = 1 / Math.sqrt(size);
    mixed.fill(0, 0, rows * width);
    for (let row = 0; row < rows; row++) {
      const first = row - (row % length);
      for (let head = 0; head < heads; head++) {
        const query = row * 3 * width + head * size;
        const at = (row * heads + head) * context;
        const count = row - first + 1;
        for (let other = 0; other < count; other++) {
          const key = (first + other) * 3 * width + width + head * size;
          let dot = 0;
          for (let k = 0; k < size; k++) dot += attended[query + k]! * attended[key + k]!;
          weights[at + other] = dot * scale;
        }
        softmaxRow(weights, at, count);
        const to = row * width + head * size;
        for (let other = 0; other < count; other++) {
          const weight = weights[at + other]!;
          const value = (first + other) * 3 * width + 2 * width + head * size;
          for (let k = 0; k < size; k++) mixed[to + k]! += weight * attended[value + k]!;
        }
      }
    }
  }

  /** From the gradient by what a layer answered, in `#stream`, to that by what it was given, in the same place. */
  #layerBack(index: number, rows: number, length: number): void {
    const { width } = this.shape;
    const run = this.#runs[index]!;
    const layer = this.#parts.layers[index]!;
    const slope = this.#slopes.layers[index]!;
    const [stream, inner, raisedSlope] = [this.#stream, this.#inner, this.#raisedSlope];
    addProductOfColumns(slope.down, run.active, stream, rows, 4 * width, width);
    raisedSlope.fill(0, 0, rows * 4 * width);
    addProductOfRows(raisedSlope, stream, layer.down, rows, width, 4 * width);
    for (let at = 0; at < rows * 4 * width; at++) {
      const value = run.raised[at]!;
      const gate = 1 / (1 + Math.exp(-value));
      raisedSlope[at]! *= gate * (1 + value * (1 - gate));
    }
    addProductOfColumns(slope.up, run.feedNormed, raisedSlope, rows, width, 4 * width);
    inner.fill(0, 0, rows * width);
    addProductOfRows(inner, raisedSlope, layer.up, rows, 4 * width, width);
    normaliseBack(stream, slope.feedNorm, inner, run.middle, run.feedScale, layer.feedNorm, rows, width);

    addProductOfColumns(slope.mix, run.mixed, stream, rows, width, width);
    inner.fill(0, 0, rows * width);
    addProductOfRows(inner, stream, layer.mix, rows, width, width);
    const attendedSlope = this.#attendedSlope;
    attendedSlope.fill(0, 0, rows * 3 * width);
    this.#attendBack(run, inner, attendedSlope, rows, length);
    addProductOfColumns(slope.attend, run.attentionNormed, attendedSlope, rows, width, 3 * width);
    inner.fill(0, 0, rows * width);
    addProductOfRows(inner, attendedSlope, layer.attend, rows, 3 * width, width);
    const { input, attentionScale } = run;
    normaliseBack(
      stream,
      slope.attentionNorm,
      inner,
      input,
      attentionScale,
      layer.attentionNorm,
      rows,
      width,
    );
  }

  #attendBack(
    { attended, weights }: LayerRun,
    mixedSlope: Float64Array,
    attendedSlope: Float64Array,
    rows: number,
    length: number,
  ): void {
    const { width, heads, context } = this.shape;
    const size = width / heads;
    const scale = 1 / Math.sqrt(size);
    const weightSlope = new Float64Array(context);
    for (let row = 0; row < rows; row++) {
      const first = row - (row % length);
      const count = row - first + 1;
      for (let head = 0; head < heads; head++) {
        const at = (row * heads + head) * context;
        const from = row * width + head * size;
        let mean = 0;
        for (let other = 0; other < count; other++) {
          const value = (first + other) * 3 * width + 2 * width + head * size;
          const weight = weights[at + other]!;
          let dot = 0;
          for (let k = 0; k < size; k++) {
            dot += mixedSlope[from + k]! * attended[value + k]!;
            attendedSlope[value + k]! += weight * mixedSlope[from + k]!;
          }
          weightSlope[other] = dot;
          mean += weight * dot;
        }
        const query = row * 3 * width + head * size;
        for (let other = 0; other < count; other++) {
          const score = weights[at + other]! * (weightSlope[other]! - mean) * scale;
          const key = (first + other) * 3 * width + width + head * size;
          for (let k = 0; k < size; k++) {
            attendedSlope[query + k]! += score * attended[key + k]!;
            attendedSlope[key + k]! += score * attended[query + k]!;
          }
        }
      }
    }
  }
}

/** How many numbers a model of this shape learns. */
export function parameterCount({ vocabulary, layers, width, context }: TinyShape): number {
  return (vocabulary + context + 1) * width + layers * (12 * width * width + 2 * width);
}

/** The mean over rows of −ln of the probability of what was right; with a teacher, of −Σ its share × ln. */
export function meanLoss(
  probabilities: Float64Array,
  targets: Int32Array | Float64Array,
  vocabulary: number,
): number {
  const rows = probabilities.length / vocabulary;
  let sum = 0;
  if (targets instanceof Int32Array) {
    for (let row = 0; row < rows; row++) sum -= Math.log(probabilities[row * vocabulary + targets[row]!]!);
  } else {
    for (let at = 0; at < probabilities.length; at++) {
      if (targets[at]! > 0) sum -= targets[at]! * Math.log(probabilities[at]!);
    }
  }
  return sum / rows;
}

function partsOf(all: Float64Array, { vocabulary, layers, width, context }: TinyShape): Parts {
  let at = 0;
  const take = (count: number) => {
    at += count;
    return all.subarray(at - count, at);
  };
  return {
    tokens: take(vocabulary * width),
    positions: take(context * width),
    layers: Array.from({ length: layers }, () => ({
      attentionNorm: take(width),
      attend: take(3 * width * width),
      mix: take(width * width),
      feedNorm: take(width),
      up: take(4 * width * width),
      down: take(4 * width * width),
    })),
    norm: take(width),
  };
}

/** RMSNorm: each row divided by its root mean square, times `gain`. */
function normalise(
  out: Float64Array,
  scales: Float64Array,
  input: Float64Array,
  gain: Float64Array,
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    let squares = 0;
    for (let at = 0; at < width; at++) squares += input[from + at]! * input[from + at]!;
    const scale = 1 / Math.sqrt(squares / width + EPSILON);
    scales[row] = scale;
    for (let at = 0; at < width; at++) out[from + at] = input[from + at]! * scale * gain[at]!;
  }
}

/** Adds the gradient by a norm's input to `out`, and that by its gain to `gainSlope`. */
function normaliseBack(
  out: Float64Array,
  gainSlope: Float64Array,
  slope: Float64Array,
  input: Float64Array,
  scales: Float64Array,
  gain: Float64Array,
  rows: number,
  width: number,
): void {
  for (let row = 0; row < rows; row++) {
    const from = row * width;
    const scale = scales[row]!;
    let sum = 0;
    for (let at = 0; at < width; at++) {
      gainSlope[at]! += slope[from + at]! * input[from + at]! * scale;
      sum += slope[from + at]! * gain[at]! * input[from + at]!;
    }
    const pull = (sum * scale * scale * scale) / width;
    for (let at = 0; at < width; at++)
      out[from + at]! += slope[from + at]! * gain[at]! * scale - input[from + at]! * pull;
  }
}

function softmaxRow(values: Float64Array, from: number, count: number): void {
  let most = Number.NEGATIVE_INFINITY;
  for (let at = from; at < from + count; at++) if (values[at]! > most) most = values[at]!;
  let sum = 0;
  for (let at = from; at < from + count; at++) {
    values[at] = Math.exp(values[at]! - most);
    sum += values[at]!;
  }
  for (let at = from; at < from + count; at++) values[at]! /= sum;
}

function copy(to: Float64Array, from: Float64Array, count: number): void {
  for (let at = 0; at < count; at++) to[at] = from[at]!;
}
