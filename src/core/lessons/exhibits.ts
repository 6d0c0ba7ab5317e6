/**
 * The catalogue of exhibits: for each type the readings that checks may test and what the reader may be asked to
 * guess of it. The page has a component for each; the compiler holds the two together.
 */

import type { CheckConfig, ExhibitConfig, ExhibitType, NumberFormat } from "../../shared/panels/lesson.js";

export interface Reading {
  /** Completes "… : at most 8". */
  label: string;
  format: NumberFormat;
}

type Config<T extends ExhibitType> = Extract<ExhibitConfig, { type: T }>;

interface ExhibitKind<T extends ExhibitType> {
  needsModel: boolean;
  /** The readings of an exhibit with these parameters. */
  readings(config: Config<T>): Readonly<Record<string, Reading>>;
  /** What the reader may be asked to guess before it is shown. */
  guesses: readonly string[];
}

const count = (label: string): Reading => ({ label, format: "count" });
const probability = (label: string): Reading => ({ label, format: "probability" });
const number = (label: string): Reading => ({ label, format: "number" });

const KINDS: { [T in ExhibitType]: ExhibitKind<T> } = {
  "token-strip": {
    needsModel: false,
    readings: () => ({
      characters: count("characters"),
      bytes: count("bytes"),
      tokens: count("tokens"),
      "split-characters": count("characters cut into several tokens"),
      "longest-token": count("characters in the longest token"),
    }),
    guesses: [],
  },
  "next-token": {
    needsModel: true,
    readings: () => ({
      temperature: { label: "temperature", format: "setting" },
      "top-probability": probability("probability of the likeliest token"),
      survivors: count("tokens that can still be drawn"),
      drawn: count("tokens drawn so far"),
    }),
    guesses: ["next-token"],
  },
  "attention-map": {
    needsModel: true,
    readings: () => ({
      "previous-token": probability("attention on the previous token, on average"),
      "first-token": probability("attention on the first token, on average"),
    }),
    guesses: ["last-token-target"],
  },
  languages: { needsModel: false, readings: () => ({}), guesses: [] },
  tokenizers: {
    needsModel: false,
    readings: ({ encodings }) => ({
      characters: count("characters"),
      bytes: count("bytes"),
      bits: count("bits"),
      ...Object.fromEntries(encodings.map((name) => [readingName(name), count(`tokens in ${name}`)])),
      difference: count("tokens between the most and the fewest"),
    }),
    guesses: [],
  },
  calculator: {
    needsModel: false,
    readings: ({ inputs, outputs }) =>
      Object.fromEntries([...inputs, ...outputs].map(({ id, label, format }) => [id, { label, format }])),
    guesses: [],
  },
  odds: {
    needsModel: true,
    readings: ({ prompts, answers }) => {
      const readings: Record<string, Reading> = {
        score: count("prompts after which the first answer beats the others"),
      };
      for (const { id, label, answers: own } of prompts) {
        for (const [at, answer] of (own ?? answers).entries()) {
          readings[oddsReading(id, at)] = probability(`${label}: “${answer.trim()}”`);
        }
      }
      return readings;
    },
    guesses: [],
  },
  dialog: {
    needsModel: false,
    readings: () => ({
      window: count("tokens in the window"),
      "turns-kept": count("messages that are still in the window"),
      "first-kept": count("whether the first message is still there"),
      "sent-tokens": count("tokens sent over the whole conversation"),
      "own-tokens": count("tokens of all messages, each counted once"),
    }),
    guesses: [],
  },
  tool: {
    needsModel: false,
    readings: () => ({
      worked: count("calls that worked"),
      digits: count("digits in the result"),
      value: number("the result as a number"),
    }),
    guesses: [],
  },
  gradient: {
    needsModel: false,
    readings: () => ({
      value: number("value of the formula"),
      steps: count("steps taken"),
      slope: number("length of the gradient"),
      rate: { label: "step size", format: "setting" },
    }),
    guesses: [],
  },
  "chat-template": {
    needsModel: true,
    readings: () => ({
      tokens: count("tokens in all"),
      "template-tokens": count("tokens that the template adds"),
      "reply-tokens": count("tokens of the answer"),
      "template-share": probability("share of the template in all tokens"),
      "reply-share": probability("share of the answer in all tokens"),
    }),
    guesses: [],
  },
  retrieval: {
    needsModel: false,
    readings: ({ passages }) => ({
      found: count("passages with a word of the question"),
      "top-score": number("score of the best passage"),
      "prompt-tokens": count("tokens of the prompt"),
      ...Object.fromEntries(passages.map(({ id }) => [`rank-${id}`, count(`rank of the passage “${id}”`)])),
    }),
    guesses: [],
  },
  injection: {
    needsModel: false,
    readings: () => ({
      attempts: count("places that look like an order"),
      tokens: count("tokens of the text"),
    }),
    guesses: [],
  },
  "word-filter": {
    needsModel: false,
    readings: () => ({
      caught: count("of the forms that the filter stops"),
      missed: count("of the forms that pass"),
      plain: count("whether the text as it is is stopped"),
      inside: count("forbidden words that stand inside longer ones only"),
    }),
    guesses: [],
  },
  "toy-judge": {
    needsModel: true,
    readings: () => ({
      reward: number("reward of the toy judge"),
      surprise: number("bits of surprise for each token, in the model’s eyes"),
    }),
    guesses: [],
  },
  patches: {
    needsModel: false,
    readings: () => ({
      size: count("pixels along each side"),
      patch: count("pixels along a patch"),
      tokens: count("patches, each of which becomes a token"),
      numbers: count("numbers in a patch"),
    }),
    guesses: [],
  },
  layers: {
    needsModel: true,
    readings: () => ({
      layers: count("layers"),
      settled: count("layers after which the answer is first for good"),
      "start-rank": count("rank of the answer at the embeddings"),
      "end-probability": probability("probability of the answer at the end"),
    }),
    guesses: [],
  },
  embeddings: {
    needsModel: true,
    readings: () => ({
      nearest: number("cosine to the nearest token"),
      fifth: number("cosine to the fifth nearest"),
    }),
    guesses: [],
  },
  surprise: {
    needsModel: true,
    readings: () => ({
      tokens: count("tokens that were predicted"),
      bits: number("bits for each token, on average"),
      perplexity: number("perplexity"),
      worst: number("bits of the most surprising token"),
    }),
    guesses: [],
  },
  "cache-timing": {
    needsModel: true,
    readings: () => ({
      tokens: count("tokens"),
      with: number("milliseconds for one more token with the cache"),
      without: number("milliseconds for one more token without it"),
      ratio: number("times as long without the cache"),
    }),
    guesses: [],
  },
  training: {
    needsModel: false,
    readings: () => ({
      steps: count("steps"),
      parameters: count("parameters"),
      loss: number("loss on what it learns from, in nats a character"),
      "held-out": number("loss on the end of the text, which it never sees"),
      guessing: number("loss of a model that finds all characters equally probable"),
    }),
    guesses: [],
  },
  poisoning: {
    needsModel: false,
    readings: () => ({
      steps: count("steps"),
      copies: count("copies of the line"),
      share: probability("share of the line’s copies in the text"),
      clean: probability("probability of a character of the payload, clean"),
      poisoned: probability("the same, poisoned"),
      "held-out-difference": number("nats by which the poisoned model is worse on clean text"),
    }),
    guesses: [],
  },
  distillation: {
    needsModel: false,
    readings: () => ({
      steps: count("steps"),
      teacher: number("loss of the teacher on text that nobody saw"),
      hard: number("loss of the student of the text"),
      soft: number("loss of the student of the teacher"),
    }),
    guesses: [],
  },
  pipeline: {
    needsModel: false,
    readings: () => ({
      pages: count("pages at the start"),
      stages: count("stages that are done"),
      kept: count("pages that are left"),
      "kept-share": probability("share of the pages that is left"),
      "words-share": probability("share of the words that is left"),
      similarity: probability("similarity from which on the later page goes"),
      nearest: probability("similarity of your text to the nearest page"),
      survives: count("whether your text passes all stages"),
    }),
    guesses: [],
  },
  attempts: {
    needsModel: true,
    readings: () => ({
      attempts: count("attempts"),
      passed: count("attempts that passed all tests"),
      "pass-rate": probability("share of the attempts that passed"),
      distinct: count("attempts that differ"),
      after: probability("share that would pass after the push"),
      temperature: { label: "temperature", format: "setting" },
    }),
    guesses: [],
  },
  "toy-game": {
    needsModel: false,
    readings: () => ({
      games: count("games to learn from"),
      depth: count("moves that are looked ahead"),
      skill: probability("how often the teachers know the right move"),
      copy: probability("games that the copy wins against the teachers"),
      search: probability("games that the copy wins by looking ahead"),
      alone: probability("games that the one that played alone wins"),
      bold: probability("how often the teachers make its boldest move"),
      won: count("games that you won against the one that played alone"),
    }),
    guesses: [],
  },
  thinking: {
    needsModel: true,
    readings: () => ({
      terms: count("numbers to add"),
      sums: count("sums that were thought about"),
      "right-without": probability("right without thought"),
      "right-with": probability("right with the whole thought"),
      "right-voted": probability("right by the vote"),
      gain: probability("gained by the whole thought"),
      "tokens-without": number("tokens for an answer without thought"),
      "tokens-with": number("tokens for an answer with the whole thought"),
      "tokens-voted": number("tokens for an answer by the vote"),
    }),
    guesses: [],
  },
  constitution: {
    needsModel: true,
    readings: () => ({
      rules: count("rules"),
      "draft-words": count("words of the draft"),
      "revised-words": count("words of the revision"),
      changed: probability("share of the draft’s words that the revision does not have"),
      first: probability("judge’s preference for the revision where it stands first"),
      second: probability("the same where it stands second"),
      consistent: count("whether the judge prefers the same answer in both orders"),
    }),
    guesses: [],
  },
  "model-file": {
    needsModel: true,
    readings: () => ({
      parameters: count("parameters"),
      "file-bytes": { label: "bytes of the file", format: "bytes" },
      "bits-per-weight": number("bits for each parameter"),
    }),
    guesses: [],
  },
  positions: {
    needsModel: true,
    readings: () => ({
      "first-layer": probability("attention that moves in the first layer"),
      "first-layer-equal": probability("the same with all positions equal"),
      "last-layer-equal": probability("the same in the last layer, positions equal"),
      prediction: probability("probability of the next token that moves"),
      "prediction-equal": probability("the same with all positions equal"),
    }),
    guesses: [],
  },
  rotation: {
    needsModel: true,
    readings: () => ({
      distance: count("tokens from key to query"),
      moved: count("tokens that both are moved on by"),
      score: number("score of the turned rows"),
      "turned-change": number("change of that score by moving both"),
      "added-change": number("change where waves are added"),
    }),
    guesses: [],
  },
  experts: {
    needsModel: true,
    readings: () => ({
      experts: count("experts"),
      used: count("experts for each token"),
      imbalance: number("times the mean that the busiest expert has to do"),
      idle: count("experts with nothing to do"),
      total: number("weights in memory"),
      active: number("weights that a token meets"),
      "active-share": probability("share of the weights that a token meets"),
    }),
    guesses: [],
  },
  schools: {
    needsModel: true,
    readings: () => ({
      "base-tokens": count("tokens that the base model wrote"),
      "base-ended": count("whether the base model ended by itself"),
      "chat-tokens": count("tokens that the chat model wrote"),
      "chat-ended": count("whether the chat model ended by itself"),
      "added-tokens": count("tokens that the chat model was sent beside the text"),
    }),
    guesses: [],
  },
  reinforce: {
    needsModel: true,
    readings: () => ({
      before: probability("expected reward at first"),
      reward: probability("expected reward now"),
      tries: count("tries"),
      rewarded: count("tries that were rewarded"),
    }),
    guesses: [],
  },
  explanation: {
    needsModel: true,
    readings: () => ({
      facts: count("facts that tools found before the model spoke"),
      stages: count("stages"),
      calls: count("calls of the model"),
      read: count("tokens that the model read"),
      written: count("tokens that it wrote"),
      revised: count("drafts that tools contradicted and that were written anew"),
    }),
    guesses: [],
  },
  "context-bar": {
    needsModel: true,
    readings: () => ({
      size: count("tokens in the context"),
      used: count("tokens of the request"),
      code: count("tokens of your text in it"),
      instructions: count("tokens of instructions in it"),
      share: probability("share of the context that the request takes"),
    }),
    guesses: [],
  },
  "blind-pairs": {
    needsModel: true,
    readings: ({ contestants }) => ({
      judged: count("pairs judged"),
      spread: count("points between the first and the last"),
      ...Object.fromEntries(
        contestants.map(({ id, label }) => [`rating-${id}`, count(`rating of “${label}”`)]),
      ),
    }),
    guesses: [],
  },
  evaluation: {
    needsModel: true,
    readings: () => ({
      cases: count("cases that were run"),
      passed: count("cases passed"),
      failed: count("cases not passed"),
      own: count("cases of your own"),
    }),
    guesses: [],
  },
  "sort-claims": {
    needsModel: false,
    readings: () => ({
      sorted: count("claims sorted"),
      right: count("claims that are where the evidence puts them"),
    }),
    guesses: [],
  },
  links: {
    needsModel: false,
    readings: ({ topics }) => ({
      found: count("links that share a word with the text"),
      ...Object.fromEntries(
        topics.flatMap(({ links }) =>
          links.map(({ id, title }) => [`rank-${id}`, count(`place of “${title}”`)]),
        ),
      ),
    }),
    guesses: [],
  },
  thoughts: {
    needsModel: false,
    readings: () => ({
      width: count("thoughts followed at each depth"),
      target: count("target"),
      solved: count("whether the target was reached"),
      thoughts: count("thoughts looked at"),
      possible: count("whether there is a way at all"),
    }),
    guesses: [],
  },
  "two-tasks": {
    needsModel: false,
    readings: () => ({
      conflict: count("whether the tasks disagree"),
      experts: count("experts"),
      steps: count("steps"),
      shared: number("loss of one network as wide as an expert"),
      gated: number("loss of the experts with gates"),
      wide: number("loss of one network with as many parameters"),
    }),
    guesses: [],
  },
  sums: {
    needsModel: true,
    readings: () => ({
      terms: count("numbers to add"),
      runs: count("sums answered in both ways"),
      "right-at-once": probability("right at once"),
      "right-step-by-step": probability("right step by step"),
      "tokens-at-once": number("tokens for an answer at once"),
      "tokens-step-by-step": number("tokens for an answer step by step"),
    }),
    guesses: [],
  },
  machine: {
    needsModel: true,
    readings: () => ({
      window: count("tokens that the memory has room for"),
      fill: count("tokens of the text in memory"),
      "fill-share": probability("share of the memory that they fill"),
      "cache-bytes": { label: "bytes of their keys and values", format: "bytes" },
      "window-bytes": { label: "bytes of a full window", format: "bytes" },
      "disk-bytes": { label: "bytes of the weights", format: "bytes" },
      requests: count("requests in this session"),
      lens: count("requests to the lens"),
      "in-memory": count("tokens that the last request left"),
    }),
    guesses: [],
  },
};

/** A tokenizer's name as the name of a reading: `o200k-base`. */
export function readingName(encoding: string): string {
  return encoding.replaceAll("_", "-");
}

/** The reading of an answer's probability; answers count from 1. */
export function oddsReading(promptId: string, answer: number): string {
  return `${promptId}-answer-${answer + 1}`;
}

/** Exhibits that ask for experiments: see `ExperimentHost`. */
const EXPERIMENTS: ReadonlySet<ExhibitType> = new Set<ExhibitType>([
  "machine",
  "blind-pairs",
  "thoughts",
  "reinforce",
  "schools",
  "experts",
  "rotation",
  "positions",
]);

export function isExperiment(type: ExhibitType): boolean {
  return EXPERIMENTS.has(type);
}

export function needsModel(type: ExhibitType): boolean {
  return KINDS[type].needsModel;
}

export function guessesOf(type: ExhibitType): readonly string[] {
  return KINDS[type].guesses;
}

export function readingsOf(config: ExhibitConfig): Readonly<Record<string, Reading>> {
  // The entry under a config's own type takes that config; TypeScript does not follow the pair through the lookup.
  const kind = KINDS[config.type] as ExhibitKind<ExhibitType>;
  return kind.readings(config);
}

/** The reading of that name, if an exhibit with these parameters has it. */
export function readingOf(config: ExhibitConfig, name: string): Reading | undefined {
  const readings = readingsOf(config);
  return Object.hasOwn(readings, name) ? readings[name] : undefined;
}

/** What a square picture of three colours is cut into; what is left over at the edges is filled up. */
export function patchesOf(size: number, patch: number): { across: number; tokens: number; numbers: number } {
  const across = Math.ceil(size / patch);
  return { across, tokens: across * across, numbers: patch * patch * 3 };
}

/** The exhibit that a check is about; undefined where it needs none. */
export function exhibitOf(config: CheckConfig): string | undefined {
  if ("exhibit" in config) return config.exhibit;
  return config.type === "estimate" && config.of.kind === "reading" ? config.of.exhibit : undefined;
}
