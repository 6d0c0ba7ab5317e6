/** "Glassbox: Ask About Selection": from a question to the panel that shows how tools answer it. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { Ask } from "../../core/ask/ask.js";
import type { ExplanationModel } from "../../core/explain/modelCalls.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import type { AskEvent, AskHost, AskPage, AskSubject } from "../../shared/panels/ask.js";
import { Disposable } from "../disposable.js";
import { LastEditor } from "../lastEditor.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import type { WorkspaceTools } from "../tools/workspaceTools.js";

/** Events are sent to the page in batches: a small model writes several tokens a frame. */
const BATCH_MS = 16;
/** UTF-16 units of a selection that questions can be about. */
const LONGEST_SUBJECT = 100_000;

export class AskFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ExplanationModel;
  readonly #tools: WorkspaceTools;
  readonly #log: vscode.LogOutputChannel;
  readonly #lastEditor = this._register(new LastEditor());
  #ask: Ask | undefined;
  #panel: Panel<AskPage, AskHost> | undefined;
  #batch: AskEvent[] = [];
  #batchTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(
    environment: PanelEnvironment,
    models: ExplanationModel,
    tools: WorkspaceTools,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#tools = tools;
    this.#log = log;
    this._register({
      dispose: () => {
        clearTimeout(this.#batchTimer);
        this.#ask?.dispose();
        this.#panel?.dispose();
      },
    });
    this._register(
      vscode.workspace.onDidGrantWorkspaceTrust(() => this.#ask?.emit({ kind: "trusted", trusted: true })),
    );
  }

  /** What is being asked now; for the tests. */
  get ask(): Ask | undefined {
    return this.#ask;
  }

  /** Opens the panel about the selection and asks; without a question, the reader writes it first. */
  async askAboutSelection(question?: string): Promise<void> {
    const subject = subjectOf(vscode.window.activeTextEditor ?? this.#lastEditor.inSight);
    const asked =
      question ??
      (await vscode.window.showInputBox({
        title: vscode.l10n.t("Ask About Selection"),
        prompt:
          subject.text === ""
            ? vscode.l10n.t("Nothing is selected; the question stands by itself.")
            : vscode.l10n.t("The question is about the selected text in {0}.", subject.fileName),
        placeHolder: vscode.l10n.t("How many tokens are in the selection?"),
      }));
    if (asked === undefined || asked.trim() === "") return;
    this.#ask?.dispose();
    this.#batch = [];
    const ask = new Ask(
      {
        model: this.#models,
        context: (allowCode) => this.#tools.context(allowCode && vscode.workspace.isTrusted),
        onEvent: (event) => this.#post(event),
      },
      { subject, trusted: vscode.workspace.isTrusted, model: undefined, turns: [] },
    );
    this.#ask = ask;
    if (this.#panel) this.#panel.reveal();
    else this.#open();
    this.#tell(this.#panel?.page.call("opened", ask.state));
    // Code is run only where the reader ticks it in the panel, for one question.
    await ask.ask(asked.trim(), false);
  }

  #open(): void {
    const panel = new Panel<AskPage, AskHost>(this.#environment, {
      name: "ask",
      title: vscode.l10n.t("Answer"),
      handlers: {
        ask: async ({ question, allowCode }) => {
          if (!this.#ask) throw new GlassboxError("invalid-request", "There is nothing to ask about.");
          await this.#ask.ask(question, allowCode);
          return null;
        },
        stop: () => {
          this.#ask?.stop();
          return null;
        },
        manageTrust: async () => {
          await vscode.commands.executeCommand("workbench.trust.manage");
          return null;
        },
      },
    });
    panel.onDidClose(() => {
      this.#panel = undefined;
      // Nobody is there to read on.
      this.#ask?.stop();
    });
    this.#panel = panel;
  }

  #post(event: AskEvent): void {
    this.#batch.push(event);
    this.#batchTimer ??= setTimeout(() => {
      this.#batchTimer = undefined;
      const events = this.#batch.splice(0);
      if (events.length > 0) this.#tell(this.#panel?.page.call("happened", { events }));
    }, BATCH_MS);
  }

  /** A page may close while a message is under way. */
  #tell(message: Promise<unknown> | undefined): void {
    message?.catch((error: unknown) => {
      const { code, message: text } = GlassboxError.from(error);
      if (code !== "closed") this.#log.warn(text);
    });
  }
}

/** The selection, or nothing where nothing is selected. */
function subjectOf(editor: vscode.TextEditor | undefined): AskSubject {
  if (!editor) {
    return {
      fileName: "",
      path: undefined,
      languageId: "plaintext",
      firstLine: 0,
      lastLine: 0,
      text: "",
      notes: [],
    };
  }
  const { document, selection } = editor;
  const whole = document.getText(selection);
  const text = firstCharacters(whole, LONGEST_SUBJECT);
  const inWorkspace = vscode.workspace.getWorkspaceFolder(document.uri) !== undefined;
  return {
    fileName: basename(document.fileName),
    path: inWorkspace ? vscode.workspace.asRelativePath(document.uri) : undefined,
    languageId: document.languageId,
    firstLine: selection.start.line,
    lastLine:
      selection.end.character === 0 && selection.end.line > selection.start.line
        ? selection.end.line - 1
        : selection.end.line,
    text,
    notes:
      text.length < whole.length
        ? [vscode.l10n.t("Only the first {0} characters of the selection are asked about.", text.length)]
        : [],
  };
}
