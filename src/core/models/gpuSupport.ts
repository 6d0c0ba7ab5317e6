/**
 * What the engine needs to compute on a graphics card, apart from the card's own driver: packages of node-llama-cpp
 * that are fetched on request, each with the hash that it must have.
 */

import type { PinnedPackage } from "../../shared/workerProtocol.js";
import table from "./gpuPackages.json";

/** Kinds of support that can be fetched. Metal needs none: it is in the package for macOS. */
export type FetchedGpuKind = "cuda" | "vulkan";

/** Best first. */
export const FETCHED_GPU_KINDS: readonly FetchedGpuKind[] = ["cuda", "vulkan"];

export interface GpuSupport {
  kind: FetchedGpuKind;
  /** The one that node-llama-cpp looks for first comes last: once it is there, all are. */
  packages: readonly PinnedPackage[];
}

/** The version of node-llama-cpp that the packages belong to. Those of another do not load. */
export const GPU_SUPPORT_VERSION = table.version;
export const GPU_SUPPORT_LICENCE = table.licence;

const SCOPE = "@node-llama-cpp/";

/** Names of packages without the scope, in the order in which they are to be put in place. */
const NAMES: Readonly<Record<string, readonly string[]>> = {
  "linux-x64-cuda": ["linux-x64-cuda-ext", "linux-x64-cuda"],
  "linux-x64-vulkan": ["linux-x64-vulkan"],
  "win32-x64-cuda": ["win-x64-cuda-ext", "win-x64-cuda"],
  "win32-x64-vulkan": ["win-x64-vulkan"],
};

/** The names of all packages that can be fetched. */
export const GPU_PACKAGES: readonly string[] = Object.values(NAMES)
  .flat()
  .map((name) => SCOPE + name);

/** Undefined where node-llama-cpp has none for the platform. @param platform as `process.platform` has it. */
export function gpuSupport(kind: FetchedGpuKind, platform: string, arch: string): GpuSupport | undefined {
  const names = NAMES[`${platform}-${arch}-${kind}`];
  if (!names) return undefined;
  const known = new Map(Object.entries(table.packages));
  const packages = names.map((name): PinnedPackage => {
    const pinned = known.get(SCOPE + name);
    if (!pinned) throw new Error(`gpuPackages.json has no ${SCOPE}${name}.`);
    return { name: SCOPE + name, version: table.version, ...pinned };
  });
  return { kind, packages };
}

/** The folder of a package among those that were fetched: its name without the scope. */
export const folderOf = (packageName: string): string => packageName.slice(packageName.lastIndexOf("/") + 1);

/** What is fetched, and what it takes on the disk, in bytes. */
export function weightOf({ packages }: GpuSupport): { packedBytes: number; unpackedBytes: number } {
  const sum = (of: (each: PinnedPackage) => number) => packages.reduce((all, each) => all + of(each), 0);
  return { packedBytes: sum((each) => each.packedBytes), unpackedBytes: sum((each) => each.unpackedBytes) };
}

/**
 * Where a package lies in a registry. @param registry such as `https://registry.npmjs.org/`; what stands behind the
 * host is kept, as companies' registries have it.
 */
export function tarballUrl(
  registry: string,
  { name, version }: Pick<PinnedPackage, "name" | "version">,
): string {
  return `${registry.replace(/\/+$/, "")}/${name}/-/${folderOf(name)}-${version}.tgz`;
}

const PUBLIC_REGISTRY = "https://registry.npmjs.org/";

/**
 * The npm registry of this machine: npm's own variable, else the reader's .npmrc, else the public one. What names a
 * registry for the scope counts before what names one for all.
 * @param npmrc the text of the file in the reader's home; a workspace's own is never read.
 */
export function registryOf(environment: Readonly<Record<string, string | undefined>>, npmrc: string): string {
  const lines = npmrc.split(/\r?\n/).map((line) => /^\s*([^;#=][^=]*?)\s*=\s*"?(.*?)"?\s*$/.exec(line));
  const fromFile = (key: string) => lines.findLast((line) => line?.[1] === key)?.[2];
  const found = [
    fromFile("@node-llama-cpp:registry"),
    environment.npm_config_registry,
    environment.NPM_CONFIG_REGISTRY,
    fromFile("registry"),
  ];
  return (
    found.find((address) => address !== undefined && /^https?:\/\/[^\s${}]+$/.test(address)) ??
    PUBLIC_REGISTRY
  );
}
