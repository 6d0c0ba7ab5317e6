/** How long and how large code may become in the sandbox, as the settings say. */

import * as vscode from "vscode";
import type { SandboxLimits } from "../shared/workerProtocol.js";

export function sandboxLimits(): SandboxLimits {
  const config = vscode.workspace.getConfiguration("glassbox.sandbox");
  return {
    timeMs: config.get("timeLimit", 1000),
    memoryBytes: config.get("memoryLimit", 64) * 2 ** 20,
  };
}
