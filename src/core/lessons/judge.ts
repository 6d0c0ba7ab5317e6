/** Decides whether an answer is right, from measured facts and the live readings of exhibits. */

import { formatCount, formatFixed, inLanguage } from "../../shared/formatCount.js";
import { language as readersLanguage, t } from "../../shared/l10n.js";
import type {
  ChooseOption,
  Comparison,
  Condition,
  ExhibitConfig,
  KeyPoint,
  NumberFormat,
  ReadingCondition,
  WordsCondition,
} from "../../shared/panels/lesson.js";
import { formatCost, inDollars } from "../tokens/prices.js";
import { readingOf } from "./exhibits.js";

/** The live numbers of an exhibit by the names of the catalogue; one is missing while it is not known. */
export type Readings = Readonly<Record<string, number>>;

/** What an exhibit runs on: its text under "", or its prompts by their names. */
export type Texts = Readonly<Record<string, string>>;

export interface JudgedCondition {
  met: boolean;
  /** What is asked: "tokens: at most 8". */
  wanted: string;
  /** What there is now: "11", or "not known yet". */
  found: string;
  known: boolean;
}

/** Judges a condition against the readings, or the texts that they come from, as they are now. */
export function judgeCondition(
  condition: Condition,
  readings: Readings | undefined,
  config: ExhibitConfig,
  texts: Texts = {},
): JudgedCondition {
  return "words" in condition
    ? judgeWords(condition, texts, config)
    : judgeReading(condition, readings, config);
}

function judgeWords({ words, prompt }: WordsCondition, texts: Texts, config: ExhibitConfig): JudgedCondition {
  const text = texts[prompt ?? ""];
  const met = text !== undefined && namedPoints(text, [{ words }])[0] === true;
  const listed = words.map((word) => t("“{0}”", word)).join(", ");
  const named = words.length === 1 ? t("the text names {0}", listed) : t("the text names one of {0}", listed);
  const label = config.type === "odds" && config.prompts.find(({ id }) => id === prompt)?.label;
  return {
    met,
    wanted: label ? t("{0}: {1}", label.replace(/\.$/, ""), named) : named,
    found: text === undefined ? t("not known yet") : met ? t("yes") : t("no"),
    known: text !== undefined,
  };
}

function judgeReading(
  condition: ReadingCondition,
  readings: Readings | undefined,
  config: ExhibitConfig,
): JudgedCondition {
  const reading = readingOf(config, condition.reading);
  const format = reading?.format ?? "count";
  const value = readings?.[condition.reading];
  const { is, value: bound } = condition;
  const met = value !== undefined && holds(is, value, bound);
  return {
    met,
    wanted:
      format === "truth"
        ? t("{0}: {1}", reading?.label ?? "", is === "at-least" || is === "over" ? t("yes") : t("no"))
        : wantedInWords(is, reading?.label ?? condition.reading, formatReading(bound, format)),
    found: value === undefined ? t("not known yet") : formatReading(value, format),
    known: value !== undefined,
  };
}

/** What is a fifth on paper may be 0.19999999999999996 here, as 9 of 15 less 6 of 15 is. */
const ROUNDING = 1e-9;

function holds(is: Comparison, value: number, bound: number): boolean {
  const slack = ROUNDING * Math.max(1e-3, Math.abs(bound));
  switch (is) {
    case "at-least":
      return value >= bound - slack;
    case "at-most":
      return value <= bound + slack;
    case "over":
      return value > bound + slack;
    case "under":
      return value < bound - slack;
  }
}

function wantedInWords(is: Comparison, label: string, bound: string): string {
  switch (is) {
    case "at-least":
      return t("{0}: at least {1}", label, bound);
    case "at-most":
      return t("{0}: at most {1}", label, bound);
    case "over":
      return t("{0}: over {1}", label, bound);
    case "under":
      return t("{0}: under {1}", label, bound);
  }
}

export function formatReading(value: number, format: NumberFormat): string {
  if (!Number.isFinite(value)) return t("no number");
  return value < 0 ? `−${formatMagnitude(-value, format)}` : formatMagnitude(value, format);
}

function formatMagnitude(value: number, format: NumberFormat): string {
  switch (format) {
    case "probability": {
      const percent = value * 100;
      if (percent !== 0 && percent < 0.001) return `${scientific(percent)} %`;
      if (percent !== 0 && percent < 0.1) return `${inLanguage(percent.toPrecision(2))} %`;
      // What is 55 % in a lesson may be 55.00000000000001 here.
      const whole = Math.abs(percent - Math.round(percent)) < 1e-9;
      return `${formatFixed(percent, whole ? 0 : 1)} %`;
    }
    case "setting":
      return formatFixed(value, 2);
    case "truth":
      return value >= 1 ? t("yes") : t("no");
    case "count":
      return value < 1e15 ? formatCount(Math.round(value)) : scientific(value);
    case "number":
      return formatNumber(value);
    case "bytes":
      return formatSize(value);
    case "dollars":
      return value >= 1000 ? inDollars(formatNumber(value)) : formatCost(value);
  }
}

/** Three significant digits in words that people use: 0.051, 12.9, 1,540, 32.8 million, 3.8 × 10²⁵. */
function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size === 0) return "0";
  if (size < 0.001 || size >= 1e15) return scientific(value);
  if (size < 1000) return inLanguage(String(Number(value.toPrecision(3))));
  if (size < 1e6) return formatCount(Math.round(value));
  const short = (unit: number) => inLanguage(String(Number((value / unit).toPrecision(3))));
  if (size < 1e9) return short(1e6) === "1" ? t("1 million") : t("{0} million", short(1e6));
  if (size < 1e12) return short(1e9) === "1" ? t("1 billion") : t("{0} billion", short(1e9));
  return short(1e12) === "1" ? t("1 trillion") : t("{0} trillion", short(1e12));
}

const RAISED = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** Two digits and a power of ten, in one line: 3.7 × 10⁻¹¹. */
function scientific(value: number): string {
  const [digits = "", power = "0"] = value.toExponential(1).split("e");
  const raised = power
    .replace("+", "")
    .replace("-", "⁻")
    .replace(/\d/g, (digit) => RAISED[Number(digit)] ?? "");
  return `${inLanguage(digits)}\u00a0×\u00a010${raised}`;
}

function formatSize(bytes: number): string {
  const units = [t("bytes"), "kB", "MB", "GB", "TB", "PB"];
  const power = Math.max(0, Math.min(units.length - 1, Math.floor(Math.log10(Math.abs(bytes) || 1) / 3)));
  return `${inLanguage(String(Number((bytes / 1000 ** power).toPrecision(3))))} ${units[power]}`;
}

/** Whether an option is right, given what the facts of its check measured. */
export function isRight(option: ChooseOption, measured: readonly number[]): boolean {
  const { answer } = option;
  if ("right" in answer) return answer.right;
  return (
    answer.values.length === measured.length &&
    answer.values.every((value, index) => value === measured[index])
  );
}

export interface JudgedEstimate {
  right: boolean;
  /** 100 for the number itself, 0 for ten times or a tenth of it and beyond. */
  points: number;
  /** The distance in words: "exactly", "8 % too high", "3.2 times as much". */
  distance: string;
}

/** Scores a guessed number by its distance. @param within the part of the value that a right guess may be off. */
export function judgeEstimate(guess: number, value: number, within: number): JudgedEstimate {
  const off = Math.abs(guess - value);
  // What is halved is as far off as what is doubled.
  const both = guess > 0 && value > 0;
  const distance = both ? Math.abs(Math.log10(guess / value)) : off / Math.max(1, Math.abs(value));
  const right = off <= within * Math.abs(value) + 1e-9;
  return {
    right,
    points: Math.round(100 * Math.max(0, 1 - distance)),
    distance: off === 0 ? t("exactly") : distanceInWords(guess, value, both),
  };
}

function distanceInWords(guess: number, value: number, both: boolean): string {
  const high = guess > value;
  if (!both) {
    const off = formatNumber(Math.abs(guess - value));
    return high ? t("too high by {0}", off) : t("too low by {0}", off);
  }
  const ratio = guess / value;
  if (ratio >= 2) return t("{0} times too high", formatNumber(ratio));
  if (ratio <= 0.5) return t("{0} times too low", formatNumber(1 / ratio));
  const percent = Math.abs(ratio - 1) * 100;
  if (percent < 1) return high ? t("less than 1 % too high") : t("less than 1 % too low");
  return high ? t("{0} % too high", Math.round(percent)) : t("{0} % too low", Math.round(percent));
}

/** Names of large numbers; those of German are not those of English: its “Billion” is a “trillion”. */
const ENGLISH_NUMBERS = new Map(
  Object.entries({ thousand: 1e3, m: 1e6, million: 1e6, b: 1e9, bn: 1e9, billion: 1e9, trillion: 1e12 }),
);
const GERMAN_NUMBERS = new Map(
  Object.entries({
    tsd: 1e3,
    tausend: 1e3,
    mio: 1e6,
    million: 1e6,
    millionen: 1e6,
    mrd: 1e9,
    milliarde: 1e9,
    milliarden: 1e9,
    bio: 1e12,
    billion: 1e12,
    billionen: 1e12,
  }),
);

/**
 * Reads a number as people type it: `1,500`, `1.5 million`, `12 %`, `3e9`, and in German `1.500` and `1,5 Millionen`;
 * undefined where it is none.
 */
export function readNumber(text: string, language: string = readersLanguage): number | undefined {
  const german = /^de\b/.test(language);
  const match = /^\s*([-−]?[\d,_' ]*\.?\d+(?:e[+-]?\d+)?)\s*(?:(%|k)|([a-z]+)\.?)?\s*$/i.exec(
    german ? withPoint(text) : text,
  );
  if (!match) return undefined;
  const [, digits = "", sign, name] = match;
  const value = Number(digits.replace(/[,_' ]/g, "").replace("−", "-"));
  const names = german ? GERMAN_NUMBERS : ENGLISH_NUMBERS;
  const short = sign === undefined ? 1 : sign === "%" ? 0.01 : 1e3;
  const factor = name === undefined ? short : names.get(name.toLowerCase());
  return factor !== undefined && Number.isFinite(value) ? value * factor : undefined;
}

/** Reads a number into a field that names its unit: typed behind the number it says the same, and 76 % are 76 of 100. */
export function readAmount(
  text: string,
  unit: string,
  language: string = readersLanguage,
): number | undefined {
  const typed = text.trim();
  const named = [unit, ...(unit.endsWith(" 100") ? ["%"] : [])].find(
    (each) => each !== "" && typed.toLowerCase().endsWith(each.toLowerCase()),
  );
  return readNumber(named === undefined ? typed : typed.slice(0, -named.length), language);
}

/** Reads a share: as {@link readNumber}, and `35` is 35 %, since no share is more than the whole. */
export function readShare(text: string, language: string = readersLanguage): number | undefined {
  const value = readNumber(text, language);
  return value !== undefined && value > 1 && /^[^%a-z]+$/i.test(text) ? value / 100 : value;
}

/** A number with points between thousands and a decimal comma, as English has it; `0.5` and `1.25` stay as they are. */
function withPoint(text: string): string {
  return text.replace(/(?<=^\s*[-−]?[1-9]\d{0,2}(?:\.\d{3})*)\.(?=\d{3}(?!\d))/g, "").replace(",", ".");
}

/** How many items stand where they belong. @param order indices into the lesson's order, as the reader has them. */
export function inPlace(order: readonly number[]): number {
  return order.filter((item, at) => item === at).length;
}

/** An order to begin with in which not all items stand where they belong, the same for the same seed. */
export function shuffled(count: number, seed: string): number[] {
  const order = Array.from({ length: count }, (_, at) => at);
  let state = [...seed].reduce((hash, letter) => (Math.imul(hash, 31) + letter.charCodeAt(0)) >>> 0, 7);
  for (let at = count - 1; at > 0; at--) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const other = Math.floor((state / 2 ** 32) * (at + 1));
    [order[at], order[other]] = [order[other]!, order[at]!];
  }
  return inPlace(order) === count ? order.reverse() : order;
}

/** Which key points a text names, by their words. It compares words and understands nothing. */
export function namedPoints(answer: string, points: readonly Pick<KeyPoint, "words">[]): boolean[] {
  const said = ` ${answer
    .toLowerCase()
    .normalize("NFKC")
    .replace(/[^\p{L}\p{N}]+/gu, " ")} `;
  // Words are beginnings of words: "predict" finds "predicted".
  return points.map(({ words }) =>
    words.some((alternative) =>
      alternative
        .toLowerCase()
        .split(/\s+/)
        .every((word) => said.includes(` ${word}`)),
    ),
  );
}
