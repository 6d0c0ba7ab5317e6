/** Markdown tables of what was measured. */

/** Lines of a table; a column of figures is set to the right. */
export function table(
  columns: readonly { title: string; figures?: boolean }[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ figures }) => (figures ? "---:" : "---"))),
    ...rows.map(line),
  ].join("\n");
}

/** A difference of probabilities: 1.6e-6. */
export const figure = (value: number): string => value.toExponential(1);
