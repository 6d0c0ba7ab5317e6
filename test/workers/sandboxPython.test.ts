/**
 * The process that runs Python, from its own side: it ends with the editor however busy it is, and JavaScript that
 * got out of Python finds no way out of the process either.
 */

import assert from "node:assert/strict";
import { type ChildProcess, fork, spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { descendantsOf, isAlive } from "../processList.js";
import { until } from "../ui/harness/until.js";
import { ATTACKS, attackModule } from "./javaScriptAttacks.js";

const dist = join(process.cwd(), "dist");

/** The sandbox's process, and its child in which Python runs. */
async function sandboxWithPython(): Promise<{ sandbox: ChildProcess; python: number }> {
  const sandbox = fork(join(dist, "workers", "sandbox.mjs"), [], {
    serialization: "advanced",
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    execArgv: [],
  });
  let started: (() => void) | undefined;
  const done = new Promise<void>((resolve) => {
    started = resolve;
  });
  sandbox.on("message", (message) => {
    if (typeof message === "object" && message !== null && "rpc" in message && message.rpc === "ok")
      started?.();
  });
  sandbox.send({ rpc: "call", id: 1, method: "start", params: { languageId: "python" } });
  await done;
  const python = descendantsOf(sandbox.pid!).find(({ command }) => command.includes("sandboxPython"))?.pid;
  assert.ok(python !== undefined);
  return { sandbox, python };
}

(process.platform === "linux" ? describe : describe.skip)("the process that runs Python", function () {
  this.timeout(60_000);

  it("ends with its parent, also while it computes in C and answers nobody", async () => {
    const { sandbox, python } = await sandboxWithPython();
    const code = "9 ** (9 ** 9)";
    const limits = { timeMs: 60_000, memoryBytes: 2 ** 28 };
    const params = { code, languageId: "python", limits };
    sandbox.send({ rpc: "call", id: 2, method: "runCode", params });
    await new Promise((resolve) => setTimeout(resolve, 700));
    assert.ok(isAlive(python), "it computes");
    sandbox.kill("SIGKILL");
    await until(() => !isAlive(python), { what: "Python ends", timeoutMs: 3000 });
  });

  it("ends with its parent while it waits", async () => {
    const { sandbox, python } = await sandboxWithPython();
    sandbox.kill("SIGKILL");
    await until(() => !isAlive(python), { what: "Python ends", timeoutMs: 3000 });
  });

  it(`gives none of ${ATTACKS.length} attempts from its JavaScript side a way out`, async () => {
    const { sandbox, python } = await sandboxWithPython();
    const [command, ...args] = readFileSync(`/proc/${python}/cmdline`, "utf8").split("\0").slice(0, -1);
    sandbox.kill("SIGKILL");
    const canary = mkdtempSync(join(tmpdir(), "glassbox-canary-"));
    const secret = join(canary, "secret.txt");
    writeFileSync(secret, "4711");
    let connections = 0;
    const server = createServer((socket) => {
      connections++;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" && address ? address.port : 0;
    // Inside of what the process may read; it is loaded first and attacks when everything is locked.
    const attack = join(dist, `attack-${process.pid}.mjs`);
    writeFileSync(attack, attackModule({ secret, port, folder: canary, pid: process.pid }));
    const child = spawn(command!, ["--import", attack, ...args], {
      cwd: canary,
      env: { ELECTRON_RUN_AS_NODE: "1", GLASSBOX_CANARY: "4711" },
      stdio: ["pipe", "ignore", "pipe", "ipc"],
    });
    try {
      let complaint = "";
      child.stderr?.on("data", (text: Buffer) => {
        complaint += text.toString();
      });
      const outcomes = await new Promise<[string, string][]>((resolve, reject) => {
        child.on("message", (message) => {
          if (Array.isArray(message)) resolve(message as [string, string][]);
        });
        child.once("exit", (code) => reject(new Error(`it ended with ${code}: ${complaint}`)));
      });
      assert.deepEqual(
        outcomes.map(([name]) => name),
        ATTACKS.map(({ name }) => name),
      );
      assert.deepEqual(
        outcomes.filter(([, outcome]) => !outcome.startsWith("refused")),
        [],
      );
      assert.deepEqual(readdirSync(canary), ["secret.txt"]);
      assert.equal(connections, 0);
    } finally {
      child.kill("SIGKILL");
      server.close();
      rmSync(attack, { force: true });
      rmSync(canary, { recursive: true, force: true });
    }
  });
});
