/** "Glassbox: Ask About Selection": from a question to the panel that shows how tools answer it. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { Ask } from "../../core/ask/ask.js";
import { keptAsk, returnedAsk } from "../../core/ask/keptAsk.js";
import type { ExplanationModel } from "../../core/explain/modelCalls.js";
import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import {
  type AskEvent,
  type AskHost,
  type AskState,
  type AskSubject,
  NOTHING_SELECTED,
} from "../../shared/panels/ask.js";
import type { Handlers } from "../../shared/rpc.js";
import { Disposable } from "../disposable.js";
import { EventPanel } from "../eventPanel.js";
import type { PanelEnvironment } from "../panel.js";
import type { WorkspaceTools } from "../tools/workspaceTools.js";

/** UTF-16 units of a selection that questions can be about. */
const LONGEST_SUBJECT = 100_000;

export class AskFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ExplanationModel;
  readonly #tools: WorkspaceTools;
  readonly #panel: EventPanel<AskState, AskEvent, AskHost>;
  #ask: Ask | undefined;

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
    this.#panel = this._register(
      new EventPanel(environment, {
        name: "ask",
        title: vscode.l10n.t("Answer"),
        handlers: this.#handlers(),
        log,
        onDidClose: () => this.#ask?.stop(),
      }),
    );
    this._register({ dispose: () => this.#ask?.dispose() });
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
    const subject = this.#takeSubject();
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
    // Code is run only where the reader ticks it in the panel, for one question.
    await this.#open(subject).ask(asked.trim(), false);
  }

  /** Opens the panel again in a window that comes back: with its answers, or with a word about those that are gone. */
  async reopen(): Promise<void> {
    const back = returnedAsk(this.#environment.places?.contentOf("ask") ?? "");
    if (!back) {
      this.#open(
        withNote(
          this.#takeSubject(),
          vscode.l10n.t("The answers of before went with the window. Ask again below."),
        ),
      );
      return;
    }
    const { state, gone } = back;
    const subject =
      gone === 0
        ? state.subject
        : withNote(
            state.subject,
            gone === 1
              ? vscode.l10n.t("The answer to one earlier question went with the window.")
              : vscode.l10n.t("The answers to {0} earlier questions went with the window.", gone),
          );
    this.#open(subject, state);
  }

  #takeSubject(): AskSubject {
    const editor = this.#environment.lastEditor.inUse;
    if (editor) this.#environment.places?.keep("ask", editor.document, editor.selection);
    return subjectOf(editor);
  }

  /** @param before what had been asked and answered, in a window that has come back. */
  #open(subject: AskSubject, before?: Pick<AskState, "turns" | "model">): Ask {
    this.#ask?.dispose();
    const ask = new Ask(
      {
        model: this.#models,
        context: (allowCode) => this.#tools.context(allowCode && vscode.workspace.isTrusted),
        onEvent: (event) => {
          this.#panel.post(event);
          if (event.kind === "asked" || event.kind === "ended") this.#keep(ask.state);
        },
      },
      {
        subject,
        trusted: vscode.workspace.isTrusted,
        model: before?.model,
        turns: before?.turns ?? [],
      },
    );
    this.#ask = ask;
    this.#panel.show(ask.state);
    return ask;
  }

  /** An answer that took a minute is not asked for again because the window was closed. */
  #keep(state: AskState): void {
    this.#environment.places?.keepContent("ask", keptAsk(state));
  }

  #handlers(): Handlers<AskHost> {
    return {
      ask: async ({ question, allowCode }) => {
        if (!this.#ask)
          throw new GlassboxError("invalid-request", vscode.l10n.t("There is nothing to ask about."));
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
    };
  }
}

function withNote(subject: AskSubject, note: string): AskSubject {
  return { ...subject, notes: [...subject.notes, note] };
}

/** The selection, or nothing where nothing is selected. */
function subjectOf(editor: vscode.TextEditor | undefined): AskSubject {
  if (!editor) return NOTHING_SELECTED;
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
