/**
 * The pre-tokenisers of a tokenizer.json, one stage each: it cuts a normalised word into shorter ones, every unit of
 * which keeps its place in the text. The patterns are those of the library @huggingface/tokenizers.
 */

import {
  BertPreTokenizer,
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  PunctuationPreTokenizer,
  ReplacePreTokenizer,
  SplitPreTokenizer,
} from "@huggingface/tokenizers";
import { t } from "../../shared/l10n.js";
import { CHARACTER_OF_BYTE } from "./byteAlphabet.js";
import { codeAt } from "./characterClasses.js";
import { ExpressionReach } from "./expressionReach.js";
import type { Part, Word } from "./wordReading.js";

const BLOCK = "\u2581";

/** What becomes of the matches of a stage's pattern, and of what lies between them. */
type Behaviour =
  | "matches"
  | "removed"
  | "isolated"
  | "contiguous"
  | "mergedwithprevious"
  | "mergedwithnext"
  | "whole";

/** A word, and whether the text was cut in front of it, so that what a stage puts in front belongs there. */
export interface StagedWord extends Word {
  fresh: boolean;
  /** Whether the text begins with it. */
  first: boolean;
}

export interface Stage {
  cut(word: StagedWord): StagedWord[];
  /** Whether it treats both sides of a border alike, whether or not the text is cut there. */
  isIndependent(before: number, after: number): boolean;
  /** Whether it cuts there, whatever else the text holds. */
  alwaysCuts(before: number, after: number): boolean;
  /** Whether it can cut at all. */
  readonly cuts: boolean;
  /** Whether it puts something in front of words, or of the first. */
  readonly prefixes: boolean;
  readonly first: boolean;
  /** What it makes of a character that stands at a border: of its last or first one. */
  lastOf(code: number): number;
  firstOf(code: number): number;
  /** Whether it spells bytes as characters of GPT-2's alphabet. */
  readonly spellsBytes: boolean;
  /** Whether it spells spaces as `▁`. */
  readonly spellsBlocks: boolean;
}

const encoder = new TextEncoder();

/** `[start, end)` of a word. */
function sliceOf(word: StagedWord, start: number, end: number): StagedWord {
  return {
    text: word.text.slice(start, end),
    starts: Array.prototype.slice.call(word.starts, start, end) as number[],
    ends: Array.prototype.slice.call(word.ends, start, end) as number[],
    fresh: start > 0 || word.fresh,
    first: start === 0 && word.first,
  };
}

/** A word with something in front that is nowhere in the text. */
function prefixed(word: StagedWord, front: string): StagedWord {
  const at = word.starts[0] ?? 0;
  const none = new Array<number>(front.length).fill(at);
  return {
    ...word,
    text: front + word.text,
    starts: [...none, ...Array.from(word.starts)],
    ends: [...none, ...Array.from(word.ends)],
  };
}

/** The ranges that a pattern cuts a text into, as Rust's tokenizers do ("SplitDelimiterBehavior"). */
export function cutRanges(
  text: string,
  pattern: RegExp,
  behaviour: Behaviour,
  invert: boolean,
): [number, number][] {
  if (behaviour === "whole") return text === "" ? [] : [[0, text.length]];
  const parts: { start: number; end: number; matched: boolean }[] = [];
  let at = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > at) parts.push({ start: at, end: match.index, matched: invert });
    at = match.index + match[0].length;
    if (at > match.index) parts.push({ start: match.index, end: at, matched: !invert });
  }
  if (at < text.length) parts.push({ start: at, end: text.length, matched: invert });
  if (behaviour === "isolated") return parts.map(({ start, end }) => [start, end]);
  if (behaviour === "removed" || behaviour === "matches") {
    const kept = behaviour === "matches";
    return parts.filter(({ matched }) => matched === kept).map(({ start, end }) => [start, end]);
  }
  const ranges: [number, number][] = [];
  let before: boolean | undefined;
  for (const { start, end, matched } of parts) {
    const joins =
      behaviour === "contiguous"
        ? matched === before
        : behaviour === "mergedwithprevious"
          ? matched && before === false
          : before === true && !matched;
    if (joins) ranges[ranges.length - 1]![1] = end;
    else ranges.push([start, end]);
    // What was joined is complete: a second match behind it begins anew.
    before = joins && behaviour !== "contiguous" ? undefined : matched;
  }
  return ranges;
}

/** A stage that cuts by a pattern. */
class PatternStage implements Stage {
  readonly prefixes: boolean = false;
  readonly first = false;
  readonly spellsBytes: boolean = false;
  readonly spellsBlocks: boolean = false;
  readonly #pattern: RegExp;
  readonly #behaviour: Behaviour;
  readonly #invert: boolean;
  readonly #trims: boolean;
  readonly #reach: ExpressionReach;

  constructor(pattern: RegExp, behaviour: Behaviour, options: { invert?: boolean; trims?: boolean } = {}) {
    this.#pattern = pattern.global ? pattern : new RegExp(pattern.source, `${pattern.flags}g`);
    this.#behaviour = behaviour;
    this.#invert = options.invert === true;
    this.#trims = options.trims === true;
    this.#reach = new ExpressionReach(pattern);
  }

  get cuts(): boolean {
    return this.#behaviour !== "whole";
  }

  cut(word: StagedWord): StagedWord[] {
    const { text } = word;
    // What is trimmed is white space, which the pattern takes nowhere else either.
    const whole = this.#trims
      ? sliceOf(word, text.length - text.trimStart().length, text.trimEnd().length)
      : word;
    const ranges = cutRanges(whole.text, this.#pattern, this.#behaviour, this.#invert);
    if (ranges.length === 1 && ranges[0]![0] === 0 && ranges[0]![1] === whole.text.length) return [whole];
    return ranges.map(([start, end]) => sliceOf(whole, start, end));
  }

  isIndependent(before: number, after: number): boolean {
    return this.#behaviour === "whole" || !this.#reach.meets(before, after);
  }

  alwaysCuts(before: number, after: number): boolean {
    const reach = this.#reach;
    if (this.#behaviour === "whole" || reach.meets(before, after)) return false;
    const left = reach.always(before);
    const right = reach.always(after);
    if (this.#invert && this.#behaviour !== "removed" && this.#behaviour !== "isolated") return false;
    if (this.#behaviour === "mergedwithprevious") return left;
    if (this.#behaviour === "mergedwithnext") return right;
    if (this.#behaviour === "contiguous") {
      return (left && !reach.touches(after)) || (right && !reach.touches(before));
    }
    return left || right;
  }

  lastOf(code: number): number {
    return code;
  }

  firstOf(code: number): number {
    return code;
  }
}

/** Spells spaces as `▁`, puts one in front, and cuts in front of each. */
class MetaspaceStage implements Stage {
  readonly spellsBytes = false;
  readonly spellsBlocks: boolean;
  readonly prefixes: boolean;
  readonly cuts: boolean;
  readonly #spelling: string;
  readonly #replacement: string;
  readonly first: boolean;

  constructor(part: Part) {
    this.#replacement = typeof part.replacement === "string" ? part.replacement : BLOCK;
    this.#spelling =
      typeof part.str_rep === "string" && part.str_rep !== "" ? part.str_rep : this.#replacement;
    this.spellsBlocks = this.#spelling === BLOCK;
    // Older files say "add_prefix_space", which the library leaves to "prepend_scheme".
    const scheme = part.prepend_scheme ?? "always";
    this.prefixes = scheme === "always";
    this.first = scheme === "first";
    this.cuts = part.split !== false;
  }

  cut(word: StagedWord): StagedWord[] {
    let spelt = word;
    if (word.text.includes(" ")) {
      const [text, starts, ends]: [string[], number[], number[]] = [[], [], []];
      for (let at = 0; at < word.text.length; at++) {
        const unit = word.text[at] === " " ? this.#spelling : word.text[at]!;
        text.push(unit);
        for (let i = 0; i < unit.length; i++) {
          starts.push(word.starts[at]!);
          ends.push(word.ends[at]!);
        }
      }
      spelt = { ...word, text: text.join(""), starts, ends };
    }
    const wanted = (this.prefixes && word.fresh) || (this.first && word.first);
    if (wanted && !spelt.text.startsWith(this.#replacement)) spelt = prefixed(spelt, this.#spelling);
    if (!this.cuts) return [spelt];
    const words: StagedWord[] = [];
    let start = 0;
    for (let at = 1; at <= spelt.text.length; at++) {
      if (at < spelt.text.length && !spelt.text.startsWith(this.#replacement, at)) continue;
      words.push(sliceOf(spelt, start, at));
      start = at;
    }
    return words;
  }

  isIndependent(): boolean {
    return true;
  }

  alwaysCuts(_before: number, after: number): boolean {
    return (
      this.cuts && this.#replacement.length === 1 && this.firstOf(after) === this.#replacement.charCodeAt(0)
    );
  }

  lastOf(code: number): number {
    return code === 0x20 ? codeAt(this.#spelling, this.#spelling.length - 1) : code;
  }

  firstOf(code: number): number {
    return code === 0x20 ? codeAt(this.#spelling, 0) : code;
  }
}

/** Cuts as GPT-2 does, and spells the bytes of each word. */
class ByteLevelStage extends PatternStage {
  override readonly spellsBytes: boolean = true;
  override readonly prefixes: boolean;

  constructor(part: Part) {
    const { pattern } = new ByteLevelPreTokenizer({
      type: "ByteLevel",
      add_prefix_space: false,
      trim_offsets: false,
    } as ConstructorParameters<typeof ByteLevelPreTokenizer>[0]);
    super(pattern, part.use_regex === false ? "whole" : "matches");
    this.prefixes = part.add_prefix_space === true;
  }

  override cut(word: StagedWord): StagedWord[] {
    const spaced = this.prefixes && word.fresh && !word.text.startsWith(" ") ? prefixed(word, " ") : word;
    return super.cut(spaced).map(speltInBytes);
  }

  override lastOf(code: number): number {
    return CHARACTER_OF_BYTE[encoder.encode(String.fromCodePoint(code)).at(-1)!]!.charCodeAt(0);
  }

  override firstOf(code: number): number {
    return CHARACTER_OF_BYTE[encoder.encode(String.fromCodePoint(code))[0]!]!.charCodeAt(0);
  }
}

function speltInBytes(word: StagedWord): StagedWord {
  const [text, starts, ends]: [string[], number[], number[]] = [[], [], []];
  for (let at = 0; at < word.text.length; ) {
    const code = codeAt(word.text, at);
    const width = code > 0xffff ? 2 : 1;
    for (const byte of encoder.encode(word.text.slice(at, at + width))) {
      text.push(CHARACTER_OF_BYTE[byte]!);
      starts.push(word.starts[at]!);
      ends.push(word.ends[at + width - 1]!);
    }
    at += width;
  }
  return { ...word, text: text.join(""), starts, ends };
}

/** Replaces what a pattern finds, which then lies where that was (an addition of the library's own). */
class ReplaceStage extends PatternStage {
  readonly #replace: (text: string) => string;

  constructor(part: Part) {
    const made = new ReplacePreTokenizer(part as ConstructorParameters<typeof ReplacePreTokenizer>[0]);
    super(made.pattern ?? NOTHING, "whole");
    this.#replace = (text) => made.pre_tokenize_text(text).join("");
  }

  override cut(word: StagedWord): StagedWord[] {
    const text = this.#replace(word.text);
    if (text === word.text) return [word];
    const last = word.ends[word.ends.length - 1] ?? 0;
    return [
      {
        ...word,
        text,
        starts: new Array<number>(text.length).fill(word.starts[0] ?? 0),
        ends: new Array<number>(text.length).fill(last),
      },
    ];
  }

  override isIndependent(): boolean {
    return false;
  }
}

/** A stage that keeps both what a pattern finds and what lies between. */
export function isolating(pattern: RegExp): Stage {
  return new PatternStage(pattern, "isolated");
}

/** A stage that keeps what a pattern finds, and leaves out what lies between. */
export function keeping(pattern: RegExp): Stage {
  return new PatternStage(pattern, "matches");
}

/** Puts something in front of each word. */
class FrontStage extends PatternStage {
  override readonly prefixes: boolean = true;
  readonly #front: string;
  readonly #only: RegExp;

  constructor(front: string, only: RegExp) {
    super(NOTHING, "whole");
    this.#front = front;
    this.#only = only;
  }

  override cut(word: StagedWord): StagedWord[] {
    return [word.fresh && !this.#only.test(word.text) ? prefixed(word, this.#front) : word];
  }
}

/**
 * The stage that puts something in front of each word.
 * @param unless what words get nothing.
 */
export function fronting(front: string, unless: RegExp = NOTHING): Stage {
  return new FrontStage(front, new RegExp(unless.source, "u"));
}

/** The stage that spells the bytes of words as characters of GPT-2's alphabet, and cuts nothing. */
export function spellingBytes(): Stage {
  return new ByteLevelStage({ use_regex: false });
}

/** The stage that spells spaces as `▁`, and cuts nothing. */
export function spellingBlocks(): Stage {
  return new MetaspaceStage({ prepend_scheme: "never", split: false });
}

/** Words of a number of characters each, counted from where the text begins: no border is certain. */
class FixedLengthStage extends PatternStage {
  constructor(length: number) {
    super(new RegExp(`[\\s\\S]{1,${length}}`, "gu"), "matches");
  }
}

/** Matches nothing. */
const NOTHING = /(?!)/gu;

const BEHAVIOURS = new Set<string>([
  "removed",
  "isolated",
  "contiguous",
  "mergedwithprevious",
  "mergedwithnext",
] satisfies Behaviour[]);

function isBehaviour(name: string): name is Behaviour {
  return BEHAVIOURS.has(name);
}

/**
 * The stage that a pre-tokeniser of a file is.
 * @returns why there is none, for one that is not known.
 */
export function stageOf(part: Part): Stage | string {
  switch (part.type) {
    case "Whitespace":
      return new PatternStage(/\w+|[^\w\s]+/gu, "matches");
    case "WhitespaceSplit":
      return new PatternStage(/\S+/gu, "matches");
    case "BertPreTokenizer":
      return new PatternStage(new BertPreTokenizer().pattern, "matches", { trims: true });
    case "Punctuation":
      return new PatternStage(
        new PunctuationPreTokenizer(part as ConstructorParameters<typeof PunctuationPreTokenizer>[0]).pattern,
        "matches",
      );
    case "Digits":
      return new PatternStage(
        new DigitsPreTokenizer(part as ConstructorParameters<typeof DigitsPreTokenizer>[0]).pattern,
        "matches",
      );
    case "Metaspace":
      return new MetaspaceStage(part);
    case "ByteLevel":
      return new ByteLevelStage(part);
    case "Replace":
      return new ReplaceStage(part);
    case "FixedLength":
      return Number.isInteger(part.length) && (part.length as number) > 0
        ? new FixedLengthStage(part.length as number)
        : t("a FixedLength without a length");
    case "CharDelimiterSplit":
      return typeof part.delimiter === "string" && part.delimiter !== ""
        ? splitStage({ type: "Split", pattern: { String: part.delimiter }, behavior: "Removed" })
        : t("a CharDelimiterSplit without a delimiter");
    case "Split":
      return splitStage(part);
    default:
      return String(part.type).slice(0, 64);
  }
}

function splitStage(part: Part): Stage | string {
  const behaviour = String(part.behavior ?? "").toLowerCase();
  if (!isBehaviour(behaviour)) return t("a Split with the behaviour {0}", JSON.stringify(part.behavior));
  const { pattern } = new SplitPreTokenizer({ ...part, invert: false } as unknown as ConstructorParameters<
    typeof SplitPreTokenizer
  >[0]);
  if (pattern === null) return t("a Split without a pattern");
  return new PatternStage(pattern, behaviour, { invert: part.invert === true });
}
