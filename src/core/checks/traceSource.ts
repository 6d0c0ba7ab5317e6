/**
 * Rewrites a script so that it reports, before each statement of its functions, what their variables hold.
 * The rewritten script does the same as the script: it only gains calls of a hook, and statements that stood
 * alone gain braces. Lines are carried as numbers, so that the rewriting need not keep them.
 */

import {
  type AnyNode,
  type BlockStatement,
  type Node,
  type Pattern,
  type Program,
  parse,
  type Statement,
  type StaticBlock,
  tokenizer,
} from "acorn";

export interface TracedSource {
  script: string;
  /** The global name under which the script expects its hook; nothing in the script has it. */
  hook: string;
  /** The variables of each place, by the number that is passed to the hook. */
  scopes: string[][];
}

/** Variables that one step shows at most. */
const MAX_VARIABLES = 40;

type FunctionNode = Extract<
  AnyNode,
  { type: "FunctionDeclaration" | "FunctionExpression" | "ArrowFunctionExpression" }
>;

function isNode(value: unknown): value is AnyNode {
  return typeof value === "object" && value !== null && "type" in value && "start" in value;
}

function childrenOf(node: Node): AnyNode[] {
  return Object.values(node).flat().filter(isNode);
}

function isFunction(node: AnyNode): node is FunctionNode {
  return (
    node.type === "FunctionDeclaration" ||
    node.type === "FunctionExpression" ||
    node.type === "ArrowFunctionExpression"
  );
}

/** The names that a pattern binds. */
function boundNames(pattern: Pattern): string[] {
  switch (pattern.type) {
    case "Identifier":
      return [pattern.name];
    case "ObjectPattern":
      return pattern.properties.flatMap((property) =>
        boundNames(property.type === "Property" ? property.value : property.argument),
      );
    case "ArrayPattern":
      return pattern.elements.flatMap((element) => (element ? boundNames(element) : []));
    case "AssignmentPattern":
      return boundNames(pattern.left);
    case "RestElement":
      return boundNames(pattern.argument);
    default:
      return [];
  }
}

/** The names of one scope, and whether they are shown: functions and classes are not what changes. */
class Scope {
  readonly parent: Scope | undefined;
  readonly names = new Map<string, boolean>();

  constructor(parent: Scope | undefined) {
    this.parent = parent;
  }

  declare(pattern: Pattern, shown = true): void {
    for (const name of boundNames(pattern)) this.names.set(name, shown);
  }

  /** Declares what the statements of a block declare in the block itself. */
  declareBlock(statements: readonly AnyNode[]): void {
    for (const statement of statements) {
      if (statement.type === "VariableDeclaration" && statement.kind !== "var") {
        this.#declareVariables(statement);
      } else if (
        (statement.type === "FunctionDeclaration" || statement.type === "ClassDeclaration") &&
        statement.id
      ) {
        this.declare(statement.id, false);
      }
    }
  }

  /** Declares the `var`s anywhere in a function, but not those of functions inside it. */
  declareVars(node: AnyNode): void {
    if (node.type === "VariableDeclaration" && node.kind === "var") this.#declareVariables(node);
    if (isFunction(node)) return;
    for (const child of childrenOf(node)) this.declareVars(child);
  }

  #declareVariables(declaration: AnyNode & { type: "VariableDeclaration" }): void {
    for (const { id, init } of declaration.declarations) {
      this.declare(id, !init || !(isFunction(init) || init.type === "ClassExpression"));
    }
  }

  find(name: string): boolean | undefined {
    return this.names.get(name) ?? this.parent?.find(name);
  }
}

/** A function, or a static block, whose steps are reported. */
interface Frame {
  /** The outermost scope inside it. */
  scope: Scope;
  /** Every name that occurs in it, so that of its surroundings only what it uses is shown. */
  mentioned: ReadonlySet<string>;
  usesThis: boolean;
}

function mentionedNames(node: AnyNode, names = new Set<string>()): Set<string> {
  if (node.type === "Identifier") names.add(node.name);
  for (const child of childrenOf(node)) mentionedNames(child, names);
  return names;
}

/** Whether `this` of the node itself is used, arrow functions inside it included. */
function usesThis(node: AnyNode, outermost = true): boolean {
  if (node.type === "ThisExpression" || node.type === "Super") return true;
  const ownThis = (isFunction(node) && node.type !== "ArrowFunctionExpression") || node.type === "ClassBody";
  if (ownThis && !outermost) return false;
  return childrenOf(node).some((child) => usesThis(child, false));
}

function keyName(key: AnyNode, computed: boolean): string | undefined {
  if (computed) return undefined;
  if (key.type === "Identifier") return key.name;
  if (key.type === "PrivateIdentifier") return `#${key.name}`;
  return key.type === "Literal" ? String(key.value) : undefined;
}

/** The name that a function gets from where it stands. */
function givenName(parent: AnyNode): string | undefined {
  switch (parent.type) {
    case "VariableDeclarator":
      return parent.id.type === "Identifier" ? parent.id.name : undefined;
    case "AssignmentExpression":
    case "AssignmentPattern":
      return parent.left.type === "Identifier" ? parent.left.name : undefined;
    case "Property":
    case "MethodDefinition":
    case "PropertyDefinition":
      return keyName(parent.key, parent.computed);
    default:
      return undefined;
  }
}

class Instrumenter {
  readonly #source: string;
  readonly #hook: string;
  readonly #frameName: string;
  readonly scopes: string[][] = [];
  readonly #scopeNumbers = new Map<string, number>();
  /** What is put in before each offset: ends of what came before, then beginnings, the outer ones first. */
  readonly #closes = new Map<number, string>();
  readonly #opens = new Map<number, string>();

  constructor(source: string, hook: string) {
    this.#source = source;
    this.#hook = hook;
    this.#frameName = `${hook}f`;
  }

  run(program: Program): string {
    const scope = new Scope(undefined);
    scope.declareVars(program);
    scope.declareBlock(program.body);
    for (const statement of program.body) this.#walk(statement, program, scope, undefined);
    let out = "";
    let from = 0;
    const places = [...new Set([...this.#closes.keys(), ...this.#opens.keys()])].sort((a, b) => a - b);
    for (const at of places) {
      out += this.#source.slice(from, at) + (this.#closes.get(at) ?? "") + (this.#opens.get(at) ?? "");
      from = at;
    }
    return out + this.#source.slice(from);
  }

  #open(at: number, text: string): void {
    this.#opens.set(at, (this.#opens.get(at) ?? "") + text);
  }

  #close(at: number, text: string): void {
    this.#closes.set(at, (this.#closes.get(at) ?? "") + text);
  }

  /** Puts calls around an expression: `before(expression)after`. */
  #around(expression: AnyNode, before: string, after: string, walk: () => void): void {
    this.#open(expression.start, `${before}(`);
    walk();
    this.#close(expression.end, `)${after}`);
  }

  /** `FRAME,SCOPE,LINE` and the function that reads a variable by its number, as arguments of the hook. */
  #place(line: number, scope: Scope, frame: Frame): { at: string; read: string } {
    const names = this.#visible(scope, frame);
    const key = names.join();
    let number = this.#scopeNumbers.get(key);
    if (number === undefined) {
      number = this.scopes.push(names) - 1;
      this.#scopeNumbers.set(key, number);
    }
    const read =
      names.length === 0
        ? "null"
        : `i=>${names
            .slice(1)
            .map((name, index) => `i===${index + 1}?${name}:`)
            .join("")}${names[0]}`;
    return { at: `${this.#frameName},${number},${line - 1}`, read };
  }

  #visible(scope: Scope, frame: Frame): string[] {
    const inside: Scope[] = [];
    let at: Scope | undefined = scope;
    for (; at && at !== frame.scope.parent; at = at.parent) inside.unshift(at);
    const names = inside.flatMap((each) => [...each.names.keys()]);
    for (; at; at = at.parent) {
      for (const name of at.names.keys()) if (frame.mentioned.has(name)) names.push(name);
    }
    const shown = [...new Set(names)].filter((name) => scope.find(name) && name !== "arguments");
    return [...(frame.usesThis ? ["this"] : []), ...shown].slice(0, MAX_VARIABLES);
  }

  #step(line: number, scope: Scope, frame: Frame): string {
    const { at, read } = this.#place(line, scope, frame);
    return `${this.#hook}.step(${at},${read})`;
  }

  #walkChildren(node: AnyNode, scope: Scope, frame: Frame | undefined): void {
    for (const child of childrenOf(node)) this.#walk(child, node, scope, frame);
  }

  /** The statements of a block, each with a step before it. */
  #statements(
    statements: readonly Statement[] | Program["body"],
    parent: AnyNode,
    scope: Scope,
    frame: Frame | undefined,
  ) {
    for (const statement of statements) {
      if (frame && hasStep(statement))
        this.#open(statement.start, `${this.#step(lineOf(statement), scope, frame)};`);
      this.#walk(statement, parent, scope, frame);
    }
  }

  /** A statement that stands where a block could: it gets a block of its own, to hold its step. */
  #body(statement: AnyNode, parent: AnyNode, scope: Scope, frame: Frame | undefined, before = ""): void {
    if (!frame) {
      this.#walk(statement, parent, scope, frame);
      return;
    }
    if (statement.type === "BlockStatement") {
      if (before !== "") this.#open(statement.start + 1, before);
      this.#walk(statement, parent, scope, frame);
      return;
    }
    // A function here is hoisted out of the statement, and would not be out of a block.
    if (statement.type === "FunctionDeclaration") {
      this.#walk(statement, parent, scope, frame);
      return;
    }
    const line = lineOf(statement);
    const step = hasStep(statement) && line !== lineOf(parent) ? `${this.#step(line, scope, frame)};` : "";
    this.#open(statement.start, `{${before}${step}`);
    this.#walk(statement, parent, scope, frame);
    this.#close(statement.end, "}");
  }

  #walk(node: AnyNode, parent: AnyNode, outer: Scope, frame: Frame | undefined): void {
    let scope = outer;
    switch (node.type) {
      case "FunctionDeclaration":
      case "FunctionExpression":
      case "ArrowFunctionExpression":
        this.#function(node, parent, scope);
        return;
      case "StaticBlock":
        this.#staticBlock(node, scope);
        return;
      case "ClassDeclaration":
      case "ClassExpression":
        // Keys and heritage are computed where the class stands; its fields are not.
        if (node.superClass) this.#walk(node.superClass, node, scope, frame);
        for (const member of node.body.body) {
          if (member.type === "StaticBlock") this.#walk(member, node.body, scope, undefined);
          else {
            if (member.computed) this.#walk(member.key, member, scope, frame);
            if (member.value) this.#walk(member.value, member, scope, undefined);
          }
        }
        return;
      case "BlockStatement":
        scope = new Scope(outer);
        scope.declareBlock(node.body);
        this.#statements(node.body, node, scope, frame);
        return;
      case "SwitchStatement":
        this.#walk(node.discriminant, node, scope, frame);
        scope = new Scope(outer);
        scope.declareBlock(node.cases.flatMap((each) => each.consequent));
        for (const each of node.cases) {
          if (each.test) this.#walk(each.test, each, scope, frame);
          this.#statements(each.consequent, each, scope, frame);
        }
        return;
      case "IfStatement":
        this.#walk(node.test, node, scope, frame);
        this.#body(node.consequent, node, scope, frame);
        if (node.alternate) this.#body(node.alternate, node, scope, frame);
        return;
      case "ForStatement":
        scope = new Scope(outer);
        if (node.init) {
          scope.declareBlock([node.init]);
          this.#walk(node.init, node, scope, frame);
        }
        this.#test(node.test, node, scope, frame);
        if (node.update) this.#walk(node.update, node, scope, frame);
        this.#body(node.body, node, scope, frame, node.test ? "" : this.#header(node, scope, frame));
        return;
      case "ForInStatement":
      case "ForOfStatement":
        scope = new Scope(outer);
        scope.declareBlock([node.left]);
        this.#walk(node.left, node, scope, frame);
        this.#walk(node.right, node, scope, frame);
        this.#body(node.body, node, scope, frame, this.#header(node, scope, frame));
        return;
      case "WhileStatement":
      case "DoWhileStatement":
        if (node.type === "WhileStatement") this.#test(node.test, node, scope, frame);
        this.#body(node.body, node, scope, frame);
        if (node.type === "DoWhileStatement") this.#test(node.test, node, scope, frame);
        return;
      case "WithStatement":
        // Reading a name inside runs the object's own code.
        this.#walk(node.object, node, scope, frame);
        return;
      case "CatchClause": {
        scope = new Scope(outer);
        if (node.param) {
          scope.declare(node.param);
          this.#walk(node.param, node, scope, frame);
        }
        if (frame) {
          const caught = node.param?.type === "Identifier" ? `,${node.param.name}` : "";
          this.#open(node.body.start + 1, `${this.#hook}.caught(${this.#frameName}${caught});`);
        }
        this.#walk(node.body, node, scope, frame);
        return;
      }
      case "ReturnStatement":
      case "ThrowStatement": {
        if (!frame) {
          this.#walkChildren(node, scope, frame);
          return;
        }
        const { at, read } = this.#place(lineOf(node), scope, frame);
        const call = `${this.#hook}.${node.type === "ReturnStatement" ? "leave" : "fail"}(${at},`;
        const { argument } = node;
        if (argument) {
          this.#around(argument, call, `,${read})`, () => this.#walk(argument, node, scope, frame));
        } else this.#open(node.start + "return".length, ` ${call}undefined,${read})`);
        return;
      }
      case "AwaitExpression":
      case "YieldExpression": {
        if (!frame) {
          this.#walkChildren(node, scope, frame);
          return;
        }
        const { argument } = node;
        const pause = `${this.#hook}.pause(${this.#frameName},`;
        this.#open(
          node.start,
          `${this.#hook}.${node.type === "AwaitExpression" ? "awaited" : "resumed"}(${this.#frameName},`,
        );
        if (argument) this.#around(argument, pause, ")", () => this.#walk(argument, node, scope, frame));
        else this.#close(node.end, ` ${pause}undefined)`);
        this.#close(node.end, ")");
        return;
      }
      default:
        this.#walkChildren(node, scope, frame);
        return;
    }
  }

  /** A loop's condition is a step each time that it is evaluated. */
  #test(test: AnyNode | null | undefined, parent: AnyNode, scope: Scope, frame: Frame | undefined): void {
    if (!test) return;
    if (!frame) {
      this.#walk(test, parent, scope, frame);
      return;
    }
    this.#around(test, `(${this.#step(lineOf(parent), scope, frame)},`, ")", () =>
      this.#walk(test, parent, scope, frame),
    );
  }

  /** The step at the beginning of each round of a loop that has no condition. */
  #header(loop: AnyNode, scope: Scope, frame: Frame | undefined): string {
    return frame ? `${this.#step(lineOf(loop), scope, frame)};` : "";
  }

  #enter(name: string): string {
    return `const ${this.#frameName}=${this.#hook}.enter(${JSON.stringify(name)});`;
  }

  #function(node: FunctionNode, parent: AnyNode, outer: Scope): void {
    const name = node.id?.name ?? givenName(parent) ?? "anonymous function";
    const scope = new Scope(outer);
    for (const parameter of node.params) scope.declare(parameter);
    const frame: Frame = { scope, mentioned: mentionedNames(node), usesThis: usesThis(node) };
    // Defaults run before the function's own frame is there.
    for (const parameter of node.params) this.#walk(parameter, node, scope, undefined);
    const { body } = node;
    if (body.type !== "BlockStatement") {
      const start = this.#arrowEnd(node);
      const { at, read } = this.#place(lineOf(body), scope, frame);
      this.#open(
        start,
        `{${this.#enter(name)}${this.#step(lineOf(body), scope, frame)};return ${this.#hook}.leave(${at},(`,
      );
      this.#walk(body, node, scope, frame);
      this.#close(node.end, `),${read})}`);
      return;
    }
    scope.declareVars(body);
    scope.declareBlock(body.body);
    this.#frameBody(body, name, scope, frame);
  }

  #staticBlock(node: StaticBlock, outer: Scope): void {
    const scope = new Scope(outer);
    for (const statement of node.body) scope.declareVars(statement);
    scope.declareBlock(node.body);
    this.#frameBody(node, "static block", scope, {
      scope,
      mentioned: mentionedNames(node),
      usesThis: usesThis(node),
    });
  }

  #frameBody(body: BlockStatement | StaticBlock, name: string, scope: Scope, frame: Frame): void {
    const directives = body.body.filter((each) => each.type === "ExpressionStatement" && each.directive);
    const last = directives.at(-1);
    if (last) this.#close(last.end, `;${this.#enter(name)}`);
    else this.#open(this.#source.indexOf("{", body.start) + 1, this.#enter(name));
    this.#statements(
      body.body.filter((each) => !directives.includes(each)),
      body,
      scope,
      frame,
    );
    const end = body.body.at(-1);
    if (end?.type === "ReturnStatement" || end?.type === "ThrowStatement") return;
    const { at, read } = this.#place(body.loc!.end.line, scope, frame);
    const leave = `;${this.#hook}.leave(${at},undefined,${read});`;
    // In `{}` the end is where the beginning is.
    if (this.#source[body.end - 2] === "{") this.#open(body.end - 1, leave);
    else this.#close(body.end - 1, leave);
  }

  /** The offset behind `=>`, in front of the brackets that an expression may have. */
  #arrowEnd(node: FunctionNode): number {
    let at = node.params.at(-1)?.end ?? node.start;
    for (const token of tokenizer(this.#source.slice(at, node.body.start), { ecmaVersion: "latest" })) {
      if (token.type.label === "=>") {
        at += token.end;
        break;
      }
    }
    return at;
  }
}

function lineOf(node: AnyNode): number {
  return node.loc!.start.line;
}

/** What does nothing itself: a `while` has its step at its condition, the others at what they hold. */
const STEPLESS = new Set([
  "BlockStatement",
  "EmptyStatement",
  "FunctionDeclaration",
  "LabeledStatement",
  "TryStatement",
  "WhileStatement",
]);

function hasStep(statement: AnyNode): boolean {
  return !STEPLESS.has(statement.type);
}

/**
 * @param script JavaScript, as `prepareSource` gives it.
 * @returns undefined where it does not parse; running the script itself says why.
 */
export function traceSource(script: string): TracedSource | undefined {
  let program: Program;
  try {
    program = parse(script, { ecmaVersion: "latest", locations: true });
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  let hook = "$trace";
  while (script.includes(hook)) hook += "$";
  const instrumenter = new Instrumenter(script, hook);
  return { script: instrumenter.run(program), hook, scopes: instrumenter.scopes };
}
