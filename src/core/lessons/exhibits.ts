/**
 * The catalogue of exhibits: for each type the readings that checks may test and what the reader may be asked to
 * guess of it. The page has a component for each; the compiler holds the two together.
 */

import { t } from "../../shared/l10n.js";
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
/** Its label begins with “whether”. */
const truth = (label: string): Reading => ({ label, format: "truth" });

const KINDS: { [T in ExhibitType]: ExhibitKind<T> } = {
  "token-strip": {
    needsModel: false,
    readings: () => ({
      characters: count(t("characters")),
      bytes: count(t("bytes")),
      tokens: count(t("tokens")),
      letters: count(t("letters")),
      "split-characters": count(t("characters cut into several tokens")),
      "longest-token": count(t("characters in the longest token")),
    }),
    guesses: [],
  },
  "next-token": {
    needsModel: true,
    readings: () => ({
      temperature: { label: t("temperature"), format: "setting" },
      "top-probability": probability(t("probability of the likeliest token")),
      survivors: count(t("tokens that can still be drawn")),
      drawn: count(t("tokens drawn so far")),
      roads: count(t("roads from the same beginning")),
    }),
    guesses: ["next-token"],
  },
  "attention-map": {
    needsModel: true,
    readings: () => ({
      "previous-token": probability(t("attention on the previous token, on average")),
      "first-token": probability(t("attention on the first token, on average")),
    }),
    guesses: ["last-token-target"],
  },
  languages: { needsModel: false, readings: () => ({}), guesses: [] },
  tokenizers: {
    needsModel: false,
    readings: ({ encodings }) => ({
      characters: count(t("characters")),
      bytes: count(t("bytes")),
      bits: count(t("bits")),
      ...Object.fromEntries(encodings.map((name) => [readingName(name), count(t("tokens in {0}", name))])),
      difference: count(t("tokens between the most and the fewest")),
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
        score: count(t("prompts after which the first answer beats the others")),
      };
      for (const { id, label, answers: own } of prompts) {
        readings[sentencesReading(id)] = count(t("{0}: sentences", label.replace(/\.$/, "")));
        for (const [at, answer] of (own ?? answers).entries()) {
          // A label may be a sentence; a quotation mark of the answer would double the one around it.
          const said = answer.trim().replace(/^["“„]/, "");
          readings[oddsReading(id, at)] = probability(t("{0}: “{1}”", label.replace(/\.$/, ""), said));
        }
      }
      return readings;
    },
    guesses: [],
  },
  dialog: {
    needsModel: false,
    readings: () => ({
      window: count(t("tokens in the window")),
      "turns-kept": count(t("messages that are still in the window")),
      "first-kept": truth(t("whether the first message is still there")),
      "sent-tokens": count(t("tokens sent over the whole conversation")),
      "own-tokens": count(t("tokens of all messages, each counted once")),
    }),
    guesses: [],
  },
  tool: {
    needsModel: false,
    readings: () => ({
      worked: count(t("calls that worked")),
      digits: count(t("digits in the result")),
      value: number(t("the result as a number")),
    }),
    guesses: [],
  },
  gradient: {
    needsModel: false,
    readings: () => ({
      value: number(t("value of the formula")),
      steps: count(t("steps taken")),
      slope: number(t("length of the gradient")),
      rate: { label: t("step size"), format: "setting" },
    }),
    guesses: [],
  },
  "chat-template": {
    needsModel: true,
    readings: () => ({
      tokens: count(t("tokens in all")),
      "template-tokens": count(t("tokens that the template adds")),
      "reply-tokens": count(t("tokens of the answer")),
      "template-share": probability(t("share of the template in all tokens")),
      "reply-share": probability(t("share of the answer in all tokens")),
    }),
    guesses: [],
  },
  retrieval: {
    needsModel: false,
    readings: ({ passages }) => ({
      found: count(t("passages with a word of the question")),
      "top-score": number(t("score of the best passage")),
      "prompt-tokens": count(t("tokens of the prompt")),
      ...Object.fromEntries(
        passages.map(({ id }) => [`rank-${id}`, count(t("rank of the passage “{0}”", id))]),
      ),
    }),
    guesses: [],
  },
  injection: {
    needsModel: false,
    readings: () => ({
      attempts: count(t("places that look like an order")),
      tokens: count(t("tokens of the text")),
    }),
    guesses: [],
  },
  "word-filter": {
    needsModel: false,
    readings: () => ({
      caught: count(t("of the forms that the filter stops")),
      missed: count(t("of the forms that pass")),
      plain: truth(t("whether the text as it is is stopped")),
      inside: count(t("forbidden words that stand inside longer ones only")),
    }),
    guesses: [],
  },
  "toy-judge": {
    needsModel: true,
    readings: () => ({
      reward: number(t("reward of the toy judge")),
      surprise: number(t("bits of surprise for each token, in the model’s eyes")),
    }),
    guesses: [],
  },
  patches: {
    needsModel: false,
    readings: () => ({
      size: count(t("pixels along each side")),
      patch: count(t("pixels along a patch")),
      tokens: count(t("patches, each of which becomes a token")),
      numbers: count(t("numbers in a patch")),
    }),
    guesses: [],
  },
  layers: {
    needsModel: true,
    readings: () => ({
      layers: count(t("layers")),
      settled: count(t("layers after which the answer is first for good")),
      "start-rank": count(t("rank of the answer at the embeddings")),
      "end-probability": probability(t("probability of the answer at the end")),
    }),
    guesses: [],
  },
  embeddings: {
    needsModel: true,
    readings: () => ({
      nearest: number(t("cosine to the nearest token")),
      fifth: number(t("cosine to the fifth nearest")),
    }),
    guesses: [],
  },
  surprise: {
    needsModel: true,
    readings: () => ({
      tokens: count(t("tokens that were predicted")),
      bits: number(t("bits for each token, on average")),
      perplexity: number(t("perplexity")),
      worst: number(t("bits of the most surprising token")),
    }),
    guesses: [],
  },
  "cache-timing": {
    needsModel: true,
    readings: () => ({
      tokens: count(t("tokens")),
      with: number(t("milliseconds for one more token with the cache")),
      without: number(t("milliseconds for one more token without it")),
      ratio: number(t("times as long without the cache")),
    }),
    guesses: [],
  },
  training: {
    needsModel: false,
    readings: () => ({
      steps: count(t("steps")),
      parameters: count(t("parameters")),
      loss: number(t("loss on what it learns from, in nats a character")),
      "held-out": number(t("loss on the end of the text, which it never sees")),
      guessing: number(t("loss of a model that finds all characters equally probable")),
    }),
    guesses: [],
  },
  poisoning: {
    needsModel: false,
    readings: () => ({
      steps: count(t("steps")),
      copies: count(t("copies of the line")),
      share: probability(t("share of the line’s copies in the text")),
      clean: probability(t("probability of a character of the payload, clean")),
      poisoned: probability(t("probability of a character of the payload, poisoned")),
      "held-out-difference": number(t("nats by which the poisoned model is worse on clean text")),
    }),
    guesses: [],
  },
  distillation: {
    needsModel: false,
    readings: () => ({
      steps: count(t("steps")),
      teacher: number(t("loss of the teacher on text that nobody saw")),
      hard: number(t("loss of the student of the text")),
      soft: number(t("loss of the student of the teacher")),
    }),
    guesses: [],
  },
  pipeline: {
    needsModel: false,
    readings: () => ({
      pages: count(t("pages at the start")),
      stages: count(t("stages that are done")),
      kept: count(t("pages that are left")),
      "kept-share": probability(t("share of the pages that is left")),
      "words-share": probability(t("share of the words that is left")),
      similarity: probability(t("similarity from which on the later page goes")),
      nearest: probability(t("similarity of your text to the nearest page")),
      survives: truth(t("whether your text passes all stages")),
    }),
    guesses: [],
  },
  attempts: {
    needsModel: true,
    readings: () => ({
      attempts: count(t("attempts")),
      passed: count(t("attempts that passed all tests")),
      "pass-rate": probability(t("share of the attempts that passed")),
      distinct: count(t("attempts that differ")),
      after: probability(t("share that would pass after the push")),
      temperature: { label: t("temperature"), format: "setting" },
    }),
    guesses: [],
  },
  "toy-game": {
    needsModel: false,
    readings: () => ({
      games: count(t("games to learn from")),
      stones: count(t("stones")),
      depth: count(t("moves that are looked ahead")),
      skill: probability(t("how often the teachers know the right move")),
      copy: probability(t("games that the copy wins against the teachers")),
      search: probability(t("games that the copy wins by looking ahead")),
      alone: probability(t("games that the one that played alone wins")),
      bold: probability(t("how often the teachers make its boldest move")),
      won: count(t("games that you won against the one that played alone")),
    }),
    guesses: [],
  },
  thinking: {
    needsModel: true,
    readings: () => ({
      terms: count(t("numbers to add")),
      sums: count(t("sums that were thought about")),
      "right-without": probability(t("right without thought")),
      "right-with": probability(t("right with the whole thought")),
      "right-voted": probability(t("right by the vote")),
      gain: probability(t("gained by the whole thought")),
      "tokens-without": number(t("tokens for an answer without thought")),
      "tokens-with": number(t("tokens for an answer with the whole thought")),
      "tokens-voted": number(t("tokens for an answer by the vote")),
    }),
    guesses: [],
  },
  constitution: {
    needsModel: true,
    readings: () => ({
      rules: count(t("rules")),
      "draft-words": count(t("words of the draft")),
      "revised-words": count(t("words of the revision")),
      changed: probability(t("share of the draft’s words that the revision does not have")),
      first: probability(t("judge’s preference for the revision where it stands first")),
      second: probability(t("the same where it stands second")),
      consistent: truth(t("whether the judge prefers the same answer in both orders")),
    }),
    guesses: [],
  },
  "model-file": {
    needsModel: true,
    readings: () => ({
      parameters: count(t("parameters")),
      "file-bytes": { label: t("bytes of the file"), format: "bytes" },
      "bits-per-weight": number(t("bits for each parameter")),
    }),
    guesses: [],
  },
  positions: {
    needsModel: true,
    readings: () => ({
      "first-layer": probability(t("attention that moves in the first layer")),
      "first-layer-equal": probability(t("the same with all positions equal")),
      "last-layer-equal": probability(t("the same in the last layer, positions equal")),
      prediction: probability(t("probability of the next token that moves")),
      "prediction-equal": probability(t("the same with all positions equal")),
    }),
    guesses: [],
  },
  rotation: {
    needsModel: true,
    readings: () => ({
      distance: count(t("tokens from key to query")),
      moved: count(t("tokens that both are moved on by")),
      score: number(t("score of the turned rows")),
      "turned-change": number(t("change of that score by moving both")),
      "added-change": number(t("change where waves are added")),
    }),
    guesses: [],
  },
  experts: {
    needsModel: true,
    readings: () => ({
      experts: count(t("experts")),
      used: count(t("experts for each token")),
      imbalance: number(t("times the mean that the busiest expert has to do")),
      idle: count(t("experts with nothing to do")),
      total: number(t("weights in memory")),
      active: number(t("weights that a token meets")),
      "active-share": probability(t("share of the weights that a token meets")),
    }),
    guesses: [],
  },
  schools: {
    needsModel: true,
    readings: () => ({
      "base-tokens": count(t("tokens that the base model wrote")),
      "base-ended": truth(t("whether the base model ended by itself")),
      "chat-tokens": count(t("tokens that the chat model wrote")),
      "chat-ended": truth(t("whether the chat model ended by itself")),
      "added-tokens": count(t("tokens that the chat model was sent beside the text")),
    }),
    guesses: [],
  },
  reinforce: {
    needsModel: true,
    readings: () => ({
      before: probability(t("expected reward at first")),
      reward: probability(t("expected reward now")),
      tries: count(t("tries")),
      rewarded: count(t("tries that were rewarded")),
    }),
    guesses: [],
  },
  explanation: {
    needsModel: true,
    readings: () => ({
      facts: count(t("facts that tools found before the model spoke")),
      stages: count(t("stages")),
      calls: count(t("calls of the model")),
      read: count(t("tokens that the model read")),
      written: count(t("tokens that it wrote")),
      revised: count(t("drafts that tools contradicted and that were written anew")),
    }),
    guesses: [],
  },
  "context-bar": {
    needsModel: true,
    readings: () => ({
      size: count(t("tokens in the context")),
      used: count(t("tokens of the request")),
      code: count(t("tokens of your text in it")),
      instructions: count(t("tokens of instructions in it")),
      share: probability(t("share of the context that the request takes")),
    }),
    guesses: [],
  },
  "blind-pairs": {
    needsModel: true,
    readings: ({ contestants }) => ({
      judged: count(t("pairs judged")),
      spread: count(t("points between the first and the last")),
      ...Object.fromEntries(
        contestants.map(({ id, label }) => [`rating-${id}`, count(t("rating of “{0}”", label))]),
      ),
    }),
    guesses: [],
  },
  evaluation: {
    needsModel: true,
    readings: () => ({
      cases: count(t("cases that were run")),
      passed: count(t("cases passed")),
      failed: count(t("cases not passed")),
      own: count(t("cases of your own")),
    }),
    guesses: [],
  },
  "sort-claims": {
    needsModel: false,
    readings: () => ({
      sorted: count(t("claims sorted")),
      right: count(t("claims that are where the evidence puts them")),
    }),
    guesses: [],
  },
  links: {
    needsModel: false,
    readings: ({ topics }) => ({
      found: count(t("links that share a word with the text")),
      ...Object.fromEntries(
        topics.flatMap(({ links }) =>
          links.map(({ id, title }) => [`rank-${id}`, count(t("place of “{0}”", title))]),
        ),
      ),
    }),
    guesses: [],
  },
  thoughts: {
    needsModel: false,
    readings: () => ({
      width: count(t("thoughts followed at each depth")),
      target: count(t("target")),
      solved: truth(t("whether the target was reached")),
      thoughts: count(t("thoughts looked at")),
      possible: truth(t("whether there is a way at all")),
    }),
    guesses: [],
  },
  "two-tasks": {
    needsModel: false,
    readings: () => ({
      conflict: truth(t("whether the tasks disagree")),
      experts: count(t("experts")),
      steps: count(t("steps")),
      shared: number(t("loss of one network as wide as an expert")),
      gated: number(t("loss of the experts with gates")),
      wide: number(t("loss of one network with as many parameters")),
    }),
    guesses: [],
  },
  sums: {
    needsModel: true,
    readings: () => ({
      terms: count(t("numbers to add")),
      runs: count(t("sums answered in both ways")),
      "right-at-once": probability(t("right at once")),
      "right-step-by-step": probability(t("right step by step")),
      "tokens-at-once": number(t("tokens for an answer at once")),
      "tokens-step-by-step": number(t("tokens for an answer step by step")),
    }),
    guesses: [],
  },
  machine: {
    needsModel: true,
    readings: () => ({
      window: count(t("tokens that the memory has room for")),
      fill: count(t("tokens of the text in memory")),
      "fill-share": probability(t("share of the memory that they fill")),
      "cache-bytes": { label: t("bytes of their keys and values"), format: "bytes" },
      "window-bytes": { label: t("bytes of a full window"), format: "bytes" },
      "disk-bytes": { label: t("bytes of the weights"), format: "bytes" },
      requests: count(t("requests in this session")),
      lens: count(t("requests to the lens")),
      "in-memory": count(t("tokens that the last request left")),
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

/** The reading of how many sentences a prompt has. */
export function sentencesReading(promptId: string): string {
  return `${promptId}-sentences`;
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

/** The names of the texts that an exhibit runs on, as a check asks for their words: "" for its one text. */
export function promptsOf(config: ExhibitConfig): string[] {
  if (config.type === "odds") return config.prompts.map(({ id }) => id);
  return "text" in config && config.text !== "" ? [""] : [];
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
