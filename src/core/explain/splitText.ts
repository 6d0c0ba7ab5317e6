/** Splits what has no grammar here: prose by paragraph and sentence, anything else by its blank lines and indents. */

import { countLines, MAX_STEP_LINES, type Piece } from "./steps.js";

interface Block {
  start: number;
  end: number;
}

function trimmed(text: string, start: number, end: number): Block | undefined {
  const part = text.slice(start, end);
  if (part.trim() === "") return undefined;
  const lead = part.length - part.trimStart().length;
  return { start: start + lead, end: start + part.trimEnd().length };
}

/** Runs of lines without a blank line between them; fenced code stays in one piece. */
function paragraphs(text: string): Block[] {
  const blocks: Block[] = [];
  let start = 0;
  let at = 0;
  let fence = "";
  const close = (end: number) => {
    const block = trimmed(text, start, end);
    if (block) blocks.push(block);
    start = end;
  };
  for (const line of text.split("\n")) {
    const marker = /^\s*(```|~~~)/.exec(line)?.[1];
    if (marker !== undefined && (fence === "" || marker === fence)) fence = fence === "" ? marker : "";
    else if (fence === "" && line.trim() === "") close(at);
    at += line.length + 1;
  }
  close(text.length);
  return blocks;
}

function sentences(text: string, { start, end }: Block): Block[] {
  const segmenter = new Intl.Segmenter("en", { granularity: "sentence" });
  return [...segmenter.segment(text.slice(start, end))]
    .map(({ index, segment }) => trimmed(text, start + index, start + index + segment.length))
    .filter((block) => block !== undefined);
}

function proseKind(text: string, { start, end }: Block): string {
  const part = text.slice(start, end);
  if (/^#{1,6}\s/.test(part)) return "heading";
  if (/^(?:```|~~~)/.test(part)) return "code";
  if (/^(?:[-*+]|\d+[.)])\s/.test(part)) return "list";
  if (part.startsWith(">")) return "quotation";
  if (part.startsWith("|")) return "table";
  return "paragraph";
}

/** Splits prose: one piece a paragraph; a paragraph or two alone are split into sentences. */
export function splitProse(text: string): Piece[] {
  const blocks = paragraphs(text);
  return blocks.flatMap((block): Piece[] => {
    const kind = proseKind(text, block);
    if (kind !== "paragraph" || blocks.length > 2) return [{ ...block, kind }];
    return sentences(text, block).map((sentence) => ({ ...sentence, kind: "sentence" }));
  });
}

/** Cuts a long block before the lines that are indented least. */
function byIndent(text: string, { start, end }: Block): Block[] {
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const lines = text.slice(lineStart, end).split("\n");
  const indentOf = (line: string) => line.length - line.trimStart().length;
  const indents = lines.filter((line) => /[\w"'<]/.test(line)).map(indentOf);
  // The outermost level may be a single pair of brackets around everything.
  const levels = [...new Set(indents)].sort((a, b) => a - b);
  const level =
    levels.find((indent) => indents.filter((other) => other <= indent).length > 2) ?? levels[0] ?? 0;
  const blocks: Block[] = [];
  let from = start;
  let at = lineStart;
  for (const line of lines) {
    const opens = /[\w"'<]/.test(line) && indentOf(line) <= level && !/^\s*<\//.test(line);
    if (opens && /\w/.test(text.slice(from, at))) {
      const block = trimmed(text, from, at);
      if (block) blocks.push(block);
      from = at;
    }
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
