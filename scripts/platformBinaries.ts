/**
 * The packages with the compiled llama.cpp of each platform: fetched from the npm registry by the versions of the
 * lock file, whatever this machine is, and held against its hashes.
 */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { cached, withScratchFolder } from "./cache.js";
import { must } from "./process.js";

/** By VS Code's name of the platform: the package that node-llama-cpp looks for there. */
export const PLATFORM_PACKAGES: Readonly<Record<string, string>> = {
  "linux-x64": "@node-llama-cpp/linux-x64",
  "linux-arm64": "@node-llama-cpp/linux-arm64",
  "darwin-arm64": "@node-llama-cpp/mac-arm64-metal",
  "darwin-x64": "@node-llama-cpp/mac-x64",
  "win32-x64": "@node-llama-cpp/win-x64",
  "win32-arm64": "@node-llama-cpp/win-arm64",
};

interface LockFile {
  packages: Record<string, { version?: string; integrity?: string }>;
}

/**
 * Fetches a package unless it is in the cache.
 * @returns the folder with its files. @throws Error where what came is not what the lock file has the hash of.
 */
export async function ensurePlatformPackage(name: string): Promise<string> {
  const lock = JSON.parse(await readFile("package-lock.json", "utf8")) as LockFile;
  const { version, integrity } = lock.packages[`node_modules/${name}`] ?? {};
  if (!version || !integrity?.startsWith("sha512-")) {
    throw new Error(`package-lock.json has no version and SHA-512 hash of ${name}.`);
  }
  const folder = cached("platforms", `${name.replace("/", "+")}-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(dirname(folder), { recursive: true });
  await withScratchFolder(dirname(folder), async (scratch) => {
    await must("npm", ["pack", `${name}@${version}`, "--pack-destination", scratch, "--loglevel=error"]);
    const [packed] = await readdir(scratch);
    if (packed === undefined) throw new Error(`npm pack ${name}@${version} left no file.`);
    const tarball = join(scratch, packed);
    const found = `sha512-${createHash("sha512")
      .update(await readFile(tarball))
      .digest("base64")}`;
    if (found !== integrity) {
      throw new Error(
        `${name}@${version} came with the hash ${found}, but package-lock.json has ${integrity}.`,
      );
    }
    await must("tar", ["-xzf", tarball, "-C", scratch]);
    await rename(join(scratch, "package"), folder);
  });
  return folder;
}
