/** From a run of the whole file to the code beside the selection that it reached, for the film to show. */

import type { SourceExcerpt } from "../../shared/panels/explain.js";
import type { TraceStep } from "../../shared/workerProtocol.js";

/** Lines around a reached one: as a rule the function that it stands in. */
const AROUND = 30;

/**
 * @param source the whole file, whose lines are the document's.
 * @param shown the lines of the selection (0-based, inclusive), which the page has itself; none of them is given again.
 * @returns from top to bottom; excerpts that would touch are one.
 */
export function excerptsBeside(
  source: string,
  shown: { firstLine: number; lastLine: number },
  steps: readonly TraceStep[],
): SourceExcerpt[] {
  const lines = source.split(/\r\n|\r|\n/);
  const isBeside = (line: number) =>
    line >= 0 && line < lines.length && (line < shown.firstLine || line > shown.lastLine);
  const wanted = new Set<number>();
  for (const reached of new Set(steps.map(({ line }) => line).filter(isBeside))) {
    for (let line = reached - AROUND; line <= reached + AROUND; line++) if (isBeside(line)) wanted.add(line);
  }
  const excerpts: SourceExcerpt[] = [];
  for (const line of [...wanted].sort((a, b) => a - b)) {
    const last = excerpts.at(-1);
    if (last && last.firstLine + last.lines.length === line) last.lines.push(lines[line]!);
    else excerpts.push({ firstLine: line, lines: [lines[line]!] });
  }
  return excerpts;
}
