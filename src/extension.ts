/** The composition root: builds the parts, wires them, registers what the editor must know from the start. */

import * as vscode from "vscode";
import { commandTable } from "./commands.js";
import type { AskFeature } from "./editor/ask/askFeature.js";
import type { AttentionFeature } from "./editor/attention/attentionFeature.js";
import type { BudgetFeature } from "./editor/budget/budgetFeature.js";
import { BudgetView } from "./editor/budget/budgetView.js";
import type { CompareFeature } from "./editor/compare/compareFeature.js";
import { registerExplainAction } from "./editor/explain/explainAction.js";
import type { ExplainFeature } from "./editor/explain/explainFeature.js";
import type { GuessFeature } from "./editor/guess/guessFeature.js";
import { LastEditor } from "./editor/lastEditor.js";
import type { LessonFeature } from "./editor/lessons/lessonFeature.js";
import { LessonTreeView } from "./editor/lessons/lessonTree.js";
import { GpuFolder } from "./editor/models/gpuFolder.js";
import type { GpuSupportFeature } from "./editor/models/gpuSupport.js";
import { ModelService } from "./editor/models.js";
import type { PanelEnvironment } from "./editor/panel.js";
import { PanelPlaces } from "./editor/panelPlaces.js";
import { reportError } from "./editor/reportError.js";
import type { SamplingFeature } from "./editor/sampling/samplingFeature.js";
import type { SavingsFeature } from "./editor/savings/savingsFeature.js";
import type { ChatModel } from "./editor/server/chatModel.js";
import { SessionCounts } from "./editor/sessionUse.js";
import type { SplitFeature } from "./editor/split/splitFeature.js";
import type { SurprisalFeature } from "./editor/surprisal/surprisalFeature.js";
import { Tokenizers } from "./editor/tokenizers.js";
import type { TokenFeature } from "./editor/tokens/tokenFeature.js";
import { registerAgentTools } from "./editor/tools/agentTools.js";
import { once } from "./shared/once.js";
import type { LensProtocol, ModelProtocol, SandboxProtocol } from "./shared/workerProtocol.js";
import { WorkerClient } from "./workers/client.js";

/** What `activate` hands to other extensions and to the tests. */
export interface GlassboxExports {
  /** Process ids of the workers that run now. */
  workerPids(): { model: number | undefined; lens: number | undefined; sandbox: number | undefined };
}

export function activate(context: vscode.ExtensionContext): GlassboxExports {
  const { extensionUri, subscriptions } = context;
  const log = vscode.window.createOutputChannel("Glassbox", { log: true });
  subscriptions.push(log);

  // What the processes and tools do in this session, for the lesson that draws it.
  const counts = new SessionCounts();
  // Processes start at their first request.
  const worker = (name: string) => ({
    name,
    script: vscode.Uri.joinPath(extensionUri, "dist", "workers", `${name}.mjs`).fsPath,
    log: (line: string) => log.info(line),
    onCall: (request: string) => counts.count(name, request),
  });
  const gpuFolder = new GpuFolder(context.globalStorageUri.fsPath);
  const modelWorker = new WorkerClient<ModelProtocol>({
    ...worker("model"),
    environment: () => {
      if (gpuFolder.stale.length > 0) withGpu((gpu) => gpu.replaceStale());
      return gpuFolder.environment();
    },
    onCrash: (error) => {
      const { state } = models;
      const onCard = state.kind === "loading" || (state.kind === "ready" && state.info.gpu !== undefined);
      if (onCard && gpuFolder.fetched.length > 0) withGpu((gpu) => gpu.crashed());
      models.crashed(error);
    },
  });
  const lensWorker = new WorkerClient<LensProtocol>(worker("lens"));
  const sandboxWorker = new WorkerClient<SandboxProtocol>(worker("sandbox"));
  const models = new ModelService(extensionUri, modelWorker, (line) => log.info(line), gpuFolder);
  subscriptions.push(modelWorker, lensWorker, sandboxWorker, models);

  /** Hands over what deals with graphics cards, which is loaded only where there is something to do. */
  const withGpu = (act: (gpu: GpuSupportFeature) => Promise<void>) =>
    void gpuSupport()
      .then(act)
      .catch((error: unknown) => reportError(error, log));
  const gpuSupport = async () =>
    new (await import("./editor/models/gpuSupport.js")).GpuSupportFeature({
      folder: gpuFolder,
      model: modelWorker,
      download: () => models.download(),
      restartModel: () => {
        modelWorker.stop();
        models.restarted();
      },
      memory: context.globalState,
      log,
    });
  subscriptions.push(
    models.onDidChange((state) => {
      const fault = state.kind === "ready" ? state.info.gpuFault : undefined;
      if (fault !== undefined) withGpu((gpu) => gpu.tellFault(fault));
    }),
  );

  const tokenizers = new Tokenizers(extensionUri, models);
  subscriptions.push(tokenizers);

  const places = new PanelPlaces(context.workspaceState);
  const lastEditor = new LastEditor();
  subscriptions.push(lastEditor);
  const panels: PanelEnvironment = {
    extensionUri,
    places,
    lastEditor,
    modelState: () => models.state,
    onDidChangeModelState: models.onDidChange,
    common: {
      chooseModel: async () => {
        await models.choose();
        return null;
      },
      showLog: () => {
        log.show();
        return null;
      },
      openText: async () => {
        await (await import("./editor/noText.js")).openText();
        return null;
      },
      openLesson: async ({ id }) => {
        await (await lessons()).open(id);
        return null;
      },
      copy: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return null;
      },
      provenance: async (params, call) => (await saving()).provenance(params, call),
      saveFile: async (params, call) => (await saving()).saveFile(params, call),
    },
  };
  const saving = async () =>
    (await import("./editor/saving.js")).savingHandlers(
      () => models.state,
      context.extension.packageJSON.version,
    );

  /** Builds a feature at its first use and keeps it. The import is inside the bundle but evaluated only then. */
  const feature = <T extends vscode.Disposable>(make: () => Promise<T>): (() => Promise<T>) =>
    once(async () => {
      const built = await make();
      subscriptions.push(built);
      return built;
    });

  // What explains and answers; nothing is sent to a server unless the reader has connected one.
  const chat = feature<ChatModel>(async () => {
    const { secrets, globalState: memory } = context;
    return new (await import("./editor/server/chatModel.js")).ChatModel({
      local: models,
      secrets,
      memory,
      log,
    });
  });
  const chatPanels = (model: ChatModel): PanelEnvironment => ({
    ...panels,
    modelState: () => model.state,
    onDidChangeModelState: model.onDidChange,
  });

  const tokens = feature<TokenFeature>(
    async () => new (await import("./editor/tokens/tokenFeature.js")).TokenFeature(tokenizers, log),
  );
  const budget = feature<BudgetFeature>(async () => {
    const { BudgetFeature } = await import("./editor/budget/budgetFeature.js");
    const { storageUri, workspaceState } = context;
    return new BudgetFeature(budgetView, await tokens(), storageUri, workspaceState, log);
  });
  const compare = feature<CompareFeature>(
    async () =>
      new (await import("./editor/compare/compareFeature.js")).CompareFeature(panels, tokenizers, log),
  );
  const split = feature<SplitFeature>(
    async () => new (await import("./editor/split/splitFeature.js")).SplitFeature(panels, tokenizers, log),
  );
  const savings = feature<SavingsFeature>(
    async () =>
      new (await import("./editor/savings/savingsFeature.js")).SavingsFeature(tokenizers, sandboxWorker),
  );
  const explain = feature<ExplainFeature>(async () => {
    const { ExplainFeature } = await import("./editor/explain/explainFeature.js");
    const model = await chat();
    return new ExplainFeature(chatPanels(model), model, sandboxWorker, log);
  });
  const workspaceTools = async () =>
    new (await import("./editor/tools/workspaceTools.js")).WorkspaceTools(tokenizers, sandboxWorker, (tool) =>
      counts.count("tools", tool),
    );
  const ask = feature<AskFeature>(async () => {
    const { AskFeature } = await import("./editor/ask/askFeature.js");
    const model = await chat();
    return new AskFeature(chatPanels(model), model, await workspaceTools(), log);
  });
  const sampling = feature<SamplingFeature>(
    async () =>
      new (await import("./editor/sampling/samplingFeature.js")).SamplingFeature(panels, models, log),
  );
  const guess = feature<GuessFeature>(
    async () => new (await import("./editor/guess/guessFeature.js")).GuessFeature(panels, models, log),
  );
  const surprisal = feature<SurprisalFeature>(
    async () =>
      new (await import("./editor/surprisal/surprisalFeature.js")).SurprisalFeature(panels, models, log),
  );
  const attention = feature<AttentionFeature>(
    async () =>
      new (await import("./editor/attention/attentionFeature.js")).AttentionFeature(
        panels,
        models,
        lensWorker,
        log,
      ),
  );
  const lessons = feature<LessonFeature>(
    async () =>
      new (await import("./editor/lessons/lessonFeature.js")).LessonFeature(
        panels,
        models,
        lensWorker,
        sandboxWorker,
        tokenizers,
        context.globalState,
        log,
        counts,
      ),
  );

  // Panels that were open come back with the window; package.json names the same ones.
  const revivals: Record<string, () => Promise<void>> = {
    sampling: async () => (await sampling()).show(),
    guess: async () => (await guess()).show(),
    attention: async () => (await attention()).show(),
    surprisal: async () => (await surprisal()).show(),
    split: async () => (await split()).show(),
    compare: async () => (await compare()).show(),
    explain: async () => (await explain()).reopen(),
    sent: async () => (await explain()).reopenSent(),
    ask: async () => (await ask()).reopen(),
    lesson: async () => (await lessons()).reopen(),
  };
  for (const [name, show] of Object.entries(revivals)) {
    subscriptions.push(
      vscode.window.registerWebviewPanelSerializer(`glassbox.${name}`, {
        deserializeWebviewPanel: (page) =>
          places.revive(name, page, () => show().catch((error: unknown) => reportError(error, log))),
      }),
    );
  }

  // The tree reads the lessons when its view is first shown.
  subscriptions.push(new LessonTreeView(lessons, log));

  // A lesson of the workspace's own is validated from when it is opened, whether or not the tree was shown.
  const authored = ({ uri }: vscode.TextDocument) => {
    if (uri.path.includes("/.glassbox/lessons/"))
      lessons().catch((error: unknown) => reportError(error, log));
  };
  for (const document of vscode.workspace.textDocuments) authored(document);
  subscriptions.push(vscode.workspace.onDidOpenTextDocument(authored));

  const budgetView = new BudgetView(async () => (await budget()).items);
  subscriptions.push(budgetView);

  const table = commandTable({
    budget,
    savings,
    tokens,
    split,
    compare,
    explain,
    ask,
    sampling,
    guess,
    surprisal,
    attention,
    lessons,
    models: () => models,
    gpu: gpuSupport,
    server: chat,
    openSample: async () =>
      (await import("./editor/sampleWorkspace.js")).openSampleWorkspace(
        extensionUri,
        context.globalStorageUri,
      ),
    bringBackText: () => lastEditor.bringBack(),
    log,
  });
  for (const [id, handler] of Object.entries(table)) {
    subscriptions.push(
      vscode.commands.registerCommand(id, async (...args: never[]) => {
        try {
          await handler(...args);
        } catch (error) {
          reportError(error, log);
        }
      }),
    );
  }

  subscriptions.push(registerExplainAction(), registerAgentTools(context.extension, workspaceTools));

  // Counting begins with the first text that is looked at, be it a notebook's, off the path of the activation.
  const count = () => void tokens().catch((error: unknown) => reportError(error, log));
  const { window } = vscode;
  if (window.activeTextEditor || window.activeNotebookEditor) setImmediate(count);
  else {
    const begin = (editor: vscode.TextEditor | vscode.NotebookEditor | undefined) => {
      if (!editor) return;
      for (const listener of firsts) listener.dispose();
      count();
    };
    const firsts = [window.onDidChangeActiveTextEditor(begin), window.onDidChangeActiveNotebookEditor(begin)];
    subscriptions.push(...firsts);
  }

  return {
    workerPids: () => ({ model: modelWorker.pid, lens: lensWorker.pid, sandbox: sandboxWorker.pid }),
  };
}
