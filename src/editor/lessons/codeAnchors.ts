/** Follows the code that the lesson on show points at: where it stands now, a light on it in the editor, the way there. */

import * as vscode from "vscode";
import { findAnchor } from "../../core/lessons/anchors.js";
import { GlassboxError } from "../../shared/errors.js";
import type { AnchorPlace, CodeAnchor } from "../../shared/panels/lesson.js";
import { Disposable } from "../disposable.js";

/** Files of the sample that comes with the extension, for readers who have not opened it; they cannot be written. */
export const SAMPLE_SCHEME = "glassbox-sample";
/** Milliseconds of rest in the editor before anchors are looked for again. */
const REST_MS = 200;

export class CodeAnchors extends Disposable {
  readonly #sample: vscode.Uri;
  readonly #light = this._register(
    vscode.window.createTextEditorDecorationType({
      isWholeLine: true,
      borderStyle: "solid",
      borderWidth: "0 0 0 3px",
      borderColor: new vscode.ThemeColor("textLink.foreground"),
      overviewRulerColor: new vscode.ThemeColor("textLink.foreground"),
      overviewRulerLane: vscode.OverviewRulerLane.Left,
    }),
  );
  readonly #changed = this._register(new vscode.EventEmitter<Record<string, AnchorPlace>>());
  /** The code of the lesson on show stands elsewhere now. */
  readonly onDidChange = this.#changed.event;
  #anchors: readonly CodeAnchor[] = [];
  #title = "";
  #places: Record<string, AnchorPlace> = {};
  /** What the lesson's page has last heard of them, as JSON. */
  #told = "";
  /** The addresses of the anchors' files, by the anchors' ids. */
  #uris = new Map<string, string>();
  #timer: NodeJS.Timeout | undefined;
  /** Of the files that are meant, for changes that no editor makes. */
  #watcher: vscode.FileSystemWatcher | undefined;

  /** @param sample the folder of the sample in the extension. */
  constructor(sample: vscode.Uri) {
    super();
    this.#sample = sample;
    const { window, workspace } = vscode;
    this._register(
      workspace.registerTextDocumentContentProvider(SAMPLE_SCHEME, {
        provideTextDocumentContent: async (uri) =>
          new TextDecoder().decode(await workspace.fs.readFile(vscode.Uri.joinPath(sample, uri.path))),
      }),
    );
    const isMeant = ({ uri }: vscode.TextDocument) => [...this.#uris.values()].includes(uri.toString());
    this._register(
      workspace.onDidChangeTextDocument(({ document }) => {
        if (isMeant(document)) this.#later();
      }),
    );
    this._register(window.onDidChangeVisibleTextEditors(() => this.#paint()));
    this._register(workspace.onDidChangeWorkspaceFolders(() => this.#later()));
    this._register({
      dispose: () => {
        clearTimeout(this.#timer);
        this.#watcher?.dispose();
      },
    });
  }

  /** Takes over the anchors of a lesson, and answers where they stand; without one, all lights go out. */
  async show(lesson?: {
    title: string;
    anchors: readonly CodeAnchor[];
  }): Promise<Record<string, AnchorPlace>> {
    this.#anchors = lesson?.anchors ?? [];
    this.#title = lesson?.title ?? "";
    this.#places = {};
    this.#uris = new Map();
    this.#watcher?.dispose();
    this.#watcher = undefined;
    const files = [...new Set(this.#anchors.map(({ file }) => file))];
    if (files.length > 0) {
      const watcher = vscode.workspace.createFileSystemWatcher(`**/{${files.join(",")}}`);
      watcher.onDidCreate(() => this.#later());
      watcher.onDidChange(() => this.#later());
      watcher.onDidDelete(() => this.#later());
      this.#watcher = watcher;
    }
    const places = await this.#look();
    this.#told = JSON.stringify(places);
    return places;
  }

  /** Shows the code of an anchor with the caret in it. @throws GlassboxError where it is gone. */
  async reveal(id: string): Promise<void> {
    const places = await this.#look();
    const place = places[id];
    const anchor = this.#anchors.find((each) => each.id === id);
    if (!anchor || !place) {
      throw new GlassboxError("invalid-request", vscode.l10n.t('The lesson has no anchor "{0}".', id));
    }
    if (place.kind === "no-file") {
      throw new GlassboxError("file-unreadable", vscode.l10n.t("There is no file {0} here.", anchor.file));
    }
    const uri = await this.#uri(anchor);
    const document = uri && (await vscode.workspace.openTextDocument(uri));
    if (!document)
      throw new GlassboxError("file-unreadable", vscode.l10n.t("There is no file {0} here.", anchor.file));
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const editor = await vscode.window.showTextDocument(document, {
      viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    });
    if (place.kind === "gone") {
      throw new GlassboxError(
        "file-invalid",
        vscode.l10n.t("The code that the lesson means is no longer in {0}.", anchor.file),
        vscode.l10n.t("Undo your changes there, or read the lesson without it."),
      );
    }
    const first = document.lineAt(place.firstLine);
    const caret = first.range.start.translate(0, first.firstNonWhitespaceCharacterIndex);
    editor.selection = new vscode.Selection(caret, caret);
    editor.revealRange(rangeOf(document, place), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
    this.#paint();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      void this.#look().then((places) => {
        const found = JSON.stringify(places);
        if (found === this.#told) return;
        this.#told = found;
        this.#changed.fire(places);
      });
    }, REST_MS);
  }

  async #look(): Promise<Record<string, AnchorPlace>> {
    const anchors = this.#anchors;
    const found: Record<string, AnchorPlace> = {};
    for (const anchor of anchors) found[anchor.id] = await this.#place(anchor);
    // Another lesson is on show by now: its own places stand.
    if (anchors !== this.#anchors) return this.#places;
    this.#places = found;
    this.#paint();
    return found;
  }

  async #place({ id, file, text }: CodeAnchor): Promise<AnchorPlace> {
    const uri = await this.#uri({ file });
    if (!uri) return { kind: "no-file", file };
    this.#uris.set(id, uri.toString());
    const sample = uri.scheme === SAMPLE_SCHEME;
    const open = vscode.workspace.textDocuments.find(
      (document) => document.uri.toString() === uri.toString(),
    );
    const source = sample ? vscode.Uri.joinPath(this.#sample, file) : uri;
    const content = open?.getText() ?? (await textOf(source));
    if (content === undefined) return { kind: "no-file", file };
    const before = this.#places[id];
    const found = findAnchor(content, text, before?.kind === "found" ? before.firstLine : 0);
    return found ? { kind: "found", file, sample, ...found } : { kind: "gone", file, sample };
  }

  /** The file in the first folder of the workspace that has it, else in the sample. */
  async #uri({ file }: Pick<CodeAnchor, "file">): Promise<vscode.Uri | undefined> {
    const { workspace, Uri } = vscode;
    for (const folder of workspace.workspaceFolders ?? []) {
      const uri = Uri.joinPath(folder.uri, file);
      if (await isFile(uri)) return uri;
    }
    return (await isFile(Uri.joinPath(this.#sample, file)))
      ? Uri.from({ scheme: SAMPLE_SCHEME, path: `/${file}` })
      : undefined;
  }

  /** Lights what the lesson points at, wherever it is seen. */
  #paint(): void {
    for (const editor of vscode.window.visibleTextEditors) {
      const { document } = editor;
      const here = Object.entries(this.#places).flatMap(([id, place]) =>
        this.#uris.get(id) === document.uri.toString() ? [place] : [],
      );
      editor.setDecorations(
        this.#light,
        here.flatMap((place) =>
          place.kind === "found" && place.lastLine < document.lineCount
            ? [
                {
                  range: rangeOf(document, place),
                  hoverMessage: new vscode.MarkdownString().appendText(
                    vscode.l10n.t("The lesson “{0}” is about this.", this.#title),
                  ),
                },
              ]
            : [],
        ),
      );
    }
  }
}

function rangeOf(
  document: vscode.TextDocument,
  place: { firstLine: number; lastLine: number },
): vscode.Range {
  return new vscode.Range(place.firstLine, 0, place.lastLine, document.lineAt(place.lastLine).text.length);
}

/** The text of a file; undefined where it has gone, which it may do while it is asked for. */
async function textOf(uri: vscode.Uri): Promise<string | undefined> {
  try {
    return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return undefined;
    throw error;
  }
}

async function isFile(uri: vscode.Uri): Promise<boolean> {
  try {
    return ((await vscode.workspace.fs.stat(uri)).type & vscode.FileType.File) !== 0;
  } catch (error) {
    if (error instanceof vscode.FileSystemError) return false;
    throw error;
  }
}
