/** Formulas of lessons: numbers, names, + - * / ^ and functions, read into a tree that is evaluated or differentiated. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

export type Expression =
  | { kind: "number"; value: number }
  | { kind: "name"; name: string }
  | { kind: "negate"; of: Expression }
  | { kind: "binary"; sign: Sign; left: Expression; right: Expression }
  | { kind: "call"; name: FunctionName; args: Expression[] };

type Sign = "+" | "-" | "*" | "/" | "^";

interface KnownFunction {
  arity: 1 | 2;
  of(a: number, b: number): number;
  /** Partial derivatives by each argument; `value` is what `of` gave. */
  slopes(a: number, b: number, value: number): [number, number];
}

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));

const FUNCTIONS = {
  exp: { arity: 1, of: Math.exp, slopes: (_a, _b, value) => [value, 0] },
  ln: { arity: 1, of: Math.log, slopes: (a) => [1 / a, 0] },
  log2: { arity: 1, of: Math.log2, slopes: (a) => [1 / (a * Math.LN2), 0] },
  sqrt: { arity: 1, of: Math.sqrt, slopes: (_a, _b, value) => [1 / (2 * value), 0] },
  tanh: { arity: 1, of: Math.tanh, slopes: (_a, _b, value) => [1 - value * value, 0] },
  sigmoid: { arity: 1, of: sigmoid, slopes: (_a, _b, value) => [value * (1 - value), 0] },
  relu: { arity: 1, of: (a) => Math.max(0, a), slopes: (a) => [a > 0 ? 1 : 0, 0] },
  floor: { arity: 1, of: Math.floor, slopes: () => [0, 0] },
  ceil: { arity: 1, of: Math.ceil, slopes: () => [0, 0] },
  min: { arity: 2, of: Math.min, slopes: (a, b) => (a <= b ? [1, 0] : [0, 1]) },
  max: { arity: 2, of: Math.max, slopes: (a, b) => (a >= b ? [1, 0] : [0, 1]) },
} as const satisfies Record<string, KnownFunction>;
type FunctionName = keyof typeof FUNCTIONS;
const KNOWN: Readonly<Record<FunctionName, KnownFunction>> = FUNCTIONS;
const FUNCTION_NAMES = Object.keys(FUNCTIONS) as FunctionName[];

const LONGEST = 500;
const DEEPEST = 50;
const TOKEN = /\s*(?:(\d+(?:\.\d+)?(?:e[+-]?\d+)?)|([a-z][a-z0-9]*(?:_[a-z0-9]+)*)|([-+*/^(),]))/iy;

/**
 * Reads an expression. Powers bind tighter than the sign in front, and to the right: `-2^2` is -4.
 * @throws GlassboxError `invalid-request` that says what was found and where.
 */
export function parseExpression(source: string): Expression {
  if (source.length > LONGEST) {
    throw wrong(t("The formula has {0} characters; at most {1} are read.", source.length, LONGEST));
  }
  const tokens: string[] = [];
  const text = source.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const at = TOKEN.lastIndex;
    const match = TOKEN.exec(text);
    if (!match)
      throw wrong(
        t('Cannot read "{0}" at place {1} of "{2}".', text.slice(at).trim().slice(0, 8), at + 1, text),
      );
    tokens.push(match[1] ?? match[2] ?? match[3] ?? "");
  }
  return new Parser(tokens, text).whole();
}

class Parser {
  #at = 0;
  #depth = 0;
  constructor(
    private readonly tokens: readonly string[],
    private readonly source: string,
  ) {}

  whole(): Expression {
    const expression = this.#sum();
    const rest = this.tokens[this.#at];
    if (rest !== undefined) throw wrong(t('Did not expect "{0}" there in "{1}".', rest, this.source));
    return expression;
  }

  #sum(): Expression {
    return this.#chain(["+", "-"], () => this.#product());
  }

  #product(): Expression {
    return this.#chain(["*", "/"], () => this.#signed());
  }

  #chain(signs: readonly Sign[], operand: () => Expression): Expression {
    let left = operand();
    for (;;) {
      const sign = signs.find((known) => known === this.tokens[this.#at]);
      if (!sign) return left;
      this.#at++;
      left = { kind: "binary", sign, left, right: operand() };
    }
  }

  #signed(): Expression {
    if (this.#takes("-")) return this.#nested(() => ({ kind: "negate", of: this.#signed() }));
    return this.#power();
  }

  #power(): Expression {
    const base = this.#operand();
    if (!this.#takes("^")) return base;
    return this.#nested(() => ({ kind: "binary", sign: "^", left: base, right: this.#signed() }));
  }

  #operand(): Expression {
    const token = this.tokens[this.#at++];
    if (token === undefined) throw wrong(t('"{0}" ends where a value should follow.', this.source));
    if (/^\d/.test(token)) return { kind: "number", value: Number(token) };
    if (token === "(") return this.#nested(() => this.#closed(this.#sum()));
    if (!/^[a-z]/i.test(token)) throw wrong(t('Expected a value, found "{0}" in "{1}".', token, this.source));
    if (this.tokens[this.#at] !== "(") return { kind: "name", name: token };
    return this.#nested(() => this.#call(token));
  }

  #call(name: string): Expression {
    const known = FUNCTION_NAMES.find((other) => other === name);
    if (!known)
      throw wrong(t('There is no function "{0}". There are: {1}.', name, FUNCTION_NAMES.join(", ")));
    this.#at++;
    const args = [this.#sum()];
    while (this.#takes(",")) args.push(this.#sum());
    const { arity } = KNOWN[known];
    if (args.length !== arity) throw wrong(t("{0} takes {1} values, found {2}.", name, arity, args.length));
    return this.#closed({ kind: "call", name: known, args });
  }

  #closed(expression: Expression): Expression {
    if (!this.#takes(")")) throw wrong(t('A bracket is not closed in "{0}".', this.source));
    return expression;
  }

  #nested(inner: () => Expression): Expression {
    if (++this.#depth > DEEPEST) throw wrong(t("The formula is nested more than {0} deep.", DEEPEST));
    const expression = inner();
    this.#depth--;
    return expression;
  }

  #takes(token: string): boolean {
    if (this.tokens[this.#at] !== token) return false;
    this.#at++;
    return true;
  }
}

/** A name of a lesson as it is written in formulas, where a hyphen is a minus. */
export function formulaName(id: string): string {
  return id.replaceAll("-", "_");
}

/** The names that an expression uses, each once, in order. */
export function namesOf(expression: Expression): string[] {
  switch (expression.kind) {
    case "number":
      return [];
    case "name":
      return [expression.name];
    case "negate":
      return namesOf(expression.of);
    case "binary":
      return [...new Set([...namesOf(expression.left), ...namesOf(expression.right)])];
    case "call":
      return [...new Set(expression.args.flatMap(namesOf))];
  }
}

/** The value of an expression; NaN where it has none, such as the logarithm of a negative number. */
export function evaluateAt(expression: Expression, values: ReadonlyMap<string, number>): number {
  return forward(expression, values, []);
}

/** One node of the tree with its value and how fast the whole changes with it. */
export interface NodeSlope {
  node: Expression;
  value: number;
  slope: number;
}

/**
 * Reverse-mode differentiation, as in training: the values forward, the slopes backward by the chain rule.
 * @returns the value, d(value)/d(name) for each name, and every node from the leaves to the root.
 */
export function differentiate(
  expression: Expression,
  values: ReadonlyMap<string, number>,
): { value: number; gradient: Map<string, number>; nodes: NodeSlope[] } {
  const nodes: NodeSlope[] = [];
  const value = forward(expression, values, nodes);
  const slopes = new Map<Expression, NodeSlope>(nodes.map((node) => [node.node, node]));
  const gradient = new Map<string, number>();
  const valueIn = (node: Expression) => slopes.get(node)?.value ?? Number.NaN;
  const root = slopes.get(expression);
  if (root) root.slope = 1;
  // Parents stand behind their children: backward, every node has its whole slope when its turn comes.
  for (const { node, slope } of nodes.toReversed()) {
    const pass = (child: Expression, by: number) => {
      const target = slopes.get(child);
      if (target) target.slope += slope * by;
    };
    if (node.kind === "name") gradient.set(node.name, (gradient.get(node.name) ?? 0) + slope);
    else if (node.kind === "negate") pass(node.of, -1);
    else if (node.kind === "call") {
      const [a, b] = node.args;
      const [byA, byB] = KNOWN[node.name].slopes(a ? valueIn(a) : 0, b ? valueIn(b) : 0, valueIn(node));
      if (a) pass(a, byA);
      if (b) pass(b, byB);
    } else if (node.kind === "binary") {
      const [a, b] = [valueIn(node.left), valueIn(node.right)];
      const [byA, byB] = slopesOfSign(node.sign, a, b, valueIn(node));
      pass(node.left, byA);
      pass(node.right, byB);
    }
  }
  return { value, gradient, nodes };
}

function slopesOfSign(sign: Sign, a: number, b: number, value: number): [number, number] {
  switch (sign) {
    case "+":
      return [1, 1];
    case "-":
      return [1, -1];
    case "*":
      return [b, a];
    case "/":
      return [1 / b, -a / (b * b)];
    case "^":
      // A fixed exponent on a negative base has a slope by the base only.
      return [b * a ** (b - 1), a > 0 ? value * Math.log(a) : 0];
  }
}

function forward(expression: Expression, values: ReadonlyMap<string, number>, nodes: NodeSlope[]): number {
  const value = valueOfNode(expression, values, nodes);
  nodes.push({ node: expression, value, slope: 0 });
  return value;
}

function valueOfNode(node: Expression, values: ReadonlyMap<string, number>, nodes: NodeSlope[]): number {
  switch (node.kind) {
    case "number":
      return node.value;
    case "name":
      return values.get(node.name) ?? Number.NaN;
    case "negate":
      return -forward(node.of, values, nodes);
    case "call": {
      const [a = 0, b = 0] = node.args.map((arg) => forward(arg, values, nodes));
      return KNOWN[node.name].of(a, b);
    }
    case "binary": {
      const left = forward(node.left, values, nodes);
      const right = forward(node.right, values, nodes);
      switch (node.sign) {
        case "+":
          return left + right;
        case "-":
          return left - right;
        case "*":
          return left * right;
        case "/":
          return left / right;
        case "^":
          return left ** right;
      }
    }
  }
}

/** An expression as text, with brackets only where they are needed for reading. */
export function writeExpression(expression: Expression): string {
  switch (expression.kind) {
    case "number":
      return String(expression.value);
    case "name":
      return expression.name;
    case "negate":
      return `-${inBrackets(expression.of)}`;
    case "call":
      return `${expression.name}(${expression.args.map(writeExpression).join(", ")})`;
    case "binary":
      return `${inBrackets(expression.left)} ${expression.sign} ${inBrackets(expression.right)}`;
  }
}

function inBrackets(expression: Expression): string {
  const text = writeExpression(expression);
  return expression.kind === "binary" || expression.kind === "negate" ? `(${text})` : text;
}

function wrong(message: string): GlassboxError {
  return new GlassboxError("invalid-request", message);
}
