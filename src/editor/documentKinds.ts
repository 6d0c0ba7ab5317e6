/** The one place that decides which documents are texts of the reader's, and says of the others why they are not. */

import { basename } from "node:path";
import * as vscode from "vscode";

/** Why something in front of the reader is not counted, for the status item and for a sentence. */
export interface NotCounted {
  /** One or two words: "output". */
  short: string;
  /** A sentence. */
  reason: string;
}

/** VS Code keeps texts of more UTF-16 units than this from extensions (`_MODEL_SYNC_LIMIT` of its TextModel). */
const LARGEST_SYNCED = 50 * 1024 * 1024;
/** Milliseconds after a change of tabs until a tab without an editor is believed to have none. */
const SETTLE_MS = 300;

/** Documents that are nobody's text, by the scheme of their address. */
const LEFT_OUT: Readonly<Record<string, () => NotCounted>> = {
  output: () => ({
    short: vscode.l10n.t("output"),
    reason: vscode.l10n.t("Output panes are not counted: they grow faster than anybody reads."),
  }),
  comment: input,
  "vscode-scm": input,
  "vscode-interactive-input": input,
  chatSessionInput: input,
  walkThrough: welcome,
  walkThroughSnippet: welcome,
};

function input(): NotCounted {
  return {
    short: vscode.l10n.t("input field"),
    reason: vscode.l10n.t("Input fields of views are not counted, only texts in editors."),
  };
}

function welcome(): NotCounted {
  return {
    short: vscode.l10n.t("welcome page"),
    reason: vscode.l10n.t("Welcome pages are not counted: their text is VS Code's."),
  };
}

/**
 * Why a document is not counted; undefined where it is. Files on any file system, untitled and read-only texts,
 * both sides of a diff, peeked files, cells of notebooks and the texts of other extensions are all counted.
 */
export function whyNotCounted({ uri }: Pick<vscode.TextDocument, "uri">): NotCounted | undefined {
  // The debugger's other documents are sources that it hands out, to be read like any.
  if (uri.scheme === "debug" && uri.path === "replinput") return input();
  return Object.hasOwn(LEFT_OUT, uri.scheme) ? LEFT_OUT[uri.scheme]!() : undefined;
}

/** Whether a document is a text of the reader's: shown with tokens and followed by lessons. */
export function hasTokens(document: Pick<vscode.TextDocument, "uri">): boolean {
  return whyNotCounted(document) === undefined;
}

/** The notebook that a cell belongs to, whose cells are counted together; undefined for other documents. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | undefined {
  if (document.uri.scheme !== "vscode-notebook-cell") return undefined;
  return vscode.workspace.notebookDocuments.find((notebook) =>
    notebook.getCells().some((cell) => cell.document === document),
  );
}

/** Calls back when cells of a notebook come and go; what is written in them is told as the change of a document. */
export function onDidChangeCells(listener: (notebook: vscode.NotebookDocument) => void): vscode.Disposable {
  return vscode.workspace.onDidChangeNotebookDocument(({ notebook, contentChanges }) => {
    if (contentChanges.length > 0) listener(notebook);
  });
}

/** What a document is called in a sentence: "sum.ts", or "cell 2 of tale.ipynb", as people count. */
export function nameOf(document: vscode.TextDocument): string {
  const name = basename(document.uri.path);
  const place = cellPlace(document);
  return place === undefined ? name : vscode.l10n.t("cell {0} of {1}", place + 1, name);
}

/** The place of a cell in its notebook, counted from 0; undefined for other documents. */
export function cellPlace(document: vscode.TextDocument): number | undefined {
  return notebookOf(document)
    ?.getCells()
    .find((cell) => cell.document === document)?.index;
}

/** The document that the diff in front compares a document with; undefined where there is no such diff. */
export function otherSideOf(document: vscode.TextDocument): vscode.TextDocument | undefined {
  const shown = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  if (!(shown instanceof vscode.TabInputTextDiff)) return undefined;
  const sides = [shown.original.toString(), shown.modified.toString()];
  const side = sides.indexOf(document.uri.toString());
  if (side < 0) return undefined;
  return vscode.workspace.textDocuments.find(({ uri }) => uri.toString() === sides[1 - side]);
}

/**
 * Why nothing can be counted in the tab in front, which has no text editor that extensions know of; undefined
 * where there is no such tab, where it is a page or a notebook, and where a text editor turns up after all.
 */
export async function whyNoEditor(): Promise<NotCounted | undefined> {
  const tab = vscode.window.tabGroups.activeTabGroup.activeTab;
  if (!tab || vscode.window.activeTextEditor || vscode.window.activeNotebookEditor) return undefined;
  const { input: shown, label } = tab;
  if (shown instanceof vscode.TabInputWebview) return undefined;
  if (shown instanceof vscode.TabInputNotebook || shown instanceof vscode.TabInputNotebookDiff) {
    return undefined;
  }
  const uri =
    shown instanceof vscode.TabInputText
      ? shown.uri
      : shown instanceof vscode.TabInputTextDiff
        ? shown.modified
        : undefined;
  if (!uri) {
    return {
      short: label,
      reason: vscode.l10n.t('"{0}" is not counted: its tab shows no text that extensions can read.', label),
    };
  }
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  if (vscode.window.activeTextEditor || vscode.window.tabGroups.activeTabGroup.activeTab !== tab) {
    return undefined;
  }
  const size = await sizeOf(uri);
  const name = basename(uri.path);
  if (size !== undefined && size > LARGEST_SYNCED) {
    return {
      short: vscode.l10n.t("file over 50 MB"),
      reason: vscode.l10n.t(
        '"{0}" is not counted: VS Code hands no text over 50 MB to extensions, and it has {1} MB.',
        name,
        Math.round(size / 1024 / 1024),
      ),
    };
  }
  return {
    short: vscode.l10n.t("no text"),
    reason: vscode.l10n.t('"{0}" is not counted: VS Code shows it, but not as text.', name),
  };
}

/** Bytes of a file; undefined where its file system does not say. */
async function sizeOf(uri: vscode.Uri): Promise<number | undefined> {
  return vscode.workspace.fs.stat(uri).then(
    ({ size }) => size,
    () => undefined,
  );
}
