/** How long and how large code may become in the sandbox, as the settings say. */

import type { SandboxLimits } from "../shared/workerProtocol.js";
import { wholeSetting } from "./settings.js";

export function sandboxLimits(): SandboxLimits {
  return {
    timeMs: wholeSetting("glassbox.sandbox.timeLimit", 1000, 10, 60_000),
    memoryBytes: wholeSetting("glassbox.sandbox.memoryLimit", 64, 1, 1024) * 2 ** 20,
  };
}
