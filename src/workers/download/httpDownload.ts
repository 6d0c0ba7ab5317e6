/**
 * Fetches one file by HTTP so that an interruption loses nothing: what has come is kept beside a note of what it
 * is, the rest is asked for by range, and the file gets its name only when it is whole and checked.
 */

import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import {
  type FileHandle,
  mkdir,
  open,
  readFile,
  rename,
  rm,
  stat,
  statfs,
  writeFile,
} from "node:fs/promises";
import { basename, dirname } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { TransferSpeed } from "../../core/models/transferSpeed.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { formatCount } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { DownloadedModel, DownloadProgress, ModelSource } from "../../shared/workerProtocol.js";

/** Attempts in a row that bring no byte before the download is given up, and the wait before the first of them. */
const ATTEMPTS = 5;
const FIRST_WAIT_MS = 500;
/** A connection that brings nothing for this long is dead. */
const SILENCE_MS = 30_000;
const PROGRESS_MS = 200;
/** How often, and after how many milliseconds each time, a claim without an owner is looked at before it is taken over. */
const EMPTY_LOOKS = 20;
const EMPTY_LOOK_MS = 50;
/** Disk space that is left for others. */
const SPARE_BYTES = 64 * 2 ** 20;

export interface RemoteFile {
  url: string;
  /** SHA-256 in hexadecimal where the server or the catalogue names it. */
  sha256?: string | undefined;
}

/** The note beside what has come. */
export interface DownloadNote {
  source: ModelSource;
  url: string;
  sha256: string | undefined;
  totalBytes: number | undefined;
  /** The server's name for this very version of the file: a strong ETag, or else the date of its last change. */
  validator: string | undefined;
}

const partialPath = (target: string): string => `${target}.partial`;
const notePath = (target: string): string => `${target}.partial.json`;

export interface HttpDownload {
  source: ModelSource;
  file: RemoteFile;
  /** Where the file is to lie in the end. */
  target: string;
  signal: AbortSignal;
  onProgress(progress: DownloadProgress): void;
  /** Looks at the finished file before it gets its name; throws when it is not what it should be. */
  validate(path: string): void;
  /** Bytes that may be written to the folder's disk; asked of the disk itself unless given. */
  freeBytes?: (folder: string) => Promise<number>;
  firstWaitMs?: number;
}

/**
 * @throws GlassboxError `cancelled` with what has come kept, `file-invalid` for a wrong length or hash with it
 *   deleted, `failed` when the server cannot be reached, refuses, or the disk is full.
 */
export async function downloadFile(job: HttpDownload): Promise<DownloadedModel> {
  const { target, signal } = job;
  await mkdir(dirname(target), { recursive: true });
  const release = await claim(target);
  try {
    const note = await receive(job);
    const partial = partialPath(target);
    const { size } = await stat(partial);
    const sha256 = await hashOf(partial, size, job);
    if (note.sha256 !== undefined && note.sha256 !== sha256) {
      await discardPartial(target);
      throw new GlassboxError(
        "file-invalid",
        t(
          '"{0}" arrived damaged: its SHA-256 should be {1}, it is {2}.',
          basename(target),
          note.sha256,
          sha256,
        ),
        t("Nothing was kept of it. Start the download again; if it happens again, choose another source."),
      );
    }
    try {
      job.validate(partial);
    } catch (error) {
      await discardPartial(target);
      throw error;
    }
    throwIfCancelled(signal);
    await rename(partial, target);
    await rm(notePath(target), { force: true });
    return { path: target, bytes: size, sha256, hashMatched: note.sha256 !== undefined };
  } finally {
    await release();
  }
}

/** Deletes what has come of a download. */
export async function discardPartial(target: string): Promise<void> {
  await rm(partialPath(target), { force: true });
  await rm(notePath(target), { force: true });
}

export async function readNote(target: string): Promise<DownloadNote | undefined> {
  try {
    return JSON.parse(await readFile(notePath(target), "utf8")) as DownloadNote;
  } catch (error) {
    // No note, or one that a power cut left half written: the download begins anew.
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
}

export async function writeNote(target: string, note: DownloadNote): Promise<void> {
  await writeFile(notePath(target), JSON.stringify(note));
}

export async function partialSize(target: string): Promise<number> {
  const status = await stat(partialPath(target)).catch(() => undefined);
  return status?.size ?? 0;
}

/**
 * Only one process may write to a partial file. Answers what gives it up again.
 * @throws GlassboxError `failed` while another one does.
 */
export async function claim(target: string): Promise<() => Promise<void>> {
  const path = `${partialPath(target)}.lock`;
  for (let looked = 1; ; looked++) {
    try {
      await writeFile(path, String(process.pid), { flag: "wx" });
      return () => rm(path, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw diskError(error, target);
      const owner = Number(await readFile(path, "utf8").catch(() => ""));
      if (owner > 0 && isRunning(owner)) {
        throw new GlassboxError(
          "failed",
          t('"{0}" is being downloaded already, by process {1}.', basename(target), owner),
          t("Wait for it, or pause it in the window that began it."),
        );
      }
      // Its owner may have made it and not written into it yet; a crash may have left it so for good.
      if (owner === 0 && looked < EMPTY_LOOKS) await delay(EMPTY_LOOK_MS);
      else await rm(path, { force: true });
    }
  }
}

/** Whether there is a process of this number, whoever's it is. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** Brings the partial file to its full length, over as many connections as it takes. */
async function receive(job: HttpDownload): Promise<DownloadNote> {
  const { target, file, signal } = job;
  const speed = new TransferSpeed();
  let failures = 0;
  for (;;) {
    throwIfCancelled(signal);
    const before = await partialSize(target);
    try {
      const note = await receiveOnce(job, speed);
      if (note) return note;
    } catch (error) {
      throwIfCancelled(signal);
      if (error instanceof GlassboxError) {
        if (error.code === "file-invalid") await discardPartial(target);
        throw error;
      }
      if (isDiskError(error)) throw diskError(error, target);
      failures = (await partialSize(target)) > before ? 1 : failures + 1;
      if (failures >= ATTEMPTS) {
        if (before === 0) throw outOfReach(file.url, reasonOf(error), error);
        throw new GlassboxError(
          "failed",
          t(
            'The download of "{0}" broke off after {1} bytes: {2} cannot be reached ({3}).',
            basename(target),
            await partialSize(target),
            new URL(file.url).host,
            reasonOf(error),
          ),
          t("What has come is kept. Check the connection and start the download again to go on."),
          { cause: error },
        );
      }
      await delay((job.firstWaitMs ?? FIRST_WAIT_MS) * 2 ** (failures - 1), undefined, { signal }).catch(() =>
        throwIfCancelled(signal),
      );
    }
  }
}

/** One connection. Answers the note when the file is whole, undefined when it has to be asked for anew. */
async function receiveOnce(job: HttpDownload, speed: TransferSpeed): Promise<DownloadNote | undefined> {
  const { target, file, source, onProgress } = job;
  const known = await readNote(target);
  const mayResume = known?.url === file.url && known.validator !== undefined;
  let have = mayResume ? await partialSize(target) : 0;
  onProgress(progress("connecting", have, known?.totalBytes));

  const silence = new AbortController();
  const signal = AbortSignal.any([job.signal, silence.signal]);
  let timer = setTimeout(() => silence.abort(), SILENCE_MS);
  try {
    const headers: Record<string, string> = { "accept-encoding": "identity", "user-agent": "glassbox" };
    if (have > 0) {
      headers.range = `bytes=${have}-`;
      // Another version of the file since: the server then sends all of it.
      headers["if-range"] = known!.validator!;
    }
    const response = await fetch(file.url, { headers, signal });
    const range = /^bytes (\d+)-\d+\/(\d+)$/.exec(response.headers.get("content-range") ?? "");
    if (response.status === 416) {
      const total = Number(/\/(\d+)$/.exec(response.headers.get("content-range") ?? "")?.[1] ?? Number.NaN);
      await response.body?.cancel();
      if (total === have) return known;
      await discardPartial(target);
      return undefined;
    }
    if (!response.ok || !response.body) throw refused(response, file.url);
    if (response.status !== 206 || Number(range?.[1]) !== have) have = 0;
    const length = Number(response.headers.get("content-length") ?? Number.NaN);
    const total = range && have > 0 ? Number(range[2]) : Number.isNaN(length) ? undefined : length;
    await checkSpace(job, (total ?? 0) - have);

    const note: DownloadNote = {
      source,
      url: file.url,
      sha256: file.sha256,
      totalBytes: total,
      validator: validatorOf(response),
    };
    await writeNote(target, note);
    const handle = await open(partialPath(target), have > 0 ? "r+" : "w");
    try {
      // The first chunk is told, also by a process that has only just begun.
      let told = Number.NEGATIVE_INFINITY;
      for await (const chunk of response.body as AsyncIterable<Uint8Array>) {
        clearTimeout(timer);
        timer = setTimeout(() => silence.abort(), SILENCE_MS);
        if (have === 0) refuseWebPage(chunk, file.url);
        await writeAll(handle, chunk, have);
        have += chunk.byteLength;
        const now = performance.now();
        speed.add(now, have);
        if (now - told >= PROGRESS_MS) {
          told = now;
          onProgress({
            ...progress("receiving", have, total),
            bytesPerSecond: speed.bytesPerSecond,
            secondsLeft: total === undefined ? undefined : speed.secondsLeft(total),
          });
        }
      }
      if (total !== undefined && have !== total)
        throw new Error(t("it ended at byte {0} of {1}", have, total));
      await handle.sync();
      return note;
    } finally {
      await handle.close();
    }
  } finally {
    clearTimeout(timer);
  }
}

const progress = (
  phase: DownloadProgress["phase"],
  receivedBytes: number,
  totalBytes: number | undefined,
): DownloadProgress => ({
  phase,
  receivedBytes,
  totalBytes,
  bytesPerSecond: undefined,
  secondsLeft: undefined,
});

/** Weak ETags do not promise the same bytes. */
function validatorOf(response: Response): string | undefined {
  const etag = response.headers.get("etag");
  if (etag?.startsWith('"')) return etag;
  return response.headers.get("last-modified") ?? undefined;
}

async function writeAll(handle: FileHandle, chunk: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < chunk.byteLength; ) {
    const { bytesWritten } = await handle.write(chunk, done, chunk.byteLength - done, at + done);
    done += bytesWritten;
  }
}

function refuseWebPage(chunk: Uint8Array, url: string): void {
  const start = new TextDecoder().decode(chunk.subarray(0, 64)).trimStart().toLowerCase();
  if (start.startsWith("<!doctype") || start.startsWith("<html")) {
    throw new GlassboxError(
      "file-invalid",
      t("{0} sent a web page in place of the file.", new URL(url).host),
      t("A proxy or a login page may stand in between. Open the address in a browser to see what it says."),
    );
  }
}

async function diskFreeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

/** @throws GlassboxError `failed` where the disk has not got so many bytes for a file, and some for others. */
export async function checkSpace(
  { target, freeBytes = diskFreeBytes }: Pick<HttpDownload, "target" | "freeBytes">,
  needed: number,
): Promise<void> {
  const free = await freeBytes(dirname(target));
  if (needed + SPARE_BYTES <= free) return;
  throw new GlassboxError(
    "failed",
    t(
      '"{0}" needs {1} more, and {2} are free in {3}.',
      basename(target),
      megabytes(needed),
      megabytes(free),
      dirname(target),
    ),
    t("Make room on the disk, or choose something smaller."),
  );
}

const megabytes = (bytes: number): string => `${formatCount(Math.ceil(bytes / 1e6))} MB`;

const DISK_CODES = new Set(["ENOSPC", "EDQUOT", "EFBIG", "EROFS", "EACCES", "EPERM", "EIO"]);

export function isDiskError(error: unknown): boolean {
  return error instanceof Error && "code" in error && DISK_CODES.has(String(error.code));
}

export function diskError(error: unknown, target: string): GlassboxError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const full = code === "ENOSPC" || code === "EDQUOT";
  return new GlassboxError(
    "failed",
    full
      ? t('The disk is full: "{0}" could not be written to the end.', basename(target))
      : t("Cannot write to {0}: {1}.", dirname(target), reasonOf(error)),
    full
      ? t("Make room and start the download again: it goes on with what has come.")
      : t("Check that the folder may be written to."),
    { cause: error },
  );
}

function refused(response: Response, url: string): GlassboxError {
  const { host } = new URL(url);
  const found = t("{0} answered {1}", host, `${response.status} ${response.statusText}`.trim());
  // Worth another attempt: the server is busy or has failed by itself.
  if (response.status === 429 || response.status >= 500) throw new Error(found);
  const remedy =
    response.status === 401 || response.status === 403
      ? t(
          "A model may ask for its licence to be accepted first, a registry for a login: open the address in a browser to see.",
        )
      : t("Check the address.");
  return new GlassboxError("failed", t("It could not be fetched: {0} for {1}.", found, url), remedy);
}

/** Nothing has come, and there is nobody to fetch it from. */
export function outOfReach(url: string, reason: string, cause?: unknown): GlassboxError {
  return new GlassboxError(
    "failed",
    t("{0} cannot be reached: {1}.", new URL(url).host, reason),
    t("Check the connection and start the download again."),
    { cause },
  );
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

/** SHA-256 of what has come, in hexadecimal. */
async function hashOf(path: string, size: number, { signal, onProgress }: HttpDownload): Promise<string> {
  const hash = createHash("sha256");
  let done = 0;
  let told = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) {
    throwIfCancelled(signal);
    hash.update(chunk as Buffer);
    done += (chunk as Buffer).byteLength;
    if (performance.now() - told < PROGRESS_MS) continue;
    told = performance.now();
    onProgress(progress("checking", done, size));
  }
  return hash.digest("hex");
}
