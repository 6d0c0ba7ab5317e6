/** Fetches models in the download process, with a notification that tells how far it is and lets it be paused. */

import * as vscode from "vscode";
import { addressText } from "../../core/models/address.js";
import { isCancelled } from "../../shared/errors.js";
import { formatFixed } from "../../shared/formatCount.js";
import type { Caller, CallOptions } from "../../shared/rpc.js";
import type { DownloadProgress, DownloadProtocol, ModelSource } from "../../shared/workerProtocol.js";
import { formatBytes } from "./formatBytes.js";

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
    for (;;) {
      try {
        return await this.#fetchOnce(source, name);
      } catch (error) {
        if (!isCancelled(error)) throw error;
        if (!(await this.#goesOn(source, name))) return undefined;
      }
    }
  }

  async #fetchOnce(source: ModelSource, name: string): Promise<string> {
    const { path } = await showDownload(name, (options) =>
      this.#worker.call("download", { source, folder: this.#folder }, options),
    );
    return path;
  }

  /** After a pause: on, away with it, or later. */
  async #goesOn(source: ModelSource, name: string): Promise<boolean> {
    const goOn = vscode.l10n.t("Go On");
    const discard = vscode.l10n.t("Discard");
    const picked = await vscode.window.showInformationMessage(
      vscode.l10n.t(
        "The download of {0} is paused. What has come is kept; Choose Model goes on with it, also after a restart.",
        name,
      ),
      goOn,
      discard,
    );
    if (picked === discard) {
      for (const left of await this.unfinished()) {
        if (addressText(left.source) === addressText(source)) await this.discard(left.fileName);
      }
    }
    return picked === goOn;
  }
}

/** Shows how far a download is while it goes on, and lets it be paused. @param name of what is fetched. */
export function showDownload<T>(
  name: string,
  download: (options: CallOptions<DownloadProgress>) => Promise<T>,
): Thenable<T> {
  return vscode.window.withProgress(
    {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t("Fetching {0} (Cancel pauses)", name),
      cancellable: true,
    },
    (progress, token) => {
      const abort = new AbortController();
      token.onCancellationRequested(() => abort.abort());
      let percent = 0;
      return download({
        signal: abort.signal,
        onEvent: (event) => {
          const reached = event.totalBytes ? (100 * event.receivedBytes) / event.totalBytes : 0;
          const increment = event.phase === "receiving" ? Math.max(0, reached - percent) : 0;
          percent += increment;
          progress.report({ message: progressText(event), increment });
        },
      });
    },
  );
}

function progressText(event: DownloadProgress): string {
  const { phase, receivedBytes, totalBytes, bytesPerSecond, secondsLeft } = event;
  if (phase === "connecting") return vscode.l10n.t("connecting …");
  if (phase === "checking") return vscode.l10n.t("checking what came …");
  const parts = [
    totalBytes === undefined
      ? formatBytes(receivedBytes)
      : vscode.l10n.t("{0} of {1}", formatBytes(receivedBytes), formatBytes(totalBytes)),
  ];
  if (bytesPerSecond !== undefined) parts.push(vscode.l10n.t("{0}/s", formatBytes(bytesPerSecond)));
  if (secondsLeft !== undefined) parts.push(timeLeft(secondsLeft));
  return parts.join(", ");
}

function timeLeft(seconds: number): string {
  if (seconds < 60) return vscode.l10n.t("{0} s left", Math.ceil(seconds));
  if (seconds < 5400) return vscode.l10n.t("{0} min left", Math.round(seconds / 60));
  return vscode.l10n.t("{0} h left", formatFixed(seconds / 3600, 1));
}
