/** Keeps one runner at hand, so that starting one is paid for once, and hands it the jobs of a request. */

import type { RunJob, Runner, RunReport } from "./job.js";

export class RunnerPool {
  readonly #make: () => Runner;
  /** Whether a runner that was ended is replaced before anybody asks. */
  readonly #replace: boolean;
  readonly #idleMs: number | undefined;
  readonly #working = new Set<Runner>();
  #idle: Runner | undefined;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(make: () => Runner, options: { replace?: boolean; idleMs?: number } = {}) {
    this.#make = make;
    this.#replace = options.replace ?? false;
    this.#idleMs = options.idleMs;
  }

  /** Resolves when a runner is ready for its first job. */
  async start(): Promise<void> {
    const runner = this.#take();
    try {
      await runner.ready();
    } finally {
      this.#giveBack(runner);
    }
  }

  /** Runs jobs one after the other, in one runner as long as it holds. */
  async run(jobs: RunJob[], signal: AbortSignal, done: (report: RunReport) => void): Promise<void> {
    let runner = this.#take();
    try {
      for (const job of jobs) {
        if (!runner.fits(job)) {
          runner.end();
          this.#working.delete(runner);
          runner = this.#take();
        }
        await runner.ready();
        done(await runner.run(job, signal));
      }
    } finally {
      this.#giveBack(runner);
    }
  }

  end(): void {
    this.#idle?.end();
    for (const runner of this.#working) runner.end();
  }

  #take(): Runner {
    clearTimeout(this.#idleTimer);
    const runner = this.#idle?.usable ? this.#idle : this.#make();
    this.#idle = undefined;
    this.#working.add(runner);
    return runner;
  }

  #giveBack(runner: Runner): void {
    this.#working.delete(runner);
    if (this.#idle?.usable) {
      runner.end();
      return;
    }
    if (runner.usable) this.#idle = runner;
    else if (this.#replace) this.#idle = this.#make();
    if (this.#idle && this.#idleMs !== undefined) {
      clearTimeout(this.#idleTimer);
      this.#idleTimer = setTimeout(() => this.#idle?.end(), this.#idleMs).unref();
    }
  }
}
