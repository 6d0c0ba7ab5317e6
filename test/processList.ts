/** Linux's own list of processes, for tests that look for those that were left behind. */

import { readdirSync, readFileSync } from "node:fs";

/** Answers undefined where the process went in the meantime. */
function field(pid: number, file: "stat" | "cmdline"): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ESRCH") return undefined;
    throw error;
  }
}

/** State and parent. The name before them, in brackets, may hold anything. */
function stateOf(pid: number): { state: string; parent: number } | undefined {
  const [state, parent] = field(pid, "stat")?.split(") ").at(-1)?.split(" ") ?? [];
  return state === undefined ? undefined : { state, parent: Number(parent) };
}

/** Whether it runs: one that only waits for its parent to ask how it ended does not. */
export function isAlive(pid: number): boolean {
  const state = stateOf(pid)?.state;
  return state !== undefined && state !== "Z" && state !== "X";
}

export function parentOf(pid: number): number | undefined {
  return stateOf(pid)?.parent;
}

/** All processes that a process has started, and those that these have, as long as the line is unbroken. */
export function descendantsOf(ancestor: number): { pid: number; command: string }[] {
  const parents = new Map<number, number>();
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue;
    const parent = parentOf(Number(name));
    if (parent !== undefined) parents.set(Number(name), parent);
  }
  const descends = (pid: number): boolean => {
    const parent = parents.get(pid);
    return parent !== undefined && (parent === ancestor || descends(parent));
  };
  return [...parents.keys()]
    .filter(descends)
    .map((pid) => ({ pid, command: field(pid, "cmdline")?.replaceAll("\0", " ") ?? "" }));
}
