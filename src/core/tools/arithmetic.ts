/** Exact arithmetic: integers of any size and decimals as fractions; its own parser, nothing is evaluated as code. */

import { GlassboxError } from "../../shared/errors.js";

/** A number as a fraction in lowest terms, the denominator above zero. */
export interface Rational {
  numerator: bigint;
  denominator: bigint;
  /** False behind a root that is no fraction. */
  exact: boolean;
}

export type Comparison = "<" | ">" | "=";

export interface Evaluation {
  /** The expression as it was read, with plain signs. */
  expression: string;
  /** Of an expression without a comparison. */
  value: Rational | undefined;
  /** Of one with: what was asked, both sides, and how they really stand. */
  comparison:
    | { asked: string; holds: boolean; left: Rational; right: Rational; order: Comparison }
    | undefined;
}

const LONGEST_EXPRESSION = 10_000;
const DEEPEST = 200;
/** Numbers of about 60,000 decimal digits. */
const MOST_BITS = 200_000;
/** Decimal digits behind the point of roots that do not end. */
export const ROOT_DIGITS = 30;
const MOST_ROOT_DIGITS = 1000;
const MOST_EXPONENT = 4096;

const SIGNS: Readonly<Record<string, string>> = {
  "×": "*",
  "·": "*",
  "⋅": "*",
  "∙": "*",
  "÷": "/",
  "−": "-",
  "–": "-",
  "≤": "<=",
  "≥": ">=",
  "≠": "!=",
  "**": "^",
  "==": "=",
};

/** `count` is how many arguments a function takes at least and at most. */
const FUNCTIONS: Readonly<Record<string, { count: [number, number]; of(args: Rational[]): Rational }>> = {
  gcd: { count: [2, 2], of: ([a, b]) => whole(gcd(integer(a!, "gcd"), integer(b!, "gcd"))) },
  abs: {
    count: [1, 1],
    of: ([a]) => (a!.numerator < 0n ? { ...a!, numerator: -a!.numerator } : a!),
  },
  sqrt: { count: [1, 2], of: ([a, digits]) => squareRoot(a!, digits) },
};

const TOKEN =
  /\s*(?:(\d{1,3}(?:,\d{3})+(?!\d)(?:\.\d+)?|(?:\d[\d_]*)(?:\.\d+)?(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?)|([a-z]+)|(\*\*|[<>=!]=|[-+*/%^(),<>=×·⋅∙÷−–≤≥≠]))/iy;

type Token = { kind: "number" | "name" | "sign"; text: string };

/**
 * Evaluates an expression: `+ - * / % ^` and brackets, `gcd(a, b)`, `abs(a)`, `sqrt(a, digits)`, and one comparison
 * of two sides. Powers bind tighter than the sign in front, and to the right: `-2^2` is -4, `2^3^2` is 512. `%` is
 * the remainder with the sign of what is divided, as in C and JavaScript.
 * @throws GlassboxError `invalid-request` that says where it cannot be read, or what has no value.
 */
export function evaluate(expression: string): Evaluation {
  if (expression.length > LONGEST_EXPRESSION) {
    throw wrong(
      `The expression has ${expression.length} characters; at most ${LONGEST_EXPRESSION} are read.`,
    );
  }
  const parser = new Parser(tokensOf(expression));
  const left = parser.sum();
  const asked = parser.comparison();
  const right = asked === undefined ? undefined : parser.sum();
  parser.end();
  const shown = parser.shown();
  if (asked === undefined || !right) return { expression: shown, value: left, comparison: undefined };
  const order = compare(left, right);
  const holds = { "<": order === "<", ">": order === ">", "=": order === "=", "!=": order !== "=" };
  const answer =
    asked === "<=" ? order !== ">" : asked === ">=" ? order !== "<" : holds[asked as keyof typeof holds];
  return { expression: shown, value: undefined, comparison: { asked, holds: answer, left, right, order } };
}

function tokensOf(expression: string): Token[] {
  const text = expression.trim();
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match) {
      const found = [...text.slice(at).trimStart()][0] ?? "";
      throw wrong(
        `Cannot read "${found}" at place ${at + 1} of the expression. Use numbers, + - * / % ^, brackets, gcd, abs, sqrt, and one of < > = <= >= !=.`,
      );
    }
    const [, number, name, sign] = match;
    if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (name !== undefined) tokens.push({ kind: "name", text: name.toLowerCase() });
    else tokens.push({ kind: "sign", text: SIGNS[sign!] ?? sign! });
  }
  if (tokens.length === 0) throw wrong("The expression is empty.");
  return tokens;
}

class Parser {
  readonly #tokens: readonly Token[];
  #at = 0;
  #depth = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  /** The expression with plain signs and one kind of spacing. */
  shown(): string {
    return this.#tokens
      .map(({ text }, index) => {
        const before = this.#tokens[index - 1];
        const unary = !before || (before.kind === "sign" && before.text !== ")");
        if (text === ",") return ", ";
        if (/^[-+*/%<>=!]/.test(text) && !unary) return ` ${text} `;
        return text;
      })
      .join("");
  }

  comparison(): string | undefined {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || !/^(?:[<>]=?|=|!=)$/.test(token.text)) return undefined;
    this.#at++;
    return token.text;
  }

  end(): void {
    const token = this.#tokens[this.#at];
    if (!token) return;
    throw wrong(
      this.comparison() === undefined
        ? `Did not expect "${token.text}" there; a sign between the numbers may be missing.`
        : "One comparison at a time: compare two values.",
    );
  }

  sum(): Rational {
    return this.#chain(["+", "-"], () => this.#product());
  }

  #product(): Rational {
    return this.#chain(["*", "/", "%"], () => this.#signed());
  }

  #chain(signs: readonly string[], operand: () => Rational): Rational {
    let value = operand();
    for (;;) {
      const token = this.#tokens[this.#at];
      if (token?.kind !== "sign" || !signs.includes(token.text)) return value;
      this.#at++;
      value = combine(token.text, value, operand());
    }
  }

  #signed(): Rational {
    let negative = false;
    while (this.#takes("-") || this.#takes("+")) {
      if (this.#tokens[this.#at - 1]!.text === "-") negative = !negative;
    }
    const value = this.#power();
    return negative ? { ...value, numerator: -value.numerator } : value;
  }

  #power(): Rational {
    const base = this.#operand();
    if (!this.#takes("^")) return base;
    return this.#nested(() => power(base, this.#signed()));
  }

  #operand(): Rational {
    const token = this.#tokens[this.#at++];
    if (!token) throw wrong("The expression ends where a number should follow.");
    if (token.kind === "number") return numberOf(token.text);
    if (token.kind === "name") return this.#call(token.text);
    if (token.text !== "(") throw wrong(`Expected a number, got "${token.text}".`);
    return this.#nested(() => {
      const value = this.sum();
      this.#expect(")");
      return value;
    });
  }

  #call(name: string): Rational {
    const known = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!known) throw wrong(`There is no "${name}". There are: ${Object.keys(FUNCTIONS).join(", ")}.`);
    this.#expect("(");
    return this.#nested(() => {
      const args = [this.sum()];
      while (this.#takes(",")) args.push(this.sum());
      this.#expect(")");
      const [least, most] = known.count;
      if (args.length < least || args.length > most) {
        throw wrong(
          `${name} takes ${least === most ? least : `${least} or ${most}`} numbers, got ${args.length}.`,
        );
      }
      return known.of(args);
    });
  }

  #nested(inner: () => Rational): Rational {
    if (++this.#depth > DEEPEST) throw wrong(`The expression is nested more than ${DEEPEST} deep.`);
    const value = inner();
    this.#depth--;
    return value;
  }

  #takes(sign: string): boolean {
    const token = this.#tokens[this.#at];
    if (token?.kind !== "sign" || token.text !== sign) return false;
    this.#at++;
    return true;
  }

  #expect(sign: string): void {
    if (this.#takes(sign)) return;
    const found = this.#tokens[this.#at];
    throw wrong(`Expected "${sign}", got ${found ? `"${found.text}"` : "the end"}.`);
  }
}

/** A decimal numeral as a fraction. */
export function numberOf(text: string): Rational {
  const [mantissa = "", exponentText = "0"] = text.toLowerCase().replace(/[,_]/g, "").split("e");
  const exponent = Number(exponentText);
  if (Math.abs(exponent) > MOST_EXPONENT) {
    throw wrong(`The exponent of ${text} is beyond ${MOST_EXPONENT}.`);
  }
  const [units = "", fraction = ""] = mantissa.split(".");
  const digits = BigInt(`${units}${fraction}` || "0");
  const scale = exponent - fraction.length;
  return scale >= 0
    ? reduced(digits * 10n ** BigInt(scale), 1n, true)
    : reduced(digits, 10n ** BigInt(-scale), true);
}

function combine(sign: string, a: Rational, b: Rational): Rational {
  const exact = a.exact && b.exact;
  switch (sign) {
    case "+":
      return reduced(
        a.numerator * b.denominator + b.numerator * a.denominator,
        a.denominator * b.denominator,
        exact,
      );
    case "-":
      return reduced(
        a.numerator * b.denominator - b.numerator * a.denominator,
        a.denominator * b.denominator,
        exact,
      );
    case "*":
      return reduced(a.numerator * b.numerator, a.denominator * b.denominator, exact);
    default: {
      if (b.numerator === 0n) throw wrong("A division by zero has no value.");
      if (sign === "/") return reduced(a.numerator * b.denominator, a.denominator * b.numerator, exact);
      // BigInt's own remainder, on a common denominator.
      const denominator = a.denominator * b.denominator;
      return reduced((a.numerator * b.denominator) % (b.numerator * a.denominator), denominator, exact);
    }
  }
}

function power(base: Rational, exponent: Rational): Rational {
  if (exponent.denominator !== 1n) throw wrong("Powers take whole exponents; use sqrt(x) for roots.");
  if (exponent.numerator < 0n && base.numerator === 0n) throw wrong("A division by zero has no value.");
  const times = exponent.numerator < 0n ? -exponent.numerator : exponent.numerator;
  // 0, 1 and -1 stay small however often they are multiplied.
  const small = base.denominator === 1n && base.numerator ** 2n <= 1n;
  const bits = BigInt(Math.max(bitLength(base.numerator), bitLength(base.denominator)));
  if (!small && times * bits > BigInt(MOST_BITS)) throw tooLarge();
  const count = small && times > 2n ? 2n + (times % 2n) : times;
  const [top, bottom] = [base.numerator ** count, base.denominator ** count];
  return exponent.numerator < 0n ? reduced(bottom, top, base.exact) : reduced(top, bottom, base.exact);
}

function squareRoot(value: Rational, digits: Rational | undefined): Rational {
  if (value.numerator < 0n) throw wrong("A negative number has no real square root.");
  const places = digits === undefined ? BigInt(ROOT_DIGITS) : integer(digits, "The digits of sqrt");
  if (places < 0n || places > BigInt(MOST_ROOT_DIGITS)) {
    throw wrong(`sqrt gives 0 to ${MOST_ROOT_DIGITS} digits, asked for ${places}.`);
  }
  const top = integerRoot(value.numerator);
  const bottom = integerRoot(value.denominator);
  if (top * top === value.numerator && bottom * bottom === value.denominator) {
    return reduced(top, bottom, value.exact);
  }
  const scale = 10n ** places;
  // Rounded down in the last digit.
  return reduced(integerRoot((value.numerator * scale * scale) / value.denominator), scale, false);
}

/** The largest integer whose square is not above `n`, by Newton's method. */
function integerRoot(n: bigint): bigint {
  if (n < 2n) return n;
  let root = 1n << BigInt((bitLength(n) + 1) >> 1);
  for (;;) {
    const next = (root + n / root) >> 1n;
    if (next >= root) return root;
    root = next;
  }
}

function integer(value: Rational, who: string): bigint {
  if (value.denominator !== 1n) throw wrong(`${who} takes whole numbers, got ${formatRational(value)}.`);
  return value.numerator;
}

function whole(value: bigint): Rational {
  return { numerator: value, denominator: 1n, exact: true };
}

function gcd(a: bigint, b: bigint): bigint {
  let [x, y] = [a < 0n ? -a : a, b < 0n ? -b : b];
  while (y !== 0n) [x, y] = [y, x % y];
  return x;
}

function reduced(numerator: bigint, denominator: bigint, exact: boolean): Rational {
  if (bitLength(numerator) > MOST_BITS || bitLength(denominator) > MOST_BITS) throw tooLarge();
  const sign = denominator < 0n ? -1n : 1n;
  const common = denominator === 1n ? 1n : gcd(numerator, denominator);
  return {
    numerator: (sign * numerator) / common,
    denominator: (sign * denominator) / common,
    exact,
  };
}

/** Rounded up to fours. */
function bitLength(n: bigint): number {
  return (n < 0n ? -n : n).toString(16).length * 4;
}

export function compare(a: Rational, b: Rational): Comparison {
  const left = a.numerator * b.denominator;
  const right = b.numerator * a.denominator;
  return left < right ? "<" : left > right ? ">" : "=";
}

/** Digits behind the point of decimals that do not end. */
const SHOWN_DIGITS = 20;
const MOST_DECIMALS = 10_000;

/** `1119477`, `0.25`, `1/3 (about 0.33333333333333333333)`, `about 1.41…`. */
export function formatRational({ numerator, denominator, exact }: Rational): string {
  if (denominator === 1n) return exact ? `${numerator}` : `about ${numerator}`;
  const places = decimalPlaces(denominator);
  if (places !== undefined) {
    const text = decimal(numerator, denominator, places);
    return exact ? text : `about ${text}`;
  }
  const about = decimal(numerator, denominator, SHOWN_DIGITS);
  return exact ? `${numerator}/${denominator} (about ${about})` : `about ${about}`;
}

/** How many places a fraction takes as a decimal; undefined where it never ends, or is too long to write. */
function decimalPlaces(denominator: bigint): number | undefined {
  let twos = 0;
  let fives = 0;
  let rest = denominator;
  for (; rest % 2n === 0n && twos <= MOST_DECIMALS; twos++) rest /= 2n;
  for (; rest % 5n === 0n && fives <= MOST_DECIMALS; fives++) rest /= 5n;
  const places = Math.max(twos, fives);
  return rest === 1n && places <= MOST_DECIMALS ? places : undefined;
}

/** Cut, not rounded, behind so many places. */
function decimal(numerator: bigint, denominator: bigint, places: number): string {
  const negative = numerator < 0n;
  const scaled = ((negative ? -numerator : numerator) * 10n ** BigInt(places)) / denominator;
  const digits = scaled.toString().padStart(places + 1, "0");
  return `${negative ? "-" : ""}${digits.slice(0, -places)}.${digits.slice(-places)}`;
}

function tooLarge(): GlassboxError {
  return wrong("The result would have more than 60,000 digits.");
}

function wrong(message: string): GlassboxError {
  return new GlassboxError("invalid-request", message);
}
