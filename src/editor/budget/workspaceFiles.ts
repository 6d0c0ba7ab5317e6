/** Walks a workspace folder as git would see it: nested .gitignore files, `files.exclude`, never into `.git`. */

import * as vscode from "vscode";
import { globMatcher, IgnoreRules } from "../../core/budget/ignoreRules.js";
import { recordSetting } from "../settings.js";
import { Slices } from "./slices.js";

export interface FoundFile {
  /** From the workspace folder, with slashes. */
  path: string;
  uri: vscode.Uri;
  link: boolean;
}

/** How far up a repository is looked for whose folder was opened only in part. */
const HIGHEST_PARENT = 32;

export class WorkspaceFiles {
  readonly folder: vscode.WorkspaceFolder;
  /** The folder's place in its repository: `packages/app/`, or "". */
  #prefix = "";
  #rules: Promise<IgnoreRules> | undefined;
  readonly #excluded: (path: string) => boolean;
  /** The rules in each folder that was entered, by its path. */
  readonly #entered = new Map<string, IgnoreRules>();

  constructor(folder: vscode.WorkspaceFolder) {
    this.folder = folder;
    const exclude = recordSetting("files.exclude", folder.uri);
    this.#excluded = globMatcher(Object.keys(exclude).filter((glob) => exclude[glob] === true));
  }

  /** All files that are not left out, folder by folder. */
  async *all(signal: AbortSignal): AsyncGenerator<FoundFile, void, void> {
    const slices = new Slices();
    const waiting = [""];
    for (let path = waiting.pop(); path !== undefined && !signal.aborted; path = waiting.pop()) {
      const entries = await this.#read(path);
      const rules = await this.#rulesIn(path);
      for (const [name, type] of entries) {
        await slices.breatheIfOver();
        if (signal.aborted) return;
        const child = path === "" ? name : `${path}/${name}`;
        const isFolder = (type & vscode.FileType.Directory) !== 0;
        const link = (type & vscode.FileType.SymbolicLink) !== 0;
        if (this.#leavesOut(rules, child, isFolder)) continue;
        // A link to a folder may lead in a circle.
        if (isFolder && !link) waiting.push(child);
        else yield { path: child, uri: this.uriOf(child), link };
      }
    }
  }

  /** Whether a file that was made or changed belongs to those that `all` finds. */
  async includes(path: string): Promise<boolean> {
    const parts = path.split("/");
    for (let depth = 1; depth <= parts.length; depth++) {
      const rules = await this.#rulesIn(parts.slice(0, depth - 1).join("/"));
      if (this.#leavesOut(rules, parts.slice(0, depth).join("/"), depth < parts.length)) return false;
    }
    return true;
  }

  uriOf(path: string): vscode.Uri {
    return vscode.Uri.joinPath(this.folder.uri, ...path.split("/"));
  }

  #leavesOut(rules: IgnoreRules, path: string, isFolder: boolean): boolean {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (name === ".git") return true;
    return this.#excluded(path) || rules.ignores(this.#prefix + path + (isFolder ? "/" : ""));
  }

  async #read(path: string): Promise<[string, vscode.FileType][]> {
    try {
      return await vscode.workspace.fs.readDirectory(path === "" ? this.folder.uri : this.uriOf(path));
    } catch (error) {
      // It went while we walked, or may not be read; what is in it has no tokens for us either way.
      if (error instanceof vscode.FileSystemError) return [];
      throw error;
    }
  }

  /** The rules that hold for what is directly in a folder. */
  async #rulesIn(path: string): Promise<IgnoreRules> {
    const known = this.#entered.get(path);
    if (known) return known;
    this.#rules ??= this.#rulesAbove();
    const above =
      path === ""
        ? await this.#rules
        : await this.#rulesIn(path.slice(0, Math.max(0, path.lastIndexOf("/"))));
    const uri = path === "" ? this.folder.uri : this.uriOf(path);
    const rules = await withRulesOf(above, uri, (this.#prefix + path).replace(/\/$/, ""));
    this.#entered.set(path, rules);
    return rules;
  }

  /** The rules of the folders above the workspace folder, up to the root of its repository; none outside of one. */
  async #rulesAbove(): Promise<IgnoreRules> {
    const above: vscode.Uri[] = [];
    let uri = this.folder.uri;
    for (
      let steps = 0;
      steps < HIGHEST_PARENT && !(await exists(vscode.Uri.joinPath(uri, ".git")));
      steps++
    ) {
      const parent = vscode.Uri.joinPath(uri, "..");
      if (parent.path === uri.path) return IgnoreRules.none;
      above.unshift(parent);
      uri = parent;
    }
    const root = above[0];
    if (!root) return IgnoreRules.none;
    const inRepository = (of: vscode.Uri) => of.path.slice(root.path.length).replace(/^\//, "");
    this.#prefix = `${inRepository(this.folder.uri)}/`;
    let rules = IgnoreRules.none;
    for (const folder of above) rules = await withRulesOf(rules, folder, inRepository(folder));
    return rules;
  }
}

async function withRulesOf(rules: IgnoreRules, folder: vscode.Uri, path: string): Promise<IgnoreRules> {
  try {
    const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, ".gitignore"));
    return rules.with(path, new TextDecoder().decode(bytes));
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return rules;
    throw error;
  }
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  return vscode.workspace.fs.stat(uri).then(
    () => true,
    () => false,
  );
}
