/** Which model is active, where it lies, and the one process that holds it for every feature. */

import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { basename, join } from "node:path";
import * as vscode from "vscode";
import { cacheFolder } from "../core/cacheFolder.js";
import { GlassboxError, isCancelled, toWireError } from "../shared/errors.js";
import type { ModelState } from "../shared/panels/panel.js";
import type { Caller, CallOptions } from "../shared/rpc.js";
import type { ModelInfo } from "../shared/types.js";
import type { LoadModelParams, ModelProtocol } from "../shared/workerProtocol.js";
import { Disposable } from "./disposable.js";

/** File names as `scripts/models.ts` writes them. */
export const BUILT_IN_MODEL = "stories15M-Q8_0.gguf";
export const OFFLINE_CHAT_MODEL = "tinyllama-1.1b-chat-IQ2_XXS.gguf";

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
  readonly #offline: string;
  readonly #worker: Caller<ModelProtocol>;
  readonly #changed = this._register(new vscode.EventEmitter<ModelState>());
  readonly onDidChange = this.#changed.event;
  #state: ModelState = { kind: "none" };
  #loading: { key: string; promise: Promise<ModelInfo>; abort: AbortController; waiting: number } | undefined;

  constructor(extensionUri: vscode.Uri, worker: Caller<ModelProtocol>) {
    super();
    this.#worker = worker;
    this.#builtIn = vscode.Uri.joinPath(extensionUri, "media", "models", BUILT_IN_MODEL).fsPath;
    this.#offline = join(cacheFolder(process.platform, process.env, homedir()), "models", OFFLINE_CHAT_MODEL);
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.model")) void this.#announceIdle();
      }),
    );
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
    const setting = vscode.workspace.getConfiguration("glassbox").get<string>("model.path", "").trim();
    if (setting !== "" && setting !== BUILT_IN) return setting.replace(/^~(?=[/\\])/, homedir());
    const candidates = setting === BUILT_IN ? [this.#builtIn] : [this.#offline, this.#builtIn];
    for (const path of candidates) if (await exists(path)) return path;
    throw new GlassboxError(
      "no-model",
      "There is no model yet.",
      "Run Glassbox: Choose Model to pick a GGUF file, or npm run build to make the built-in one.",
    );
  }

  /** Loads the active model unless it is loaded already, and answers what it is. */
  async ready(signal?: AbortSignal): Promise<ModelInfo> {
    const config = vscode.workspace.getConfiguration("glassbox");
    let path = "";
    try {
      path = await this.activePath();
      const contextSize = config.get<number>("model.contextSize", 0);
      const params: LoadModelParams = {
        path,
        gpuLayers: config.get<number | "auto">("model.gpuLayers", "auto"),
        threads: config.get<number>("model.threads", 0),
        ...(contextSize > 0 ? { contextSize } : {}),
      };
      return await this.#load(params, signal);
    } catch (error) {
      if (isCancelled(error)) await this.#announceIdle();
      else this.#announce({ kind: "failed", name: basename(path), error: toWireError(error) });
      throw error;
    }
  }

  /** Calls the model process after making sure that the active model is loaded. */
  async call<K extends keyof ModelProtocol & string>(
    method: K,
    params: ModelProtocol[K]["params"],
    options?: CallOptions<ModelProtocol[K]["event"]>,
  ): Promise<ModelProtocol[K]["result"]> {
    await this.ready(options?.signal);
    return this.#worker.call(method, params, options);
  }

  /** The process died: the next call loads the model anew, and the panels say what happened. */
  crashed(error: GlassboxError): void {
    const name = this.#state.kind === "ready" ? this.#state.info.name : "";
    this.#loading = undefined;
    this.#announce({ kind: "failed", name, error: toWireError(error) });
  }

  /** Lets the reader choose among the models that are here, or a GGUF file. */
  async choose(): Promise<void> {
    interface ModelItem extends vscode.QuickPickItem {
      value: string | undefined;
    }
    const active = await this.activePath().catch((): string => "");
    const items: ModelItem[] = [];
    if (await exists(this.#offline)) {
      items.push({
        label: "TinyLlama 1.1B Chat",
        description: "IQ2_XXS, 323 MB, Apache-2.0",
        detail: vscode.l10n.t(
          "Answers questions and explains short code. Strongly quantised: it often errs, which is instructive.",
        ),
        value: this.#offline,
      });
    }
    if (await exists(this.#builtIn)) {
      items.push({
        label: vscode.l10n.t("stories15M, built in"),
        description: "Q8_0, 17 MB, MIT",
        detail: vscode.l10n.t(
          "A story model of 15 million parameters. Fast and exact to look into; it has never seen code.",
        ),
        value: BUILT_IN,
      });
    }
    const isActive = (item: ModelItem) =>
      item.value === active || (item.value === BUILT_IN && active === this.#builtIn);
    for (const item of items) if (isActive(item)) item.label = `$(check) ${item.label}`;
    if (active !== "" && !items.some(isActive)) {
      items.unshift({ label: `$(check) ${basename(active)}`, detail: active, value: active });
    }
    items.push({
      label: `$(folder-opened) ${vscode.l10n.t("Choose a GGUF File…")}`,
      alwaysShow: true,
      value: undefined,
    });
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Choose Model"),
      placeHolder: vscode.l10n.t("The model that explains, predicts and is looked into"),
    });
    if (!picked) return;
    const value = picked.value ?? (await this.#browse());
    if (value === undefined) return;
    await vscode.workspace
      .getConfiguration("glassbox")
      .update("model.path", value, vscode.ConfigurationTarget.Global);
  }

  async #browse(): Promise<string | undefined> {
    const files = await vscode.window.showOpenDialog({
      title: vscode.l10n.t("Choose a GGUF File"),
      filters: { [vscode.l10n.t("GGUF models")]: ["gguf"] },
      canSelectMany: false,
    });
    return files?.[0]?.fsPath;
  }

  #load(params: LoadModelParams, signal: AbortSignal | undefined): Promise<ModelInfo> {
    const key = JSON.stringify(params);
    if (!this.#loading || this.#loading.key !== key) {
      const abort = new AbortController();
      const name = basename(params.path);
      this.#announce({ kind: "loading", name, fraction: 0 });
      const promise = this.#worker
        .call("load", params, {
          signal: abort.signal,
          onEvent: ({ fraction }) => this.#announce({ kind: "loading", name, fraction }),
        })
        .then((info) => {
          this.#announce({ kind: "ready", info });
          return info;
        });
      const loading = { key, promise, abort, waiting: 0 };
      this.#loading = loading;
      promise.catch(() => {
        if (this.#loading === loading) this.#loading = undefined;
      });
    }
    const loading = this.#loading;
    if (!signal) return loading.promise;
    // Several features may wait for one load; it is given up only when the last of them has cancelled.
    loading.waiting++;
    return new Promise((resolve, reject) => {
      const cancel = () => {
        reject(GlassboxError.cancelled());
        if (--loading.waiting === 0 && this.#state.kind === "loading") loading.abort.abort();
      };
      if (signal.aborted) return cancel();
      signal.addEventListener("abort", cancel, { once: true });
      loading.promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", cancel));
    });
  }

  async #announceIdle(): Promise<void> {
    this.#loading = undefined;
    const path = await this.activePath().catch(() => undefined);
    this.#announce(path === undefined ? { kind: "none" } : { kind: "idle", name: basename(path) });
  }

  #announce(state: ModelState): void {
    this.#state = state;
    this.#changed.fire(state);
  }
}
