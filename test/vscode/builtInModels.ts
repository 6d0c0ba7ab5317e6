/** The model service with its real process and the built-in model, for the length of a suite. */

import * as vscode from "vscode";
import { ModelService } from "../../src/editor/models.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import { WorkerClient } from "../../src/workers/client.js";

export interface BuiltInModels {
  extensionUri: vscode.Uri;
  worker: WorkerClient<ModelProtocol>;
  models: ModelService;
}

/** To be called inside `describe`; what it answers may be called inside tests. */
export function useBuiltInModels(): () => BuiltInModels {
  let used: BuiltInModels | undefined;
  const choose = (path: string | undefined) =>
    vscode.workspace
      .getConfiguration("glassbox")
      .update("model.path", path, vscode.ConfigurationTarget.Global);

  before(async () => {
    const { extensionUri } = vscode.extensions.getExtension("glassbox.glassbox")!;
    const worker = new WorkerClient<ModelProtocol>({
      name: "model",
      script: vscode.Uri.joinPath(extensionUri, "dist", "workers", "model.mjs").fsPath,
      log: () => {},
    });
    await choose("builtin");
    used = { extensionUri, worker, models: new ModelService(extensionUri, worker) };
  });

  after(async () => {
    used?.models.dispose();
    used?.worker.dispose();
    await choose(undefined);
  });

  return () => {
    if (!used) throw new Error("The model service is there from the first test on.");
    return used;
  };
}
