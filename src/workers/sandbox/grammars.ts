/** The grammars of tree-sitter, by VS Code's language identifiers, each loaded when it is first needed. */

import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import type { Language, Parser } from "@vscode/tree-sitter-wasm";
import type { Surroundings } from "../../core/explain/splitSteps.js";
import type { Parse, SyntaxNode } from "../../core/explain/syntax.js";

export interface Grammar {
  /** The grammar's file is `tree-sitter-NAME.wasm`. */
  name: string;
  title: string;
  surroundings: readonly Surroundings[];
}

const inClass = { before: "class X {\n", after: "\n}" };
const inSwitch = { before: "switch (x) {\n", after: "\n}" };
const inObject = { before: "({\n", after: "\n})" };

function grammar(name: string, title: string, ...surroundings: Surroundings[]): Grammar {
  return { name, title, surroundings };
}

const javascript = grammar("javascript", "JavaScript", inClass, inObject, inSwitch);
const cpp = (title: string) =>
  grammar(
    "cpp",
    title,
    { before: "void f() {\n", after: "\n}" },
    { before: "class X {\n", after: "\n};" },
    inSwitch,
  );

const GRAMMARS: Readonly<Record<string, Grammar>> = {
  javascript,
  javascriptreact: javascript,
  typescript: grammar("typescript", "TypeScript", inClass, inObject, inSwitch),
  typescriptreact: grammar("tsx", "TSX", inClass, inObject, inSwitch),
  python: grammar(
    "python",
    "Python",
    { before: "if 1:\n", after: "" },
    { before: "if 1:\n    pass\n", after: "" },
  ),
  java: grammar("java", "Java", inClass, { before: "class X { void f() {\n", after: "\n} }" }),
  c: cpp("C"),
  cpp: cpp("C++"),
  csharp: grammar("c-sharp", "C#", inClass, { before: "class X { void F() {\n", after: "\n} }" }),
  go: grammar(
    "go",
    "Go",
    { before: "func f() {\n", after: "\n}" },
    { before: "type T struct {\n", after: "\n}" },
  ),
  rust: grammar(
    "rust",
    "Rust",
    { before: "fn f() {\n", after: "\n}" },
    { before: "impl X {\n", after: "\n}" },
  ),
  php: grammar("php", "PHP", { before: "<?php\n", after: "" }, { before: "<?php class X {\n", after: "\n}" }),
  ruby: grammar("ruby", "Ruby"),
  shellscript: grammar("bash", "shell"),
  powershell: grammar("powershell", "PowerShell"),
  css: grammar("css", "CSS", { before: "x {\n", after: "\n}" }),
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

let runtime: Promise<ReturnType<typeof loadTreeSitter>> | undefined;
const languages = new Map<string, Promise<Language>>();

async function parserFor(name: string): Promise<Parser> {
  runtime ??= (async () => {
    const treeSitter = loadTreeSitter();
    await treeSitter.Parser.init({ locateFile: (file) => fileURLToPath(new URL(file, folder)) });
    return treeSitter;
  })();
  const { Parser, Language } = await runtime;
  let language = languages.get(name);
  if (!language) {
    language = Language.load(fileURLToPath(new URL(`tree-sitter-${name}.wasm`, folder)));
    languages.set(name, language);
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
