/** What of a notebook's file is text that somebody wrote: the sources of its cells, without outputs and layout. */

import { isFields } from "../../shared/isFields.js";

/** Whether a file of this name holds a notebook in Jupyter's format. */
export function isNotebookFile(path: string): boolean {
  return path.endsWith(".ipynb");
}

/**
 * The sources of a notebook's cells, as the editor shows them.
 * @param file what its JSON says. @returns undefined where it is no notebook of Jupyter's format 4.
 */
export function notebookSources(file: unknown): string[] | undefined {
  if (!isFields(file) || !Array.isArray(file.cells)) return undefined;
  const sources: string[] = [];
  for (const cell of file.cells as unknown[]) {
    const source = isFields(cell) ? cell.source : undefined;
    if (typeof source === "string") sources.push(source);
    else if (Array.isArray(source) && source.every((line) => typeof line === "string"))
      sources.push(joined(source));
    else return undefined;
  }
  return sources;
}

/** Lines hold their line break, and get one where they do not. */
function joined(lines: readonly string[]): string {
  return lines
    .map((line, at) => (at < lines.length - 1 && !line.endsWith("\n") ? `${line}\n` : line))
    .join("");
}
