/**
 * How far the matches of a regular expression reach: which two characters one of them can hold side by side. Where it
 * holds neither, a text can be cut between the two, and each part is matched as if the other were there.
 *
 * The expression is taken apart into its places for a character, and which of them can follow which (Glushkov 1961,
 * "The abstract theory of automata"); a place that is only looked at counts as one that is taken.
 */

import { type Term, termsOfEach } from "./expressionTerms.js";

/** Places at which a part of the expression can begin and end, and whether it can match nothing. */
interface Part {
  first: number[];
  last: number[];
  nullable: boolean;
  /** Whether it looks at what it does not take. */
  looks: boolean;
}

const NOTHING: Part = { first: [], last: [], nullable: true, looks: false };
const LOOK = /^\(\?(<?)([=!])/;
const GROUP_HEAD = /^\((?:\?:|\?<[^=!>][^>]*>)?/;

/** What of an expression the two sides of a border need to know. */
export class ExpressionReach {
  /** What each place takes. */
  readonly #places: RegExp[] = [];
  /** (places) the places that can follow. */
  readonly #follow: Set<number>[] = [];
  /** Places that are a match as they are, if one begins there. */
  readonly #whole = new Set<number>();
  /** What is looked at in front of a match. */
  readonly #before: RegExp[] = [];
  #bounded = true;
  readonly #known = new Map<number, readonly number[]>();
  readonly #flags: string;

  constructor({ source, flags }: RegExp) {
    this.#flags = flags.replace(/[gy]/g, "");
    if (/\\[1-9]|\\k</.test(source)) {
      this.#bounded = false;
      return;
    }
    for (const terms of termsOfEach(source)) {
      const { first, last, looks } = this.#sequence(terms, true);
      if (!looks) for (const place of first) if (last.includes(place)) this.#whole.add(place);
    }
  }

  /** Whether a match, or what is looked at for it, can hold two characters side by side. */
  meets(before: number, after: number): boolean {
    if (!this.#bounded) return true;
    const text = String.fromCodePoint(before);
    if (this.#before.some((look) => look.test(text))) return true;
    const next = this.#placesOf(after);
    return this.#placesOf(before).some((place) => next.some((other) => this.#follow[place]!.has(other)));
  }

  /** Whether a character is part of a match wherever it stands. */
  always(code: number): boolean {
    return this.#bounded && this.#placesOf(code).some((place) => this.#whole.has(place));
  }

  /** Whether a character can be part of a match, or be looked at for one. */
  touches(code: number): boolean {
    return !this.#bounded || this.#placesOf(code).length > 0;
  }

  #placesOf(code: number): readonly number[] {
    let found = this.#known.get(code);
    if (!found) {
      const text = String.fromCodePoint(code);
      found = [...this.#places.keys()].filter((place) => this.#places[place]!.test(text));
      this.#known.set(code, found);
    }
    return found;
  }

  /** @param start whether a match can begin with it. */
  #choice(source: string, start: boolean): Part {
    const parts = termsOfEach(source).map((terms) => this.#sequence(terms, start));
    return {
      first: parts.flatMap(({ first }) => first),
      last: parts.flatMap(({ last }) => last),
      nullable: parts.some(({ nullable }) => nullable),
      looks: parts.some(({ looks }) => looks),
    };
  }

  #sequence(terms: readonly Term[], start: boolean): Part {
    let whole = NOTHING;
    for (const term of terms) {
      const part = this.#term(term, start && whole.nullable);
      this.#link(whole.last, part.first);
      whole = {
        first: whole.nullable ? [...whole.first, ...part.first] : whole.first,
        last: part.nullable ? [...whole.last, ...part.last] : part.last,
        nullable: whole.nullable && part.nullable,
        looks: whole.looks || part.looks,
      };
    }
    return whole;
  }

  #term(term: Term, start: boolean): Part {
    const { atom, kind, min, max } = term;
    if (kind === "look") return this.#look(atom, start);
    if (kind === "literal") {
      const places = Array.from(atom, (character) => this.#place(character));
      for (let at = 1; at < places.length; at++) this.#link([places[at - 1]!], [places[at]!]);
      return { first: places.slice(0, 1), last: places.slice(-1), nullable: false, looks: false };
    }
    let part: Part;
    if (kind === "group") {
      const head = GROUP_HEAD.exec(atom)![0];
      part = this.#choice(atom.slice(head.length, -1), start);
    } else {
      const place = this.#place(atom);
      part = { first: [place], last: [place], nullable: false, looks: false };
    }
    if (max > 1) this.#link(part.last, part.first);
    return min === 0 ? { ...part, nullable: true } : part;
  }

  #look(atom: string, start: boolean): Part {
    const [head, behind] = LOOK.exec(atom) ?? [];
    // "^", "$" and "\b" see where the text ends, wherever it is cut.
    if (head === undefined) {
      this.#bounded = false;
      return { ...NOTHING, looks: true };
    }
    const inner = atom.slice(head.length, -1);
    if (behind === "") return { ...this.#choice(inner, start), last: [], nullable: true, looks: true };
    if (
      termsOfEach(inner).some(
        (list) => list.length !== 1 || list[0]!.kind !== "character" || list[0]!.max !== 1,
      )
    ) {
      this.#bounded = false;
    } else if (start) this.#before.push(this.#compile(inner));
    return { ...NOTHING, looks: true };
  }

  #place(atom: string): number {
    this.#follow.push(new Set());
    return this.#places.push(this.#compile(atom)) - 1;
  }

  #compile(source: string): RegExp {
    return new RegExp(`^(?:${source})$`, this.#flags);
  }

  #link(from: readonly number[], to: readonly number[]): void {
    for (const place of from) for (const other of to) this.#follow[place]!.add(other);
  }
}
