/** Runs the programs that the set-up needs, and says what failed in their own words. */

import { type ChildProcess, type SpawnOptions, spawn } from "node:child_process";

export interface RunOptions {
  cwd?: string;
  env?: Record<string, string>;
}

export interface RunResult {
  code: number;
  /** Standard output and standard error in the order in which they came. */
  output: string;
}

/** npm is a script on Windows, which is started through the shell only. */
const needsShell = (program: string) => process.platform === "win32" && program === "npm";

/** Runs a program to its end, whatever its exit code. @throws when it cannot be started at all. */
export function run(program: string, args: string[], options: RunOptions = {}): Promise<RunResult> {
  return new Promise((resolve, reject) => {
    const spawnOptions: SpawnOptions = {
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, ...options.env },
      shell: needsShell(program),
    };
    if (options.cwd !== undefined) spawnOptions.cwd = options.cwd;
    const child = spawn(program, args, spawnOptions);
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (chunk: string) => {
        output += chunk;
      });
    }
    child.on("error", reject);
    child.on("close", (code, signal) => resolve({ code: code ?? (signal ? 128 : 1), output }));
  });
}

/** Runs a program that must succeed. @throws with the last lines of its output when it does not. */
export async function must(program: string, args: string[], options: RunOptions = {}): Promise<string> {
  const { code, output } = await run(program, args, options);
  if (code === 0) return output;
  const tail = output.trim().split("\n").slice(-15).join("\n");
  throw new Error(`${program} ${args.join(" ")} ended with code ${code}.\n${tail}`);
}

/** Signals a process that was spawned as `detached`, and all that it has started. */
export function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  if (process.platform === "win32") {
    child.kill(signal);
    return;
  }
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // No such process: all of the group has ended already, which is what is wanted.
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

/** Lets SIGTERM, SIGINT and SIGHUP end this process in such a way that its `exit` listeners can clean up. */
export function endOnSignals(): void {
  for (const [signal, number] of [
    ["SIGHUP", 1],
    ["SIGINT", 2],
    ["SIGTERM", 15],
  ] as const) {
    process.once(signal, () => process.exit(128 + number));
  }
}
