/**
 * Fetches the packages with the engine's code for graphics cards from the npm registry of this machine: each is
 * resumed, checked and unpacked beside its place, and appears there when all of them are whole.
 */

import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { folderOf, registryOf, tarballUrl } from "../../core/models/gpuSupport.js";
import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type { DownloadProgress, PinnedPackage } from "../../shared/workerProtocol.js";
import { checkSpace, downloadFile, type HttpDownload, partialSize } from "./httpDownload.js";
import { forgetAbandoned, scratchFolder } from "./scratch.js";

export interface PackageFetch extends Pick<HttpDownload, "freeBytes" | "firstWaitMs"> {
  packages: readonly PinnedPackage[];
  folder: string;
  signal: AbortSignal;
  onProgress(progress: DownloadProgress): void;
  /** That of this machine unless given. */
  registry?: string;
}

/** @throws GlassboxError as `downloadFile` and `unpackPackage`. What has come whole is kept for the next attempt. */
export async function fetchPackages(job: PackageFetch): Promise<void> {
  const { packages, folder, signal } = job;
  const archives = join(folder, "downloads");
  await mkdir(archives, { recursive: true });
  await forgetAbandoned(folder);
  const missing = packages.filter((each) => !existsSync(placeOf(folder, each)));
  const tarballs = missing.map((each) => join(archives, `${folderOf(each.name)}-${each.version}.tgz`));

  let needed = 0;
  for (const [at, { packedBytes, unpackedBytes }] of missing.entries()) {
    const have = existsSync(tarballs[at]!) ? packedBytes : await partialSize(tarballs[at]!);
    needed += packedBytes - Math.min(packedBytes, have) + unpackedBytes;
  }
  if (missing.length > 0)
    await checkSpace({ ...job, target: join(folder, folderOf(missing.at(-1)!.name)) }, needed);

  const registry = job.registry ?? (await registryOfThisMachine());
  for (const [at, each] of missing.entries()) {
    if (!existsSync(tarballs[at]!))
      await fetchOne({ ...job, packages: missing }, each, tarballs[at]!, tarballUrl(registry, each), at);
  }
  const scratch = await scratchFolder(folder);
  try {
    const { unpackPackage } = await import("./unpack.js");
    for (const [at, each] of missing.entries()) {
      throwIfCancelled(signal);
      const target = join(scratch, folderOf(each.name));
      await mkdir(target);
      await unpackPackage(tarballs[at]!, target, each.unpackedBytes).catch(async (error: unknown) => {
        // What cannot be unpacked now will not be at the next attempt either.
        if (error instanceof GlassboxError && error.code === "file-invalid") await rm(tarballs[at]!);
        throw error;
      });
    }
    throwIfCancelled(signal);
    for (const each of missing) await putInPlace(join(scratch, folderOf(each.name)), placeOf(folder, each));
    for (const tarball of tarballs) await rm(tarball, { force: true });
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

const placeOf = (folder: string, { name, version }: PinnedPackage): string =>
  join(folder, version, folderOf(name));

async function fetchOne(
  { packages, signal, onProgress, freeBytes, firstWaitMs }: PackageFetch,
  { sha256, packedBytes }: PinnedPackage,
  target: string,
  url: string,
  at: number,
): Promise<void> {
  const total = packages.reduce((sum, each) => sum + each.packedBytes, 0);
  const before = packages.slice(0, at).reduce((sum, each) => sum + each.packedBytes, 0);
  await downloadFile({
    source: { kind: "url", url },
    file: { url, sha256 },
    target,
    signal,
    ...(freeBytes && { freeBytes }),
    ...(firstWaitMs === undefined ? {} : { firstWaitMs }),
    validate: () => {},
    onProgress: (progress) => {
      const { bytesPerSecond: speed, receivedBytes } = progress;
      onProgress({
        ...progress,
        receivedBytes: before + Math.min(receivedBytes, packedBytes),
        totalBytes: total,
        secondsLeft: speed ? (total - before - receivedBytes) / speed : undefined,
      });
    },
  });
}

/** Another window may have put the same there meanwhile. */
async function putInPlace(from: string, to: string): Promise<void> {
  await mkdir(join(to, ".."), { recursive: true });
  await rename(from, to).catch((error: unknown) => {
    if (!existsSync(to)) throw error;
  });
}

async function registryOfThisMachine(): Promise<string> {
  const npmrc = await readFile(join(homedir(), ".npmrc"), "utf8").catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return "";
    throw error;
  });
  return registryOf(process.env, npmrc);
}
