/** How the editor makes text of a file's bytes: what its settings say, and whether an open document departs from them. */

import * as vscode from "vscode";

/** How files are read that do not say it themselves. */
export const UTF8 = "utf8";

/** The settings that say how files are read. */
export const READING_SETTINGS = [
  "files.encoding",
  "files.autoGuessEncoding",
  "files.candidateGuessEncodings",
] as const;

/** The encoding that the editor reads a file with, by its settings; UTF8 also where nothing else is wished. */
export function readingOf(uri: vscode.Uri): string {
  const files = vscode.workspace.getConfiguration("files", uri);
  const encoding = files.get("encoding", UTF8);
  if (!files.get("autoGuessEncoding", false)) return encoding;
  return [encoding, "guessed", ...files.get<string[]>("candidateGuessEncodings", [])].join(", ");
}

/** Whether a document's text is another than its file's, as the settings have it read: edited, or opened otherwise. */
export function departsFromFile({ isDirty, encoding, uri }: vscode.TextDocument): boolean {
  return isDirty || encoding !== readingOf(uri);
}
