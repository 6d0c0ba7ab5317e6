/** The sandbox process's end of the process in which Python runs: one that does not answer is killed. */

import { type ChildProcess, spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { CodeRun } from "../../shared/workerProtocol.js";
import {
  endedReport,
  GRACE_MS,
  REPORT_BYTES,
  type RunJob,
  type Runner,
  type RunReport,
  TRACE_MS,
} from "./job.js";

const SCRIPT = fileURLToPath(new URL("./sandboxPython.mjs", import.meta.url));
/** Everything that the process may read: the extension's own built files. */
const READABLE = dirname(dirname(SCRIPT));

/** What the system itself holds the process to: no core file, no byte written to any file. */
const OWN_LIMITS = "ulimit -c 0; ulimit -f 0";

/** Node's own permissions, under the name that this Node has for them; empty where it has none. */
function permissionFlags(): string[] {
  const known = process.allowedNodeEnvironmentFlags;
  const flag = ["--permission", "--experimental-permission"].find((name) => known.has(name));
  // One thread watches over the one that Python keeps busy.
  return flag === undefined ? [] : [flag, `--allow-fs-read=${join(READABLE, "*")}`, "--allow-worker"];
}

interface Answer {
  report: RunReport;
  broken: boolean;
  grownBytes: number;
}

export class PythonProcess implements Runner {
  readonly #process: ChildProcess;
  readonly #ready: Promise<void>;
  #usable = true;
  #grownBytes = 0;

  constructor() {
    const [command, ...args] = [
      ...(process.platform === "win32" ? [] : ["/bin/sh", "-c", `${OWN_LIMITS}; exec "$0" "$@"`]),
      process.execPath,
      ...permissionFlags(),
      "--disallow-code-generation-from-strings",
      "--wasm-max-mem-pages=16384",
      "--max-old-space-size=256",
      "--no-warnings",
      SCRIPT,
    ];
    this.#process = spawn(command!, args, {
      // It writes nowhere: a folder of its own would only be left behind when this process is killed.
      cwd: READABLE,
      env: { ELECTRON_RUN_AS_NODE: "1" },
      // Nothing is ever written to standard input: that it is open tells that this process is there.
      stdio: ["pipe", "ignore", "pipe", "ipc"],
      serialization: "json",
      windowsHide: true,
    });
    let complaint = "";
    this.#process.stderr?.on("data", (text: Buffer) => {
      complaint = (complaint + text.toString()).slice(-2000);
    });
    this.#process.once("exit", () => {
      this.#usable = false;
    });
    this.#ready = new Promise((resolve, reject) => {
      this.#process.once("message", () => resolve());
      this.#process.once("error", reject);
      this.#process.once("exit", (code, signal) => {
        const line = /^\w*Error.*$/m.exec(complaint)?.[0] ?? `exit ${code ?? signal}`;
        reject(new GlassboxError("sandbox", t("Python did not start: {0}", line)));
      });
    });
    // Awaited by the first run; a process that is ended before that is nobody's error.
    this.#ready.catch(() => undefined);
  }

  get usable(): boolean {
    return this.#usable;
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  ready(): Promise<void> {
    return this.#ready;
  }

  fits({ limits }: RunJob): boolean {
    // Memory that has once been taken cannot be given back.
    return this.#usable && this.#grownBytes <= limits.memoryBytes + REPORT_BYTES;
  }

  end(): void {
    this.#usable = false;
    this.#process.kill("SIGKILL");
  }

  /** @throws GlassboxError `cancelled` when the signal aborts; the process is ended then. */
  async run(job: RunJob, signal: AbortSignal): Promise<RunReport> {
    const child = this.#process;
    if (signal.aborted) throw GlassboxError.cancelled();
    const startedAt = performance.now();
    return new Promise((resolve, reject) => {
      const brokenOff = (outcome: CodeRun["outcome"], value: string) => {
        leave();
        this.end();
        resolve(endedReport(outcome, value, performance.now() - startedAt));
      };
      const onMessage = ({ report, broken, grownBytes }: Answer) => {
        leave();
        this.#grownBytes = grownBytes;
        if (broken) this.end();
        resolve(report);
      };
      const onExit = () => brokenOff("out-of-memory", "The sandbox broke down: Python's process ended.");
      const onAbort = () => {
        leave();
        this.end();
        reject(GlassboxError.cancelled());
      };
      const extra = job.task.kind === "trace" ? TRACE_MS : 0;
      const timer = setTimeout(
        () => brokenOff("timed-out", `It did not end within ${job.limits.timeMs} ms.`),
        job.limits.timeMs + extra + GRACE_MS,
      );
      const leave = () => {
        clearTimeout(timer);
        child.off("message", onMessage);
        child.off("exit", onExit);
        signal.removeEventListener("abort", onAbort);
      };
      child.on("message", onMessage);
      child.on("exit", onExit);
      signal.addEventListener("abort", onAbort, { once: true });
      child.send(job);
    });
  }
}
