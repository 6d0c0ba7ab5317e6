/**
 * What lets panels come back with their window: which text each of them was about, what cannot be computed again, and
 * the empty page that the editor hands over for the feature to fill.
 */

import * as vscode from "vscode";

/** UTF-16 units of a text that are kept to find it again. */
const MOST_KEPT = 4000;

/** A text that a panel was about. */
interface Place {
  uri: string;
  /** Offsets in the document. */
  start: number;
  end: number;
  /** The text, or its beginning. */
  text: string;
}

export class PanelPlaces {
  readonly #memory: vscode.Memento;
  readonly #revived = new Map<string, { page: vscode.WebviewPanel; taken(): void }>();
  /** One after the other: each has its text in front of it while it starts. */
  #last: Promise<void> = Promise.resolve();

  /** @param memory of the workspace: places in its files. */
  constructor(memory: vscode.Memento) {
    this.#memory = memory;
  }

  /** Remembers what a panel is about. */
  keep(panel: string, document: vscode.TextDocument, range: vscode.Range): void {
    const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
    const text = document.getText(range).slice(0, MOST_KEPT);
    void this.#memory.update(key(panel), { uri: document.uri.toString(), start, end, text } satisfies Place);
  }

  /** Remembers what a panel shows and could not compute again; "" where it has nothing to keep. */
  keepContent(panel: string, content: string): void {
    void this.#memory.update(contentKey(panel), content === "" ? undefined : content);
  }

  /** What was kept of a panel's content; "" where nothing was. */
  contentOf(panel: string): string {
    return this.#memory.get<string>(contentKey(panel)) ?? "";
  }

  /** The page of a panel that comes back, for the one that opens it now. */
  take(panel: string): vscode.WebviewPanel | undefined {
    const found = this.#revived.get(panel);
    if (!found) return undefined;
    this.#revived.delete(panel);
    found.taken();
    return found.page;
  }

  /**
   * Fills the page of a panel that comes back. The editor shows it only when this is done, so it is done as soon as the
   * page is taken: a feature may go on until the page has answered.
   * @param show what its command does, with its failures told; it takes its text from the active editor.
   */
  revive(panel: string, page: vscode.WebviewPanel, show: () => Promise<void>): Promise<void> {
    const next = this.#last.then(async () => {
      const hadFocus = page.active;
      await this.#showText(panel);
      await new Promise<void>((resolve) => {
        this.#revived.set(panel, { page, taken: resolve });
        void show().then(resolve);
      });
      // The text is gone, or another page has taken its place meanwhile: an empty one is of no use.
      if (this.take(panel)) page.dispose();
      else if (hadFocus) page.reveal(undefined, false);
    });
    // Whoever called has its failure; the next one starts all the same.
    this.#last = next.catch(() => {});
    return next;
  }

  /** Brings the text of a panel to the front; where none is known, the one that the reader has in sight. */
  async #showText(panel: string): Promise<void> {
    const place = this.#memory.get<Place>(key(panel));
    if (place) await showAgain(place);
    const [inSight] = vscode.window.visibleTextEditors;
    if (vscode.window.activeTextEditor || !inSight) return;
    await vscode.window.showTextDocument(inSight.document, {
      ...(inSight.viewColumn === undefined ? {} : { viewColumn: inSight.viewColumn }),
    });
  }
}

function key(panel: string): string {
  return `glassbox.place.${panel}`;
}

function contentKey(panel: string): string {
  return `glassbox.content.${panel}`;
}

/** Selects the text again where the document still holds it; elsewhere in it, where it has moved. */
async function showAgain(place: Place): Promise<void> {
  const uri = vscode.Uri.parse(place.uri, true);
  const shown = vscode.window.visibleTextEditors.find(
    ({ document }) => document.uri.toString() === place.uri,
  );
  const document = shown?.document ?? (await openIfThere(uri));
  if (!document) return;
  const text = document.getText();
  const length = place.end - place.start;
  const start = text.startsWith(place.text, place.start) ? place.start : text.indexOf(place.text);
  if (start < 0) return;
  const [from, to] = [document.positionAt(start), document.positionAt(start + length)];
  await vscode.window.showTextDocument(document, {
    selection: new vscode.Range(from, to),
    viewColumn: shown?.viewColumn ?? vscode.ViewColumn.One,
    preview: false,
  });
}

/** The document; undefined where its file is no longer there. */
async function openIfThere(uri: vscode.Uri): Promise<vscode.TextDocument | undefined> {
  return vscode.workspace.openTextDocument(uri).then(
    (document) => document,
    () => undefined,
  );
}
