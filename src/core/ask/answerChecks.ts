/** What tools say about an answer in words: the numbers, comparisons and strings in it, against the exact results. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { CheckResult } from "../../shared/types.js";
import { compare, evaluate, numberOf } from "../tools/arithmetic.js";
import type { Fact } from "./askPrompts.js";

const NUMBER = /(?<![\p{L}\d_.,])-?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?(?![\p{L}_]|\.\d)/gu;
const NUMBER_WORDS: Readonly<Record<string, string>> = {
  zero: "0",
  no: "0",
  one: "1",
  once: "1",
  two: "2",
  twice: "2",
  three: "3",
  thrice: "3",
  four: "4",
  five: "5",
  six: "6",
  seven: "7",
  eight: "8",
  nine: "9",
  ten: "10",
  eleven: "11",
  twelve: "12",
};
const WORD = new RegExp(`\\b(?:${Object.keys(NUMBER_WORDS).join("|")})\\b`, "gi");

const GREATER = "larger|bigger|greater|higher|more|largest|biggest|greatest|highest";
const LESS = "smaller|less|lower|fewer|smallest|least|lowest";

/**
 * Decides what an answer claims about the last result of each tool.
 * @returns at least one line a fact: verified, contradicted, or unchecked where the words claim nothing that the
 *   result decides.
 */
export function checkAnswer(question: string, answer: string, facts: readonly Fact[]): CheckResult[] {
  return facts
    .filter(({ result }) => result.ok && result.value !== undefined)
    .flatMap((fact) => checkFact(question, answer, fact));
}

function checkFact(question: string, answer: string, { tool, result }: Fact): CheckResult[] {
  const value = result.value ?? "";
  const verdict = (kind: CheckResult["verdict"], statement: string): CheckResult => ({
    verdict: kind,
    statement,
    evidence: result.evidence,
    tool: tool.title,
  });
  const order = /^(\S+) ([<>=]) (\S+)$/.exec(value);
  const claims = order
    ? comparisonClaims(question, answer, order[1]!, order[2]!, order[3]!)
    : /^-?\d+(?:\.\d+)?$/.test(value)
      ? numberClaims(question, answer, value, result.quotes === true)
      : stringClaims(question, answer, value);
  return claims.length === 0
    ? [verdict("unchecked", t("The answer claims nothing that the result decides."))]
    : claims.map(({ words, right }) => verdict(right ? "verified" : "contradicted", words));
}

interface Claim {
  words: string;
  right: boolean;
}

/** Numbers that the question does not hold are what the answer claims. */
function numberClaims(question: string, answer: string, value: string, quotes: boolean): Claim[] {
  const same = (a: string, b: string) => compare(signedNumber(a), signedNumber(b)) === "=";
  const asked = numbersIn(question).map(({ number }) => number);
  const claimed = numbersIn(answer);
  const right = claimed.filter(({ number }) => same(number, value));
  // Words about files hold line numbers and the like, which say nothing about the count.
  const wrong = quotes
    ? []
    : claimed.filter(({ number }) => !same(number, value) && !asked.some((known) => same(known, number)));
  const equations = equationClaims(answer);
  // The right number behind a wrong equation is no right answer.
  if (equations.some((equation) => !equation.right)) return equations.filter((equation) => !equation.right);
  return [
    ...(right.length > 0 ? [{ words: right[0]!.words, right: true }] : []),
    ...wrong.map(({ words }) => ({ words, right: false })),
  ];
}

/** `A × B = C`: computed again, whatever the question was. */
function equationClaims(answer: string): Claim[] {
  const equation = /([-+(]*\d[-+*/^×·÷()\d,.\s]*)=\s*(-?\d[\d,]*(?:\.\d+)?)/g;
  return [...answer.matchAll(equation)].flatMap(({ 0: words, 1: left = "", 2: right }): Claim[] => {
    if (!/[-+*/^×·÷]/.test(left)) return [];
    try {
      const { comparison } = evaluate(`${left} = ${right}`);
      return comparison ? [{ words: words.trim(), right: comparison.holds }] : [];
    } catch (error) {
      // Signs that only look like an expression claim nothing.
      if (error instanceof GlassboxError) return [];
      throw error;
    }
  });
}

function signedNumber(text: string) {
  const negative = text.startsWith("-");
  const value = numberOf(negative ? text.slice(1) : text);
  return negative ? { ...value, numerator: -value.numerator } : value;
}

function numbersIn(text: string): { words: string; number: string }[] {
  const digits = [...text.matchAll(NUMBER)].map(({ 0: words }) => ({
    words,
    number: words.replaceAll(",", ""),
  }));
  const spelled = [...text.matchAll(WORD)].map(({ 0: words }) => ({
    words,
    number: NUMBER_WORDS[words.toLowerCase()] ?? "",
  }));
  return [...digits, ...spelled];
}

/** `A is larger than B`, `A > B`, `the larger number is A`, or one number as the whole answer. */
function comparisonClaims(question: string, answer: string, a: string, order: string, b: string): Claim[] {
  const number = "(-?\\d[\\d,]*(?:\\.\\d+)?)";
  const known = (text: string) =>
    [a, b].find((side) => compare(signedNumber(side), signedNumber(text)) === "=");
  const holds = (left: string, sign: string, right: string) => {
    const real = left === right ? "=" : left === a ? order : order === "<" ? ">" : order === ">" ? "<" : "=";
    return real === sign;
  };
  const other = (side: string) => (side === a ? b : a);
  const claims: Claim[] = [];
  const claim = (words: string, left: string | undefined, sign: string, right?: string, denied = false) => {
    const one = left === undefined ? undefined : known(left.replaceAll(",", ""));
    if (one === undefined) return;
    const two = right === undefined ? other(one) : known(right.replaceAll(",", ""));
    if (two !== undefined) claims.push({ words: words.trim(), right: holds(one, sign, two) !== denied });
  };
  const than = new RegExp(
    `${number}\\s+is\\s+(not\\s+)?(?:the\\s+|a\\s+)?(?:(${GREATER})|(?:${LESS}))\\b(?:\\s+than\\s+${number})?`,
    "gi",
  );
  for (const { 0: words, 1: left, 2: not, 3: greater, 4: right } of answer.matchAll(than)) {
    claim(words, left, greater === undefined ? "<" : ">", right, not !== undefined);
  }
  for (const { 0: words, 1: left, 2: sign, 3: right } of answer.matchAll(
    new RegExp(`${number}\\s*([<>])\\s*${number}`, "g"),
  )) {
    claim(words, left, sign!, right);
  }
  const named = new RegExp(
    `\\b(?:(${GREATER})|(?:${LESS}))\\b(?:\\s+(?:number|one|value|of the two(?: numbers)?))*\\s+is\\s+${number}`,
    "gi",
  );
  for (const { 0: words, 1: greater, 2: left } of answer.matchAll(named))
    claim(words, left, greater === undefined ? "<" : ">");
  const mentioned = [...new Set(numbersIn(answer).map(({ number: found }) => known(found)))];
  const wanted = new RegExp(`\\b(?:(${GREATER})|(${LESS}))\\b`, "i").exec(question);
  // "9.9." alone answers "which is larger?".
  if (claims.length === 0 && mentioned.length === 1 && wanted && /\b(?:which|what)\b/i.test(question)) {
    claim(answer, mentioned[0], wanted[1] === undefined ? "<" : ">");
  }
  return claims;
}

/** The very string, or its letters with signs between them. */
function stringClaims(question: string, answer: string, value: string): Claim[] {
  const letters = (text: string) => text.toLowerCase().replace(/[^\p{L}\p{N}]/gu, "");
  const wanted = letters(value);
  if (wanted === "") return [];
  const words = answer.split(/\s+/).map(letters);
  const spelled = new RegExp([...wanted].map((letter) => letter).join("[^\\p{L}\\p{N}]+"), "iu").exec(
    answer.replace(/\band\b/gi, " "),
  );
  if (words.includes(wanted) || spelled) return [{ words: spelled?.[0] ?? value, right: true }];
  const quoted = [...answer.matchAll(/"([^"]+)"/g)]
    .map(({ 1: text }) => text!)
    .filter((text) => !question.includes(text));
  return quoted.length === 1 && quoted[0]!.length <= 2 * value.length
    ? [{ words: quoted[0]!, right: false }]
    : [];
}
