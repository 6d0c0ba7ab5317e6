/** Which files of node_modules go into a package: those that the code really reaches, each where it lies. */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { build, type Metafile } from "esbuild";

const root = process.cwd();

/**
 * The folders of the npm packages that files of a bundle come from, such as `node_modules/a/node_modules/b`.
 * @param files paths relative to the root, as esbuild's metafile has them.
 */
export function packagesOf(files: Iterable<string>): string[] {
  const folders = new Set<string>();
  for (const file of files) {
    const match = /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(file);
    if (match) folders.add(match[0]);
  }
  return [...folders].sort();
}

/** The files of which something is in the bundles, relative to the root. */
export function bundledFiles(metafiles: readonly Metafile[]): string[] {
  const outputs = metafiles.flatMap((metafile) => Object.values(metafile.outputs));
  return outputs.flatMap(({ inputs }) =>
    Object.entries(inputs)
      .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
      .map(([file]) => file),
  );
}

/** What node-llama-cpp is loaded as, and what it starts in a process of its own to try a binary. */
const ENGINE_ENTRIES = [
  "node_modules/node-llama-cpp/dist/index.js",
  "node_modules/node-llama-cpp/dist/bindings/utils/testBindingBinary.js",
];

/** What it reads beside its code: which release its binaries are of. */
const ENGINE_DATA = ["llama/binariesGithubRelease.json", "llama/llama.cpp.info.json"].map(
  (name) => `node_modules/node-llama-cpp/${name}`,
);

/** The metafile of node-llama-cpp with all that it imports; nothing is written. */
async function traceEngine(): Promise<Metafile> {
  const { metafile } = await build({
    entryPoints: ENGINE_ENTRIES,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "unused",
    platform: "node",
    format: "esm",
    // Everything that is imported counts, whether or not it is used.
    treeShaking: false,
    ignoreAnnotations: true,
    // Chosen by platform: the binaries; and a copy-on-write that its downloader can do without.
    external: ["@node-llama-cpp/*", "@reflink/*", "electron"],
    logLevel: "error",
  });
  return metafile;
}

/**
 * Copies node-llama-cpp and what it imports, each file at its place below `folder`, with licences and without
 * command line, sources, types and tests.
 * @returns the folders of the packages that were copied, relative to the root.
 */
export async function copyEngine(folder: string): Promise<string[]> {
  const code = Object.keys((await traceEngine()).inputs);
  const packages = packagesOf(code);
  const files = [...code, ...manifestsAbove(code)];
  for (const of of packages) files.push(...(await licenceFiles(of)));
  for (const data of ENGINE_DATA) if (existsSync(join(root, data))) files.push(data);
  for (const file of files) {
    const target = join(folder, file);
    await mkdir(dirname(target), { recursive: true });
    await cp(join(root, file), target);
  }
  return packages;
}

/** Every package.json in the folders of these files up to their package's: one inside it may say what a `.js` is. */
function manifestsAbove(files: readonly string[]): string[] {
  const found = new Set<string>();
  for (const file of files) {
    for (let folder = dirname(file); basename(folder) !== "node_modules"; folder = dirname(folder)) {
      const manifest = join(folder, "package.json");
      if (existsSync(join(root, manifest))) found.add(manifest);
    }
  }
  return [...found];
}

/** The files of a package that say under what licence it comes, relative to the root. */
export async function licenceFiles(packageFolder: string): Promise<string[]> {
  const names = await readdir(join(root, packageFolder));
  return names
    .filter((name) => /^(licen[cs]e|copying|notice)/i.test(name))
    .sort()
    .map((name) => join(packageFolder, name));
}
