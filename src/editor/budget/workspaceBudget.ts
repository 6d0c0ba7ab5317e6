/** The token counts of the whole workspace, counted on request and then kept true: edits, saves, other programs. */

import * as vscode from "vscode";
import { BudgetTree } from "../../core/budget/budgetTree.js";
import type { TokenDocument } from "../../core/tokens/tokenDocument.js";
import { GlassboxError } from "../../shared/errors.js";
import { Disposable } from "../disposable.js";
import { notebookOf, onDidChangeCells } from "../documentKinds.js";
import { reportError } from "../reportError.js";
import type { DocumentTokens } from "../tokens/documentTokens.js";
import { tokensOfNotebook } from "../tokens/notebookCount.js";
import { FileCounter } from "./fileCounter.js";
import { departsFromFile, READING_SETTINGS } from "./fileReading.js";
import { type FoundFile, WorkspaceFiles } from "./workspaceFiles.js";

/** Files that are looked at and read at the same time; one of them is encoded. */
const AT_ONCE = 8;
/** Milliseconds that changes on disk are collected. */
const COLLECT_MS = 300;
/** Changes at once above which all is counted anew, which costs little: the unchanged are known. */
const MANY_CHANGES = 500;

/** One workspace folder with its counts. */
export interface BudgetRoot {
  folder: vscode.WorkspaceFolder;
  /** The beginning of the keys of its files: `KEY` + path names a file of the workspace. */
  key: string;
  files: WorkspaceFiles;
  tree: BudgetTree;
}

export type BudgetState = "never" | "counting" | "stopped" | "counted";

export class WorkspaceBudget extends Disposable {
  readonly #tokens: () => Promise<DocumentTokens>;
  readonly #storage: vscode.Uri | undefined;
  readonly #log: vscode.LogOutputChannel;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  /** Fires at every change of a count or of the state; often while all is counted. */
  readonly onDidChange = this.#changed.event;
  #roots: readonly BudgetRoot[] = [];
  #state: BudgetState = "never";
  /** Whether `#roots` has all files: it is replaced as a whole from then on. */
  #complete = false;
  #counter: FileCounter | undefined;
  #running: AbortController | undefined;
  /** Files that the count under way has entered. */
  #entered = 0;
  readonly #changedPaths = new Map<string, vscode.Uri>();
  #collecting: ReturnType<typeof setTimeout> | undefined;
  #watchers: vscode.Disposable[] = [];

  /** @param storage where counts are kept from one window to the next. */
  constructor(
    tokens: () => Promise<DocumentTokens>,
    storage: vscode.Uri | undefined,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#tokens = tokens;
    this.#storage = storage;
    this.#log = log;
    this._register(
      vscode.workspace.onDidChangeWorkspaceFolders(() => {
        if (this.#state !== "never") this.#inBackground(this.count());
      }),
    );
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const settings = ["files.exclude", ...READING_SETTINGS];
        if (this.#state === "never" || !settings.some((name) => event.affectsConfiguration(name))) return;
        this.#inBackground(this.count());
      }),
    );
    // A change that was thrown away: what is on disk counts again.
    this._register(vscode.workspace.onDidCloseTextDocument(({ uri }) => this.#diskChanged(uri)));
    this._register(vscode.workspace.onDidCloseNotebookDocument(({ uri }) => this.#diskChanged(uri)));
    this._register(onDidChangeCells((notebook) => this.#inBackground(this.#cellsChanged(notebook))));
    this._register({
      dispose: () => {
        this.stop();
        this.#counter?.dispose();
        clearTimeout(this.#collecting);
        for (const watcher of this.#watchers) watcher.dispose();
      },
    });
  }

  get roots(): readonly BudgetRoot[] {
    return this.#roots;
  }

  get state(): BudgetState {
    return this.#state;
  }

  get entered(): number {
    return this.#entered;
  }

  /** Name of the tokenizer that counted; undefined before the first count. */
  get tokenizer(): string | undefined {
    return this.#counter?.tokenizer.name;
  }

  /** Files that had to be read for the counts; the others were known. For tests and the log. */
  get filesRead(): number {
    return this.#counter?.filesRead ?? 0;
  }

  /** Of these, files whose content had to be counted; that of the others was known. For tests and the log. */
  get filesEncoded(): number {
    return this.#counter?.filesEncoded ?? 0;
  }

  /** Tokens of all files. */
  get total(): number {
    return this.#roots.reduce((sum, { tree }) => sum + tree.root.tokens, 0);
  }

  get fileCount(): number {
    return this.#roots.reduce((sum, { tree }) => sum + tree.root.files, 0);
  }

  /** The folder that a file is in, the innermost where folders lie in each other, and its path from there. */
  placeOf(uri: vscode.Uri): { root: BudgetRoot; path: string } | undefined {
    let place: { root: BudgetRoot; path: string } | undefined;
    for (const root of this.#roots) {
      const { scheme, authority, path } = root.folder.uri;
      const prefix = path.endsWith("/") ? path : `${path}/`;
      if (uri.scheme !== scheme || uri.authority !== authority || !uri.path.startsWith(prefix)) continue;
      const inside = uri.path.slice(prefix.length);
      if (inside !== "" && (!place || inside.length < place.path.length)) place = { root, path: inside };
    }
    return place;
  }

  stop(): void {
    this.#running?.abort();
  }

  /** Counts all files anew, which is quick for those that have not changed since they were counted. */
  async count(): Promise<void> {
    this.stop();
    const running = new AbortController();
    this.#running = running;
    const before = this.#state;
    // What is shown stays, whatever comes of this.
    const kept = this.#complete ? "counted" : before === "never" ? "never" : "stopped";
    this.#state = "counting";
    this.#entered = 0;
    this.#changed.fire();
    let documents: DocumentTokens;
    try {
      documents = await this.#tokens();
    } catch (error) {
      this.#finish(running, kept);
      throw error;
    }
    if (this.#running !== running) return;
    if (this.#counter?.tokenizer !== documents.tokenizer) {
      this.#counter?.dispose();
      this.#counter = new FileCounter(documents.tokenizer, this.#storage, this.#log);
    }
    const counter = this.#counter;
    const roots = (vscode.workspace.workspaceFolders ?? []).map((folder) => ({
      folder,
      key: `${folder.uri.toString()}/`,
      files: new WorkspaceFiles(folder),
      tree: new BudgetTree(folder.name),
    }));
    // The first count is shown as it grows; a later one replaces what is shown when it is done.
    if (!this.#complete) this.#roots = roots;
    const startedAt = performance.now();
    try {
      for (const root of roots) await this.#countRoot(root, counter, running.signal);
    } catch (error) {
      if (GlassboxError.from(error).code !== "cancelled") {
        this.#finish(running, this.#complete ? "counted" : "stopped");
        throw error;
      }
    }
    if (this.#running !== running) return;
    if (running.signal.aborted) {
      this.#finish(running, this.#complete ? "counted" : "stopped");
      return;
    }
    this.#roots = roots;
    this.#complete = true;
    for (const document of vscode.workspace.textDocuments) {
      if (departsFromFile(document)) this.#applyLive(document, documents);
    }
    this.#watch(roots);
    this.#finish(running, "counted");
    this.#log.info(
      `Counted ${this.total} tokens in ${this.fileCount} files in ${Math.round(performance.now() - startedAt)} ms; ` +
        `${counter.filesRead} files were read so far, ${counter.filesEncoded} of them with new contents.`,
    );
  }

  #finish(running: AbortController, state: BudgetState): void {
    if (this.#running !== running) return;
    this.#running = undefined;
    this.#state = state;
    this.#changed.fire();
  }

  async #countRoot(root: BudgetRoot, counter: FileCounter, signal: AbortSignal): Promise<void> {
    const pending = new Set<Promise<void>>();
    const failures: unknown[] = [];
    for await (const file of root.files.all(signal)) {
      const task: Promise<void> = this.#enter(root, file, counter, signal)
        .catch((error: unknown) => void failures.push(error))
        .finally(() => pending.delete(task));
      pending.add(task);
      if (pending.size >= AT_ONCE) await Promise.race(pending);
      if (failures.length > 0) break;
    }
    await Promise.all(pending);
    if (failures.length > 0) throw failures[0];
  }

  async #enter({ tree }: BudgetRoot, file: FoundFile, counter: FileCounter, signal: AbortSignal) {
    const count = file.link ? "link" : await counter.count(file.uri, signal);
    if (typeof count === "string") tree.skip(file.path, count);
    else tree.set(file.path, count);
    this.#entered++;
    this.#changed.fire();
  }

  /** The tokens of an open document have changed: its text counts, saved or not, until the file on disk changes. */
  documentChanged(document: vscode.TextDocument, documents: DocumentTokens): void {
    if (this.#state === "counted" && this.#applyLive(document, documents)) this.#changed.fire();
  }

  #applyLive(document: vscode.TextDocument, documents: DocumentTokens): boolean {
    if (documents.tokenizer !== this.#counter?.tokenizer) return false;
    const notebook = notebookOf(document);
    return notebook
      ? this.#set(notebook.uri, () => tokensOfNotebook(documents, notebook))
      : this.#set(document.uri, () => completeCount(documents.of(document)));
  }

  async #cellsChanged(notebook: vscode.NotebookDocument): Promise<void> {
    if (this.#state !== "counted") return;
    const documents = await this.#tokens();
    if (documents.tokenizer !== this.#counter?.tokenizer) return;
    if (this.#set(notebook.uri, () => tokensOfNotebook(documents, notebook))) this.#changed.fire();
  }

  /** @param count is asked for files that are counted only. @returns whether the file has another count now. */
  #set(uri: vscode.Uri, count: () => number | undefined): boolean {
    const place = this.placeOf(uri);
    const file = place?.root.tree.file(place.path);
    if (!place || !file) return false;
    const tokens = count();
    if (tokens === undefined || tokens === file.tokens) return false;
    place.root.tree.set(place.path, { tokens, bytes: file.bytes });
    return true;
  }

  #watch(roots: readonly BudgetRoot[]): void {
    for (const watcher of this.#watchers.splice(0)) watcher.dispose();
    for (const { folder } of roots) {
      const watcher = vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(folder, "**/*"));
      const changed = (uri: vscode.Uri) => this.#diskChanged(uri);
      this.#watchers.push(
        watcher,
        watcher.onDidCreate(changed),
        watcher.onDidChange(changed),
        watcher.onDidDelete(changed),
      );
    }
  }

  #diskChanged(uri: vscode.Uri): void {
    if (this.#state !== "counted" && this.#state !== "counting") return;
    if (!this.placeOf(uri)) return;
    this.#changedPaths.set(uri.toString(), uri);
    this.#collecting ??= setTimeout(() => this.#inBackground(this.#takeChanges()), COLLECT_MS);
  }

  /** Nobody waits for it, but everybody should hear of its failure. */
  #inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => reportError(error, this.#log));
  }

  async #takeChanges(): Promise<void> {
    this.#collecting = undefined;
    const uris = [...this.#changedPaths.values()];
    this.#changedPaths.clear();
    const rulesChanged = uris.some(({ path }) => path.endsWith("/.gitignore"));
    if (this.#state === "counting" || rulesChanged || uris.length > MANY_CHANGES) {
      await this.count();
      return;
    }
    const counter = this.#counter;
    if (!counter) return;
    const { signal } = new AbortController();
    for (const uri of uris) {
      const isThere = (each: { uri: vscode.Uri }) => each.uri.toString() === uri.toString();
      const open = vscode.workspace.textDocuments.find(isThere);
      const departs = open
        ? departsFromFile(open)
        : vscode.workspace.notebookDocuments.find(isThere)?.isDirty;
      const place = this.placeOf(uri);
      // Unsaved text counts; what is on disk will when it is saved or thrown away.
      if (place && !departs) await this.#recount(place.root, place.path, uri, counter, signal);
    }
    this.#changed.fire();
  }

  async #recount(root: BudgetRoot, path: string, uri: vscode.Uri, counter: FileCounter, signal: AbortSignal) {
    const { tree, files } = root;
    let type: vscode.FileType;
    try {
      ({ type } = await vscode.workspace.fs.stat(uri));
    } catch (error) {
      // Gone, be it a file or a folder with all that was in it.
      if (!(error instanceof vscode.FileSystemError)) throw error;
      tree.delete(path);
      return;
    }
    // What is in a new folder is reported by itself.
    if ((type & vscode.FileType.File) === 0 || !(await files.includes(path))) return;
    const link = (type & vscode.FileType.SymbolicLink) !== 0;
    await this.#enter(root, { path, uri, link }, counter, signal);
  }
}

function completeCount({ complete, tokenCount }: TokenDocument): number | undefined {
  return complete ? tokenCount : undefined;
}
