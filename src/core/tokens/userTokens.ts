/**
 * Tokens that a vocabulary's makers added by hand ("user-defined"): a text that spells one becomes it before anything
 * else is done, the longest first, and what lies between them is read as texts of their own (as llama.cpp does).
 */

import { codeAt, startOfCharacter } from "./characterClasses.js";
import type { Splitter } from "./tokenizer.js";

/** UTF-16 units behind its end that a pre-tokeniser may have looked at for a piece. */
const LOOKAHEAD = 3;

interface Match {
  start: number;
  end: number;
}

/** Finds the tokens in a text. */
export class UserTokens {
  /** By their first unit, the longest first. */
  readonly #byFirst = new Map<number, string[]>();
  readonly #units = new Set<number>();
  readonly #pairs = new Set<string>();
  readonly #ids: ReadonlyMap<string, number>;

  constructor(ids: ReadonlyMap<string, number>) {
    this.#ids = ids;
    for (const token of [...ids.keys()].sort((a, b) => b.length - a.length)) {
      const first = token.charCodeAt(0);
      this.#byFirst.set(first, [...(this.#byFirst.get(first) ?? []), token]);
      for (let at = 0; at < token.length; at++) this.#units.add(token.charCodeAt(at));
      const characters = [...token];
      for (const [at, character] of characters.entries())
        this.#pairs.add(character + (characters[at + 1] ?? ""));
    }
  }

  /** The token that the piece `text[start, end)` is. What is left between the tokens spells none. */
  idOf(text: string, start: number, end: number): number | undefined {
    return this.#byFirst.has(text.charCodeAt(start)) ? this.#ids.get(text.slice(start, end)) : undefined;
  }

  /** Whether a token may hold this UTF-16 unit. */
  hasUnit(unit: number): boolean {
    return this.#units.has(unit);
  }

  /** Whether a token holds the two characters at a border side by side. */
  holdsBorder(text: string, index: number): boolean {
    const before = String.fromCodePoint(codeAt(text, startOfCharacter(text, index)));
    return this.#pairs.has(before + String.fromCodePoint(codeAt(text, index)));
  }

  /**
   * The first token that a text has at or after `start`, which is no place inside one, if it begins before `until`.
   * Where some overlap, the longest of the whole group is taken first, as if it were looked for alone.
   */
  first(text: string, start: number, until: number): Match | undefined {
    for (let at = start; at < until; at++) {
      if (!this.#byFirst.has(text.charCodeAt(at))) continue;
      const group = this.#group(text, at);
      if (group.length > 0) return earliest(group);
    }
    return undefined;
  }

  /** All that a text spells at `start` and, overlapping with it, behind. */
  #group(text: string, start: number): Match[] {
    const found: Match[] = [];
    let end = start + 1;
    for (let at = start; at < end; at++) {
      for (const token of this.#byFirst.get(text.charCodeAt(at)) ?? []) {
        if (!text.startsWith(token, at)) continue;
        found.push({ start: at, end: at + token.length });
        end = Math.max(end, at + token.length);
      }
    }
    return found;
  }
}

/** Of overlapping matches, the one that stands first after the longest were taken. */
function earliest(group: Match[]): Match | undefined {
  const taken: Match[] = [];
  for (const match of group.sort((a, b) => b.end - b.start - (a.end - a.start) || a.start - b.start)) {
    if (taken.every(({ start, end }) => match.end <= start || match.start >= end)) taken.push(match);
  }
  return taken.sort((a, b) => a.start - b.start)[0];
}

/** A splitter that cuts the tokens out first. */
export function splitterWith(tokens: UserTokens, base: Splitter): Splitter {
  return {
    ...(base.patterns ? { patterns: base.patterns } : {}),
    pieceEnd: (text, start) => {
      const end = base.pieceEnd(text, start);
      const match = tokens.first(text, start, Math.min(end + LOOKAHEAD, text.length));
      if (!match) return end;
      return match.start === start ? match.end : base.pieceEnd(text.slice(start, match.start), 0) + start;
    },
    isCertainBorder: (text, index) => base.isCertainBorder(text, index) && !tokens.holdsBorder(text, index),
    settledBefore: (text, offset) => {
      let at = offset;
      while (at > 0 && tokens.hasUnit(text.charCodeAt(at - 1))) at--;
      return Math.min(base.settledBefore(text, offset), base.settledBefore(text, at), at - LOOKAHEAD);
    },
  };
}
