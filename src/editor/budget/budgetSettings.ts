/** The reader's own budgets: `glassbox.tokens.budgets`, glob -> the most tokens that a file may have. */

import * as vscode from "vscode";
import { globMatcher } from "../../core/budget/ignoreRules.js";

/** A budget that holds for a file: the smallest of those whose glob matches. */
export interface FileBudget {
  glob: string;
  tokens: number;
}

interface Rule extends FileBudget {
  matches: (path: string) => boolean;
}

export const BUDGETS_SETTING = "glassbox.tokens.budgets";

let made: { setting: string; rules: readonly Rule[] } | undefined;

/** The rules of the settings; entries that are no whole number above 0 are left out. */
function rules(): readonly Rule[] {
  const setting = vscode.workspace.getConfiguration().get<Record<string, unknown>>(BUDGETS_SETTING, {});
  const key = JSON.stringify(setting);
  if (made?.setting === key) return made.rules;
  const found = Object.entries(setting).flatMap(([glob, tokens]): Rule[] =>
    typeof tokens === "number" && Number.isInteger(tokens) && tokens > 0
      ? [{ glob, tokens, matches: globMatcher([glob]) }]
      : [],
  );
  made = { setting: key, rules: found };
  return found;
}

/** The budget for a path from its workspace folder; undefined where none is configured. */
export function budgetOf(path: string): FileBudget | undefined {
  let smallest: FileBudget | undefined;
  for (const { glob, tokens, matches } of rules()) {
    if (matches(path) && (smallest === undefined || tokens < smallest.tokens)) smallest = { glob, tokens };
  }
  return smallest;
}

/** The budget for a document; outside of the workspace, globs are matched against its name. */
export function budgetOfDocument(uri: vscode.Uri): FileBudget | undefined {
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const path = folder
    ? uri.path.slice(folder.uri.path.replace(/\/$/, "").length + 1)
    : uri.path.slice(uri.path.lastIndexOf("/") + 1);
  return path === "" ? undefined : budgetOf(path);
}
