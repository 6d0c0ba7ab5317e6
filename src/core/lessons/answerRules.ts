/** Judges what a model wrote by rules that need no second model: words, a pattern, a number, JSON, a length, a run. */

import { t } from "../../shared/l10n.js";
import { listed, listedWithOr } from "../../shared/listed.js";
import type { AnswerRule, TryFunction } from "../../shared/panels/lesson.js";
import { quoted } from "../../shared/quoted.js";
import type { FunctionRun } from "../../shared/workerProtocol.js";

/** Longer answers are judged by their beginning: a pattern of a lesson must not hold the page. */
const LONGEST_ANSWER = 4000;

export interface JudgedAnswer {
  met: boolean;
  /** What is asked: "contains “rain” or “snow”". */
  wanted: string;
  /** What there is: "contains “rain”", "it does not". */
  found: string;
}

/** Runs a function that the answer wrote; undefined where nobody can. */
export type RunAnswer = (code: TryFunction) => Promise<FunctionRun[]>;

/** A rule in words, as the reader is told it beforehand. */
export function ruleInWords(rule: AnswerRule): string {
  switch (rule.rule) {
    case "contains":
      return t("contains {0}", either(rule.texts));
    case "lacks":
      return t("does not contain {0}", either(rule.texts));
    case "matches":
      return t("matches the pattern {0}", rule.pattern);
    case "number":
      return rule.within === 0
        ? t("its last number is {0}", rule.value)
        : t("its last number is within {0} of {1}", rule.within, rule.value);
    case "json":
      return rule.fields.length === 0
        ? t("is valid JSON")
        : t("is valid JSON with {0}", rule.fields.map(quoted).join(", "));
    case "words":
      return rule.atMost === undefined
        ? t("has at least {0} words", rule.atLeast ?? 1)
        : t("has at most {0} words", rule.atMost);
    case "runs":
      return t(
        "holds a function {0} that gives {1}",
        rule.functionName,
        rule.cases.map(({ input, returns }) => t("{0} for {1}", returns, input)).join(", "),
      );
  }
}

/** Judges an answer by one rule. @throws whatever `run` throws, where the rule takes a run. */
export async function judgeAnswer(rule: AnswerRule, answer: string, run: RunAnswer): Promise<JudgedAnswer> {
  const text = answer.slice(0, LONGEST_ANSWER);
  const wanted = ruleInWords(rule);
  switch (rule.rule) {
    case "contains":
    case "lacks": {
      const said = rule.texts.filter((part) => holds(text, part));
      const found = said.length > 0 ? t("contains {0}", both(said)) : t("it does not");
      return { met: said.length > 0 === (rule.rule === "contains"), wanted, found };
    }
    case "matches": {
      const match = new RegExp(rule.pattern, "iu").exec(text);
      return {
        met: match !== null,
        wanted,
        found: match ? t("“{0}” does", match[0]) : t("nothing in it does"),
      };
    }
    case "number": {
      const value = lastNumber(text);
      const met = value !== undefined && Math.abs(value - rule.value) <= rule.within + 1e-9;
      return {
        met,
        wanted,
        found: value === undefined ? t("has no number") : t("its last number is {0}", value),
      };
    }
    case "json":
      return { wanted, ...judgeJson(text, rule.fields) };
    case "words": {
      const count = text.match(/\S*[\p{L}\p{N}]\S*/gu)?.length ?? 0;
      const met = count >= (rule.atLeast ?? 0) && count <= (rule.atMost ?? Number.POSITIVE_INFINITY);
      return { met, wanted, found: t("has {0}", count) };
    }
    case "runs": {
      const { languageId, functionName, cases } = rule;
      const source = codeIn(text);
      const runs = await run({ source, languageId, functionName, inputs: cases.map(({ input }) => input) });
      const wrong = cases.findIndex(
        ({ returns }, at) => runs[at]?.outcome !== "returned" || !sameValue(runs[at].value, returns),
      );
      if (wrong < 0)
        return { met: true, wanted, found: t("it does, in {0} of {1} runs", runs.length, cases.length) };
      const { outcome, value } = runs[wrong] ?? { outcome: "threw", value: t("nothing was run") };
      const found =
        outcome === "returned"
          ? t("{0} gave {1}", `${cases[wrong]?.input}`, value)
          : `${cases[wrong]?.input}: ${value}`;
      return { met: false, wanted, found };
    }
  }
}

/** Words of a prompt that give the answer away; the reader must do without them. */
export function givenAway(prompt: string, avoid: readonly string[]): string[] {
  return avoid.filter((part) => holds(prompt, part));
}

/** Whether a text holds a part from a word's beginning on: “rain” is in “raining”, not in “train”. */
function holds(text: string, part: string): boolean {
  const small = text.toLowerCase();
  const wanted = part.toLowerCase();
  for (let at = small.indexOf(wanted); at >= 0; at = small.indexOf(wanted, at + 1)) {
    const inWord = /[\p{L}\p{N}]/u.test(small[at - 1] ?? "") && /[\p{L}\p{N}]/u.test(wanted[0] ?? "");
    if (!inWord) return true;
  }
  return false;
}

function lastNumber(text: string): number | undefined {
  const last = text.match(/[-−]?\d[\d,]*(?:\.\d+)?/g)?.at(-1);
  const value = last === undefined ? Number.NaN : Number(last.replaceAll(",", "").replace("−", "-"));
  return Number.isFinite(value) ? value : undefined;
}

function judgeJson(text: string, fields: readonly string[]): { met: boolean; found: string } {
  let value: unknown;
  try {
    value = JSON.parse(codeIn(text));
  } catch (error) {
    return { met: false, found: error instanceof Error ? error.message : String(error) };
  }
  const missing = fields.filter(
    (field) => typeof value !== "object" || value === null || !Object.hasOwn(value, field),
  );
  if (missing.length === 0) return { met: true, found: t("it is") };
  return { met: false, found: t("valid, without {0}", missing.map(quoted).join(", ")) };
}

/** What stands in the first fence of a text, or the text itself. */
export function codeIn(text: string): string {
  return /```[^\n]*\n([\s\S]*?)(?:```|$)/.exec(text)?.[1]?.trim() ?? text.trim();
}

/** Values as the sandbox prints them; spacing and the kind of quotes say nothing. */
function sameValue(a: string, b: string): boolean {
  const plain = (text: string) => text.replace(/\s+/g, "").replaceAll("'", '"');
  return plain(a) === plain(b);
}

function either(texts: readonly string[]): string {
  return listedWithOr(texts.map(quoted));
}

function both(texts: readonly string[]): string {
  return listed(texts.map(quoted));
}
