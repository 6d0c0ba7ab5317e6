/** What Would an Edit Save: measures edits of the selection or the file, lists them, and previews the chosen one. */

import * as vscode from "vscode";
import { formatCost, inputCost } from "../../core/tokens/prices.js";
import { isCancelled } from "../../shared/errors.js";
import { formatCount } from "../../shared/formatCount.js";
import type { Caller } from "../../shared/rpc.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";
import { Disposable } from "../disposable.js";
import { hasTokens, nameOf, whyNoEditor, whyNotCounted } from "../documentKinds.js";
import { sayNoText } from "../noText.js";
import { approximation, chosenTokenizer, type Tokenizers } from "../tokenizers.js";
import { choosePriceModel, chosenPrice, describeRates, describeSource } from "../tokens/priceTable.js";
import { type Measured, type MeasuredEdit, measureSavings } from "./measure.js";
import { SavingsPreview } from "./savingsPreview.js";
import { editTitle, moneyText, placesText, safetyText, savingText } from "./wording.js";

/** UTF-16 units that are looked at: an edit of more takes longer than a frame to receive. */
const MOST_CHARACTERS = 1_000_000;

/** UTF-16 units of a line that are read beyond the part that is measured. */
const LONGEST_REST = 10_000;

/** UTF-16 offsets, the end excluded. */
interface Part {
  start: number;
  end: number;
}

interface EditItem extends vscode.QuickPickItem {
  edit?: MeasuredEdit;
  /** Whether it is the price that costs are at, and leads to the others. */
  price?: boolean;
}

/** What is measured: a part of a document, and the window of text that is read to understand it. */
interface Subject {
  document: vscode.TextDocument;
  version: number;
  selected: boolean;
  /** Offsets in the document. */
  window: Part;
  part: Part;
  /** Whether the part had to be cut to `MOST_CHARACTERS`. */
  cut: boolean;
}

export class SavingsFeature extends Disposable {
  readonly #tokenizers: Tokenizers;
  readonly #sandbox: Caller<SandboxProtocol>;
  readonly #preview = this._register(new SavingsPreview());

  constructor(tokenizers: Tokenizers, sandbox: Caller<SandboxProtocol>) {
    super();
    this.#tokenizers = tokenizers;
    this.#sandbox = sandbox;
  }

  /** Measures, lists, and previews what the reader chooses. */
  async show(): Promise<void> {
    const subject = await this.#chooseSubject();
    if (!subject) return;
    const picked = await this.#measureAndPick(subject);
    if (!picked) return;
    const { edit, measured } = picked;
    const title = `${editTitle(edit.kind)}, ${savingText(edit, measured.before)}`;
    await this.#preview.open(subject.document, subject.version, edit, title);
  }

  /** Makes the edit of the preview in front. */
  apply(): Promise<void> {
    return this.#preview.apply();
  }

  /** Starts the language's own rename for the preview in front. */
  rename(): Promise<void> {
    return this.#preview.rename();
  }

  async #chooseSubject(): Promise<Subject | undefined> {
    const editor = vscode.window.activeTextEditor;
    // Asked again from a preview, the question is about the text, not about its preview.
    const previewed = this.#preview.shownDocument;
    const document = previewed ?? editor?.document ?? selectedCell();
    if (!document || !hasTokens(document)) {
      const why = document ? whyNotCounted(document) : await whyNoEditor();
      void (why
        ? vscode.window.showInformationMessage(why.reason)
        : vscode.window.activeNotebookEditor
          ? vscode.window.showInformationMessage(
              vscode.l10n.t("Select a cell to see what an edit of it would save."),
            )
          : sayNoText(vscode.l10n.t("Open a text to see what an edit of it would save.")));
      return undefined;
    }
    const selection = previewed ? undefined : editor?.selections.find(({ isEmpty }) => !isEmpty);
    const length = document.offsetAt(document.lineAt(document.lineCount - 1).range.end);
    const wanted = selection
      ? { start: document.offsetAt(selection.start), end: document.offsetAt(selection.end) }
      : { start: 0, end: length };
    const part = { start: wanted.start, end: Math.min(wanted.end, wanted.start + MOST_CHARACTERS) };
    return {
      document,
      version: document.version,
      selected: selection !== undefined,
      // A selection is understood by the file around it, in a large file by its lines.
      window: length <= MOST_CHARACTERS ? { start: 0, end: length } : wholeLines(document, part),
      part,
      cut: part.end < wanted.end,
    };
  }

  /** A picker that fills when all is measured; closing it stops the measuring. */
  async #measureAndPick(subject: Subject): Promise<{ edit: MeasuredEdit; measured: Measured } | undefined> {
    const name = nameOf(subject.document);
    const picker = vscode.window.createQuickPick<EditItem>();
    const stop = new AbortController();
    picker.title = subject.selected
      ? vscode.l10n.t("What would an edit of the selection in {0} save?", name)
      : vscode.l10n.t("What would an edit of {0} save?", name);
    picker.placeholder = vscode.l10n.t("Finding edits that may save tokens …");
    picker.busy = true;
    picker.matchOnDetail = true;
    // Measuring takes its time, and a window that takes the focus meanwhile must not end it.
    picker.ignoreFocusOut = true;
    picker.onDidHide(() => stop.abort());
    picker.show();
    try {
      const measured = await this.#measure(subject, stop.signal, (done, of) => {
        picker.placeholder = vscode.l10n.t("Measuring edit {0} of {1} …", done + 1, of);
      });
      const saving = measured.edits.filter(({ saved }) => saved > 0);
      if (saving.length === 0) {
        picker.hide();
        void vscode.window.showInformationMessage(nothingToSave(name, measured));
        return undefined;
      }
      picker.busy = false;
      picker.placeholder = [
        vscode.l10n.t("Choose an edit to see it; nothing is changed yet."),
        approximation(chosenTokenizer()) ?? "",
      ]
        .join(" ")
        .trim();
      const list = () => {
        picker.title = `${name}: ${startingPoint(subject, measured)}`;
        picker.items = pickerItems(measured);
      };
      list();
      return await new Promise((resolve, reject) => {
        // The prices are another list, which hides this one until one is chosen.
        let choosingPrice = false;
        picker.onDidHide(() => {
          if (!choosingPrice) resolve(undefined);
        });
        picker.onDidAccept(() => {
          // Enter may have been pressed before the list was there.
          const [item] = picker.selectedItems;
          if (item?.edit) {
            resolve({ edit: item.edit, measured });
            picker.hide();
          } else if (item?.price) {
            choosingPrice = true;
            choosePriceModel().then(() => {
              choosingPrice = false;
              list();
              picker.show();
            }, reject);
          }
        });
      });
    } catch (error) {
      if (isCancelled(error)) return undefined;
      throw error;
    } finally {
      picker.dispose();
    }
  }

  async #measure(
    { document, window, part }: Subject,
    signal: AbortSignal,
    onProgress: (done: number, of: number) => void,
  ): Promise<Measured> {
    const tokenizer = await this.#tokenizers.get(chosenTokenizer());
    const text = document.getText(
      new vscode.Range(document.positionAt(window.start), document.positionAt(window.end)),
    );
    const measured = await measureSavings(this.#sandbox, {
      text,
      languageId: document.languageId,
      start: part.start - window.start,
      end: part.end - window.start,
      // The editor has one kind of line ending for all of a text.
      whole:
        part.start === 0 && part.end === document.offsetAt(document.lineAt(document.lineCount - 1).range.end),
      tokenizer,
      signal,
      onProgress,
    });
    for (const { edits } of measured.edits) {
      for (const edit of edits) {
        edit.start += window.start;
        edit.end += window.start;
      }
    }
    return measured;
  }
}

/** The cell that is selected in the notebook in front, though nobody writes in it. */
function selectedCell(): vscode.TextDocument | undefined {
  const { activeNotebookEditor: shown } = vscode.window;
  const [range] = shown?.selections ?? [];
  return shown && range && !range.isEmpty ? shown.notebook.cellAt(range.start).document : undefined;
}

/** A part with the rest of its first and last line, but of a very long one. */
function wholeLines(document: vscode.TextDocument, { start, end }: Part): Part {
  const first = document.offsetAt(document.positionAt(start).with({ character: 0 }));
  const last = document.offsetAt(document.lineAt(document.positionAt(end).line).range.end);
  return {
    start: start - first < LONGEST_REST ? first : start,
    end: last - end < LONGEST_REST ? last : end,
  };
}

/** "206 tokens, $0.00052 each time they are sent to gpt-4o". */
function startingPoint({ selected, cut }: Subject, { before }: Measured): string {
  const tokens = formatCount(before);
  const price = chosenPrice();
  const what = selected
    ? vscode.l10n.t("selection, {0} tokens", tokens)
    : cut
      ? vscode.l10n.t("first million characters, {0} tokens", tokens)
      : vscode.l10n.t("{0} tokens", tokens);
  return price
    ? vscode.l10n.t(
        "{0}, {1} each time it is sent to {2}",
        what,
        formatCost(inputCost(price, before)),
        price.model,
      )
    : what;
}

/** Edits that save, which say so themselves, then those of the layout that one might think save, and do not. */
function pickerItems({ before, edits }: Measured): EditItem[] {
  const price = chosenPrice();
  const itemOf = (edit: MeasuredEdit): EditItem => ({
    label: editTitle(edit.kind),
    description: savingText(edit, before),
    detail: [safetyText(edit.safety), ...moneyText(edit, price), placesText(edit.edits.length)].join(" "),
    edit,
  });
  const separator = (label: string): EditItem => ({ label, kind: vscode.QuickPickItemKind.Separator });
  const saving = edits.filter(({ saved }) => saved > 0);
  const others = edits.filter(({ saved }) => saved <= 0);
  return [
    ...saving.map(itemOf),
    ...(others.length > 0 ? [separator(vscode.l10n.t("Saves nothing"))] : []),
    ...others.map(itemOf),
    ...(price
      ? [
          separator(vscode.l10n.t("price")),
          {
            label: price.model,
            description: describeRates(price),
            detail: describeSource(price),
            alwaysShow: true,
            price: true,
          },
        ]
      : []),
  ];
}

function nothingToSave(name: string, { before, edits }: Measured): string {
  const tokens = formatCount(before);
  if (edits.length === 0) {
    return vscode.l10n.t("Nothing to save in {0}: its {1} tokens hold no layout to shorten.", name, tokens);
  }
  const tried = edits.map((edit) => `${editTitle(edit.kind)}: ${savingText(edit, before)}`);
  return vscode.l10n.t("Nothing to save in {0} ({1} tokens). {2}.", name, tokens, tried.join("; "));
}
