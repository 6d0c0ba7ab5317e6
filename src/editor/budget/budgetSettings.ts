/** The reader's own budgets: `glassbox.tokens.budgets`, glob -> the most tokens that a file may have. */

import * as vscode from "vscode";
import { globMatcher } from "../../core/budget/ignoreRules.js";
import { recordSetting } from "../settings.js";

/** A budget that holds for a file: the smallest of those whose glob matches. */
export interface FileBudget {
  glob: string;
  tokens: number;
}

interface Rule extends FileBudget {
  matches: (path: string) => boolean;
}

export const BUDGETS_SETTING = "glassbox.tokens.budgets";

/** The rules that were made of a setting, by its text: it is asked for at every node of the view. */
const made = new Map<string, readonly Rule[]>();

/** The rules of the settings that hold for a file; entries that are no whole number above 0 are left out. */
function rulesFor(uri: vscode.Uri): readonly Rule[] {
  const setting = recordSetting(BUDGETS_SETTING, uri);
  const key = JSON.stringify(setting);
  let rules = made.get(key);
  if (!rules) {
    rules = Object.entries(setting).flatMap(([glob, tokens]): Rule[] =>
      typeof tokens === "number" && Number.isInteger(tokens) && tokens > 0
        ? [{ glob, tokens, matches: globMatcher([glob]) }]
        : [],
    );
    made.set(key, rules);
  }
  return rules;
}

/**
 * The budget for a file; undefined where none is configured. Globs are matched against its path from the workspace
 * folder; outside of the workspace, against its name.
 */
export function budgetOf(uri: vscode.Uri): FileBudget | undefined {
  const rules = rulesFor(uri);
  if (rules.length === 0) return undefined;
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const path = folder
    ? uri.path.slice(folder.uri.path.replace(/\/$/, "").length + 1)
    : uri.path.slice(uri.path.lastIndexOf("/") + 1);
  if (path === "") return undefined;
  let smallest: FileBudget | undefined;
  for (const { glob, tokens, matches } of rules) {
    if (matches(path) && (smallest === undefined || tokens < smallest.tokens)) smallest = { glob, tokens };
  }
  return smallest;
}
