/** Splits what has no grammar here: prose by paragraph and sentence, anything else by its blank lines and indents. */

import { countLines, MAX_STEP_LINES, MAX_STEPS, type Piece } from "./steps.js";

interface Block {
  start: number;
  end: number;
}

/** A piece of prose; code in it names its language and has its own part without the fences. */
export interface ProsePiece extends Piece {
  code?: Block & { name: string };
}

function trimmed(text: string, start: number, end: number): Block | undefined {
  const part = text.slice(start, end);
  if (part.trim() === "") return undefined;
  const lead = part.length - part.trimStart().length;
  return { start: start + lead, end: start + part.trimEnd().length };
}

/** Runs of lines without a blank line between them. */
function paragraphs(text: string): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let at = 0;
  const close = (end: number) => {
    const block = trimmed(text, start, end);
    if (block) blocks.push(block);
    start = end;
  };
  for (const line of text.split("\n")) {
    if (line.trim() === "") close(at);
    at += line.length + 1;
  }
  close(text.length);
  return blocks;
}

/** Abbreviations that a capital letter follows without a new sentence, and initials of names. */
const ABBREVIATION =
  /(?:^|[\s(])(?:\p{Lu}|Mrs?|Ms|Dr|Prof|St|Jr|Sr|vs|cf|ca|al|approx|e\.g|i\.e|etc|Fig|Eq|Sec|No|Nr|Vol|pp?|z\.\s?B|d\.\s?h|bzw|usw)\.$/u;

function sentences(text: string, { start, end }: Block): Block[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  // A line break inside of a paragraph ends no sentence.
  const flowing = text.slice(start, end).replace(/\r?\n/g, (breaks) => " ".repeat(breaks.length));
  const found: Block[] = [];
  for (const { index, segment } of segmenter.segment(flowing)) {
    const block = trimmed(text, start + index, start + index + segment.length);
    if (!block) continue;
    const previous = found.at(-1);
    const hasWords = /[\p{L}\p{N}]/u.test(text.slice(block.start, block.end));
    // Signs alone, such as the end of an emphasis, belong to the sentence before them.
    if (previous && !hasWords) previous.end = block.end;
    else if (previous && ABBREVIATION.test(text.slice(Math.max(start, previous.end - 12), previous.end))) {
      previous.end = block.end;
    } else found.push(block);
  }
  return found;
}

const HEADING: Readonly<Record<string, RegExp>> = {
  latex: /^\s*\\(?:part|chapter|(?:sub)*section|(?:sub)?paragraph|title)\*?\s*[[{]/,
  asciidoc: /^={1,6}\s+\S/,
};
const MARKDOWN_HEADING = /^ {0,3}#{1,6}(?:\s|$)/;
/** The line below a heading in Markdown and reStructuredText. */
const UNDERLINE = /^(?:={3,}|-{3,}|~{3,}|\^{3,}|"{3,})\s*$/;
const LIST_ITEM = /^\s*(?:[-*+•]|\d+[.)]|\\item\b)(?:\s|$)/;

/** Environments of LaTeX by what they hold. */
const ENVIRONMENT: readonly [kind: string, name: RegExp][] = [
  ["formula", /^(?:equation|align|gather|multline|math|displaymath|eqnarray)/],
  ["list", /^(?:itemize|enumerate|description)/],
  ["table", /^(?:table|tabular|longtable)/],
  ["figure", /^(?:figure|tikzpicture)/],
  ["code", /^(?:verbatim|lstlisting|minted|algorithm)/],
  ["quotation", /^quot/],
];

/** What must stay together although it has blank lines: code, formulas, front matter, environments. */
interface Enclosure {
  kind: string;
  /** Whether a line is its last. */
  ends(line: string): boolean;
  /** The language named behind a fence; undefined where it is no fence. */
  fence: string | undefined;
}

function enclosureAt(line: string, languageId: string, isFirst: boolean): Enclosure | undefined {
  const fence = /^\s*(`{3,}|~{3,})\s*\{?\.?([\w+#.-]*)/.exec(line);
  if (fence) {
    const marker = fence[1]!;
    const ends = (other: string) => other.trim().startsWith(marker) && /^(?:`+|~+)$/.test(other.trim());
    return { kind: "code", ends, fence: fence[2]! };
  }
  if (isFirst && line.trim() === "---" && languageId !== "latex") {
    return { kind: "front matter", ends: (other) => /^(?:---|\.\.\.)\s*$/.test(other), fence: undefined };
  }
  if (/^\s*\$\$\s*$/.test(line) || /^\s*\\\[\s*$/.test(line)) {
    return { kind: "formula", ends: (other) => /(?:\$\$|\\\])\s*$/.test(other), fence: undefined };
  }
  const environment = /^\s*\\begin\{(\w+)\*?\}/.exec(line)?.[1];
  if (environment === undefined || environment === "document") return undefined;
  const kind = ENVIRONMENT.find(([, name]) => name.test(environment))?.[0] ?? "environment";
  return { kind, ends: (other) => other.includes(`\\end{${environment}`), fence: undefined };
}

function blockKind(text: string, { start, end }: Block): string {
  const part = text.slice(start, Math.min(end, start + 400));
  if (LIST_ITEM.test(part)) return "list";
  if (part.startsWith(">")) return "quotation";
  if (part.startsWith("|")) return "table";
  if (part.startsWith("![")) return "figure";
  if (/^(?:\.\.\s+\w|\[\w+\]$)/m.test(part.split("\n")[0]!)) return "directive";
  if (/^%/.test(part)) return "comment";
  if (/^\\(?:documentclass|usepackage|begin|end|newcommand|maketitle|bibliography|label)\b/.test(part))
    return "command";
  return "paragraph";
}

/** The parts of a document in order: headings, paragraphs, lists, code and what else it has. */
function proseBlocks(text: string, languageId: string): ProsePiece[] {
  const pieces: ProsePiece[] = [];
  const heading = HEADING[languageId] ?? MARKDOWN_HEADING;
  let start = 0;
  let at = 0;
  let inside: (Enclosure & { bodyStart: number; opened: number }) | undefined;
  const close = (end: number, kind?: string) => {
    const block = trimmed(text, start, end);
    if (block) pieces.push({ ...block, kind: kind ?? blockKind(text, block) });
    start = end;
  };
  const closeEnclosure = (end: number, bodyEnd: number) => {
    const { kind, fence, bodyStart } = inside!;
    close(end, kind);
    const piece = pieces.at(-1);
    if (piece && fence !== undefined && bodyEnd > bodyStart) {
      piece.code = { name: fence, start: bodyStart, end: bodyEnd };
    }
    inside = undefined;
  };
  let previous = "";
  for (const line of text.split("\n")) {
    const next = Math.min(text.length, at + line.length + 1);
    if (inside) {
      if (inside.ends(line)) closeEnclosure(next, at);
    } else {
      const enclosure = enclosureAt(line, languageId, text.slice(0, at).trim() === "");
      if (
        enclosure &&
        !(enclosure.kind === "front matter" && !/\n(?:---|\.\.\.)\s*(?:\n|$)/.test(text.slice(next - 1)))
      ) {
        close(at);
        inside = { ...enclosure, bodyStart: next, opened: at };
        // `\begin{x} … \end{x}` on one line.
        if (enclosure.fence === undefined && enclosure.kind !== "front matter" && line.includes("\\end{")) {
          closeEnclosure(next, at);
        }
      } else if (line.trim() === "") close(at);
      else if (heading.test(line)) {
        close(at);
        close(next, "heading");
      } else if (UNDERLINE.test(line) && previous.trim() !== "" && start === at - previous.length - 1) {
        close(next, "heading");
      }
    }
    previous = line;
    at = next;
  }
  if (inside) closeEnclosure(text.length, text.length);
  close(text.length);
  return pieces;
}

/** The items of a list, each with what belongs to it. */
function listItems(text: string, { start, end }: Block): Piece[] {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lines = text.slice(lineStart, end).split("\n");
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const outermost = Math.min(...lines.filter((line) => LIST_ITEM.test(line)).map(indentOf));
  const starts: number[] = [];
  let at = lineStart;
  for (const line of lines) {
    if (LIST_ITEM.test(line) && indentOf(line) <= outermost) starts.push(at);
    at += line.length + 1;
  }
  return starts.flatMap((from, i) => {
    const block = trimmed(text, i === 0 ? start : from, starts[i + 1] ?? end);
    return block ? [{ ...block, kind: "item" }] : [];
  });
}

/**
 * Splits prose: paragraphs into sentences and lists into items where that gives few enough, else one piece for
 * each paragraph and list.
 */
export function splitProse(text: string, languageId = "markdown"): ProsePiece[] {
  const blocks = proseBlocks(text, languageId);
  const open = (block: ProsePiece, kinds: readonly string[]): ProsePiece[] => {
    if (!kinds.includes(block.kind)) return [block];
    if (block.kind === "list") return listItems(text, block);
    return sentences(text, block).map((sentence) => ({ ...sentence, kind: "sentence" }));
  };
  for (const kinds of [["paragraph", "list"], ["paragraph"]]) {
    // Sentences are looked for only where they may be few enough.
    if (blocks.length > MAX_STEPS) break;
    const opened = blocks.flatMap((block) => open(block, kinds));
    if (opened.length <= MAX_STEPS || blocks.length <= 2) return opened;
  }
  return blocks;
}

/** Cuts a long block before the lines that are indented least. */
function byIndent(text: string, { start, end }: Block): Block[] {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lines = text.slice(lineStart, end).split("\n");
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const counts = new Map<number, number>();
  for (const line of lines) {
    if (/[\p{L}\p{N}_"'<]/u.test(line)) counts.set(indentOf(line), (counts.get(indentOf(line)) ?? 0) + 1);
  }
  // The outermost level may be a single pair of brackets around everything.
  const levels = [...counts.keys()].sort((a, b) => a - b);
  let level = levels[0] ?? 0;
  let lower = 0;
  for (const indent of levels) {
    lower += counts.get(indent)!;
    if (lower > 2) {
      level = indent;
      break;
    }
  }
  const blocks: Block[] = [];
  let from = start;
  let at = lineStart;
  let hasWords = false;
  for (const line of lines) {
    const opens = /[\p{L}\p{N}_"'<]/u.test(line) && indentOf(line) <= level && !/^\s*<\//.test(line);
    if (opens && hasWords) {
      const block = trimmed(text, from, at);
      if (block) blocks.push(block);
      from = at;
      hasWords = false;
    }
    hasWords ||= /[\p{L}\p{N}_]/u.test(line);
    at += line.length + 1;
  }
  const block = trimmed(text, from, end);
  if (block) blocks.push(block);
  return blocks;
}

/** Splits text of an unknown language by blank lines; blocks that are long or alone also by their indents. */
export function splitStructure(text: string): Piece[] {
  const blocks = paragraphs(text);
  return blocks
    .flatMap((block) => {
      const long = countLines(text, block.start, block.end) > (blocks.length === 1 ? 3 : MAX_STEP_LINES);
      return long ? byIndent(text, block) : [block];
    })
    .map((block) => ({ ...block, kind: "block" }));
}
