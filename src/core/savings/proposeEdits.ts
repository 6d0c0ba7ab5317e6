/** Finds the edits that may save tokens in a text, and checks of each what it does to the text's meaning. */

import MarkdownIt from "markdown-it";
import { parseAllDocuments } from "yaml";
import type { EditKind, EditSafety, ProposedEdit, Replacement } from "../../shared/savings.js";
import type { Parse, SyntaxNode } from "../explain/syntax.js";
import { jsonLayout, jsonTokens, sameJson } from "./jsonEdits.js";
import { blankLines, indentationUnit, lineEndings, reindent, rulers, trailingSpaces } from "./layoutEdits.js";
import { markdownFences, tablePadding } from "./markdownEdits.js";
import { applyReplacements, replacementsWithin, SparedRanges } from "./replacements.js";
import { longNames, readSyntax, renameEdits, type SyntaxReading, shapeOf } from "./syntax.js";

export interface TextToSave {
  text: string;
  /** VS Code's identifier. */
  languageId: string;
  /** The part that edits may touch, UTF-16 offsets. */
  start: number;
  end: number;
  /** Whether that is all of the file. */
  whole: boolean;
}

/** Where the parser of the language is, or why there is none. */
export type Grammar = { parse: Parse } | { parse: undefined; why: "no grammar" | "too long" };

/** Languages in which each sign of layout says something, or whose files must stay as they are. */
const AS_IT_IS = new Set(["makefile", "diff", "csv", "tsv", "restructuredtext", "git-commit", "git-rebase"]);
/** Languages whose indentation is syntax, and whose grammar is not here to check it. */
const INDENTED = new Set(
  "coffeescript fsharp haskell nim elm pug jade sass stylus haml slim yaml dockercompose".split(" "),
);
const YAML = new Set(["yaml", "dockercompose"]);
const JSON_LANGUAGES = new Set(["json", "jsonc", "jsonl"]);
/** Languages that read a line break in a string as one sign, whichever the file has. */
const UNIFIES_BREAKS = new Set(
  "javascript javascriptreact typescript typescriptreact python java go rust c cpp css".split(" "),
);

/** All edits that change something; none whose check failed. */
export function proposeEdits(source: TextToSave, grammar: Grammar): ProposedEdit[] {
  const { text, languageId, start, end } = source;
  const proposals: ProposedEdit[] = [];
  const check = new MeaningCheck(source, grammar);
  const propose = (kind: EditKind, all: Replacement[]) => {
    const edits = replacementsWithin(all, start, end);
    if (edits.length === 0) return;
    const safety = check.of(edits, kind);
    if (safety) proposals.push({ kind, safety, edits });
  };

  if (JSON_LANGUAGES.has(languageId)) {
    const tokens = jsonTokens(text);
    if (tokens) {
      propose({ name: "jsonLayout", style: "minified" }, jsonLayout(text, tokens, "minified"));
      if (languageId !== "jsonl") {
        propose({ name: "jsonLayout", style: "compact" }, jsonLayout(text, tokens, "compact"));
      }
    }
  } else if (languageId === "markdown") {
    const fences = new SparedRanges(markdownFences(text));
    propose({ name: "trailingSpaces" }, trailingSpaces(text, fences, true));
    propose({ name: "blankLines" }, blankLines(text, fences));
    propose({ name: "tablePadding" }, tablePadding(text, fences));
    propose({ name: "rulers" }, markdownRulers(text, fences));
  } else if (!AS_IT_IS.has(languageId)) {
    const literals = new SparedRanges(check.reading?.literals);
    propose({ name: "trailingSpaces" }, trailingSpaces(text, literals));
    propose({ name: "blankLines" }, blankLines(text, literals));
    if (languageId !== "plaintext" && (check.reading || YAML.has(languageId) || !INDENTED.has(languageId))) {
      proposeIndents(text, languageId, literals, propose);
    }
  }
  if (check.reading) {
    propose({ name: "rulers" }, rulers(text, check.reading.comments));
    for (const { uses, shorter } of longNames(check.reading)) {
      for (const to of shorter) {
        propose({ name: "longName", from: uses.name, to }, renameEdits(uses, to));
      }
    }
  }
  if (source.whole && languageId !== "bat" && languageId !== "diff") {
    propose({ name: "lineEndings" }, lineEndings(text));
  }
  return proposals;
}

function proposeIndents(
  text: string,
  languageId: string,
  literals: SparedRanges,
  propose: (kind: EditKind, edits: Replacement[]) => void,
): void {
  const from = indentationUnit(text, literals);
  if (from === undefined) return;
  for (const to of [0, 2, 1]) {
    if (to === from || (from > 0 && to > from)) continue;
    // YAML knows no tabs.
    if (to === 0 && YAML.has(languageId)) continue;
    propose({ name: "indentation", from, to }, reindent(text, literals, from, to));
  }
}

/** Rules and underlines of headings, which are lines of one sign. */
function markdownRulers(text: string, fences: SparedRanges): Replacement[] {
  const lines = [...text.matchAll(/^[-=*_]{4,}(?=[ \t]*\r?$)/gm)];
  return lines
    .map((match) => ({ start: match.index + 3, end: match.index + match[0].length, text: "" }))
    .filter((edit) => !fences.touches(edit.start, edit.end));
}

/** Compares a text before and after edits by what its language makes of it. */
export class MeaningCheck {
  /** What the grammar says of the text; undefined without one. */
  readonly reading: SyntaxReading | undefined;
  readonly #source: TextToSave;
  readonly #grammar: Grammar;
  readonly #root: SyntaxNode | undefined;
  readonly #shapes = new Map<boolean, string>();

  constructor(source: TextToSave, grammar: Grammar) {
    this.#source = source;
    this.#grammar = grammar;
    this.#root = grammar.parse?.(source.text);
    this.reading = this.#root && readSyntax(source.text, this.#root);
  }

  /** What edits do to the meaning; undefined where they were found to change what must stay. */
  of(edits: readonly Replacement[], kind: EditKind): EditSafety | undefined {
    if (kind.name === "longName") return { kind: "changes", what: "names" };
    const { text, languageId } = this.#source;
    const edited = applyReplacements(text, edits);
    if (JSON_LANGUAGES.has(languageId)) {
      return sameJson(text, edited) ? { kind: "same", compared: "data" } : undefined;
    }
    if (YAML.has(languageId)) {
      return sameYaml(text, edited) ? { kind: "same", compared: "data" } : undefined;
    }
    if (languageId === "markdown") {
      const markdown = new MarkdownIt({ html: true });
      const same = markdown.render(text) === markdown.render(edited);
      return same ? { kind: "same", compared: "rendering" } : undefined;
    }
    if (languageId === "plaintext") {
      return kind.name === "lineEndings"
        ? { kind: "unchecked", why: "no grammar" }
        : { kind: "changes", what: "layout" };
    }
    return this.#bySyntax(edits, edited, kind);
  }

  #bySyntax(edits: readonly Replacement[], edited: string, kind: EditKind): EditSafety | undefined {
    const { parse } = this.#grammar;
    if (!parse) return { kind: "unchecked", why: this.#grammar.why };
    if (!this.#root || this.#root.hasError) return { kind: "unchecked", why: "syntax errors" };
    const { languageId } = this.#source;
    if (kind.name === "lineEndings") {
      const literals = new SparedRanges(this.reading?.literals);
      const inStrings = edits.some(({ start, end }) => literals.touches(start, end));
      if (inStrings && !UNIFIES_BREAKS.has(languageId)) return { kind: "changes", what: "strings" };
      return { kind: "same", compared: "syntax" };
    }
    const ignoreRulers = kind.name === "rulers" || kind.name === "together";
    const root = parse(edited);
    if (!root || shapeOf(edited, root, ignoreRulers) !== this.#shapeBefore(ignoreRulers)) return undefined;
    return kind.name === "rulers"
      ? { kind: "changes", what: "comments" }
      : { kind: "same", compared: "syntax" };
  }

  #shapeBefore(ignoreRulers: boolean): string {
    let shape = this.#shapes.get(ignoreRulers);
    if (shape === undefined) {
      shape = shapeOf(this.#source.text, this.#root!, ignoreRulers);
      this.#shapes.set(ignoreRulers, shape);
    }
    return shape;
  }
}

function sameYaml(before: string, after: string): boolean {
  const read = (text: string) => {
    const documents = parseAllDocuments(text);
    // An empty stream carries its errors itself.
    if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return undefined;
    return JSON.stringify(documents.map((document) => document.toJS() as unknown));
  };
  const old = read(before);
  return old !== undefined && old === read(after);
}
