/** Edits of a Markdown text that leave its rendering alone: the padding that aligns the columns of a table. */

import type { Replacement } from "../../shared/savings.js";
import type { SparedRanges } from "./replacements.js";

/** Fenced code and front matter, whose text is taken as it is. */
export function markdownFences(text: string): { start: number; end: number }[] {
  const ranges: { start: number; end: number }[] = [];
  let open: { start: number; fence: string } | undefined;
  const front = /^---\r?\n[\s\S]*?\n---\r?$/m.exec(text);
  if (front?.index === 0) ranges.push({ start: 0, end: front[0].length });
  for (const line of text.matchAll(/^ {0,3}(`{3,}|~{3,})([^\r\n]*)\r?$/gm)) {
    const fence = line[1]!;
    if (!open) open = { start: line.index, fence };
    else if (fence.startsWith(open.fence) && line[2]!.trim() === "") {
      ranges.push({ start: open.start, end: line.index + line[0].length });
      open = undefined;
    }
  }
  if (open) ranges.push({ start: open.start, end: text.length });
  return ranges;
}

const DELIMITERS = /^[ \t]*\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;

/** Leaves one space around the text of cells, and three dashes in the row under the head. */
export function tablePadding(text: string, fences: SparedRanges): Replacement[] {
  const edits: Replacement[] = [];
  const lines = [...text.matchAll(/^[^\r\n]*/gm)].map((match) => ({ start: match.index, text: match[0] }));
  const isRow = (line: string | undefined) => line?.includes("|") === true;
  for (let i = 1; i < lines.length; i++) {
    if (!lines[i]!.text.includes("|") || !DELIMITERS.test(lines[i]!.text) || !isRow(lines[i - 1]!.text))
      continue;
    let last = i;
    while (isRow(lines[last + 1]?.text)) last++;
    for (let row = i - 1; row <= last; row++) {
      const { start, text: line } = lines[row]!;
      if (fences.touches(start, start + line.length)) continue;
      for (const run of line.matchAll(/(?<=\S)[ \t]{2,}(?=\|)|(?<=\|)[ \t]{2,}(?=\S)|-{4,}/g)) {
        if (run[0].startsWith("-") && row !== i) continue;
        const keep = run[0].startsWith("-") ? 3 : 1;
        edits.push({ start: start + run.index + keep, end: start + run.index + run[0].length, text: "" });
      }
    }
    i = last;
  }
  return edits;
}
