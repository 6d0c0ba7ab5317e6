/** A download with a notification that tells how far it is and lets it be paused, and what is asked after a pause. */

import * as vscode from "vscode";
import { isCancelled } from "../../shared/errors.js";
import { formatFixed } from "../../shared/formatCount.js";
import type { CallOptions } from "../../shared/rpc.js";
import type { DownloadProgress } from "../../shared/workerProtocol.js";
import { formatBytes } from "./formatBytes.js";

export interface PausableDownload<T> {
  /** Of what is fetched, for the notifications. */
  name: string;
  /** The title of the command that goes on with it another time. */
  command: string;
  /** Fetches it, or goes on with what has come; pausing aborts the signal. */
  fetch(options: CallOptions<DownloadProgress>): Promise<T>;
  /** Deletes what has come. */
  discard(): Promise<void>;
}

/** @returns what came of it; undefined where the reader paused it and left it at that. */
export async function fetchPausably<T>(download: PausableDownload<T>): Promise<T | undefined> {
  for (;;) {
    try {
      return await showDownload(download.name, (options) => download.fetch(options));
    } catch (error) {
      if (!isCancelled(error)) throw error;
      if (!(await goesOn(download))) return undefined;
    }
  }
}

/** After a pause: on, away with it, or later. */
async function goesOn({
  name,
  command,
  discard,
}: Omit<PausableDownload<unknown>, "fetch">): Promise<boolean> {
  const goOn = vscode.l10n.t("Go On");
  const away = vscode.l10n.t("Discard");
  const picked = await vscode.window.showInformationMessage(
    vscode.l10n.t(
      "The download of {0} is paused. What has come is kept; {1} goes on with it, also after a restart.",
      name,
      command,
    ),
    goOn,
    away,
  );
  if (picked === away) await discard();
  return picked === goOn;
}

/** Shows how far a download is while it goes on, and lets it be paused. @param name of what is fetched. */
function showDownload<T>(
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
