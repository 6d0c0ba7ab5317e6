/**
 * The host's end of a worker process: forks it at the first request, waits for its handshake, turns a crash into
 * a typed error and starts it anew, with a growing delay, at the next request.
 */

import { type ChildProcess, fork } from "node:child_process";
import { GlassboxError, throwIfCancelled } from "../shared/errors.js";
import { t, textsFile } from "../shared/l10n.js";
import { once } from "../shared/once.js";
import { type Caller, type CallOptions, connect, type ProtocolOf } from "../shared/rpc.js";
import { unlessCancelled } from "../shared/unlessCancelled.js";
import { TEXTS_FILE, WORKER_READY } from "../shared/workerProtocol.js";

export interface WorkerOptions {
  /** What the worker is, for messages: "model", "lens". */
  name: string;
  /** Absolute path of the bundled worker script. */
  script: string;
  /** One line of the worker's own output. */
  log(line: string): void;
  /** Called once when the process dies although nobody asked it to. */
  onCrash?(error: GlassboxError): void;
  /** What the process finds in its environment besides this one's; asked at each start. */
  environment?(): Record<string, string>;
  /** Told of every request, such as "generate". */
  onCall?(method: string): void;
  /** Milliseconds for the handshake. */
  startTimeoutMs?: number;
}

/** Delay before the n-th restart in a row: none for the first, then 0.5 s doubling to at most 8 s. */
function backOffMs(crashesInARow: number): number {
  return crashesInARow <= 1 ? 0 : Math.min(8000, 500 * 2 ** (crashesInARow - 2));
}

/** A crash this long after the start is not counted as one of a series. */
const STABLE_AFTER_MS = 10_000;

interface Running<P extends ProtocolOf<P>> {
  process: ChildProcess;
  caller: Caller<P>;
}

export class WorkerClient<P extends ProtocolOf<P>> implements Caller<P> {
  readonly #options: WorkerOptions;
  readonly #run = once(() => this.#start());
  #process: ChildProcess | undefined;
  #crashesInARow = 0;
  /** Counts starts and stops, so that a start that waits for its delay sees that it has been called off. */
  #starts = 0;
  #disposed = false;

  constructor(options: WorkerOptions) {
    this.#options = options;
  }

  /** The process id while the worker runs; for tests and for the log. */
  get pid(): number | undefined {
    return this.#process?.pid;
  }

  async call<K extends keyof P & string>(
    method: K,
    params: P[K]["params"],
    options?: CallOptions<P[K]["event"]>,
  ): Promise<P[K]["result"]> {
    if (this.#disposed)
      throw new GlassboxError("closed", t("The {0} process has been closed.", this.#options.name));
    const signal = options?.signal;
    throwIfCancelled(signal);
    this.#options.onCall?.(method);
    const { caller } = await unlessCancelled(this.#run(), signal);
    return caller.call(method, params, options);
  }

  /** Ends the process; what is pending is rejected as `closed`, and the next call starts it again. */
  stop(): void {
    const child = this.#process;
    this.#process = undefined;
    this.#run.forget();
    this.#starts++;
    child?.kill("SIGKILL");
  }

  dispose(): void {
    this.#disposed = true;
    this.stop();
  }

  async #start(): Promise<Running<P>> {
    const { name, script, log } = this.#options;
    const start = ++this.#starts;
    const delay = backOffMs(this.#crashesInARow);
    if (delay > 0) await new Promise((resolve) => setTimeout(resolve, delay));
    if (start !== this.#starts) throw new GlassboxError("closed", t("The {0} process was stopped.", name));
    const startedAt = Date.now();
    const child = fork(script, [], {
      serialization: "advanced",
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      // Inside the desktop's VS Code the executable is Electron, which must be told to behave as Node.
      env: {
        ...process.env,
        ELECTRON_RUN_AS_NODE: "1",
        ...(textsFile === undefined ? {} : { [TEXTS_FILE]: textsFile }),
        ...this.#options.environment?.(),
      },
      execArgv: [],
    });
    this.#process = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        for (const line of chunk.split("\n")) if (line.trim() !== "") log(`${name}: ${line}`);
      });
    }

    let closeListener: ((reason: GlassboxError) => void) | undefined;
    let ended: GlassboxError | undefined;
    const end = (reason: GlassboxError) => {
      if (ended) return;
      ended = reason;
      if (this.#process === child) {
        this.#process = undefined;
        this.#run.forget();
      }
      closeListener?.(reason);
    };

    await new Promise<void>((resolve, reject) => {
      const onEnd = (message: string) => {
        clearTimeout(timer);
        if (ended) return;
        const deliberate = this.#process !== child;
        const error = deliberate
          ? new GlassboxError("closed", t("The {0} process was stopped.", name))
          : new GlassboxError("crashed", message, t("Try again: it starts anew with the next request."));
        if (!deliberate) {
          this.#crashesInARow = Date.now() - startedAt > STABLE_AFTER_MS ? 1 : this.#crashesInARow + 1;
          log(error.message);
        }
        end(error);
        reject(error);
        // A process that cannot be talked to any more may still be there.
        child.kill("SIGKILL");
        if (!deliberate) this.#options.onCrash?.(error);
      };
      const timer = setTimeout(
        () => onEnd(t("The {0} process did not start in time.", name)),
        this.#options.startTimeoutMs ?? 30_000,
      );
      child.on("message", function ready(message) {
        if (message !== WORKER_READY) return;
        clearTimeout(timer);
        child.off("message", ready);
        resolve();
      });
      child.on("error", (error) => onEnd(t("The {0} process cannot be reached: {1}.", name, error.message)));
      child.on("exit", (code, signal) =>
        onEnd(
          signal
            ? t("The {0} process was ended by {1}.", name, signal)
            : t("The {0} process ended with code {1}.", name, String(code)),
        ),
      );
    });

    const caller = connect<P, Record<never, never>>(
      {
        post: (message) => {
          // Between the loss of the connection and the news of the process's end.
          if (!child.connected)
            throw ended ?? new GlassboxError("crashed", t("The {0} process is gone.", name));
          child.send(message as object);
        },
        onMessage: (listener) => void child.on("message", listener),
        onClose: (listener) => {
          closeListener = listener;
          if (ended) listener(ended);
        },
      },
      {},
    );
    return { process: child, caller };
  }
}
