/** A draft, its critique by written rules, its revision, and a judge: the prompts of each, and what changed. */

import type { DialogTurn } from "../../shared/panels/lesson.js";
import { wordsOf } from "./ranking.js";

/** Rules, one a line. */
export function readRules(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

export function draftTurns(question: string): DialogTurn[] {
  return [{ role: "user", text: question }];
}

export function critiqueTurns(question: string, draft: string, rules: readonly string[]): DialogTurn[] {
  return [
    {
      role: "user",
      text: `Here is an answer to the question “${question}”:\n\n${draft}\n\nRules for answers:\n${listed(rules)}\n\nCriticise the answer by these rules, in two sentences.`,
    },
  ];
}

/** In one turn, which small models follow better than a long talk. */
export function revisionTurns(
  question: string,
  draft: string,
  critique: string,
  rules: readonly string[],
): DialogTurn[] {
  return [
    {
      role: "user",
      text: `Here is an answer to the question “${question}”:\n\n${draft}\n\nA critic says: ${critique}\n\nWrite a better answer to the question. Keep these rules:\n${listed(rules)}`,
    },
  ];
}

/** Which of two answers keeps the rules better, to be answered with a letter. */
export function judgeTurns(question: string, a: string, b: string, rules: readonly string[]): DialogTurn[] {
  return [
    {
      role: "user",
      text: `Here are rules for answers:\n${listed(rules)}\n\nQuestion: ${question}\n\nAnswer A: ${a}\n\nAnswer B: ${b}\n\nWhich answer keeps the rules better? Reply with one letter, A or B.`,
    },
  ];
}

/** The part of a text's words that another does not have. */
export function wordsGone(before: string, after: string): number {
  const kept = new Set(wordsOf(after));
  const words = wordsOf(before);
  return words.filter((word) => !kept.has(word)).length / Math.max(1, words.length);
}

/** Of two probabilities, the first's part of both. */
export function preference(first: number, second: number): number {
  return first / (first + second || 1);
}

function listed(rules: readonly string[]): string {
  return rules.map((rule, at) => `${at + 1}. ${rule}`).join("\n");
}
