/** Finds every message that the code says to a reader, as the translation's keys, with the grammar of TSX. */

import { readdir, readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Node, Parser } from "@vscode/tree-sitter-wasm";
import { type Expression, parseExpressionAt } from "acorn";
import { keyOf, type Message } from "../src/shared/l10n.js";
import { areaOf, type Part } from "./texts.js";

/** A place in the code that says a message. */
export interface Said {
  /** The key, as a bundle has it. */
  key: string;
  /** The English, without its comment. */
  message: string;
  file: string;
  line: number;
  area: string;
}

/** A place that says something that no translation can reach. */
export interface Unreachable {
  file: string;
  line: number;
  area: string;
  what: string;
}

export interface Found {
  said: Said[];
  /** Calls whose message is not written out. */
  unreadable: Unreachable[];
  /** Words for a reader that do not go through `t`: in markup, in attributes that are read, in errors. */
  bare: Unreachable[];
}

/** Attributes and properties of components that are read, or read out. */
const READ_ATTRIBUTES =
  /^(title|label|aria-label|aria-description|aria-valuetext|placeholder|text|alt|caption|heading|hint|summary)$/;
/** Errors that only say a fault of ours, or that are never shown. */
const SILENT_ERRORS = /^["'](invalid-request|cancelled)["']/;

/** Code whose words go to a model, which is spoken to in English in every language. */
const SAID_TO_A_MODEL = /^src\/(core|editor)\/tools\//;

/** Every file of the code whose texts are translated, relative to the root. */
async function sourceFiles(): Promise<string[]> {
  const files: string[] = [];
  for (const folder of ["src", "webview"]) {
    for (const name of await readdir(folder, { recursive: true })) {
      const file = join(folder, name).replaceAll("\\", "/");
      // AssemblyScript: a language of its own, and nobody reads what it says.
      if (/\.tsx?$/.test(file) && !file.endsWith(".d.ts") && !file.includes("/assembly/")) files.push(file);
    }
  }
  return files.sort();
}

async function makeParser(): Promise<Parser> {
  const require = createRequire(join(process.cwd(), "package.json"));
  const entry = require.resolve("@vscode/tree-sitter-wasm");
  const { Language, Parser } = require(entry) as typeof import("@vscode/tree-sitter-wasm");
  await Parser.init({ locateFile: (name: string) => join(dirname(entry), name) });
  const parser = new Parser();
  parser.setLanguage(await Language.load(join(dirname(entry), "tree-sitter-tsx.wasm")));
  return parser;
}

/** Every message in the code. */
export async function findTexts(): Promise<Found> {
  const parser = await makeParser();
  const found: Found = { said: [], unreadable: [], bare: [] };
  for (const file of await sourceFiles()) {
    const tree = parser.parse(await readFile(file, "utf8"));
    if (!tree) throw new Error(`${file} cannot be parsed.`);
    findIn(file, tree.rootNode, found);
    tree.delete();
  }
  parser.delete();
  return found;
}

function findIn(file: string, root: Node, found: Found): void {
  const area = areaOf(file);
  const names = sayingNames(root);
  const at = (node: Node, what: string) => ({ file, area, line: node.startPosition.row + 1, what });
  const visit = (node: Node): void => {
    if (node.type === "call_expression") {
      const callee = node.childForFieldName("function")?.text ?? "";
      const [first] = node.childForFieldName("arguments")?.namedChildren.filter(isCode) ?? [];
      if (first && names.has(callee)) {
        const message = messageOf(first.text);
        if (message === undefined) found.unreadable.push(at(node, first.text.slice(0, 80)));
        else found.said.push({ ...said(message), file, area, line: node.startPosition.row + 1 });
      }
    } else if (node.type === "new_expression") {
      if (node.childForFieldName("constructor")?.text === "GlassboxError") {
        const args = node.childForFieldName("arguments")?.namedChildren.filter(isCode) ?? [];
        if (!SILENT_ERRORS.test(args[0]?.text ?? "") && !SAID_TO_A_MODEL.test(file)) {
          for (const arg of args.slice(1, 3)) {
            if (isText(arg) && hasWords(arg.text)) found.bare.push(at(arg, arg.text.slice(0, 80)));
          }
        }
      }
    } else if (node.type === "jsx_text") {
      if (hasWords(node.text)) found.bare.push(at(node, node.text.trim().replace(/\s+/g, " ").slice(0, 80)));
    } else if (node.type === "jsx_expression" && node.parent?.type !== "jsx_attribute") {
      for (const text of textsIn(node)) found.bare.push(at(text, text.text.slice(0, 80)));
    } else if (node.type === "jsx_attribute") {
      const [name, value] = node.namedChildren;
      if (READ_ATTRIBUTES.test(name?.text ?? "") && value)
        for (const text of textsIn(value))
          found.bare.push(at(text, `${name?.text}=${text.text}`.slice(0, 80)));
    }
    for (const child of node.namedChildren) if (child) visit(child);
  };
  visit(root);
}

/** By what names a file says messages: `vscode.l10n.t`, and what it imports from our modules. */
function sayingNames(root: Node): Set<string> {
  const names = new Set(["vscode.l10n.t", "l10n.t"]);
  for (const statement of root.namedChildren) {
    if (statement?.type !== "import_statement") continue;
    const { text } = statement;
    if (/\/l10n\.js"/.test(text)) if (imports(text, "t")) names.add("t");
    if (/\/sentence\.js"/.test(text) && imports(text, "sentence")) names.add("sentence");
  }
  return names;
}

function imports(statement: string, name: string): boolean {
  return new RegExp(`[{,]\\s*${name}\\s*[,}]`).test(statement);
}

function isCode(node: Node | null): node is Node {
  return node !== null && node.type !== "comment";
}

function isText(node: Node): boolean {
  return node.type === "string" || node.type === "template_string";
}

/** The texts with words that a value in markup may be, through conditions. */
function textsIn(node: Node): Node[] {
  if (isText(node)) return hasWords(node.text) ? [node] : [];
  const through = /^(jsx_expression|parenthesized_expression|ternary_expression|binary_expression)$/;
  if (!through.test(node.type)) return [];
  const operator = node.childForFieldName("operator")?.text;
  if (operator !== undefined && !/^(&&|\|\||\?\?|\+)$/.test(operator)) return [];
  const condition = node.childForFieldName(operator === "&&" ? "left" : "condition");
  return node.namedChildren.flatMap((child) => (child && child.id !== condition?.id ? textsIn(child) : []));
}

/** Whether there is anything to translate: a word, not only signs, numbers and what is computed. */
function hasWords(text: string): boolean {
  const plain = text.replace(/\$\{[^}]*\}/g, "").replace(/&\w+;/g, "");
  return /\p{L}{2,}/u.test(plain);
}

/** The message that an argument is; undefined where it is not written out. */
function messageOf(source: string): Message | undefined {
  // Types are of no use to the parser of plain JavaScript.
  const value = literalOf(
    parseExpressionAt(source.replace(/ as const\b/g, ""), 0, { ecmaVersion: "latest" }),
  );
  if (typeof value === "string") return value;
  if (typeof value !== "object" || value === null || !("message" in value)) return undefined;
  const { message, comment } = value as { message?: unknown; comment?: unknown };
  if (typeof message !== "string") return undefined;
  return { message, comment: (comment as string | string[] | undefined) ?? "" };
}

/** What a literal is; undefined for all that has to be computed. */
function literalOf(node: Expression): unknown {
  switch (node.type) {
    case "Literal":
      return node.value;
    case "TemplateLiteral":
      return node.expressions.length === 0 ? node.quasis[0]?.value.cooked : undefined;
    case "BinaryExpression": {
      if (node.operator !== "+" || node.left.type === "PrivateIdentifier") return undefined;
      const [left, right] = [literalOf(node.left), literalOf(node.right)];
      return typeof left === "string" && typeof right === "string" ? left + right : undefined;
    }
    case "ArrayExpression":
      return node.elements.map((each) =>
        each && each.type !== "SpreadElement" ? literalOf(each) : undefined,
      );
    case "ObjectExpression":
      return Object.fromEntries(
        node.properties.flatMap((property) =>
          property.type === "Property" && property.key.type === "Identifier"
            ? [[property.key.name, literalOf(property.value)]]
            : [],
        ),
      );
    default:
      return undefined;
  }
}

function said(message: Message): Pick<Said, "key" | "message"> {
  return { key: keyOf(message), message: typeof message === "string" ? message : message.message };
}

/** The placeholders of a message, sorted: `{0}`, `{name}`, and the tags of `sentence`. */
function holesOf(text: string): string {
  return (text.match(/\{[^}\s]+\}|<\/?\d+>/g) ?? []).sort().join(" ");
}

/** What is wrong with the translation into one language. */
export interface Faults {
  /** By area, what its code says and no part has. */
  missing: Map<string, Said[]>;
  /** By area, keys of its part that no code says. */
  unused: Map<string, string[]>;
  /** By area, keys whose translation has not the placeholders of the English, or nothing in it. */
  mismatched: Map<string, string[]>;
  /** Keys that stand in more than one part, with those. */
  doubled: Map<string, string[]>;
}

/** Compares what the code says with the parts of a language. */
export function compareTexts(said: readonly Said[], parts: ReadonlyMap<string, Part>): Faults {
  const faults: Faults = {
    missing: new Map(),
    unused: new Map(),
    mismatched: new Map(),
    doubled: new Map(),
  };
  const add = <T>(to: Map<string, T[]>, area: string, one: T) => to.set(area, [...(to.get(area) ?? []), one]);
  const byKey = new Map(said.map((each) => [each.key, each]));
  const places = new Map<string, string[]>();
  for (const [area, part] of parts) {
    for (const [key, translated] of Object.entries(part)) {
      add(places, key, area);
      const english = byKey.get(key);
      if (!english) add(faults.unused, area, key);
      else if (translated.trim() === "" || holesOf(translated) !== holesOf(english.message))
        add(faults.mismatched, area, key);
    }
  }
  for (const [key, areas] of places) if (areas.length > 1) faults.doubled.set(key, areas);
  const told = new Set<string>();
  for (const each of said) {
    if (places.has(each.key) || told.has(`${each.area}/${each.key}`)) continue;
    told.add(`${each.area}/${each.key}`);
    add(faults.missing, each.area, each);
  }
  return faults;
}
