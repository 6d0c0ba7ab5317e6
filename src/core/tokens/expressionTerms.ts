/** Takes a pre-tokeniser's regular expression apart into its alternatives and their terms, so that each can be named. */

export interface Term {
  /** As it is written, its quantifier included: `\p{N}{1,3}`. */
  source: string;
  /** Without the quantifier: `\p{N}`. */
  atom: string;
  min: number;
  max: number;
  kind: TermKind;
}

export type TermKind =
  /** One character: a class, an escape, a letter. */
  | "character"
  /** Several characters one after the other, such as `'s`. */
  | "literal"
  | "group"
  /** Takes nothing, but looks: `(?!\S)`, `^`. */
  | "look";

export interface Alternative {
  source: string;
  terms: Term[];
}

/** Two letters to choose from, as in `[sS]`. */
const CASE_PAIR = /\[(\p{L})(\p{L})\]/gu;
/** Letters and apostrophes that stand for themselves, or in both cases: `'[lL][lL]`. */
const WORD = /^(?:[\p{L}'’]|\[\p{L}{2}\])+$/u;
const QUANTIFIER = /^(?:[*+?]|\{\d+(?:,\d*)?\})\??/;
const ESCAPE = /^\\(?:[pP]\{[^}]*\}|u\{[^}]*\}|u[0-9A-Fa-f]{4}|x[0-9A-Fa-f]{2}|c[A-Za-z]|k<[^>]*>|.)/su;

/**
 * The alternatives of an expression in the order in which they are tried. Neighbours that are plain words, such as
 * GPT-2's `'s|'t|'re`, are one alternative: a choice of words.
 * @param source of an expression with the flag `u` that compiles.
 */
export function alternativesOf(source: string): Alternative[] {
  const found: Alternative[] = [];
  let words: string[] = [];
  const endWords = () => {
    if (words.length === 0) return;
    const joined = words.join("|");
    const terms = words.length === 1 ? termsOf(joined) : [oneTerm(`(?:${joined})`)];
    found.push({ source: joined, terms });
    words = [];
  };
  for (const alternative of topLevel(source)) {
    if (WORD.test(alternative)) words.push(alternative);
    else {
      endWords();
      found.push({ source: alternative, terms: termsOf(alternative) });
    }
  }
  endWords();
  return found;
}

/** The terms of each alternative as it is written, words apart from one another too. */
export function termsOfEach(source: string): Term[][] {
  return topLevel(source).map(termsOf);
}

/**
 * The members of a group of plain words, `('s|'[tT])` -> `'s`, `'t`, `'T`, once in small and once in capital letters
 * where both are taken; undefined for any other group.
 */
export function wordsOf(group: string): string[] | undefined {
  const inner = /^\((?:\?:)?(.*)\)$/s.exec(group)?.[1];
  const words = inner?.split("|") ?? [];
  if (words.length === 0 || !words.every((word) => WORD.test(word))) return undefined;
  return words.flatMap((word) => {
    const first = word.replace(CASE_PAIR, "$1");
    const second = word.replace(CASE_PAIR, "$2");
    return first === second ? [first] : [first, second];
  });
}

/** The members of a character class as they are written, `[^\s\p{L}]` -> `\s`, `\p{L}`. */
export function membersOf(atom: string): { negated: boolean; members: string[] } {
  if (!atom.startsWith("[")) return { negated: false, members: [atom] };
  const negated = atom.startsWith("[^");
  const members: string[] = [];
  for (let rest = atom.slice(negated ? 2 : 1, -1); rest !== ""; ) {
    const first = oneCharacter(rest);
    const last = rest[first.length] === "-" ? oneCharacter(rest.slice(first.length + 1)) : "";
    const member = last === "" ? first : `${first}-${last}`;
    members.push(member);
    rest = rest.slice(member.length);
  }
  return { negated, members };
}

function oneCharacter(source: string): string {
  return ESCAPE.exec(source)?.[0] ?? String.fromCodePoint(source.codePointAt(0) ?? 0).slice(0, source.length);
}

/** Source with each group that captures made one that does not. */
export function withoutCaptures(source: string): string {
  let result = "";
  for (let at = 0; at < source.length; ) {
    const atom = atomAt(source, at);
    if (atom.startsWith("(")) {
      const head = /^\((?:\?<[^=!>][^>]*>|\?<?[=!]|\?[a-z-]*:)?/.exec(atom)![0];
      const captures = head === "(" || /^\(\?<[^=!]/.test(head);
      result += `${captures ? "(?:" : head}${withoutCaptures(atom.slice(head.length, -1))})`;
    } else result += atom;
    at += atom.length;
  }
  return result;
}

/** The parts between the bars that stand in no group and no class. */
function topLevel(source: string): string[] {
  const parts: string[] = [];
  let start = 0;
  for (let at = 0; at < source.length; ) {
    if (source[at] === "|") {
      parts.push(source.slice(start, at));
      start = at + 1;
      at++;
    } else at += atomAt(source, at).length;
  }
  parts.push(source.slice(start));
  return parts;
}

/** The group, class, escape or character that starts at `at`. */
function atomAt(source: string, at: number): string {
  const first = source[at];
  if (first === "[") return source.slice(at, classEnd(source, at));
  if (first !== "(") return oneCharacter(source.slice(at));
  let depth = 0;
  for (let index = at; index < source.length; ) {
    const unit = source[index];
    if (unit === "[") index = classEnd(source, index);
    else if (unit === "\\") index += 2;
    else {
      if (unit === "(") depth++;
      if (unit === ")") depth--;
      index++;
      if (depth === 0) return source.slice(at, index);
    }
  }
  return source.slice(at);
}

function classEnd(source: string, at: number): number {
  for (let index = at + 1; index < source.length; index++) {
    if (source[index] === "\\") index++;
    else if (source[index] === "]") return index + 1;
  }
  return source.length;
}

function termsOf(alternative: string): Term[] {
  // What refers to a group cannot be cut out of its surroundings.
  if (/\\[1-9]|\\k</.test(alternative)) return [oneTerm(`(?:${alternative})`)];
  const terms: Term[] = [];
  for (let at = 0; at < alternative.length; ) {
    const atom = atomAt(alternative, at);
    const quantifier = QUANTIFIER.exec(alternative.slice(at + atom.length))?.[0] ?? "";
    const term = oneTerm(atom, quantifier);
    const last = terms.at(-1);
    if (isPlain(term) && last && (isPlain(last) || last.kind === "literal") && last.max === 1) {
      terms[terms.length - 1] = { ...oneTerm(last.source + term.source), kind: "literal" };
    } else terms.push(term);
    at += term.source.length;
  }
  return terms;
}

/** A letter or sign that stands for itself, once. */
function isPlain({ source, kind, max }: Term): boolean {
  return kind === "character" && max === 1 && source.length === 1 && source !== ".";
}

function oneTerm(atom: string, quantifier = ""): Term {
  const [min, max] = bounds(quantifier);
  const looks = /^(\(\?<?[=!]|[\^$]$|\\[bB]$)/.test(atom);
  const kind = looks ? "look" : atom.startsWith("(") ? "group" : "character";
  return { source: atom + quantifier, atom, min, max, kind };
}

function bounds(quantifier: string): [min: number, max: number] {
  if (quantifier === "") return [1, 1];
  if (quantifier.startsWith("?")) return [0, 1];
  if (quantifier.startsWith("*")) return [0, Number.POSITIVE_INFINITY];
  if (quantifier.startsWith("+")) return [1, Number.POSITIVE_INFINITY];
  const [, low, comma, high] = /^\{(\d+)(,?)(\d*)\}/.exec(quantifier)!;
  const min = Number(low);
  if (comma === "") return [min, min];
  return [min, high === "" ? Number.POSITIVE_INFINITY : Number(high)];
}
