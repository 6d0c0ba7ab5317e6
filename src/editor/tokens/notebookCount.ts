/** The tokens of a whole notebook, cell by cell, since each cell is a document of its own. */

import type * as vscode from "vscode";
import type { DocumentTokens } from "./documentTokens.js";

/** Tokens of all cells' sources, outputs left out; undefined while some are still to be made. */
export function tokensOfNotebook(
  tokens: DocumentTokens,
  notebook: vscode.NotebookDocument,
): number | undefined {
  let total = 0;
  let complete = true;
  // Asking for a cell's tokens starts their making, so every cell is asked.
  for (const { document } of notebook.getCells()) {
    const made = tokens.of(document);
    total += made.tokenCount;
    complete &&= made.complete;
  }
  return complete ? total : undefined;
}
