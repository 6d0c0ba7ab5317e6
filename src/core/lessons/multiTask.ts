/**
 * Two tasks learned at once from the words of a text: with one network for both and a tower for each, and with several
 * small networks, the experts, that each task mixes by a gate of its own (MMoE: Ma and others 2018, KDD, section 4).
 * All gradients are by hand, of the whole text at a time.
 */

import { seededCoin } from "../sampling/randomness.js";

/** Counts of the 26 letters, whether a vowel is the first, and a 1 for the bias. */
const INPUTS = 28;
const FIRST_VOWEL = 26;
const TASKS = 2;

export interface TaskData {
  words: string[];
  /** (words, INPUTS). */
  inputs: Float64Array;
  /** By task: (words). Task A is the word's length, as a number of mean 0 and spread 1; so is task B, or its opposite. */
  targets: [Float64Array, Float64Array];
  /** By word, whether the tasks want the opposite of one another. */
  opposed: boolean[];
}

/** @param conflict whether task B wants the opposite for words that begin with a vowel. */
export function taskData(words: readonly string[], conflict: boolean): TaskData {
  const inputs = new Float64Array(words.length * INPUTS);
  const lengths = words.map((word) => word.length);
  const mean = lengths.reduce((sum, length) => sum + length, 0) / Math.max(1, words.length);
  const spread =
    Math.sqrt(lengths.reduce((sum, length) => sum + (length - mean) ** 2, 0) / Math.max(1, words.length)) ||
    1;
  const first = Float64Array.from(lengths, (length) => (length - mean) / spread);
  const opposed = words.map((word) => conflict && /^[aeiou]/.test(word));
  for (const [row, word] of words.entries()) {
    for (const letter of word) inputs[row * INPUTS + letter.charCodeAt(0) - 97]! += 1;
    inputs[row * INPUTS + FIRST_VOWEL] = /^[aeiou]/.test(word) ? 1 : 0;
    inputs[row * INPUTS + INPUTS - 1] = 1;
  }
  return {
    words: [...words],
    inputs,
    targets: [first, first.map((value, row) => (opposed[row] ? -value : value))],
    opposed,
  };
}

/** The different words of a text, in small letters a to z, most of them at most. */
export function wordsOfText(text: string, most: number): string[] {
  return [...new Set(text.toLowerCase().match(/[a-z]+/g) ?? [])].slice(0, most);
}

/** How a network is built: with one expert and no gates it is a shared bottom. */
export interface Build {
  experts: number;
  /** Units of an expert. */
  units: number;
}

/** Where parameters lie in one row of numbers. */
interface Layout {
  expert(expert: number, unit: number): number;
  gate(task: number, expert: number): number;
  tower(task: number): number;
  count: number;
}

function layoutOf({ experts, units }: Build): Layout {
  const gates = experts * units * INPUTS;
  const towers = gates + (experts > 1 ? TASKS * experts * INPUTS : 0);
  return {
    expert: (expert, unit) => (expert * units + unit) * INPUTS,
    gate: (task, expert) => gates + (task * experts + expert) * INPUTS,
    tower: (task) => towers + task * (units + 1),
    count: towers + TASKS * (units + 1),
  };
}

export function parameterCount(build: Build): number {
  return layoutOf(build).count;
}

/** Units of a shared bottom that has at least as many parameters as another build. */
export function sharedUnits(build: Build): number {
  let units = 1;
  while (parameterCount({ experts: 1, units }) < parameterCount(build)) units++;
  return units;
}

/** Small random parameters. */
export function firstParameters(build: Build, seed: number): Float64Array {
  const coin = seededCoin(seed);
  return Float64Array.from({ length: layoutOf(build).count }, () => (coin() * 2 - 1) * 0.4);
}

export interface Step {
  /** By task: mean squared error. Guessing the mean would be 1. */
  losses: [number, number];
  /** By task: the slopes of its own loss. (parameters) each. */
  gradients: [Float64Array, Float64Array];
  /** By task and word: what the gate gave each expert. (words, experts) each. */
  gates: [Float64Array, Float64Array];
}

/** Losses of both tasks, and their slopes by the chain rule. */
export function multiTaskStep(build: Build, parameters: Float64Array, data: TaskData): Step {
  const { experts, units } = build;
  const layout = layoutOf(build);
  const rows = data.words.length;
  const losses: [number, number] = [0, 0];
  const gradients: Step["gradients"] = [new Float64Array(layout.count), new Float64Array(layout.count)];
  const gates: Step["gates"] = [new Float64Array(rows * experts), new Float64Array(rows * experts)];
  const hidden = new Float64Array(experts * units);
  const mixed = new Float64Array(units);
  for (let row = 0; row < rows; row++) {
    const x = data.inputs.subarray(row * INPUTS, (row + 1) * INPUTS);
    for (let expert = 0; expert < experts; expert++) {
      for (let unit = 0; unit < units; unit++) {
        hidden[expert * units + unit] = Math.tanh(dot(parameters, layout.expert(expert, unit), x));
      }
    }
    for (const task of [0, 1] as const) {
      const gate = gates[task].subarray(row * experts, (row + 1) * experts);
      if (experts === 1) gate[0] = 1;
      else softmaxOf(gate, (expert) => dot(parameters, layout.gate(task, expert), x));
      for (let unit = 0; unit < units; unit++) {
        let sum = 0;
        for (let expert = 0; expert < experts; expert++)
          sum += gate[expert]! * hidden[expert * units + unit]!;
        mixed[unit] = sum;
      }
      const tower = layout.tower(task);
      let answer = parameters[tower + units]!;
      for (let unit = 0; unit < units; unit++) answer += parameters[tower + unit]! * mixed[unit]!;
      const off = answer - data.targets[task][row]!;
      losses[task] += (off * off) / rows;

      // Backwards: the tower, then what each gate let through, then the gate itself.
      const slope = (2 * off) / rows;
      const gradient = gradients[task];
      gradient[tower + units]! += slope;
      for (let unit = 0; unit < units; unit++) gradient[tower + unit]! += slope * mixed[unit]!;
      const gained = new Float64Array(experts);
      for (let expert = 0; expert < experts; expert++) {
        for (let unit = 0; unit < units; unit++) {
          const h = hidden[expert * units + unit]!;
          const through = slope * parameters[tower + unit]!;
          gained[expert]! += through * h;
          add(gradient, layout.expert(expert, unit), x, through * gate[expert]! * (1 - h * h));
        }
      }
      if (experts === 1) continue;
      const mean = gained.reduce((sum, value, expert) => sum + value * gate[expert]!, 0);
      for (let expert = 0; expert < experts; expert++) {
        add(gradient, layout.gate(task, expert), x, gate[expert]! * (gained[expert]! - mean));
      }
    }
  }
  return { losses, gradients, gates };
}

function dot(values: Float64Array, from: number, x: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += values[from + i]! * x[i]!;
  return sum;
}

function add(into: Float64Array, from: number, x: Float64Array, factor: number): void {
  for (let i = 0; i < x.length; i++) into[from + i]! += factor * x[i]!;
}

function softmaxOf(out: Float64Array, score: (at: number) => number): void {
  let largest = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < out.length; at++) {
    out[at] = score(at);
    largest = Math.max(largest, out[at]!);
  }
  let sum = 0;
  for (let at = 0; at < out.length; at++) {
    out[at] = Math.exp(out[at]! - largest);
    sum += out[at]!;
  }
  for (let at = 0; at < out.length; at++) out[at]! /= sum;
}

/** A network that is being trained: Adam (Kingma and Ba 2015) on the sum of both losses. */
export class MultiTaskTraining {
  readonly build: Build;
  readonly #data: TaskData;
  readonly #parameters: Float64Array;
  readonly #mean: Float64Array;
  readonly #square: Float64Array;
  #steps = 0;
  #last: Step;

  constructor(build: Build, data: TaskData, seed: number) {
    this.build = build;
    this.#data = data;
    this.#parameters = firstParameters(build, seed);
    this.#mean = new Float64Array(this.#parameters.length);
    this.#square = new Float64Array(this.#parameters.length);
    this.#last = multiTaskStep(build, this.#parameters, data);
  }

  get steps(): number {
    return this.#steps;
  }

  /** What the network does now. */
  get now(): Step {
    return this.#last;
  }

  step(rate = 0.01): void {
    const [a, b] = this.#last.gradients;
    const at = ++this.#steps;
    for (let i = 0; i < this.#parameters.length; i++) {
      const slope = a[i]! + b[i]!;
      this.#mean[i] = 0.9 * this.#mean[i]! + 0.1 * slope;
      this.#square[i] = 0.999 * this.#square[i]! + 0.001 * slope * slope;
      const [mean, square] = [this.#mean[i]! / (1 - 0.9 ** at), this.#square[i]! / (1 - 0.999 ** at)];
      this.#parameters[i]! -= (rate * mean) / (Math.sqrt(square) + 1e-8);
    }
    this.#last = multiTaskStep(this.build, this.#parameters, this.#data);
  }
}
