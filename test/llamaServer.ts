/** A real server for tests: llama.cpp's own llama-server on the loopback interface, with the offline chat model. */

import { type ChildProcess, spawn } from "node:child_process";
import { createServer } from "node:net";
import { ensureLlamaServer } from "../scripts/llamaServer.js";
import { chatModelPath } from "../scripts/models.js";
import { THREADS } from "./modelFiles.js";

/** Loading the model takes seconds, on a busy machine a minute. */
const PATIENCE_MS = 120_000;

async function freePort(): Promise<number> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, "127.0.0.1", resolve));
  const bound = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (!bound || typeof bound === "string") throw new Error("The probe is bound to no port.");
  return bound.port;
}

export class LlamaServer {
  readonly port: number;
  readonly #process: ChildProcess;
  #log = "";

  private constructor(port: number, process: ChildProcess) {
    this.port = port;
    this.#process = process;
    for (const stream of [process.stdout, process.stderr]) {
      stream?.setEncoding("utf8");
      stream?.on("data", (text: string) => {
        this.#log += text;
      });
    }
  }

  /** Starts a server whose model has the name `tiny`; answers when it is loaded. */
  static async start({ contextSize, key }: { contextSize: number; key?: string }): Promise<LlamaServer> {
    const program = await ensureLlamaServer();
    const port = await freePort();
    const server = new LlamaServer(
      port,
      spawn(
        program,
        [
          ...["-m", chatModelPath(), "--alias", "tiny", "-c", String(contextSize)],
          ...["-t", String(THREADS), "-np", "1"],
          ...["--host", "127.0.0.1", "--port", String(port), "--no-webui"],
          ...(key === undefined ? [] : ["--api-key", key]),
        ],
        { stdio: ["ignore", "pipe", "pipe"] },
      ),
    );
    await server.#up();
    return server;
  }

  get address(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** What the program has written: one line for each request among it. */
  get log(): string {
    return this.#log;
  }

  async #up(): Promise<void> {
    const deadline = Date.now() + PATIENCE_MS;
    for (;;) {
      // Refused until it listens, 503 until the model is loaded.
      const up = await fetch(`${this.address}/health`).then(
        (response) => response.ok,
        () => false,
      );
      if (up) return;
      if (this.#process.exitCode !== null || Date.now() > deadline) {
        await this.stop();
        throw new Error(`llama-server is not up.\n${this.#log}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async stop(): Promise<void> {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }
}
