/** Fetches models in the download process; what is paused goes on from where it was. */

import * as vscode from "vscode";
import { addressText } from "../../core/models/address.js";
import type { Caller } from "../../shared/rpc.js";
import type { DownloadProtocol, ModelSource } from "../../shared/workerProtocol.js";
import { fetchPausably } from "./pausableDownload.js";

export class ModelDownloads {
  readonly #worker: Caller<DownloadProtocol>;
  readonly #folder: string;

  constructor(worker: Caller<DownloadProtocol>, folder: string) {
    this.#worker = worker;
    this.#folder = folder;
  }

  unfinished() {
    return this.#worker.call("unfinished", { folder: this.#folder });
  }

  async discard(fileName: string): Promise<void> {
    await this.#worker.call("discard", { folder: this.#folder, fileName });
  }

  /**
   * Fetches a model and answers its path, or undefined when the reader paused it and left it at that.
   * @param name for the notification. @throws GlassboxError when the download fails.
   */
  async fetch(source: ModelSource, name: string): Promise<string | undefined> {
    const fetched = await fetchPausably({
      name,
      command: vscode.l10n.t("Choose Model"),
      fetch: (options) => this.#worker.call("download", { source, folder: this.#folder }, options),
      discard: () => this.#discardAll(source),
    });
    return fetched?.path;
  }

  async #discardAll(source: ModelSource): Promise<void> {
    for (const left of await this.unfinished()) {
      if (addressText(left.source) === addressText(source)) await this.discard(left.fileName);
    }
  }
}
