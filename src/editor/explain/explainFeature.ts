/** "Glassbox: Explain Selection": from the selection to the panel beside the editor, and back to its lines. */

import * as vscode from "vscode";
import type { PlacedTrace } from "../../core/checks/predictions.js";
import { Explanation } from "../../core/explain/explanation.js";
import { explanationMarkdown } from "../../core/explain/explanationMarkdown.js";
import { initialState } from "../../core/explain/explanationState.js";
import { keptCall, returnedCall } from "../../core/explain/keptCall.js";
import type { ExplanationModel } from "../../core/explain/modelCalls.js";
import { EXPLAIN_SAMPLING, EXPLAIN_SEED } from "../../core/explain/prompts.js";
import { GlassboxError } from "../../shared/errors.js";
import type { ExplainEvent, ExplainHost, ExplainState } from "../../shared/panels/explain.js";
import type { SentCall, SentHost, SentPage } from "../../shared/panels/sent.js";
import type { Caller } from "../../shared/rpc.js";
import type { SandboxProtocol } from "../../shared/workerProtocol.js";
import { Disposable } from "../disposable.js";
import { EventPanel } from "../eventPanel.js";
import { sayNoText } from "../noText.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { sandboxLimits } from "../sandboxLimits.js";
import { chosenTokenPrice } from "../tokens/priceTable.js";
import { chooseText } from "./chooseText.js";
import { explainHandlers } from "./explainHandlers.js";
import { languageFacts } from "./languageFacts.js";
import { MomentValues } from "./momentValues.js";
import { StepLines } from "./stepLines.js";

export class ExplainFeature extends Disposable {
  readonly #environment: PanelEnvironment;
  readonly #models: ExplanationModel;
  readonly #sandbox: Caller<SandboxProtocol>;
  readonly #log: vscode.LogOutputChannel;
  readonly #lines = this._register(new StepLines());
  readonly #moments = this._register(new MomentValues());
  readonly #panel: EventPanel<ExplainState, ExplainEvent, ExplainHost>;
  #explanation: Explanation | undefined;
  #sentPanel: Panel<SentPage, SentHost> | undefined;

  constructor(
    environment: PanelEnvironment,
    models: ExplanationModel,
    sandbox: Caller<SandboxProtocol>,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#sandbox = sandbox;
    this.#log = log;
    this.#panel = this._register(
      new EventPanel(environment, {
        name: "explain",
        title: vscode.l10n.t("Explanation"),
        handlers: explainHandlers({
          current: () => this.#explanation,
          explainSelection: () => this.explainSelection(),
          highlight: (step) => this.#lines.light(step),
          goTo: (step) => this.#lines.goTo(step),
          showSent: (call) => this.#showSent(call),
          showMoment: (run, moment) => this.#showMoment(run, moment),
          save: () => this.saveExplanation(),
          manageTrust: async () => {
            await vscode.commands.executeCommand("workbench.trust.manage");
          },
        }),
        log,
        onDidClose: () => {
          this.#lines.light(undefined);
          this.#moments.clear();
          this.#explanation?.stop();
        },
      }),
    );
    this._register({
      dispose: () => {
        this.#explanation?.dispose();
        this.#sentPanel?.dispose();
      },
    });
    this._register(
      vscode.workspace.onDidGrantWorkspaceTrust(() =>
        this.#explanation?.emit({ kind: "trusted", trusted: true }),
      ),
    );
    this._register(this.#lines.onDidMove((moved) => this.#explanation?.emit({ kind: "moved", ...moved })));
  }

  /** What is being explained now; for the tests. */
  get explanation(): Explanation | undefined {
    return this.#explanation;
  }

  /**
   * Splits the selection and shows its steps. The model speaks at once, unless there is a function that the
   * reader may want to run first, so that the model hears the facts before it speaks.
   */
  async explainSelection(): Promise<void> {
    await this.#explainSelection(true);
  }

  /** Shows the steps of the selection again, in a window that comes back; the model waits to be asked. */
  async reopen(): Promise<void> {
    await this.#explainSelection(false);
  }

  /** Opens "What Was Sent" in a window that comes back: the same call, or a word that it is gone. */
  async reopenSent(): Promise<void> {
    const call = returnedCall(this.#environment.places?.contentOf("sent") ?? "");
    if (call) return this.#showSent(call);
    this.#openSent();
    this.#tell(this.#sentPanel?.page.call("gone", {}));
  }

  /** @param speaks whether the model may speak of itself. */
  async #explainSelection(speaks: boolean): Promise<void> {
    const editor = this.#environment.lastEditor.inUse;
    const subject = editor && (await chooseText(editor, this.#sandbox));
    if (!editor || !subject) {
      void (editor
        ? vscode.window.showInformationMessage(
            vscode.l10n.t("There is no text here. Select what is to be explained and run the command again."),
          )
        : sayNoText(vscode.l10n.t("Open a text file and select what is to be explained.")));
      return;
    }
    const { document } = editor;
    this.#environment.places?.keep("explain", document, editor.selection);
    this.#explanation?.dispose();
    this.#moments.clear();
    const explanation = new Explanation(
      {
        model: this.#models,
        sandbox: this.#sandbox,
        wholeFile: () => (this.#explanation === explanation ? this.#lines.text : undefined),
        isTrusted: () => vscode.workspace.isTrusted,
        languageFacts: async (steps, signal) => {
          const open = this.#explanation === explanation && !document.isClosed;
          const { lines, edited } = explanation.state;
          // Of a text that has changed, the tools would speak of another one.
          if (!open || edited) return [];
          const placed = steps.map((step) => ({ step, lines: lines[step.index]! }));
          return languageFacts(document, placed, signal);
        },
        onEvent: (event) => this.#panel.post(event),
      },
      initialState(subject, {
        trusted: vscode.workspace.isTrusted,
        limits: sandboxLimits(),
        sampling: EXPLAIN_SAMPLING,
        seed: EXPLAIN_SEED,
        price: chosenTokenPrice(),
      }),
    );
    this.#explanation = explanation;
    // From now on there is something to save, and soon a prompt to show.
    void vscode.commands.executeCommand("setContext", "glassbox.explained", true);
    this.#lines.set(document, []);
    this.#panel.show(explanation.state);

    await explanation.split();
    const { phase, steps, functions, lines } = explanation.state;
    if (this.#explanation !== explanation || phase !== "ready") return;
    this.#lines.set(document, lines);
    if (steps.length === 0 || !speaks) return;
    // With a function to run, the reader decides; the model is loaded meanwhile.
    if (functions.length > 0 && explanation.state.trusted) {
      this.#tell(this.#models.ready());
    } else await explanation.explain(true);
  }

  /** Shows the prompt of the last call. */
  async showWhatWasSent(): Promise<void> {
    const call = this.#explanation?.lastCall;
    if (call) return this.#showSent(call);
    const explain = vscode.l10n.t("Explain Selection");
    const chosen = await vscode.window.showInformationMessage(
      vscode.l10n.t("Nothing has been sent to the model yet."),
      explain,
    );
    if (chosen === explain) await this.explainSelection();
  }

  /** Writes the explanation with its evidence into a Markdown file of the reader's choice. */
  async saveExplanation(): Promise<void> {
    const state = this.#explanation?.state;
    if (!state || state.phase === "splitting") {
      void vscode.window.showInformationMessage(
        vscode.l10n.t(
          "There is no explanation to save yet. Select some code and run Glassbox: Explain Selection.",
        ),
      );
      return;
    }
    const document = this.#lines.document;
    const folder =
      document && !document.isUntitled
        ? vscode.Uri.joinPath(document.uri, "..")
        : vscode.workspace.workspaceFolders?.[0]?.uri;
    const name = `${state.subject.fileName.replace(/\.[^.]*$/, "") || "selection"}-explained.md`;
    const target = await vscode.window.showSaveDialog({
      ...(folder ? { defaultUri: vscode.Uri.joinPath(folder, name) } : {}),
      filters: { Markdown: ["md"] },
      title: vscode.l10n.t("Save Explanation as Markdown"),
    });
    if (!target) return;
    const text = explanationMarkdown(state, new Date().toISOString().slice(0, 10));
    await vscode.workspace.fs.writeFile(target, new TextEncoder().encode(text));
    await vscode.window.showTextDocument(target, { viewColumn: vscode.ViewColumn.One, preview: true });
  }

  #showMoment(run: PlacedTrace | undefined, moment: number): void {
    const document = this.#lines.document;
    const state = this.#explanation?.state;
    if (!run || !document || !state) {
      this.#moments.clear();
      return;
    }
    // Edits above have moved the selection, and with it the lines of its run; a run of the whole file began at 0.
    const [first] = state.steps;
    const moved = first && run.firstLine > 0 ? state.lines[first.index]!.first - first.firstLine : 0;
    this.#moments.show(document, run.trace, run.firstLine + moved, moment);
  }

  #showSent(call: SentCall): void {
    if (this.#sentPanel) this.#sentPanel.reveal();
    else this.#openSent();
    this.#environment.places?.keepContent("sent", keptCall(call));
    this.#tell(this.#sentPanel?.page.call("opened", call));
  }

  #openSent(): void {
    const panel = new Panel<SentPage, SentHost>(this.#environment, {
      name: "sent",
      title: vscode.l10n.t("What Was Sent"),
      handlers: {
        explain: async () => {
          await this.explainSelection();
          return null;
        },
      },
      // In the explanation's own column: a third one would leave each of them too narrow.
      viewColumn: this.#panel.viewColumn,
    });
    panel.onDidClose(() => {
      this.#sentPanel = undefined;
    });
    this.#sentPanel = panel;
  }

  /** A page may close while a message is under way, and a failed load stands in the panel's head already. */
  #tell(message: Promise<unknown> | undefined): void {
    message?.catch((error: unknown) => {
      const { code } = GlassboxError.from(error);
      if (code !== "closed") this.#log.warn(GlassboxError.from(error).message);
    });
  }
}
