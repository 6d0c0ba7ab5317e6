/** "Glassbox: Show Surprisal": the text coloured by the probability that the model gave each token that stands there. */

import * as vscode from "vscode";
import { ReadingCache } from "../../core/surprisal/readingCache.js";
import { surprisingPlaces } from "../../core/surprisal/sums.js";
import { GlassboxError } from "../../shared/errors.js";
import { formatFixed } from "../../shared/formatCount.js";
import type { SurprisalHost, SurprisalPage } from "../../shared/panels/surprisal.js";
import { tokenName } from "../../shared/tokenName.js";
import { Disposable } from "../disposable.js";
import { whyNotCounted } from "../documentKinds.js";
import type { ModelService } from "../models.js";
import { sayNoText } from "../noText.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import { PALETTE_SETTING } from "../tokens/paletteSetting.js";
import { compareWithAnother } from "./compareWithAnother.js";
import { SurprisalBands } from "./surprisalBands.js";
import { surprisalHandlers } from "./surprisalHandlers.js";
import { SurprisalHover, textInstead } from "./surprisalHover.js";
import { SurprisalNotes, scored } from "./surprisalNotes.js";
import { SurprisalSession, type SurprisalToken } from "./surprisalSession.js";
import { SURPRISAL_SETTINGS, thresholds } from "./surprisalSettings.js";
import { percent, sumWords } from "./surprisalWords.js";

/** Milliseconds that changes are collected before anything is drawn. */
const DRAW_MS = 80;
/** The page is told more seldom, and of long texts the more so: it gets all tokens each time. */
const TELL_MS = 400;
const TELL_MS_A_TOKEN = 0.1;
/** Places in the list. */
const MOST_LISTED = 50;

export class SurprisalFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ModelService;
  readonly #log: vscode.LogOutputChannel;
  readonly #cache = new ReadingCache();
  readonly #sessions = new Map<vscode.TextDocument, SurprisalSession>();
  readonly #bands: SurprisalBands;
  readonly #notes: SurprisalNotes;
  readonly #status = this._register(
    vscode.window.createStatusBarItem("glassbox.surprisal", vscode.StatusBarAlignment.Right, 89),
  );
  #panel: Panel<SurprisalPage, SurprisalHost> | undefined;
  /** What the panel shows. */
  #current: SurprisalSession | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #telling: ReturnType<typeof setTimeout> | undefined;
  /** Path of the model that the sessions were begun with. */
  #modelPath = "";

  constructor(environment: PanelEnvironment, models: ModelService, log: vscode.LogOutputChannel) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#log = log;
    const sessionOf = (document: vscode.TextDocument) => this.#sessions.get(document);
    this.#bands = this._register(new SurprisalBands(sessionOf));
    this.#notes = this._register(new SurprisalNotes(sessionOf));
    this.#status.name = vscode.l10n.t("Glassbox Surprisal");
    this._register(vscode.languages.registerHoverProvider({ scheme: "*" }, new SurprisalHover(sessionOf)));
    this._register(
      vscode.window.onDidChangeTextEditorVisibleRanges(({ textEditor }) => {
        const session = sessionOf(textEditor.document);
        if (!session) return;
        session.look();
        this.#schedule();
      }),
    );
    this._register(vscode.window.onDidChangeVisibleTextEditors(() => this.#schedule()));
    this._register(
      vscode.window.onDidChangeActiveTextEditor((editor) => {
        const session = editor && sessionOf(editor.document);
        if (session) this.#current = session;
        this.#schedule();
      }),
    );
    this._register(vscode.workspace.onDidCloseTextDocument((document) => this.#end(document)));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        const settings = [SURPRISAL_SETTINGS, PALETTE_SETTING];
        if (settings.some((setting) => event.affectsConfiguration(setting))) this.#schedule();
      }),
    );
    this._register(
      models.onDidChange((state) => {
        if (state.kind !== "ready") return;
        const another = this.#modelPath !== "" && this.#modelPath !== state.info.path;
        this.#modelPath = state.info.path;
        // What is on screen is of the other model.
        if (another) for (const session of this.#sessions.values()) void session.start();
      }),
    );
    this._register({
      dispose: () => {
        clearTimeout(this.#drawing);
        clearTimeout(this.#telling);
        this.#panel?.dispose();
        for (const session of this.#sessions.values()) session.dispose();
        this.#sessions.clear();
      },
    });
  }

  /** Reads the selection, or the file in front of the reader, and opens the panel beside it. */
  async show(): Promise<void> {
    const editor = this.#environment.lastEditor.inUse;
    if (!editor) {
      void sayNoText(
        vscode.l10n.t(
          "Open a file, then run the command again: the model reads it, or what is selected of it.",
        ),
      );
      return;
    }
    const { document } = editor;
    const reason = whyNotCounted(document)?.reason;
    if (reason !== undefined) {
      void vscode.window.showInformationMessage(reason);
      return;
    }
    const selected = editor.selections.find(({ isEmpty }) => !isEmpty);
    this.#environment.places?.keep("surprisal", document, selected ?? editor.selection);
    this.#end(document);
    const session = new SurprisalSession(document, selected, this.#models, this.#cache);
    session.onDidChange(() => this.#schedule());
    this.#sessions.set(document, session);
    this.#current = session;
    void vscode.commands.executeCommand("setContext", "glassbox.surprisal", true);
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    this.#schedule();
    void session.start();
  }

  /** Takes the colours off all texts. */
  hide(): void {
    for (const document of [...this.#sessions.keys()]) this.#end(document);
    this.#panel?.dispose();
  }

  stop(): void {
    for (const session of this.#sessions.values()) session.stop();
  }

  /** Goes to the next or the previous place of the highest levels, from the caret on. */
  async walk(direction: 1 | -1): Promise<void> {
    const editor = this.#environment.lastEditor.inUse;
    const session = editor && this.#sessions.get(editor.document);
    if (!editor || !session) {
      await this.show();
      return;
    }
    const caret = editor.document.offsetAt(editor.selection.start);
    const places = surprising(session.tokens()).sort((a, b) => a.start - b.start);
    const ordered = direction > 0 ? places : places.reverse();
    const next = ordered.find(({ start }) => (start - caret) * direction > 0) ?? ordered[0];
    if (!next) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Nothing here surprised the model much."));
      return;
    }
    await this.#reveal(session, next.start, next.end);
    const best = next.reading?.alternatives[0];
    const name = best && session.name(best.id);
    if (!next.reading || !best || !name) return;
    vscode.window.setStatusBarMessage(
      vscode.l10n.t(
        "{0} bits: probability {1}; most probable was “{2}”, {3}",
        formatFixed(next.reading.bits, 1),
        percent(2 ** -next.reading.bits),
        tokenName(name),
        percent(best.probability),
      ),
      8000,
    );
  }

  /** The most surprising places to choose from; each is shown while it is looked at. */
  async list(address?: string, from?: number, to?: number): Promise<void> {
    const editor = this.#environment.lastEditor.inUse;
    const session =
      address === undefined
        ? editor && this.#sessions.get(editor.document)
        : [...this.#sessions.values()].find(({ document }) => document.uri.toString() === address);
    if (!session) {
      await this.show();
      return;
    }
    const there = session
      .tokens()
      .filter(({ start }) => start >= (from ?? 0) && start < (to ?? Number.POSITIVE_INFINITY));
    const places = surprising(there).slice(0, MOST_LISTED);
    if (places.length === 0) {
      void vscode.window.showInformationMessage(vscode.l10n.t("Nothing here surprised the model much."));
      return;
    }
    const { document } = session;
    const items = places.map((place) => {
      const position = document.positionAt(place.start);
      const best = place.reading?.alternatives[0];
      const name = best && session.name(best.id);
      return {
        label: tokenName(place.token),
        description: vscode.l10n.t(
          "line {0} · {1} bits · {2}",
          position.line + 1,
          formatFixed(place.reading?.bits ?? 0, 1),
          percent(2 ** -(place.reading?.bits ?? 0)),
        ),
        detail:
          best && name
            ? vscode.l10n.t(
                "{0} — most probable: {1}, {2}",
                document.lineAt(position.line).text.trim(),
                tokenName(name),
                percent(best.probability),
              )
            : document.lineAt(position.line).text.trim(),
        place,
      };
    });
    const before = this.#environment.lastEditor.inUse?.selection;
    const picker = vscode.window.createQuickPick<(typeof items)[number]>();
    picker.items = items;
    picker.title = vscode.l10n.t("Most surprising places");
    picker.placeholder = vscode.l10n.t("What the model expected least");
    picker.matchOnDetail = true;
    let chosen = false;
    let looked = Promise.resolve();
    picker.onDidChangeActive(([item]) => {
      if (item) looked = this.#reveal(session, item.place.start, item.place.end, true);
    });
    picker.onDidAccept(() => {
      const [item] = picker.activeItems;
      chosen = true;
      picker.hide();
      if (item) void this.#reveal(session, item.place.start, item.place.end);
    });
    picker.onDidHide(() => {
      picker.dispose();
      // A place that is still on its way into sight would take the caret along.
      void looked.then(() => {
        const shown = vscode.window.visibleTextEditors.find((each) => each.document === document);
        if (!chosen && shown && before) shown.selection = before;
      });
    });
    picker.show();
  }

  /**
   * Puts what was more probable in place of a token. The arguments come from a link: only what the session itself
   * knows of this very place is put in.
   */
  async tryInstead(address: unknown, start: unknown, end: unknown, alternative: unknown): Promise<void> {
    const session = [...this.#sessions.values()].find(({ document }) => document.uri.toString() === address);
    const token =
      typeof start === "number" && typeof end === "number" && end > start
        ? session?.tokensIn(start, end).find((each) => each.start === start && each.end === end)
        : undefined;
    const other = typeof alternative === "number" ? token?.reading?.alternatives[alternative] : undefined;
    if (!session || !token || !other) {
      void vscode.window.showInformationMessage(
        vscode.l10n.t("The text has changed there; point at it again for what is probable now."),
      );
      return;
    }
    const { document } = session;
    const range = new vscode.Range(document.positionAt(token.start), document.positionAt(token.end));
    const text = textInstead(token.token, document.getText(range), session.name(other.id));
    if (text === undefined) return;
    const edit = new vscode.WorkspaceEdit();
    edit.replace(document.uri, range, text);
    await vscode.workspace.applyEdit(edit);
  }

  #open(): void {
    const panel = new Panel<SurprisalPage, SurprisalHost>(this.#environment, {
      name: "surprisal",
      title: vscode.l10n.t("Surprisal"),
      handlers: surprisalHandlers({
        session: () => this.#current,
        reveal: async (start, end) => {
          if (this.#current) await this.#reveal(this.#current, start, end);
        },
        readAgain: () => this.show(),
        compare: (session, signal, onProgress) =>
          compareWithAnother(this.#models, session, signal, onProgress),
        hide: () => this.hide(),
      }),
    });
    panel.onDidClose(() => {
      this.#panel = undefined;
    });
    this.#panel = panel;
  }

  async #reveal(session: SurprisalSession, start: number, end: number, preserveFocus = false): Promise<void> {
    const { document } = session;
    const selection = new vscode.Selection(document.positionAt(start), document.positionAt(end));
    const shown = vscode.window.visibleTextEditors.find((editor) => editor.document === document);
    const editor = await vscode.window.showTextDocument(document, {
      preserveFocus,
      ...(shown?.viewColumn === undefined ? {} : { viewColumn: shown.viewColumn }),
    });
    editor.selection = selection;
    editor.revealRange(selection, vscode.TextEditorRevealType.InCenterIfOutsideViewport);
  }

  #end(document: vscode.TextDocument): void {
    const session = this.#sessions.get(document);
    if (!session) return;
    session.dispose();
    this.#sessions.delete(document);
    if (this.#current === session) this.#current = undefined;
    if (this.#sessions.size === 0) {
      void vscode.commands.executeCommand("setContext", "glassbox.surprisal", false);
    }
    this.#schedule();
  }

  #schedule(): void {
    this.#drawing ??= setTimeout(() => {
      this.#drawing = undefined;
      this.#bands.draw();
      this.#notes.draw();
      this.#drawStatus();
    }, DRAW_MS);
    this.#telling ??= setTimeout(
      () => {
        this.#telling = undefined;
        this.#panel?.page.call("changed", {}).catch((error: unknown) => {
          // The page may close while the message is under way.
          if (GlassboxError.from(error).code !== "closed") reportError(error, this.#log);
        });
      },
      Math.max(TELL_MS, TELL_MS_A_TOKEN * (this.#current?.size ?? 0)),
    );
  }

  #drawStatus(): void {
    const editor = vscode.window.activeTextEditor;
    const session = editor ? this.#sessions.get(editor.document) : this.#current;
    if (!session) {
      this.#status.hide();
      return;
    }
    const { phase } = session;
    const words = sumWords(session.sum());
    if (phase.kind === "reading") {
      this.#status.text = `$(loading~spin) ${vscode.l10n.t("Surprisal {0} %", Math.floor(100 * session.fraction))}`;
      this.#status.tooltip = vscode.l10n.t("The model reads the text. Click to stop.");
      this.#status.command = "glassbox.stopSurprisal";
    } else {
      this.#status.text = words ? words.split(" · ")[0]! : vscode.l10n.t("Surprisal");
      this.#status.tooltip =
        phase.kind === "failed"
          ? phase.error.message
          : [words, vscode.l10n.t("Click for the most surprising places.")].filter(Boolean).join("\n");
      this.#status.command = "glassbox.listSurprises";
    }
    this.#status.show();
  }
}

function surprising(tokens: readonly SurprisalToken[]): SurprisalToken[] {
  return surprisingPlaces(tokens.map(scored), thresholds()).map((index) => tokens[index]!);
}
