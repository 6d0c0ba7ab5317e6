/** The model service with its real process and the built-in model, for the length of a suite. */

import * as vscode from "vscode";
import { ModelService } from "../../src/editor/models.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";

export interface BuiltInModels {
  extensionUri: vscode.Uri;
  worker: WorkerClient<ModelProtocol>;
  models: ModelService;
}

/** Has the built-in model chosen while a suite runs, and what was chosen before when it has ended. */
export function chooseBuiltInModel(): void {
  const configuration = () => vscode.workspace.getConfiguration("glassbox");
  const choose = (path: string | undefined) =>
    configuration().update("model.path", path, vscode.ConfigurationTarget.Global);
  let chosenBefore: string | undefined;

  before(async () => {
    chosenBefore = configuration().inspect<string>("model.path")?.globalValue;
    await choose("builtin");
  });
  after(() => choose(chosenBefore));
}

/** To be called inside `describe`; what it answers may be called inside tests. */
export function useBuiltInModels(): () => BuiltInModels {
  let used: BuiltInModels | undefined;
  chooseBuiltInModel();

  before(() => {
    const { extensionUri } = vscode.extensions.getExtension("glassbox.glassbox")!;
    const worker = builtWorkers.model();
    used = { extensionUri, worker, models: new ModelService(extensionUri, worker) };
  });

  after(() => {
    used?.models.dispose();
    used?.worker.dispose();
  });

  return () => {
    if (!used) throw new Error("The model service is there from the first test on.");
    return used;
  };
}
