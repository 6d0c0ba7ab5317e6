/**
 * How a tokenizer.json of any kind reads a text before its model does: its normalisers in turn, then its
 * pre-tokenisers in turn. A text is cut into pieces where it is certain, for all of them, that neither side has a say
 * in what becomes of the other; each piece is then read by itself.
 */

import { ReplaceNormalizer, SequenceNormalizer } from "@huggingface/tokenizers";
import { type AlignedText, alignNormalized } from "./alignNormalized.js";
import { codeAt, startOfCharacter } from "./characterClasses.js";
import { CharacterSplitter } from "./characterSplitter.js";
import { ExpressionReach } from "./expressionReach.js";
import type { Part, PieceReading, Word } from "./wordReading.js";
import type { Stage, StagedWord } from "./wordStages.js";

/** How far what a normaliser replaces reaches. */
interface Reach {
  /** Whether a match can hold two characters side by side. */
  meets(before: number, after: number): boolean;
  /** Whether a match can hold a character that stands left or right of a border, together with more on its side. */
  touches(code: number, side: Side): boolean;
}

type Side = "left" | "right";

/** A normaliser, and what it does to characters that stand at a border. */
export interface NormalStep {
  normalize(text: string): string;
  /** Lays a text and what it normalises to side by side. */
  align(text: string, normal: string): AlignedText;
  /** Its pattern, where it replaces what that finds. */
  reach?: Reach;
  content: string;
  /** Whether marks may become one with the letter before them. */
  composes: boolean;
}

const COMPOSING = new Set("BertNormalizer Precompiled NFC NFD NFKC NFKD".split(" "));
/** What can become one with the character before it: marks, and the second and third letters of a Hangul syllable. */
const JOINING = /^[\p{M}\u1160-\u11ff\ud7b0-\ud7ff]/u;
/** What no mark behind it makes another character. */
const SETTLED = /^[\s\p{N}\p{P}\p{Cc}\u2581\p{Script=Han}]/u;

/** Whether no token of a model's vocabulary holds two characters of what it reads side by side. */
export type NeverMeet = (before: number, after: number) => boolean;

const UNKNOWN = 0;
const BORDER = 1;
const INSIDE = 2;

export class StagedReading extends CharacterSplitter implements PieceReading {
  readonly readsAnywhere: boolean;
  /** Whether bytes are spelt as characters of GPT-2's alphabet, and spaces as `▁`. */
  readonly spellsBytes: boolean;
  readonly spellsBlocks: boolean;
  readonly #steps: readonly NormalStep[];
  readonly #stages: readonly Stage[];
  readonly #stripsLeft: boolean;
  readonly #stripsRight: boolean;
  /** How many steps are done before white space is stripped. */
  readonly #stripAt: number;
  /** What is stripped. */
  readonly #space: RegExp;
  /** What is put in front of a text, as the normalisers behind that make it. */
  readonly #front: string;
  readonly #neverMeet: NeverMeet | undefined;
  /** How many stages, from the first on, may make a border; whether the model may. */
  readonly #cutting: number;
  readonly #freshPieces: boolean;
  readonly #ascii = new Uint8Array(128 * 128);
  readonly #others = new Map<number, boolean>();

  /**
   * @param neverMeet for a model that reads words which are not cut as it would read their parts; left out otherwise.
   * @param wellFormed whether a surrogate without its other half is read as U+FFFD.
   * @throws Error from the library, for an expression that it cannot read.
   */
  constructor(
    normalizers: readonly Part[],
    stages: readonly Stage[],
    neverMeet?: NeverMeet,
    wellFormed = false,
  ) {
    super();
    const steps: NormalStep[] = wellFormed ? [WELL_FORMED] : [];
    let front = "";
    let stripAt = 0;
    const parts = normalizers.filter((part): part is Part => !isStep(part));
    for (const part of normalizers) {
      if (isStep(part)) {
        steps.push(part);
        front = part.normalize(front);
        continue;
      }
      if (part.type === "Strip") {
        stripAt = steps.length;
        continue;
      }
      if (part.type === "Prepend") {
        front = String(part.prepend) + front;
        continue;
      }
      const step = stepOf(part);
      front = step.normalize(front);
      steps.push(step);
    }
    this.#steps = steps;
    this.#front = front;
    this.#stripAt = stripAt;
    this.#stages = stages;
    const strips = parts.filter(({ type }) => type === "Strip");
    this.#space = strips.some(({ only }) => only === " ") ? /^ *$/ : /^\s*$/;
    this.#stripsLeft = strips.some((part) => part.strip_left === true);
    this.#stripsRight = strips.some((part) => part.strip_right === true);
    this.spellsBytes = stages.some((stage) => stage.spellsBytes);
    this.spellsBlocks =
      stages.some((stage) => stage.spellsBlocks) ||
      parts.some(({ type, content }) => type === "Replace" && content === "\u2581");
    // What is put in front of words goes in front of a piece exactly where the text was cut before that is done.
    const prefix = stages.findIndex((stage) => stage.prefixes);
    const upTo = stages.slice(0, prefix + 1);
    const own = prefix >= 0 && stages[prefix]!.spellsBytes ? upTo.slice(0, -1) : upTo;
    this.#freshPieces = own.some((stage) => stage.cuts);
    this.#cutting = this.#freshPieces ? own.length : stages.length;
    this.readsAnywhere =
      front === "" &&
      strips.length === 0 &&
      (prefix < 0 || this.#freshPieces) &&
      stages.every(({ first }) => !first);
    this.#neverMeet = this.#freshPieces ? undefined : neverMeet;
  }

  protected isBorder(before: number, after: number): boolean {
    if (before < 128 && after < 128) {
      const at = (before << 7) | after;
      if (this.#ascii[at] === UNKNOWN) this.#ascii[at] = this.#judge(before, after) ? BORDER : INSIDE;
      return this.#ascii[at] === BORDER;
    }
    const key = before * 0x110000 + after;
    let found = this.#others.get(key);
    if (found === undefined) {
      found = this.#judge(before, after);
      if (this.#others.size >= MOST_PAIRS) this.#others.clear();
      this.#others.set(key, found);
    }
    return found;
  }

  #judge(before: number, after: number): boolean {
    let left: string[] = [String.fromCodePoint(before)];
    let right: string[] = [String.fromCodePoint(after)];
    for (const [at, step] of this.#steps.entries()) {
      if (this.#keepsSpace(left, at)) return false;
      if (step.composes && ![...left, ...right].every(standsAlone)) return false;
      if (step.composes && !right.every(isSettled)) return false;
      if (step.reach && everyPair(left, right, (a, b) => step.reach!.meets(a, b)).some(Boolean)) return false;
      left = left.flatMap((text) => outcomes(text, step, "left"));
      right = right.flatMap((text) => outcomes(text, step, "right"));
      // What is left out leaves its neighbours side by side, which nobody knows here.
      if ([...left, ...right].includes("")) return false;
    }
    if (this.#keepsSpace(left, this.#steps.length)) return false;
    let lasts = left.map((text) => codeAt(text, startOfCharacter(text, text.length)));
    let firsts = right.map((text) => codeAt(text, 0));
    for (const [at, stage] of this.#stages.entries()) {
      const every = (says: (a: number, b: number) => boolean) =>
        lasts.every((a) => firsts.every((b) => says(a, b)));
      if (!every((a, b) => stage.isIndependent(a, b))) return false;
      if (at < this.#cutting && every((a, b) => stage.alwaysCuts(a, b))) return true;
      lasts = lasts.map((code) => stage.lastOf(code));
      firsts = firsts.map((code) => stage.firstOf(code));
    }
    const never = this.#neverMeet;
    return never !== undefined && lasts.every((a) => firsts.every((b) => never(a, b)));
  }

  /** Whether white space stands left of a border, which must have what follows it in its piece to be kept. */
  #keepsSpace(left: readonly string[], step: number): boolean {
    return this.#stripsRight && step === this.#stripAt && left.some((text) => this.#space.test(text));
  }

  words(whole: string, first: boolean): Word[] {
    const start = first && this.#stripsLeft ? this.#endOfSpaces(whole) : 0;
    const piece = whole.slice(start, this.#stripsRight ? this.#startOfSpaces(whole, start) : whole.length);
    const front = first ? this.#front : "";
    const aligned = this.#align(piece);
    if (front + aligned.text === "") return [];
    const nowhere = new Array<number>(front.length).fill(start);
    const word: StagedWord = {
      text: front + aligned.text,
      starts: [...nowhere, ...Array.from(aligned.starts, (at) => at + start)],
      ends: [...nowhere, ...Array.from(aligned.ends, (at) => at + start)],
      fresh: first || this.#freshPieces,
      first,
    };
    let words = [word];
    for (const stage of this.#stages) {
      words = words.flatMap((each) => stage.cut(each)).filter(({ text }) => text !== "");
    }
    return words;
  }

  /** A piece as its normalisers leave it one after the other, each of whose units keeps its place. */
  #align(piece: string): AlignedText {
    let found = unchanged(piece);
    for (const step of this.#steps) {
      const normal = step.normalize(found.text);
      if (normal !== found.text) found = composed(found, step.align(found.text, normal));
    }
    return found;
  }

  /** The end of the characters at its beginning that become white space or nothing. */
  #endOfSpaces(piece: string): number {
    let end = 0;
    while (end < piece.length) {
      const next = end + (codeAt(piece, end) > 0xffff ? 2 : 1);
      if (!this.#isSpace(piece.slice(end, next))) break;
      end = next;
    }
    return end;
  }

  /** The start of such characters at its end; elsewhere in a text something stands behind them in their piece. */
  #startOfSpaces(piece: string, from: number): number {
    let start = piece.length;
    while (start > from) {
      const before = startOfCharacter(piece, start);
      if (!this.#isSpace(piece.slice(before, start))) break;
      start = before;
    }
    return start;
  }

  #isSpace(character: string): boolean {
    let normal = character;
    for (const step of this.#steps.slice(0, this.#stripAt)) normal = step.normalize(normal);
    return this.#space.test(normal);
  }
}

/** Borders that are kept in mind. */
const MOST_PAIRS = 2 ** 16;

function isStep(part: Part | NormalStep): part is NormalStep {
  return "normalize" in part;
}

function standsAlone(text: string): boolean {
  return !JOINING.test(text.normalize("NFKD"));
}

function isSettled(text: string): boolean {
  return SETTLED.test(text);
}

function everyPair<T>(
  left: readonly string[],
  right: readonly string[],
  says: (a: number, b: number) => T,
): T[] {
  return left.flatMap((a) => right.map((b) => says(codeAt(a, startOfCharacter(a, a.length)), codeAt(b, 0))));
}

/** What can stand in a character's place, which may be replaced together with others. */
function outcomes(text: string, step: NormalStep, side: Side): string[] {
  const alone = step.normalize(text);
  const { reach } = step;
  if (!reach || ![...text].some((character) => reach.touches(character.codePointAt(0)!, side)))
    return [alone];
  return [...new Set([text, alone, step.content])];
}

function stepOf(part: Part): NormalStep {
  const made = new SequenceNormalizer({ type: "Sequence", normalizers: [part] } as ConstructorParameters<
    typeof SequenceNormalizer
  >[0]);
  const type = String(part.type);
  const lowers = type === "Lowercase" || (type === "BertNormalizer" && part.lowercase === true);
  // JavaScript makes a capital sigma at the end of a word another letter, which Rust's tokenizers do not.
  const normalize = (text: string) => made.normalize(lowers ? text.replaceAll("\u03a3", "\u03c3") : text);
  const { pattern } =
    type === "Replace"
      ? new ReplaceNormalizer(part as unknown as ConstructorParameters<typeof ReplaceNormalizer>[0])
      : { pattern: null };
  const content = typeof part.content === "string" ? part.content : "";
  // What is put for a match may be said in terms of it: then nobody knows here how long it is.
  const replaced = pattern !== null && !content.includes("$") ? pattern : undefined;
  return {
    normalize,
    align: (text, normal) =>
      replaced ? alignReplaced(text, normal, replaced, content) : alignNormalized(text, normal, normalize),
    ...(pattern && { reach: new ExpressionReach(pattern) }),
    content,
    composes: COMPOSING.has(type),
  };
}

const WELL_FORMED: NormalStep = {
  normalize: (text) => text.replace(/\p{Surrogate}/gu, "\ufffd"),
  align: (text, normal) => ({ ...unchanged(text), text: normal }),
  content: "",
  composes: false,
};

/** A text laid beside itself; the halves of a character lie where it does. */
export function unchanged(text: string): AlignedText {
  const starts = new Int32Array(text.length);
  const ends = new Int32Array(text.length);
  for (let at = 0; at < text.length; ) {
    const next = at + (codeAt(text, at) > 0xffff ? 2 : 1);
    starts.fill(at, at, next);
    ends.fill(next, at, next);
    at = next;
  }
  return { text, starts, ends };
}

/** Where what a pattern finds was replaced, which then lies where that was. */
function alignReplaced(text: string, normal: string, pattern: RegExp, content: string): AlignedText {
  const starts = new Int32Array(normal.length);
  const ends = new Int32Array(normal.length);
  let from = 0;
  let to = 0;
  const keepUpTo = (end: number) => {
    for (; from < end; from++, to++) {
      starts[to] = from;
      ends[to] = from + 1;
    }
  };
  for (const match of text.matchAll(pattern)) {
    keepUpTo(match.index);
    const end = match.index + match[0].length;
    starts.fill(match.index, to, to + content.length);
    ends.fill(end, to, to + content.length);
    to += content.length;
    from = end;
  }
  keepUpTo(text.length);
  return { text: normal, starts, ends };
}

/** The second laid beside what the first was made from. */
function composed(first: AlignedText, second: AlignedText): AlignedText {
  return {
    text: second.text,
    starts: second.starts.map((at) => first.starts[at] ?? first.ends[at - 1] ?? 0),
    ends: second.ends.map((at) => first.ends[at - 1] ?? first.starts[at] ?? 0),
  };
}
