/** The grammars of tree-sitter, by VS Code's language identifiers, each loaded when it is first needed. */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Language, Parser } from "@vscode/tree-sitter-wasm";
import type { Surroundings } from "../../core/explain/surroundings.js";
import type { Parse, SyntaxNode } from "../../core/explain/syntax.js";
import { once } from "../../shared/once.js";

export interface Grammar {
  /** The grammar's file is `tree-sitter-NAME.wasm`. */
  name: string;
  title: string;
  surroundings: readonly Surroundings[];
  /** Code that ends in an opening brace, for selections that begin inside a block; undefined without braces. */
  openBrace: string | undefined;
  /** Whether two texts with the same tree mean the same; in markup, data and queries the tree does not say so. */
  tellsMeaning: boolean;
}

const inClass = { before: "class X {\n", after: "\n}" };
const inSwitch = { before: "switch (x) {\n", after: "\n}" };
const inObject = { before: "({\n", after: "\n})" };
const BRACE = "if (x) {";

function grammar(
  name: string,
  title: string,
  openBrace: string | undefined,
  ...surroundings: Surroundings[]
): Grammar {
  return { name, title, surroundings, openBrace, tellsMeaning: true };
}

/** A grammar of markup, data or queries. */
function document(...parameters: Parameters<typeof grammar>): Grammar {
  return { ...grammar(...parameters), tellsMeaning: false };
}

const javascript = grammar("javascript", "JavaScript", BRACE, inClass, inObject, inSwitch);
const inC = [{ before: "void f() {\n", after: "\n}" }, inSwitch];
const html = document("html", "HTML", undefined);
const json = document(
  "json",
  "JSON",
  '"x": {',
  { before: "{\n", after: "\n}" },
  { before: "{\n", after: '\n"x": 0}' },
  { before: "[\n", after: "\n]" },
  { before: "[\n", after: "\n0]" },
);
const yaml = document("yaml", "YAML", undefined);
const css = grammar("css", "CSS", "x {", { before: "x {\n", after: "\n}" });
const sql = document(
  "sql",
  "SQL",
  undefined,
  { before: "SELECT *\n", after: "" },
  { before: "SELECT * FROM t\n", after: "" },
  { before: "SELECT\n", after: "\nFROM t" },
  { before: "CREATE TABLE t (\n", after: "\n)" },
  { before: "WITH\n", after: "\nSELECT 1" },
);
const shell = grammar("bash", "shell", undefined);
const python = grammar(
  "python",
  "Python",
  undefined,
  { before: "if 1:\n", after: "" },
  { before: "if 1:\n    pass\n", after: "" },
  { before: "match x:\n", after: "" },
);

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  javascript,
  javascriptreact: javascript,
  typescript: grammar("typescript", "TypeScript", BRACE, inClass, inObject, inSwitch),
  typescriptreact: grammar("tsx", "TSX", BRACE, inClass, inObject, inSwitch),
  python,
  java: grammar("java", "Java", BRACE, inClass, { before: "class X { void f() {\n", after: "\n} }" }),
  c: grammar("c", "C", BRACE, ...inC),
  cpp: grammar("cpp", "C++", BRACE, ...inC, { before: "class X {\n", after: "\n};" }),
  csharp: grammar("c-sharp", "C#", BRACE, inClass, { before: "class X { void F() {\n", after: "\n} }" }),
  go: grammar(
    "go",
    "Go",
    "if x {",
    { before: "func f() {\n", after: "\n}" },
    { before: "type T struct {\n", after: "\n}" },
  ),
  rust: grammar(
    "rust",
    "Rust",
    "if x {",
    { before: "fn f() {\n", after: "\n}" },
    { before: "impl X {\n", after: "\n}" },
    { before: "match x {\n", after: "\n}" },
  ),
  php: grammar(
    "php",
    "PHP",
    BRACE,
    { before: "<?php\n", after: "" },
    { before: "<?php class X {\n", after: "\n}" },
  ),
  ruby: grammar("ruby", "Ruby", undefined),
  shellscript: shell,
  sql,
  html,
  vue: html,
  svelte: html,
  css,
  scss: { ...css, tellsMeaning: false },
  less: { ...css, tellsMeaning: false },
  json,
  jsonc: json,
  jsonl: json,
  yaml,
  dockercompose: yaml,
  "github-actions-workflow": yaml,
};

/** The grammar of a language; undefined where there is none here. */
export function grammarOf(languageId: string): Grammar | undefined {
  return Object.hasOwn(GRAMMARS, languageId) ? GRAMMARS[languageId] : undefined;
}

/** Milliseconds after which a parse is given up and the text read without its syntax. */
const PARSE_LIMIT_MS = 2000;
/** A syntax tree of more text than this takes longer than the reader waits. */
export const MAX_PARSED_CHARACTERS = 400_000;

const folder = new URL("../tree-sitter/", import.meta.url);
// Not bundled: the module looks for its WebAssembly beside itself.
const loadTreeSitter = () =>
  createRequire(import.meta.url)(fileURLToPath(new URL("tree-sitter.js", folder))) as {
    Parser: typeof Parser;
    Language: typeof Language;
  };

const runtime = once(async () => {
  const treeSitter = loadTreeSitter();
  await treeSitter.Parser.init({ locateFile: (file) => fileURLToPath(new URL(file, folder)) });
  return treeSitter;
});
const languages = new Map<string, Promise<Language>>();

async function parserFor(name: string): Promise<Parser> {
  const { Parser, Language } = await runtime();
  let language = languages.get(name);
  if (!language) {
    language = Language.load(fileURLToPath(new URL(`tree-sitter-${name}.wasm`, folder)));
    languages.set(name, language);
    // A file that could not be read may be there the next time.
    language.catch(() => languages.delete(name));
  }
  const parser = new Parser();
  parser.setLanguage(await language);
  return parser;
}

/**
 * Hands a function the parser of a grammar. Trees live until the function is done; a parse that takes too long
 * answers undefined.
 */
export async function withParser<T>(name: string, use: (parse: Parse) => T): Promise<T> {
  const parser = await parserFor(name);
  const trees: { delete(): void }[] = [];
  const parse = (source: string): SyntaxNode | undefined => {
    const deadline = performance.now() + PARSE_LIMIT_MS;
    const tree = parser.parse(source, null, { progressCallback: () => performance.now() > deadline });
    if (!tree) {
      parser.reset();
      return undefined;
    }
    trees.push(tree);
    return tree.rootNode;
  };
  try {
    return use(parse);
  } finally {
    for (const tree of trees) tree.delete();
    parser.delete();
  }
}
