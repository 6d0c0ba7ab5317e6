/**
 * The model that explains and answers: the one on this machine or, only where the reader has connected one and has
 * allowed it, a server. Tokens, attention and sampling always ask the one on this machine.
 */

import * as vscode from "vscode";
import type { ExplanationModel } from "../../core/explain/modelCalls.js";
import { parseServerAddress, type ServerAddress } from "../../core/server/serverAddress.js";
import type { OfferedModel } from "../../core/server/serverModels.js";
import { GlassboxError } from "../../shared/errors.js";
import { formatCount } from "../../shared/formatCount.js";
import type { ModelState } from "../../shared/panels/panel.js";
import type { CallOptions } from "../../shared/rpc.js";
import type { ModelInfo } from "../../shared/types.js";
import type { ModelProtocol } from "../../shared/workerProtocol.js";
import { Disposable } from "../disposable.js";
import type { ModelService } from "../models.js";
import { textSetting } from "../settings.js";
import { ServerCalls, serverModelInfo, shortName } from "./serverCalls.js";
import { ServerClient, type ServerConnection } from "./serverClient.js";
import { ServerKeys } from "./serverKeys.js";
import { askToSend } from "./serverNotice.js";

/** The address that the reader has allowed text to be sent to. */
const ALLOWED = "glassbox.server.allowed";

export interface ChatModelParts {
  local: ModelService;
  secrets: vscode.SecretStorage;
  memory: vscode.Memento;
  log: vscode.LogOutputChannel;
  /** The notice; another one in tests, where nobody can press a button. */
  ask?: typeof askToSend;
}

export class ChatModel extends Disposable implements ExplanationModel {
  readonly #local: ModelService;
  readonly #keys: ServerKeys;
  readonly #memory: vscode.Memento;
  readonly #log: vscode.LogOutputChannel;
  readonly #ask: typeof askToSend;
  readonly #client = new ServerClient();
  readonly #calls = new ServerCalls(
    this.#client,
    (signal) => this.#allowed(signal),
    (line) => this.#log.info(line),
  );
  readonly #changed = this._register(new vscode.EventEmitter<ModelState>());
  readonly onDidChange = this.#changed.event;
  /** The list of the server's models, by address: asked for once. */
  #offered: { base: string; models: OfferedModel[] } | undefined;
  #asking: Promise<boolean> | undefined;

  constructor(parts: ChatModelParts) {
    super();
    this.#local = parts.local;
    this.#keys = new ServerKeys(parts.secrets, parts.memory);
    this.#memory = parts.memory;
    this.#log = parts.log;
    this.#ask = parts.ask ?? askToSend;
    this._register(this.#local.onDidChange(() => this.#announce()));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (!event.affectsConfiguration("glassbox.server")) return;
        this.#offered = undefined;
        this.#announce();
      }),
    );
  }

  /** What the heads of the panels show that explain and answer. */
  get state(): ModelState {
    const { url, model } = settings();
    if (url === "") return this.#local.state;
    try {
      const address = parseServerAddress(url);
      return { kind: "server", name: shortName(model) || address.host, ...address };
    } catch (error) {
      const { code, message } = GlassboxError.from(error);
      return { kind: "failed", name: "server", error: { code, message } };
    }
  }

  /** Makes the model ready to be asked; with a server, after the reader has allowed it. */
  async ready(signal?: AbortSignal): Promise<ModelInfo> {
    if (settings().url === "") return this.#local.ready(signal);
    const connection = await this.#allowed(signal);
    const models = await this.#models(connection, signal);
    return serverModelInfo(
      connection,
      models.find(({ id }) => id === connection.model),
    );
  }

  /** @throws GlassboxError `unsupported` for what a server cannot be asked. */
  async call<K extends keyof ModelProtocol & string>(
    method: K,
    params: ModelProtocol[K]["params"],
    options?: CallOptions<ModelProtocol[K]["event"]>,
  ): Promise<ModelProtocol[K]["result"]> {
    if (settings().url === "") return this.#local.call(method, params, options);
    return this.#calls.call(method, params, options);
  }

  /** **Glassbox: Connect to a Server**: address, key, notice, model. Until the end of it nothing is changed. */
  async connect(): Promise<void> {
    const title = vscode.l10n.t("Connect to a Server");
    const text = await vscode.window.showInputBox({
      title,
      prompt: vscode.l10n.t("Address of an OpenAI-compatible server: llama-server, vLLM, Ollama …"),
      placeHolder: "http://127.0.0.1:8080/v1",
      value: settings().url,
      ignoreFocusOut: true,
      validateInput: (value) => {
        try {
          parseServerAddress(value);
          return undefined;
        } catch (error) {
          const { message, remedy } = GlassboxError.from(error);
          return remedy ? `${message} ${remedy}` : message;
        }
      },
    });
    if (text === undefined) return;
    const address = parseServerAddress(text);
    const known = await this.#keys.of(address);
    const typed = await vscode.window.showInputBox({
      title,
      prompt: known
        ? vscode.l10n.t("Key for {0}. Empty: the one that is kept.", address.host)
        : vscode.l10n.t("Key for {0}. Empty: the server needs none.", address.host),
      password: true,
      ignoreFocusOut: true,
    });
    if (typed === undefined) return;
    const key = typed.trim() === "" ? known : typed.trim();
    await this.connectTo(address, key, (models) => this.#pick(models, title));
  }

  /** The rest of connecting: asks the server for its models, lets one be chosen, and asks for consent. */
  async connectTo(
    address: ServerAddress,
    key: string | undefined,
    choose: (models: OfferedModel[]) => Promise<string | undefined>,
  ): Promise<void> {
    // Asking for the list sends no text, but it tells the server of this machine: the reader has just asked for it.
    const models = await vscode.window.withProgress(
      {
        location: vscode.ProgressLocation.Notification,
        title: vscode.l10n.t("Asking {0} for its models", address.host),
        cancellable: true,
      },
      (_, token) => {
        const abort = new AbortController();
        token.onCancellationRequested(() => abort.abort());
        return this.#client.models({ address, model: "", key }, abort.signal);
      },
    );
    const model = await choose(models);
    if (model === undefined) return;
    if (!(await this.#ask(address, model, key !== undefined))) return;
    if (key !== undefined) await this.#keys.keep(address, key);
    await this.#memory.update(ALLOWED, address.base);
    const config = vscode.workspace.getConfiguration("glassbox.server");
    // The model first: with an address there must be one.
    await config.update("model", model, vscode.ConfigurationTarget.Global);
    await config.update("url", address.base, vscode.ConfigurationTarget.Global);
  }

  async #pick(models: OfferedModel[], title: string): Promise<string | undefined> {
    const items = models.map(({ id, contextSize }) => ({
      label: shortName(id),
      id,
      ...(contextSize === undefined
        ? {}
        : { description: vscode.l10n.t("context {0}", formatCount(contextSize)) }),
    }));
    if (items.length === 0) {
      return vscode.window.showInputBox({
        title,
        prompt: vscode.l10n.t("The server lists no models. Name of the model to ask for"),
        ignoreFocusOut: true,
      });
    }
    const picked = await vscode.window.showQuickPick(items, {
      title,
      placeHolder: vscode.l10n.t("The model that explains and answers"),
      ignoreFocusOut: true,
    });
    return picked?.id;
  }

  /** **Glassbox: Disconnect from the Server**: from now on nothing is sent. The key stays until it is forgotten. */
  async disconnect(): Promise<void> {
    const config = vscode.workspace.getConfiguration("glassbox.server");
    await this.#memory.update(ALLOWED, undefined);
    await config.update("url", undefined, vscode.ConfigurationTarget.Global);
    await config.update("model", undefined, vscode.ConfigurationTarget.Global);
    void vscode.window.showInformationMessage(
      vscode.l10n.t("Disconnected. The model on this machine explains and answers again."),
    );
  }

  /** **Glassbox: Forget the Server's Key**. */
  async forgetKey(): Promise<void> {
    const count = await this.#keys.forgetAll();
    void vscode.window.showInformationMessage(
      count === 0 ? vscode.l10n.t("There is no key to forget.") : vscode.l10n.t("The key is forgotten."),
    );
  }

  /** The connection, once the reader has allowed its address. @throws GlassboxError `cancelled` where they have not. */
  async #allowed(signal: AbortSignal | undefined): Promise<ServerConnection> {
    const { url, model } = settings();
    const address = parseServerAddress(url);
    const key = await this.#keys.of(address);
    if (model === "") {
      throw new GlassboxError(
        "server",
        vscode.l10n.t("No model of the server at {0} has been chosen.", address.host),
        vscode.l10n.t("Run Glassbox: Connect to a Server."),
      );
    }
    if (this.#memory.get<string>(ALLOWED) !== address.base) {
      // One notice, however many features ask at once.
      this.#asking ??= this.#ask(address, model, key !== undefined).finally(() => {
        this.#asking = undefined;
      });
      if (!(await this.#asking)) throw GlassboxError.cancelled();
      await this.#memory.update(ALLOWED, address.base);
    }
    if (signal?.aborted) throw GlassboxError.cancelled();
    return { address, model, key };
  }

  async #models(connection: ServerConnection, signal: AbortSignal | undefined): Promise<OfferedModel[]> {
    const { base } = connection.address;
    if (this.#offered?.base !== base) {
      this.#offered = { base, models: await this.#client.models(connection, signal) };
    }
    return this.#offered.models;
  }

  #announce(): void {
    this.#changed.fire(this.state);
  }
}

function settings(): { url: string; model: string } {
  return { url: textSetting("glassbox.server.url"), model: textSetting("glassbox.server.model") };
}
