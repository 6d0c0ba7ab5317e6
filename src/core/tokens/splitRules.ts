/**
 * Names the rule that made a piece: which alternative of the pre-tokeniser's expression matched, what each of its
 * terms took, why the alternatives before it did not match, and why the piece ends where it does.
 */

import { t } from "../../shared/l10n.js";
import { listedWithOr } from "../../shared/listed.js";
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
        ? t("No rule matches here: what lies between two matches is a piece of its own.")
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
  const taken = place > start ? quote(text.slice(start, place)) : undefined;
  if (term.kind === "look") {
    const demand = lookPhrase(term.atom);
    return tidied(
      taken === undefined
        ? t("{0}, but {1} follows.", demand, found)
        : t("After {0} {1}, but {2} follows.", taken, demand, found),
    );
  }
  return tidied(
    taken === undefined
      ? t("It needs {0}; {1} stands here.", phrase(term), found)
      : t("After {0} it needs {1}; {2} follows.", taken, phrase(term), found),
  );
}

/** Why the piece does not go on. `end` is where it ends in `text`. */
function endReason({ terms }: Alternative, traces: readonly TermTrace[], text: string, end: number): string {
  if (end >= text.length) return t("The text ends here.");
  const last = traces.findLastIndex(({ text: taken }) => taken !== "");
  const found = characterAt(text, end);
  const term = terms[last];
  if (!term) return "";
  const later = terms.slice(last + 1);
  if (isClass(term) && matches(term.atom, String.fromCodePoint(codeAt(text, end)))) {
    const count = Array.from(traces[last]!.text).length;
    if (count >= term.max) {
      return tidied(
        term.max === 1
          ? t("{0} follows, but this rule takes only one, and begins anew there.", found)
          : t(
              "{0} follows, but this rule takes at most {1}, and begins anew there.",
              found,
              numeral(term.max),
            ),
      );
    }
    const look = later.find(({ kind }) => kind === "look");
    if (look?.atom === "(?!\\S)") {
      const behind = characterAt(text, end + String.fromCodePoint(codeAt(text, end)).length);
      return [
        tidied(
          t("{0} could be taken as well, but then {1} would follow, and nothing visible may.", found, behind),
        ),
        t("So the last white space of a run is left to the next piece."),
      ].join(" ");
    }
    return tidied(
      look
        ? t(
            "{0} could be taken as well, but behind it {1}; it is left to the next piece.",
            found,
            lookPhrase(look.atom),
          )
        : t("{0} is left to the next piece, or the rest of the rule would find nothing.", found),
    );
  }
  const open = [...(term.max > 1 && isClass(term) ? [term] : []), ...later]
    .filter(({ kind }) => kind !== "look")
    .map((each) => (isClass(each) ? classWords(each.atom).many : groupWords(each.atom)));
  const [first, ...others] = open;
  if (first === undefined) return tidied(t("The rule is complete, and {0} follows.", found));
  return tidied(
    others.length === 0
      ? t("{0} follows, and only {1} could go on.", found, first)
      : t(
          "{0} follows, and only {1} could go on, or {2}.",
          found,
          first,
          others.reduce((before, other) => t("{0}, or {1}", before, other)),
        ),
  );
}

/** Whether each turn of a term takes one character. */
function isClass({ atom, kind }: Term): boolean {
  return kind === "character" || atom in CLASS_WORDS;
}

function matches(atom: string, character: string): boolean {
  return new RegExp(`^${withoutCaptures(atom)}$`, "u").test(character);
}

// ---- Words -------------------------------------------------------------------------------------------------

const NUMERALS = [
  t({ message: "no", comment: "no digits, no letters" }),
  t({ message: "one", comment: "one of something: one digit" }),
  ...[t("two"), t("three"), t("four"), t("five"), t("six"), t("seven"), t("eight"), t("nine")],
];

function numeral(count: number): string {
  return NUMERALS[count] ?? String(count);
}

/** Classes that have a better name than the list of their members. */
const CLASS_WORDS: Readonly<Record<string, { one: string; many: string }>> = {
  " ": { one: t("a space"), many: t("spaces") },
  "\\s": { one: t("white space"), many: t("white space") },
  "\\S": { one: t("something visible"), many: t("anything visible") },
  "[\\r\\n]": { one: t("a line break"), many: t("line breaks") },
  "[^\\r\\n]": { one: t("anything but a line break"), many: t("anything but line breaks") },
  "[^\\s\\p{L}\\p{N}]": { one: t("a symbol"), many: t("symbols") },
  "(?:(?=\\p{L})[^a-z])": { one: t("a letter other than a to z"), many: t("letters other than a to z") },
  "(?:(?=\\p{L})[^A-Z])": { one: t("a letter other than A to Z"), many: t("letters other than A to Z") },
  "[^\\r\\n\\p{L}\\p{N}]": {
    one: t("one character that is no line break, letter or digit"),
    many: t("characters that are no line breaks, letters or digits"),
  },
};

const MEMBER_WORDS: Readonly<Record<string, { one: string; many: string }>> = {
  "\\p{L}": { one: t("a letter"), many: t("letters") },
  "\\p{Lu}": { one: t("a capital"), many: t("capitals") },
  "\\p{Ll}": { one: t("a small letter"), many: t("small letters") },
  "\\p{Lt}": { one: t("a title-case letter"), many: t("title-case letters") },
  "\\p{Lm}": { one: t("a modifier letter"), many: t("modifier letters") },
  "\\p{Lo}": { one: t("a letter without case"), many: t("letters without case") },
  "\\p{M}": { one: t("a combining mark"), many: t("combining marks") },
  "\\p{N}": { one: t("a digit"), many: t("digits") },
  "\\p{Nd}": { one: t("a digit"), many: t("digits") },
  "\\p{P}": { one: t("a punctuation mark"), many: t("punctuation marks") },
  "\\p{S}": { one: t("a sign such as + or €"), many: t("signs such as + or €") },
  "\\d": { one: t("a digit"), many: t("digits") },
  "0-9": { one: t("a digit from 0 to 9"), many: t("digits from 0 to 9") },
  "a-z": { one: t("a letter from a to z"), many: t("letters from a to z") },
  "A-Z": { one: t("a capital from A to Z"), many: t("capitals from A to Z") },
  "\\s": { one: t("white space"), many: t("white space") },
  "\\r": { one: t("a carriage return"), many: t("carriage returns") },
  "\\n": { one: t("a line feed"), many: t("line feeds") },
  "\\t": { one: t({ message: "a tab", comment: "a kind of character" }), many: t("tabs") },
  "/": { one: t("a slash"), many: t("slashes") },
  ".": { one: t("any character but a line break"), many: t("any characters but line breaks") },
};

/** Members that have one name together. */
const TOGETHER: readonly (readonly [members: readonly string[], words: { one: string; many: string }])[] = [
  [["\\r", "\\n"], { one: t("a line break"), many: t("line breaks") }],
  [["\\p{Lu}", "\\p{Lt}"], { one: t("a capital"), many: t("capitals") }],
  [["\\p{Lm}", "\\p{Lo}"], { one: t("a letter without case"), many: t("letters without case") }],
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
  const one = listedWithOr(Array.from(words, (word) => word.one));
  const many = listedWithOr(Array.from(words, (word) => word.many));
  if (!negated) return { one, many };
  return {
    one: t({ message: "anything but {0}", comment: "a list of characters, each in the singular" }, one),
    many: t({ message: "anything but {0}", comment: "a list of characters, each in the plural" }, many),
  };
}

function memberWords(member: string): { one: string; many: string } {
  const known = MEMBER_WORDS[member];
  if (known) return known;
  const script = /^\\p\{(?:Script=|sc=|Script_Extensions=|scx=)?(\w+)\}$/.exec(member)?.[1];
  if (script !== undefined)
    return {
      one: t("a character of {0}", `\\p{${script}}`),
      many: t("characters of {0}", `\\p{${script}}`),
    };
  const written = member.startsWith("\\") && member.length === 2 ? member.slice(1) : member;
  return { one: t("“{0}”", written), many: t("“{0}”", written) };
}

function groupWords(atom: string): string {
  const words = wordsOf(atom);
  if (!words) return t("what {0} takes", atom);
  const small = [...new Set(words.map((word) => word.toLowerCase()))];
  const all = listedWithOr(small);
  return words.length > small.length ? t("{0} (in capitals too)", all) : all;
}

function lookPhrase(atom: string): string {
  if (atom === "(?!\\S)") return t("nothing visible may follow");
  if (atom === "^") return t("the text must begin");
  if (atom === "$") return t("the text must end");
  const [, kind, inner = ""] = /^\((\?<?[=!])(.*)\)$/s.exec(atom) ?? [];
  if (kind === "?!") return t("{0} must not follow", inner);
  if (kind === "?=") return t("{0} must follow", inner);
  if (kind === "?<!") return t("{0} must not stand before", inner);
  if (kind === "?<=") return t("{0} must stand before", inner);
  return t("{0} must hold", atom);
}

/** A term in words: "one to three digits", "a space, if there is one". */
function phrase(term: Term): string {
  const { atom, min, max, kind } = term;
  if (kind === "look") return lookPhrase(atom);
  if (kind === "literal") return t("“{0}”", atom);
  if (kind === "group" && !isClass(term)) {
    const words = wordsOf(atom) ? groupWords(atom) : atom;
    return min === 0 ? t("{0}, if there is one", words) : words;
  }
  const { one, many } = classWords(atom);
  if (max === 1) return min === 0 ? t("{0}, if there is one", one) : one;
  if (max === Number.POSITIVE_INFINITY) {
    if (min === 0) return t("{0}, if there are any", many);
    return min === 1 ? t("{0}, at least one", many) : t("{0}, at least {1}", many, numeral(min));
  }
  return min === max
    ? t({ message: "{0} {1}", comment: "a number and what it counts" }, numeral(min), many)
    : t("{0} to {1} {2}", numeral(min), numeral(max), many);
}

/** What an alternative is for, from what it cannot do without. */
function nameOf({ terms }: Alternative): string {
  if (terms.some(({ atom }) => atom === "(?!\\S)")) return t("white space not before text");
  const needed = terms.find(({ min, kind }) => min > 0 && kind !== "look");
  if (!needed) return t({ message: "other", comment: "what a rule of a tokenizer is for" });
  if (!isClass(needed)) return needed.atom.includes("'") ? t("contraction") : t("fixed text");
  const takes = (character: string) => matches(needed.atom, character);
  if (takes("a") && takes("1") && takes("!"))
    return t({ message: "anything", comment: "what a rule of a tokenizer is for" });
  if (takes("a")) return t({ message: "word", comment: "what a rule of a tokenizer is for" });
  if (takes("A")) return t("word in capitals");
  if (takes("中")) return t("letters of a script");
  if (takes("1")) return t({ message: "number", comment: "what a rule of a tokenizer is for" });
  if (takes("\n") && !takes(" ")) return t("line breaks");
  if (takes(" ")) return t("white space");
  return takes("!") || takes("😀")
    ? t("symbols")
    : t({ message: "other", comment: "what a rule of a tokenizer is for" });
}

/** The character at a place with its kind: “=”, a symbol. */
function characterAt(text: string, place: number): string {
  if (place >= text.length) return t("the end of the text");
  const character = String.fromCodePoint(codeAt(text, place));
  // The comma behind it is for the sentence: see tidied.
  return `${quote(character)}, ${kindOf(character)},`;
}

function kindOf(character: string): string {
  if (character === " ") return t("a space");
  if (character === "\t") return t({ message: "a tab", comment: "a kind of character" });
  if (character === "\n" || character === "\r") return t("a line break");
  if (/\s/u.test(character)) return t("white space");
  if (/\p{Lu}|\p{Lt}/u.test(character)) return t("a capital");
  if (/\p{Ll}/u.test(character)) return t("a small letter");
  if (/\p{L}/u.test(character)) return t("a letter without case");
  if (/\p{Nd}/u.test(character)) return t("a digit");
  if (/\p{N}/u.test(character)) return t("a numeral, which counts as a digit");
  if (/\p{M}/u.test(character)) return t("a combining mark");
  if (/\p{Cs}/u.test(character)) return t("half a character");
  if (/\p{C}/u.test(character)) return t("a control character");
  return t("a symbol");
}

/** Longer texts are quoted by their end. */
const LONGEST_QUOTE = 24;

function quote(text: string): string {
  const characters = Array.from(text);
  const shown = characters.slice(-LONGEST_QUOTE).join("");
  const cut = characters.length > LONGEST_QUOTE ? "…" : "";
  return t("“{0}”", `${cut}${visibleText(new TextEncoder().encode(shown))}`);
}

/** A sentence with a capital, and no comma left hanging before another sign. */
function tidied(sentence: string): string {
  const tidy = sentence.replace(/,(?=[;,.])/g, "");
  return `${tidy.charAt(0).toUpperCase()}${tidy.slice(1)}`;
}
