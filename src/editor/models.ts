/** Which model is active, where it lies, and the one process that holds it for every feature. */

import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { dependencies } from "../../package.json";
import { cacheFolder } from "../core/cacheFolder.js";
import { OFFLINE_CHAT_MODEL } from "../core/models/catalogue.js";
import { GlassboxError, isCancelled, toWireError } from "../shared/errors.js";
import { gpuName } from "../shared/gpuName.js";
import type { ModelState } from "../shared/panels/panel.js";
import type { ComparisonProgress, ModelComparison } from "../shared/panels/surprisal.js";
import type { Caller, CallOptions } from "../shared/rpc.js";
import type { ModelInfo } from "../shared/types.js";
import type { DownloadProtocol, LoadModelParams, ModelProtocol } from "../shared/workerProtocol.js";
import { WorkerClient } from "../workers/client.js";
import { Disposable } from "./disposable.js";
import { inBrowser } from "./inBrowser.js";
import type { GpuFolder } from "./models/gpuFolder.js";
import { SharedLoad } from "./models/sharedLoad.js";
import { numberSetting, textSetting, wholeSetting } from "./settings.js";

/**
 * What computes the numbers of panels that ask the model process: the engine with its version, and what it runs on,
 * which rounds in its own way.
 */
export function engineOf(info: ModelInfo | undefined): string {
  const engine = vscode.l10n.t("llama.cpp, through node-llama-cpp {0}", dependencies["node-llama-cpp"]);
  return info ? `${engine}, ${info.gpu ? gpuName(info.gpu.kind) : "CPU"}` : engine;
}

/** The file's name as `scripts/models.ts` writes it. */
export const BUILT_IN_MODEL = "stories15M-Q8_0.gguf";

/** The value of `glassbox.model.path` that asks for the built-in model even where a better one is there. */
const BUILT_IN = "builtin";

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

export class ModelService extends Disposable {
  readonly #builtIn: string;
  /** Where fetched models lie. */
  readonly #folder: string;
  readonly #offline: string;
  readonly #downloadScript: string;
  readonly #log: (line: string) => void;
  readonly #worker: Caller<ModelProtocol>;
  readonly #gpuFolder: GpuFolder | undefined;
  readonly #changed = this._register(new vscode.EventEmitter<ModelState>());
  readonly onDidChange = this.#changed.event;
  #state: ModelState = { kind: "none" };
  readonly #load = new SharedLoad((params: LoadModelParams, signal) => this.#loadNow(params, signal));
  #download: WorkerClient<DownloadProtocol> | undefined;
  #memory = { inMemory: 0, written: 0 };
  /** Calls to the model that are under way, and the clock that runs while there are none. */
  #calls = 0;
  #idleTimer: NodeJS.Timeout | undefined;

  constructor(
    extensionUri: vscode.Uri,
    worker: Caller<ModelProtocol>,
    log: (line: string) => void = () => {},
    gpuFolder?: GpuFolder,
  ) {
    super();
    this.#worker = worker;
    this.#gpuFolder = gpuFolder;
    this.#builtIn = vscode.Uri.joinPath(extensionUri, "media", "models", BUILT_IN_MODEL).fsPath;
    this.#folder = join(cacheFolder(process.platform, process.env, homedir()), "models");
    this.#offline = join(this.#folder, OFFLINE_CHAT_MODEL.fileName);
    this.#downloadScript = vscode.Uri.joinPath(extensionUri, "dist", "workers", "download.mjs").fsPath;
    this.#log = log;
    this._register({ dispose: () => clearTimeout(this.#idleTimer) });
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.model")) void this.#announceIdle();
      }),
    );
    void this.#announceFirst();
  }

  /** Where the built-in model lies. */
  get builtInPath(): string {
    return this.#builtIn;
  }

  /** What the model's memory holds since the last request, and how many tokens it wrote in all. */
  get memory(): { inMemory: number; written: number } {
    return { ...this.#memory };
  }

  get state(): ModelState {
    return this.#state;
  }

  /**
   * The path of the active model: the setting, else the offline chat model where it was fetched, else the
   * built-in one.
   * @throws GlassboxError `no-model` when there is none at all.
   */
  async activePath(): Promise<string> {
    const setting = textSetting("glassbox.model.path");
    if (inBrowser) {
      throw new GlassboxError(
        "unsupported",
        vscode.l10n.t("Models run in processes of their own, which VS Code in a browser cannot start."),
        vscode.l10n.t("Open this folder in VS Code on the desktop, or in one that runs on a server."),
      );
    }
    if (setting !== "" && setting !== BUILT_IN) return setting.replace(/^~(?=[/\\])/, homedir());
    const candidates = setting === BUILT_IN ? [this.#builtIn] : [this.#offline, this.#builtIn];
    for (const path of candidates) if (await exists(path)) return path;
    throw new GlassboxError(
      "no-model",
      vscode.l10n.t("There is no model yet."),
      vscode.l10n.t(
        "Run Glassbox: Choose Model to pick a GGUF file, or npm run build to make the built-in one.",
      ),
    );
  }

  /** Loads the active model unless it is loaded already, and answers what it is. */
  async ready(signal?: AbortSignal): Promise<ModelInfo> {
    let path = "";
    try {
      path = await this.activePath();
      const contextSize = contextSizeSetting();
      const gpuLayers = wholeSetting("glassbox.model.gpuLayers", -1, 0);
      const params: LoadModelParams = {
        path,
        gpuLayers: gpuLayers < 0 ? "auto" : gpuLayers,
        threads: wholeSetting("glassbox.model.threads", 0, 0),
        ...(contextSize > 0 ? { contextSize } : {}),
      };
      const info = await this.#load.wait(params, signal);
      if (this.#calls === 0) this.#waitForIdle();
      return info;
    } catch (error) {
      if (isCancelled(error)) {
        // Another feature may still wait for it.
        if (!this.#load.held) await this.#announceIdle();
      } else this.#announce({ kind: "failed", name: basename(path), error: toWireError(error) });
      throw error;
    }
  }

  /** Calls the model process after making sure that the active model is loaded. */
  async call<K extends keyof ModelProtocol & string>(
    method: K,
    params: ModelProtocol[K]["params"],
    options?: CallOptions<ModelProtocol[K]["event"]>,
  ): Promise<ModelProtocol[K]["result"]> {
    this.#calls++;
    clearTimeout(this.#idleTimer);
    try {
      await this.ready(options?.signal);
      const result = await this.#worker.call(method, params, options);
      this.#remember(params, result);
      return result;
    } finally {
      if (--this.#calls === 0) this.#waitForIdle();
    }
  }

  /** Requests with token ids leave these in the model's memory, and behind them what it wrote. */
  #remember(params: object, result: unknown): void {
    if (!("tokenIds" in params) || !Array.isArray(params.tokenIds)) return;
    const { tokenCount: written = 0, held = params.tokenIds.length } = result as {
      tokenCount?: number;
      held?: number;
    };
    this.#memory = {
      inMemory: held + written,
      written: this.#memory.written + written,
    };
  }

  /** Lets the reader choose a second model that lies on this machine. @returns its path. */
  async chooseOther(besideActive = false): Promise<string | undefined> {
    const { chooseOther } = await import("./models/chooseOther.js");
    return chooseOther({
      folder: this.#folder,
      builtIn: (await exists(this.#builtIn)) ? this.#builtIn : undefined,
      active: await this.activePath(),
      besideActive,
    });
  }

  /** As `call` of `compareModels`: another model is loaded for a while, and the active one again at the end. */
  async compare(
    params: ModelProtocol["compareModels"]["params"],
    options: CallOptions<ComparisonProgress>,
  ): Promise<ModelComparison> {
    try {
      return await this.call("compareModels", params, options);
    } catch (error) {
      // Where even the way back failed, nothing is loaded: the process is asked at the next call.
      this.#load.forget();
      throw error;
    }
  }

  /** Frees the model's memory when nobody has asked it anything for as long as the setting says. */
  #waitForIdle(): void {
    const minutes = numberSetting("glassbox.model.idleMinutes", 30, 0, 1440);
    clearTimeout(this.#idleTimer);
    if (minutes <= 0) return;
    this.#idleTimer = setTimeout(() => {
      if (this.#state.kind !== "ready") return;
      this.#log(`model: unloaded after ${minutes} idle minutes`);
      this.#memory.inMemory = 0;
      // Whoever asks from now on has to load it again.
      this.#load.forget();
      this.#worker
        .call("unload", {})
        .then(() => (this.#state.kind === "ready" ? this.#announceIdle() : undefined))
        .catch((error: unknown) => this.#log(`model: ${GlassboxError.from(error).message}`));
    }, minutes * 60_000);
  }

  /** The process died: the next call loads the model anew, and the panels say what happened. */
  crashed(error: GlassboxError): void {
    const name = this.#state.kind === "ready" ? this.#state.info.name : "";
    this.#load.forget();
    this.#announce({ kind: "failed", name, error: toWireError(error) });
  }

  /** The process was ended to be started anew: whoever asks next loads the model again. */
  restarted(): void {
    this.#memory.inMemory = 0;
    void this.#announceIdle();
  }

  /** The process that fetches what the reader asks for. */
  download(): Caller<DownloadProtocol> {
    this.#download ??= this._register(
      new WorkerClient<DownloadProtocol>({ name: "download", script: this.#downloadScript, log: this.#log }),
    );
    return this.#download;
  }

  /** Lets the reader choose a model, fetches it where it is not here, and loads it. */
  async choose(): Promise<void> {
    const { chooseModel } = await import("./models/chooseModel.js");
    const { ModelDownloads } = await import("./models/modelDownloads.js");
    const chosen = await chooseModel({
      downloads: new ModelDownloads(this.download(), this.#folder),
      folder: this.#folder,
      builtIn: (await exists(this.#builtIn)) ? { path: this.#builtIn, setting: BUILT_IN } : undefined,
      active: {
        path: await this.activePath().catch((): string => ""),
        info: this.#state.kind === "ready" ? this.#state.info : undefined,
      },
      contextSize: contextSizeSetting(),
      machine: () => this.#worker.call("machine", {}),
      fetchedGpu: this.#gpuFolder?.fetched ?? [],
    });
    if (chosen === undefined) return;
    await vscode.workspace
      .getConfiguration("glassbox")
      .update("model.path", chosen, vscode.ConfigurationTarget.Global);
    await this.#loadWithProgress();
  }

  async #loadWithProgress(): Promise<void> {
    await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Loading the model"),
        cancellable: true,
      },
      async (progress, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        let reached = 0;
        const listener = this.onDidChange((state) => {
          if (state.kind !== "loading") return;
          const percent = Math.round(100 * state.fraction);
          progress.report({
            message: `${state.name}, ${percent} %`,
            increment: Math.max(0, percent - reached),
          });
          reached = Math.max(reached, percent);
        });
        try {
          await this.ready(abort.signal);
        } finally {
          listener.dispose();
        }
      },
    );
  }

  async #loadNow(params: LoadModelParams, signal: AbortSignal): Promise<ModelInfo> {
    const name = basename(params.path);
    const announce = (fraction: number) => {
      // What has been given up still tells its progress for a moment.
      if (!signal.aborted) this.#announce({ kind: "loading", name, fraction });
    };
    announce(0);
    const info = await this.#worker.call("load", params, {
      signal,
      onEvent: ({ fraction }) => announce(fraction),
    });
    this.#announce({ kind: "ready", info });
    return info;
  }

  /** Until something is loaded, the heads of panels name what would be. */
  async #announceFirst(): Promise<void> {
    const path = await this.activePath().catch(() => undefined);
    if (path !== undefined && this.#state.kind === "none") {
      this.#announce({ kind: "idle", name: basename(path) });
    }
  }

  async #announceIdle(): Promise<void> {
    this.#load.forget();
    const path = await this.activePath().catch(() => undefined);
    this.#announce(path === undefined ? { kind: "none" } : { kind: "idle", name: basename(path) });
  }

  #announce(state: ModelState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}

/** Tokens; 0 leaves it to what the model was trained for. */
function contextSizeSetting(): number {
  return wholeSetting("glassbox.model.contextSize", 0, 0);
}
