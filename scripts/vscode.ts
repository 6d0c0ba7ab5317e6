/**
 * A real VS Code without a download from Microsoft: sets up code-server (the same workbench, extension host and
 * webviews, from the npm registry) in the per-user cache, and starts it for the tests, the demo and the screenshots.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { cached, withScratchFolder } from "./cache.js";
import { ensureDebianPackages } from "./debian.js";
import { killGroup, must, run } from "./process.js";

/** code-server 4.100.3 is VS Code 1.100.3, the version of `engines.vscode`; it wants Node 20. */
const VERSION = "4.100.3";

/** Native modules belong to one Node, hence its ABI number in the name. */
const serverFolder = (): string => cached(`code-server-${VERSION}-abi${process.versions.modules}`);

/** Installs code-server unless it is in the cache; about a minute the first time. Answers its entry script. */
export async function ensureServer(): Promise<string> {
  const folder = serverFolder();
  const entry = join(folder, "node_modules/code-server/out/node/entry.js");
  if (existsSync(entry)) return entry;
  await ensureDebianPackages(["code-server"]);
  await mkdir(dirname(folder), { recursive: true });
  console.log(`Setting up code-server ${VERSION} (about a minute, 200 MB, once) …`);
  await withScratchFolder(dirname(folder), async (scratch) => {
    const home = join(scratch, "code-server");
    await mkdir(home);
    await install(home);
    try {
      await rename(home, folder);
    } catch (error) {
      // Somebody else may have finished the same set-up meanwhile.
      if (!existsSync(entry)) throw error;
    }
  });
  return entry;
}

async function install(home: string): Promise<void> {
  const npm = (cwd: string, ...args: string[]) =>
    must("npm", [...args, "--no-audit", "--no-fund", "--loglevel=error"], { cwd, env: nodeHeaders() });
  await writeFile(join(home, "package.json"), JSON.stringify({ private: true }));
  // Install scripts are left out: kerberos wants libraries that nothing here needs, ripgrep a download.
  await npm(home, "install", `code-server@${VERSION}`, "--ignore-scripts");
  const vscode = join(home, "node_modules/code-server/lib/vscode");
  const plain = ["install", "--omit=dev", "--legacy-peer-deps", "--ignore-scripts"];
  await npm(vscode, ...plain);
  await npm(join(vscode, "extensions"), ...plain);
  await npm(home, "rebuild", "argon2");
  await npm(vscode, "rebuild", "@vscode/spdlog", "native-watchdog", "@parcel/watcher");
  // node-pty's own post-install step fails after its native part has been built, which is all that is needed.
  await run("npm", ["rebuild", "node-pty"], { cwd: vscode, env: nodeHeaders() });
  const pty = join(vscode, "node_modules/node-pty/build/Release/pty.node");
  if (!existsSync(pty)) throw new Error(`npm rebuild node-pty left no ${pty}.`);
  await symlink("node_modules", join(vscode, "node_modules.asar"));
  const ripgrep = join(vscode, "node_modules/@vscode/ripgrep/bin");
  await mkdir(ripgrep, { recursive: true });
  await rm(join(ripgrep, "rg"), { force: true });
  await symlink("/usr/bin/rg", join(ripgrep, "rg"));
}

/** Points node-gyp to the headers that came with this Node, where they did; otherwise it downloads them. */
function nodeHeaders(): Record<string, string> {
  const prefix = dirname(dirname(process.execPath));
  return existsSync(join(prefix, "include/node/node.h")) ? { npm_config_nodedir: prefix } : {};
}

export interface ServerOptions {
  /** User settings, state and logs of this editor. */
  userDataDir: string;
  extensionsDir: string;
  /** Taken when it is free, else any that is. */
  preferredPort?: number;
  /** A package to install before the editor starts. */
  vsix?: string;
  /** Variables for the server and its extension hosts, besides those of this process. */
  environment?: Record<string, string>;
  /** Whether the reader is asked whether to trust a folder; otherwise every folder is. */
  workspaceTrust?: boolean;
}

/** What a window opens with; paths are absolute. */
export interface WindowOptions {
  /** Folder to open; without one the window is empty. */
  folder?: string;
  /** The extension under development. */
  extensionDevelopmentPath?: string;
  /** A module whose `run()` is called inside the extension host; the window closes when it is done. */
  extensionTestsPath?: string;
  /** A file to show at once. */
  openFile?: string;
}

export interface Server {
  /** The address of a window. */
  url(window: WindowOptions): string;
  /** What the server has printed so far. */
  log(): string;
  stop(): Promise<void>;
}

/** Starts code-server on the loopback interface and answers when it is up. */
export async function startServer(options: ServerOptions): Promise<Server> {
  const entry = await ensureServer();
  const port = await freePort(options.preferredPort);
  await mkdir(options.userDataDir, { recursive: true });
  await mkdir(options.extensionsDir, { recursive: true });
  const config = join(options.userDataDir, "code-server.yaml");
  await writeFile(config, "");
  const folders = ["--user-data-dir", options.userDataDir, "--extensions-dir", options.extensionsDir];
  if (options.vsix !== undefined) {
    const install = [entry, "--install-extension", options.vsix, "--config", config, ...folders];
    await must(process.execPath, install);
  }
  const child = spawn(
    process.execPath,
    [
      entry,
      ...["--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--config", config],
      ...folders,
      ...["--disable-telemetry", "--disable-update-check", "--disable-getting-started-override"],
      ...(options.workspaceTrust ? [] : ["--disable-workspace-trust"]),
    ],
    {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own, so that its extension hosts end with it.
      detached: process.platform !== "win32",
      env: { ...cleanEnvironment(), ...options.environment },
    },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      log += chunk;
    });
  }
  const killNow = () => killGroup(child, "SIGKILL");
  process.once("exit", killNow);
  const stop = async () => {
    await stopGroup(child);
    process.off("exit", killNow);
  };
  try {
    await untilHealthy(port, child, () => log);
  } catch (error) {
    await stop();
    throw error;
  }
  return { url: (window) => windowUrl(port, window), log: () => log, stop };
}

/** An editor that was itself started inside an editor would take the outer one's settings. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const environment = { ...process.env };
  for (const name of Object.keys(environment)) {
    if (name.startsWith("VSCODE_") || name === "ELECTRON_RUN_AS_NODE") delete environment[name];
  }
  return environment;
}

function windowUrl(port: number, window: WindowOptions): string {
  const authority = `127.0.0.1:${port}`;
  const remote = (path: string) => `vscode-remote://${authority}${path}`;
  const payload: [string, string][] = [];
  const { extensionDevelopmentPath, extensionTestsPath, openFile, folder } = window;
  if (extensionDevelopmentPath) payload.push(["extensionDevelopmentPath", remote(extensionDevelopmentPath)]);
  if (extensionTestsPath) payload.push(["extensionTestsPath", remote(extensionTestsPath)]);
  if (openFile) payload.push(["openFile", remote(openFile)]);
  const url = new URL(`http://${authority}/`);
  if (folder) url.searchParams.set("folder", folder);
  else url.searchParams.set("ew", "true");
  if (payload.length > 0) url.searchParams.set("payload", JSON.stringify(payload));
  return url.href;
}

/** A port on the loopback interface that nobody listens on: the preferred one where it is free. */
function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.on("error", (error) => {
      if (preferred === 0) reject(error);
      else resolve(freePort());
    });
    probe.listen(preferred, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => {
        if (typeof address === "object" && address) resolve(address.port);
        else reject(new Error("The system gave no port."));
      });
    });
  });
}

async function untilHealthy(port: number, child: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 60_000;
  for (;;) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`code-server ended before it was up.\n${log()}`);
    }
    // Refused while it is still starting; that is what this loop waits out.
    const up = await fetch(`http://127.0.0.1:${port}/healthz`).then(
      (response) => response.ok,
      () => false,
    );
    if (up) return;
    if (Date.now() > deadline) throw new Error(`code-server was not up after 60 s.\n${log()}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

async function stopGroup(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
    killGroup(child, "SIGTERM");
    const timer = setTimeout(() => killGroup(child, "SIGKILL"), 3000);
    await ended;
    clearTimeout(timer);
  }
  killGroup(child, "SIGKILL");
}

export async function main(): Promise<void> {
  console.log(`code-server is at ${await ensureServer()}.`);
}
