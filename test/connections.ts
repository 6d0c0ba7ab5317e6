/** Connections that a process tries to make, for tests in which nothing may leave the machine. */

import dgram from "node:dgram";
import dns from "node:dns";
import net from "node:net";
import type { WorkerOptions } from "../src/workers/client.js";

/** How a worker process begins the line that tells of one. */
const TOLD = "tries to reach ";

export interface Watched {
  /** Where to, in the order of the attempts. */
  readonly tried: string[];
}

/**
 * Tells of every connection over the network and every question for an address from here on. It is written out into
 * worker processes too, hence it names nothing from outside itself.
 */
function watch(
  modules: { net: typeof net; dgram: typeof dgram; dns: typeof dns },
  tell: (where: string) => void,
): () => void {
  const undo: (() => void)[] = [];
  const wrap = (owner: object, name: string, whereOf: (args: unknown[]) => string | undefined) => {
    const original: unknown = Reflect.get(owner, name);
    if (typeof original !== "function") return;
    const told = function (this: unknown, ...args: unknown[]): unknown {
      const where = whereOf(args);
      if (where !== undefined) tell(where);
      return Reflect.apply(original, this, args);
    };
    Reflect.set(owner, name, told);
    undo.push(() => Reflect.set(owner, name, original));
  };
  wrap(modules.net.Socket.prototype, "connect", (args) => {
    const [to, host] = (Array.isArray(args[0]) ? args[0] : args) as unknown[];
    if (typeof to === "object" && to !== null) {
      // A pipe leads to another process of this machine.
      const { path, host: name, port } = to as { path?: unknown; host?: unknown; port?: unknown };
      return path === undefined || path === null ? `${name ?? "localhost"}:${port}` : undefined;
    }
    return Number.isInteger(Number(to))
      ? `${typeof host === "string" ? host : "localhost"}:${to}`
      : undefined;
  });
  for (const name of ["send", "connect"]) {
    const told = (args: unknown[]) => `udp ${args.filter((arg) => typeof arg !== "function")}`;
    wrap(modules.dgram.Socket.prototype, name, told);
  }
  for (const owner of [modules.dns, modules.dns.promises]) {
    for (const name of Object.keys(owner)) {
      if (/^(?:lookup|resolve|reverse)/.test(name)) wrap(owner, name, ([host]) => `the address of ${host}`);
    }
  }
  return () => {
    for (const step of undo.reverse()) step();
  };
}

/** Watches over this process until it is told to stop. */
export function watchConnections(): Watched & { stop(): void } {
  const tried: string[] = [];
  return { tried, stop: watch({ net, dgram, dns }, (where) => tried.push(where)) };
}

/** What a process of Node's finds in its environment so that it tells of each on its standard error. */
export const CONNECTIONS_TOLD: Readonly<Record<string, string>> = {
  NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(
    `import net from "node:net"; import dgram from "node:dgram"; import dns from "node:dns";
    (${watch})({ net, dgram, dns }, (where) => process.stderr.write(${JSON.stringify(TOLD)} + where + "\\n"));`,
  )}`,
};

/** Where a process tried to get, by what it wrote to its standard error. */
export function connectionsIn(output: string): string[] {
  return output.split("\n").flatMap((line) => line.split(TOLD).slice(1));
}

/** Options for a worker process that is watched over. */
export function watchedWorker(): Watched & { options: Pick<WorkerOptions, "environment" | "log"> } {
  const tried: string[] = [];
  return {
    tried,
    options: {
      environment: () => CONNECTIONS_TOLD,
      log: (line) => tried.push(...connectionsIn(line)),
    },
  };
}
