/** The sandbox process: splits code by its syntax, and runs functions where they can do no harm. */

import { isMainThread } from "node:worker_threads";
import { isRunnableLanguage } from "../core/checks/prepareSource.js";
import { GlassboxError } from "../shared/errors.js";
import type { SandboxProtocol } from "../shared/workerProtocol.js";
import { checkEdits, findSavings } from "./sandbox/findSavings.js";
import { SandboxThread, serveSandboxThread } from "./sandbox/sandboxThread.js";
import { splitCode } from "./sandbox/splitCode.js";
import { serveWorker } from "./serve.js";

const IDENTIFIER = /^[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*$/u;

/** A thread that waits for its next job, so that starting one is paid for once. */
let idle: SandboxThread | undefined;

function serve(): void {
  serveWorker<SandboxProtocol>({
    splitSteps(params) {
      return splitCode(params);
    },

    findSavings(params, { emit }) {
      return findSavings(params, emit);
    },

    checkEdits({ edits, count, ...source }) {
      return checkEdits(source, edits, count);
    },

    async runFunction({ source, languageId, functionName, inputs, limits }, { signal, emit }) {
      if (!isRunnableLanguage(languageId)) {
        throw new GlassboxError(
          "unsupported",
          `The sandbox does not run ${languageId}.`,
          "Select a function in JavaScript or TypeScript.",
        );
      }
      if (!IDENTIFIER.test(functionName)) {
        throw new GlassboxError("invalid-request", `"${functionName}" is not the name of a function.`);
      }
      const runs = [];
      let thread = idle ?? new SandboxThread();
      idle = undefined;
      for (const input of inputs) {
        if (!thread.usable) thread = new SandboxThread();
        const run = await thread.run({ source, languageId, functionName, input, limits }, signal);
        runs.push(run);
        emit(run);
      }
      if (thread.usable) {
        if (idle) thread.end();
        else idle = thread;
      }
      return runs;
    },
  });
}

if (isMainThread) serve();
else void serveSandboxThread();
