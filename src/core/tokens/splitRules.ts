/**
 * Names the rule that made a piece: which alternative of the pre-tokeniser's expression matched, what each of its
 * terms took, why the alternatives before it did not match, and why the piece ends where it does.
 */

import type { AlternativeTrace, RuleTrace, TermTrace } from "../../shared/panels/split.js";
import { visibleText } from "../../shared/visibleText.js";
import { codeAt } from "./characterClasses.js";
import {
  type Alternative,
  alternativesOf,
  membersOf,
  type Term,
  withoutCaptures,
  wordsOf,
} from "./expressionTerms.js";

/** An alternative as expressions that match at one place: of all its terms, and of its first 1, 2, … of them. */
interface Compiled extends Alternative {
  whole: RegExp;
  beginnings: RegExp[];
}

interface Expression {
  source: string;
  any: RegExp;
  alternatives: Compiled[];
}

const compiled = new Map<string, Expression>();

function compile(source: string): Expression {
  let found = compiled.get(source);
  if (!found) {
    const sticky = (terms: readonly Term[]) =>
      new RegExp(terms.map((term) => `(${withoutCaptures(term.source)})`).join(""), "duy");
    found = {
      source,
      any: new RegExp(source, "gu"),
      alternatives: alternativesOf(source).map((alternative) => ({
        ...alternative,
        whole: sticky(alternative.terms),
        beginnings: alternative.terms.map((_, count) => sticky(alternative.terms.slice(0, count))),
      })),
    };
    compiled.set(source, found);
  }
  return found;
}

/**
 * The rule behind the piece `text[start, end)`, found by running the expressions themselves over the text.
 * Takes time in proportion to the text: meant for texts that a person looks at.
 * @param patterns as a `Splitter` has them: each cuts what those before it left.
 * @returns undefined where the expressions do not cut this piece, so that no rule can be named.
 */
export function ruleOf(
  patterns: readonly string[],
  text: string,
  start: number,
  end: number,
): RuleTrace | undefined {
  let chunk = { start: 0, end: text.length };
  let decided: { stage: number; within: typeof chunk; matched: boolean } | undefined;
  for (const [stage, pattern] of patterns.entries()) {
    const part = partAround(compile(pattern), text, chunk, start);
    const smaller = part.end - part.start < chunk.end - chunk.start;
    // What lies between the matches of one expression is often the match of a later one, which says more.
    if (smaller || !decided || (part.matched && !decided.matched)) {
      decided = { stage, within: chunk, matched: part.matched };
    }
    chunk = part;
  }
  if (!decided || chunk.start !== start || chunk.end !== end) return undefined;
  const { stage, within, matched } = decided;
  const expression = compile(patterns[stage]!);
  // Lookarounds see what the stages before left, and nothing beyond.
  const seen = text.slice(within.start, within.end);
  const from = start - within.start;
  const traces: AlternativeTrace[] = [];
  let winner = -1;
  for (const [index, alternative] of expression.alternatives.entries()) {
    if (winner >= 0) {
      traces.push({ source: alternative.source, name: nameOf(alternative), kind: "untried" });
      continue;
    }
    const trace = tryAt(alternative, seen, from);
    if (trace.kind === "matched") winner = index;
    traces.push(trace);
  }
  if (winner >= 0 !== matched) return undefined;
  const until = end - within.start;
  return {
    stage,
    stages: patterns.length,
    pattern: expression.source,
    alternatives: traces,
    matched: winner,
    ends:
      winner < 0
        ? "No rule matches here: what lies between two matches is a piece of its own."
        : endReason(expression.alternatives[winner]!, traces[winner]!.terms ?? [], seen, until),
  };
}

/** The match or the gap between two matches that holds `start`. */
function partAround(
  { any }: Expression,
  text: string,
  chunk: { start: number; end: number },
  start: number,
): { start: number; end: number; matched: boolean } {
  const seen = text.slice(chunk.start, chunk.end);
  let behind = chunk.start;
  for (const match of seen.matchAll(any)) {
    const from = chunk.start + match.index;
    const to = from + match[0].length;
    if (to === from) continue;
    if (from > start) return { start: behind, end: from, matched: false };
    if (to > start) return { start: from, end: to, matched: true };
    behind = to;
  }
  return { start: behind, end: chunk.end, matched: false };
}

function tryAt(alternative: Compiled, text: string, start: number): AlternativeTrace {
  const { source, terms } = alternative;
  const name = nameOf(alternative);
  const matchAt = (expression: RegExp) => {
    expression.lastIndex = start;
    return expression.exec(text);
  };
  const match = matchAt(alternative.whole);
  // An empty match takes nothing and makes no piece.
  if (match && match[0] !== "") {
    const parts = terms.map((term, index): TermTrace => {
      const [from, to] = match.indices![index + 1]!;
      return { source: term.source, words: phrase(term), start: from, end: to, text: text.slice(from, to) };
    });
    return { source, name, kind: "matched", terms: parts };
  }
  let reached = 0;
  let place = start;
  for (const [count, beginning] of alternative.beginnings.entries()) {
    const begun = matchAt(beginning);
    if (!begun) break;
    reached = count;
    place = start + begun[0].length;
  }
  return { source, name, kind: "failed", why: failure(terms[reached]!, text, start, place) };
}

function failure(term: Term, text: string, start: number, place: number): string {
  const found = characterAt(text, place);
  const taken = place > start ? `After ${quote(text.slice(start, place))} ` : "";
  if (term.kind === "look") return sentence(`${taken}${lookPhrase(term.atom)}, but ${found} follows`);
  const there = place > start ? `${found} follows` : `${found} stands here`;
  return sentence(`${taken}it needs ${phrase(term)}; ${there}`);
}

/** Why the piece does not go on. `end` is where it ends in `text`. */
function endReason({ terms }: Alternative, traces: readonly TermTrace[], text: string, end: number): string {
  if (end >= text.length) return "The text ends here.";
  const last = traces.findLastIndex(({ text: taken }) => taken !== "");
  const found = characterAt(text, end);
  const term = terms[last];
  if (!term) return "";
  const later = terms.slice(last + 1);
  if (isClass(term) && matches(term.atom, String.fromCodePoint(codeAt(text, end)))) {
    const count = Array.from(traces[last]!.text).length;
    if (count >= term.max) {
      const most = term.max === 1 ? "only one" : `at most ${NUMERALS[term.max] ?? term.max}`;
      return sentence(`${found} follows, but this rule takes ${most}, and begins anew there`);
    }
    const look = later.find(({ kind }) => kind === "look");
    if (look?.atom === "(?!\\S)") {
      const behind = characterAt(text, end + String.fromCodePoint(codeAt(text, end)).length);
      return `${sentence(`${found} could be taken as well, but then ${behind} would follow, and nothing visible may`)} So the last white space of a run is left to the next piece.`;
    }
    return look
      ? sentence(
          `${found} could be taken as well, but behind it ${lookPhrase(look.atom)}; it is left to the next piece`,
        )
      : sentence(`${found} is left to the next piece, or the rest of the rule would find nothing`);
  }
  const open = [...(term.max > 1 && isClass(term) ? [term] : []), ...later]
    .filter(({ kind }) => kind !== "look")
    .map((each) => (isClass(each) ? classWords(each.atom).many : groupWords(each.atom)));
  if (open.length === 0) return sentence(`The rule is complete, and ${found} follows`);
  const [first, ...others] = open;
  return sentence(`${found} follows, and only ${[`${first} could go on`, ...others].join(", or ")}`);
}

/** Whether each turn of a term takes one character. */
function isClass({ atom, kind }: Term): boolean {
  return kind === "character" || atom in CLASS_WORDS;
}

function matches(atom: string, character: string): boolean {
  return new RegExp(`^${withoutCaptures(atom)}$`, "u").test(character);
}

// ---- Words -------------------------------------------------------------------------------------------------

const NUMERALS = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"];

/** Classes that have a better name than the list of their members. */
const CLASS_WORDS: Readonly<Record<string, { one: string; many: string }>> = {
  " ": { one: "a space", many: "spaces" },
  "\\s": { one: "white space", many: "white space" },
  "\\S": { one: "something visible", many: "anything visible" },
  "[\\r\\n]": { one: "a line break", many: "line breaks" },
  "[^\\r\\n]": { one: "anything but a line break", many: "anything but line breaks" },
  "[^\\s\\p{L}\\p{N}]": { one: "a symbol", many: "symbols" },
  "(?:(?=\\p{L})[^a-z])": { one: "a letter other than a to z", many: "letters other than a to z" },
  "(?:(?=\\p{L})[^A-Z])": { one: "a letter other than A to Z", many: "letters other than A to Z" },
  "[^\\r\\n\\p{L}\\p{N}]": {
    one: "one character that is no line break, letter or digit",
    many: "characters that are no line breaks, letters or digits",
  },
};

const MEMBER_WORDS: Readonly<Record<string, { one: string; many: string }>> = {
  "\\p{L}": { one: "a letter", many: "letters" },
  "\\p{Lu}": { one: "a capital", many: "capitals" },
  "\\p{Ll}": { one: "a small letter", many: "small letters" },
  "\\p{Lt}": { one: "a title-case letter", many: "title-case letters" },
  "\\p{Lm}": { one: "a modifier letter", many: "modifier letters" },
  "\\p{Lo}": { one: "a letter without case", many: "letters without case" },
  "\\p{M}": { one: "a combining mark", many: "combining marks" },
  "\\p{N}": { one: "a digit", many: "digits" },
  "\\p{Nd}": { one: "a digit", many: "digits" },
  "\\p{P}": { one: "a punctuation mark", many: "punctuation marks" },
  "\\p{S}": { one: "a sign such as + or €", many: "signs such as + or €" },
  "\\d": { one: "a digit", many: "digits" },
  "0-9": { one: "a digit from 0 to 9", many: "digits from 0 to 9" },
  "a-z": { one: "a letter from a to z", many: "letters from a to z" },
  "A-Z": { one: "a capital from A to Z", many: "capitals from A to Z" },
  "\\s": { one: "white space", many: "white space" },
  "\\r": { one: "a carriage return", many: "carriage returns" },
  "\\n": { one: "a line feed", many: "line feeds" },
  "\\t": { one: "a tab", many: "tabs" },
  "/": { one: "a slash", many: "slashes" },
  ".": { one: "any character but a line break", many: "any characters but line breaks" },
};

/** Members that have one name together. */
const TOGETHER: readonly (readonly [members: readonly string[], words: { one: string; many: string }])[] = [
  [["\\r", "\\n"], { one: "a line break", many: "line breaks" }],
  [["\\p{Lu}", "\\p{Lt}"], { one: "a capital", many: "capitals" }],
  [["\\p{Lm}", "\\p{Lo}"], { one: "a letter without case", many: "letters without case" }],
];

function classWords(atom: string): { one: string; many: string } {
  const known = CLASS_WORDS[atom];
  if (known) return known;
  const { negated, members } = membersOf(atom);
  const words = new Set(
    members.map((member) => {
      const together = TOGETHER.find(
        ([all]) => all.includes(member) && all.every((each) => members.includes(each)),
      );
      return together?.[1] ?? memberWords(member);
    }),
  );
  const one = listed(
    Array.from(words, (word) => word.one),
    "or",
  );
  const many = listed(
    Array.from(words, (word) => word.many),
    "or",
  );
  return negated ? { one: `anything but ${one}`, many: `anything but ${many}` } : { one, many };
}

function memberWords(member: string): { one: string; many: string } {
  const known = MEMBER_WORDS[member];
  if (known) return known;
  const script = /^\\p\{(?:Script=|sc=|Script_Extensions=|scx=)?(\w+)\}$/.exec(member)?.[1];
  if (script !== undefined)
    return { one: `a character of \\p{${script}}`, many: `characters of \\p{${script}}` };
  const written = member.startsWith("\\") && member.length === 2 ? member.slice(1) : member;
  return { one: `“${written}”`, many: `“${written}”` };
}

function groupWords(atom: string): string {
  const words = wordsOf(atom);
  if (!words) return `what ${atom} takes`;
  const small = [...new Set(words.map((word) => word.toLowerCase()))];
  return `${listed(small, "or")}${words.length > small.length ? " (in capitals too)" : ""}`;
}

function lookPhrase(atom: string): string {
  if (atom === "(?!\\S)") return "nothing visible may follow";
  if (atom === "^") return "the text must begin";
  if (atom === "$") return "the text must end";
  const [, kind, inner] = /^\((\?<?[=!])(.*)\)$/s.exec(atom) ?? [];
  if (kind === "?!") return `${inner} must not follow`;
  if (kind === "?=") return `${inner} must follow`;
  if (kind === "?<!") return `${inner} must not stand before`;
  if (kind === "?<=") return `${inner} must stand before`;
  return `${atom} must hold`;
}

/** A term in words: "one to three digits", "a space, if there is one". */
function phrase(term: Term): string {
  const { atom, min, max, kind } = term;
  if (kind === "look") return lookPhrase(atom);
  if (kind === "literal") return `“${atom}”`;
  if (kind === "group" && !isClass(term)) {
    const words = wordsOf(atom) ? groupWords(atom) : atom;
    return min === 0 ? `${words}, if there is one` : words;
  }
  const { one, many } = classWords(atom);
  const numeral = (count: number) => NUMERALS[count] ?? String(count);
  if (max === 1) return min === 0 ? `${one}, if there is one` : one;
  if (max === Number.POSITIVE_INFINITY) {
    if (min === 0) return `${many}, if there are any`;
    return min === 1 ? `${many}, at least one` : `${many}, at least ${numeral(min)}`;
  }
  return min === max ? `${numeral(min)} ${many}` : `${numeral(min)} to ${numeral(max)} ${many}`;
}

/** What an alternative is for, from what it cannot do without. */
function nameOf({ terms }: Alternative): string {
  if (terms.some(({ atom }) => atom === "(?!\\S)")) return "white space not before text";
  const needed = terms.find(({ min, kind }) => min > 0 && kind !== "look");
  if (!needed) return "other";
  if (!isClass(needed)) return needed.atom.includes("'") ? "contraction" : "fixed text";
  const takes = (character: string) => matches(needed.atom, character);
  if (takes("a") && takes("1") && takes("!")) return "anything";
  if (takes("a")) return "word";
  if (takes("A")) return "word in capitals";
  if (takes("中")) return "letters of a script";
  if (takes("1")) return "number";
  if (takes("\n") && !takes(" ")) return "line breaks";
  if (takes(" ")) return "white space";
  return takes("!") || takes("😀") ? "symbols" : "other";
}

/** The character at a place with its kind: “=”, a symbol. */
function characterAt(text: string, place: number): string {
  if (place >= text.length) return "the end of the text";
  const character = String.fromCodePoint(codeAt(text, place));
  return `${quote(character)}, ${kindOf(character)},`;
}

function kindOf(character: string): string {
  if (character === " ") return "a space";
  if (character === "\t") return "a tab";
  if (character === "\n" || character === "\r") return "a line break";
  if (/\s/u.test(character)) return "white space";
  if (/\p{Lu}|\p{Lt}/u.test(character)) return "a capital";
  if (/\p{Ll}/u.test(character)) return "a small letter";
  if (/\p{L}/u.test(character)) return "a letter without case";
  if (/\p{Nd}/u.test(character)) return "a digit";
  if (/\p{N}/u.test(character)) return "a numeral, which counts as a digit";
  if (/\p{M}/u.test(character)) return "a combining mark";
  if (/\p{Cs}/u.test(character)) return "half a character";
  if (/\p{C}/u.test(character)) return "a control character";
  return "a symbol";
}

/** Longer texts are quoted by their end. */
const LONGEST_QUOTE = 24;

function quote(text: string): string {
  const characters = Array.from(text);
  const shown = characters.slice(-LONGEST_QUOTE).join("");
  return `“${characters.length > LONGEST_QUOTE ? "…" : ""}${visibleText(new TextEncoder().encode(shown))}”`;
}

function listed(words: readonly string[], conjunction: string): string {
  if (words.length < 2) return words[0] ?? "";
  return `${words.slice(0, -1).join(", ")} ${conjunction} ${words.at(-1)}`;
}

/** One sentence: a capital, a full stop, and no comma left hanging before a verb's neighbour. */
function sentence(words: string): string {
  const tidy = words.replace(/,(?=[;,.])/g, "").replace(/,$/, "");
  return `${tidy.charAt(0).toUpperCase()}${tidy.slice(1)}.`;
}
