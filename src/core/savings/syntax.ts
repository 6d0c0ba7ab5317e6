/** What a syntax tree says about edits: where whitespace counts, where comments are, which names are declared here. */

import type { Replacement } from "../../shared/savings.js";
import type { SyntaxNode } from "../explain/syntax.js";
import { withoutRulers } from "./layoutEdits.js";

interface Range {
  start: number;
  end: number;
}

export interface NameUses {
  name: string;
  /** Offsets at which it starts. */
  starts: number[];
}

export interface SyntaxReading {
  /** Strings, here-documents and other text whose whitespace is part of what the file says. */
  literals: Range[];
  comments: Range[];
  /** Names that this text declares and uses by themselves, never as a member of something. */
  names: NameUses[];
  /** Every word of the text, so that a new name can be one that is not there yet. */
  words: ReadonlySet<string>;
}

const COMMENT = /comment/;
const LITERAL = /string|template|heredoc|here_doc|char|regex|raw|preproc_arg|^text$/;
const NAME = /^(?:identifier|type_identifier|variable_name|constant)$/;
const MEMBER = /property_identifier|field_identifier|shorthand|label|attribute_name|namespace_identifier/;
/** Constructs all of whose names are somebody else's. */
const FOREIGN =
  /import|export_(?:clause|specifier)|require|use_|using_directive|package|attribute_(?:item|list)/;
/** Constructs whose first part is somebody else's name: the parameter of a call, the key of an object. */
const KEYED = /^(?:keyword_argument|pair|named_argument)$/;
const DECLARING = /parameter|pattern|declarator|identifier_list|expression_list|variable_list/;
const DECLARED_FIELDS = ["name", "left", "pattern", "declarator", "parameter", "alias"];

/** Reads a syntax tree once. */
export function readSyntax(text: string, root: SyntaxNode): SyntaxReading {
  const literals: Range[] = [];
  const comments: Range[] = [];
  const uses = new Map<string, { starts: number[]; declared: boolean; foreign: boolean }>();
  const visit = (node: SyntaxNode, parent: SyntaxNode | undefined, foreign: boolean) => {
    const range = { start: node.startIndex, end: node.endIndex };
    if (COMMENT.test(node.type)) {
      comments.push(range);
      return;
    }
    const source = () => text.slice(range.start, range.end);
    if (LITERAL.test(node.type)) literals.push(range);
    if (node.children.length === 0) {
      // A leaf over several lines is text that some language takes as it is, but for JSX, which trims its lines.
      if (node.type !== "jsx_text" && source().trim().includes("\n")) literals.push(range);
      if (NAME.test(node.type)) {
        const name = source();
        const found = uses.get(name) ?? { starts: [], declared: false, foreign: false };
        found.starts.push(range.start);
        found.declared ||= parent !== undefined && declares(parent, node);
        found.foreign ||=
          foreign || /(?:\.|->|::)\s*$/.test(text.slice(Math.max(0, range.start - 8), range.start));
        uses.set(name, found);
      } else if (MEMBER.test(node.type)) {
        const name = source();
        const found = uses.get(name) ?? { starts: [], declared: false, foreign: true };
        found.foreign = true;
        uses.set(name, found);
      }
      return;
    }
    const outside = foreign || FOREIGN.test(node.type);
    const keyed = KEYED.test(node.type);
    node.children.forEach((child, index) => {
      if (child) visit(child, node, outside || (keyed && index === 0));
    });
  };
  visit(root, undefined, false);
  const names = [...uses]
    .filter(([, { declared, foreign }]) => declared && !foreign)
    .map(([name, { starts }]) => ({ name, starts }));
  return { literals, comments, names, words: new Set(text.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu) ?? []) };
}

function declares(parent: SyntaxNode, node: SyntaxNode): boolean {
  if (DECLARING.test(parent.type)) return true;
  if (
    !/declar|definition|assignment|spec|for_|function|class|closure|lambda|let_|with|catch/.test(parent.type)
  ) {
    return false;
  }
  return DECLARED_FIELDS.some((field) => parent.childForFieldName(field)?.startIndex === node.startIndex);
}

/**
 * A text's meaning as far as its grammar tells it: the tree with the text of all leaves, where comments count without
 * the layout of their lines. Two texts with the same answer differ in layout only.
 * @param ignoreRulers compares comments without the length of their rulers.
 */
export function shapeOf(text: string, root: SyntaxNode, ignoreRulers: boolean): string {
  const parts: string[] = [];
  const visit = (node: SyntaxNode) => {
    const comment = COMMENT.test(node.type);
    if (node.children.length === 0 || comment) {
      const source = text.slice(node.startIndex, node.endIndex);
      if (source.trim() === "" && node.type !== "string_fragment" && node.type !== "string_content") return;
      if (comment) parts.push(node.type, commentText(source, ignoreRulers));
      else if (node.type === "jsx_text") parts.push(node.type, source.replace(/\s*\n\s*/g, "\n").trim());
      else parts.push(node.type, source);
      return;
    }
    parts.push(node.type, "(");
    // A literal's own text may lie between its parts, as in a template.
    if (LITERAL.test(node.type)) parts.push(text.slice(node.startIndex, node.endIndex));
    for (const child of node.children) if (child) visit(child);
    parts.push(")");
  };
  visit(root);
  return parts.join("\u0001");
}

function commentText(source: string, ignoreRulers: boolean): string {
  const layoutFree = source.replace(/[ \t]*(?:\r?\n[ \t]*)+/g, "\n").trimEnd();
  return ignoreRulers ? withoutRulers(layoutFree) : layoutFree;
}

/** Names shorter than this are not worth the reader's time. */
const SHORTEST_LONG_NAME = 8;
const FEWEST_USES = 3;
/** How many names are looked at: those with the most characters in all. */
const MOST_NAMES = 6;

export interface ShorterNames {
  uses: NameUses;
  /** Names to try, none of them a word of the text. */
  shorter: string[];
}

/** The long names that are used most, with shorter ones made from their words. */
export function longNames({ names, words }: SyntaxReading): ShorterNames[] {
  return names
    .filter(({ name, starts }) => name.length >= SHORTEST_LONG_NAME && starts.length >= FEWEST_USES)
    .sort((a, b) => b.name.length * b.starts.length - a.name.length * a.starts.length)
    .slice(0, MOST_NAMES)
    .map((uses) => ({ uses, shorter: shorterNames(uses.name).filter((name) => !words.has(name)) }))
    .filter(({ shorter }) => shorter.length > 0);
}

/**
 * Shorter names made from the words of a name, in its own style: its last word, its first two, its first, and its
 * initials. `remainingCharacterBudget` -> `budget`, `remainingCharacter`, `remaining`, `rcb`.
 */
export function shorterNames(name: string): string[] {
  const [, lead = "", core = ""] = /^([_$]*)(.*)$/.exec(name) ?? [];
  const snake = core.includes("_");
  const words = snake
    ? core.split("_").filter((word) => word !== "")
    : (core.match(/\p{Lu}+(?!\p{Ll})|\p{Lu}?[^\p{Lu}]+|\p{Lu}/gu) ?? []);
  if (words.length < 2) return [];
  const firstIsUpper = /^\p{Lu}/u.test(core);
  const asFirst = (word: string) =>
    snake || firstIsUpper
      ? word.charAt(0)[firstIsUpper ? "toUpperCase" : "toLowerCase"]() + word.slice(1)
      : /^\p{Lu}+$/u.test(word)
        ? word.toLowerCase()
        : word.charAt(0).toLowerCase() + word.slice(1);
  const initials = words.map((word) => word.charAt(0)).join("");
  const candidates = [
    asFirst(words.at(-1)!),
    ...(words.length > 2 ? [asFirst(words[0]!) + (snake ? "_" : "") + words[1]!] : []),
    asFirst(words[0]!),
    firstIsUpper ? initials.toUpperCase() : initials.toLowerCase(),
  ];
  return [...new Set(candidates.map((candidate) => lead + candidate))].filter(
    (candidate) =>
      candidate.length >= 2 &&
      candidate.length < name.length &&
      /^[\p{L}_$]/u.test(candidate) &&
      !RESERVED.has(candidate.toLowerCase()),
  );
}

/** Words that some language here keeps for itself, or that name something everywhere. */
const RESERVED = new Set(
  `abstract and any as assert async await base begin bool boolean break byte case catch char class clone const
  continue debugger declare def default defer del delete do double elif else elseif elsif end ensure enum eval
  except exit export extends extern false final finally float fn for foreach from func function get global go goto
  if impl implements import in include init instanceof int interface internal is lambda len let list lock long loop
  map match mod module move mut namespace native new next nil none not null number object of operator or out
  override package params pass print private protected pub public raise range readonly record redo ref require
  rescue return self sealed select self set short signed sizeof static str string struct super switch symbol
  this throw throws trait true try type typeof undefined union unknown unless unsafe until use using var virtual
  void volatile when where while with yield id input name`.split(/\s+/),
);

/** Every use of a name replaced. */
export function renameEdits({ name, starts }: NameUses, to: string): Replacement[] {
  return [...starts].sort((a, b) => a - b).map((start) => ({ start, end: start + name.length, text: to }));
}
