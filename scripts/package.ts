/**
 * `npm run package [-- PLATFORM …]`: a VSIX for each platform that node-llama-cpp serves, and one for VS Code in a
 * browser, all made on this machine, into out/. Each holds what runs and nothing else: no sources, tests, source
 * maps, nor another platform's binaries. `npm test package` installs one into a clean editor and works in it.
 */

import { existsSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import type { Metafile } from "esbuild";
import { FOLDER_LIST } from "../src/shared/folderList.js";
import { buildAll, buildForPackage } from "./build.js";
import { cached, withScratchFolder } from "./cache.js";
import { ensureBuiltInModel } from "./models.js";
import { noticesText, thirdPartyNotices } from "./notices.js";
import { bundledFiles, copyEngine, packagesOf } from "./packageFiles.js";
import { ensurePlatformPackage, PLATFORM_PACKAGES } from "./platformBinaries.js";
import { endOnSignals, must } from "./process.js";
import { makeTexts } from "./texts.js";

const root = process.cwd();
const out = join(root, "out");

/** The last one that runs on Node 20. */
const VSCE = "3.9.2";

/** Most kilobytes of code of our own, and most megabytes of the package that is measured. */
const MOST_OWN_CODE_KB = 1500;
const MOST_LINUX_X64_MB = 75;

/** VSCE's name for VS Code in a browser. */
const WEB = "web";
export const TARGETS: readonly string[] = [...Object.keys(PLATFORM_PACKAGES), WEB];

/** Parts of dist/ that are read as they are, on every platform that has processes. */
const DATA = ["pyodide", "quickjs", "tree-sitter", "tokenKernel.wasm", "workers/lensKernel.wasm"];
/** Parts of media/, on every platform. */
const MEDIA = ["encodings", "icons", "lessons", "sample", "walkthrough", "prices.json"];

interface Packed {
  path: string;
  megabytes: number;
}

export interface Packages {
  /** By target. */
  packed: Map<string, Packed>;
  code: CodeSizes;
}

interface CodeSizes {
  /** Kilobytes of the bundles that come from src/ and webview/. */
  ownKb: number;
  /** Kilobytes of all bundles, with the packages in them. */
  allKb: number;
}

function codeSizes(metafiles: readonly Metafile[]): CodeSizes {
  const outputs = metafiles.flatMap((metafile) => Object.entries(metafile.outputs));
  let own = 0;
  let all = 0;
  for (const [path, { bytes, inputs }] of outputs) {
    // The same code once more, in one file.
    if (!/\.m?js$/.test(path) || /\/web\//.test(path)) continue;
    all += bytes;
    for (const [file, { bytesInOutput }] of Object.entries(inputs)) {
      if (/^(src|webview)\//.test(file)) own += bytesInOutput;
    }
  }
  return { ownKb: Math.round(own / 1024), allKb: Math.round(all / 1024) };
}

/** VS Code's own packager, of the npm registry, kept in the cache: it is needed for nothing else. */
async function ensureVsce(): Promise<string> {
  const folder = cached(`vsce-${VSCE}`);
  const entry = join(folder, "node_modules/@vscode/vsce/vsce");
  if (existsSync(entry)) return entry;
  console.log(`Setting up @vscode/vsce ${VSCE} …`);
  await mkdir(dirname(folder), { recursive: true });
  await withScratchFolder(dirname(folder), async (scratch) => {
    const home = join(scratch, "vsce");
    await mkdir(home);
    await writeFile(join(home, "package.json"), JSON.stringify({ private: true }));
    const quiet = ["--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"];
    await must("npm", ["install", `@vscode/vsce@${VSCE}`, ...quiet], { cwd: home });
    await cp(home, folder, { recursive: true, verbatimSymlinks: true });
  });
  return entry;
}

/** The manifest as it is published: without what only a checkout needs. */
async function manifestFor(target: string): Promise<Record<string, unknown>> {
  const manifest = JSON.parse(await readFile(join(root, "package.json"), "utf8")) as Record<string, unknown>;
  for (const key of ["private", "scripts", "dependencies", "devDependencies", "overrides"])
    delete manifest[key];
  manifest.engines = { vscode: (manifest.engines as { vscode: string }).vscode };
  delete manifest[target === WEB ? "main" : "browser"];
  return manifest;
}

/** README, with the pictures that it shows in the package's own folder, and without links to what only a checkout has. */
async function copyReadme(folder: string): Promise<void> {
  const text = await readFile(join(root, "README.md"), "utf8");
  const pictures = new Map<string, string>();
  const linked = text.replace(/\]\((test\/ui\/screens\/[^)]+)\)/g, (_, path: string) => {
    const target = `media/pictures/${basename(path)}`;
    pictures.set(path, target);
    return `](${target})`;
  });
  for (const [from, to] of pictures) await copy(from, folder, to);
  const packed = linked.replace(/\[([^\]]+)\]\((?:src|test|\.github)\/[^)]+\.md\)/g, "$1");
  await writeFile(join(folder, "README.md"), packed);
}

/** Copies a path of the checkout to its place, or to another, below a folder. */
async function copy(path: string, folder: string, to = path): Promise<void> {
  const target = join(folder, to);
  await mkdir(dirname(target), { recursive: true });
  await cp(join(root, path), target, {
    recursive: true,
    // Stamps and unfinished files of the build.
    filter: (from) => !/\.made-from$|\.unfinished$|\.part$|\.DS_Store$/.test(from),
  });
}

/** What every package has besides code. */
async function stageCommon(folder: string, bundled: string[]): Promise<void> {
  for (const part of MEDIA) await copy(`media/${part}`, folder);
  for (const file of ["LICENSE", "CHANGELOG.md"]) await copy(file, folder);
  await copyReadme(folder);
  await makeTexts(folder);
  await writeFile(join(folder, "ThirdPartyNotices.txt"), noticesText(await thirdPartyNotices(bundled)));
}

/** Lays out the package for VS Code in a browser, where nothing but the tables and the lessons can be read. */
async function stageWeb(folder: string): Promise<void> {
  const dist = join(folder, "dist");
  const metafiles = await buildForPackage(dist);
  for (const name of ["extension.js", "chunks", "workers"])
    await rm(join(dist, name), { recursive: true, force: true });
  await copy("dist/tokenKernel.wasm", folder);
  await stageCommon(folder, packagesOf(bundledFiles(metafiles)));
  await listFolders(join(folder, "media/lessons"));
}

/** Writes into each folder what is in it: a site on the web cannot be asked. */
async function listFolders(folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true });
  const folders = entries.filter((entry) => entry.isDirectory());
  for (const { name } of folders) await listFolders(join(folder, name));
  const files = entries.filter((entry) => entry.isFile()).map(({ name }) => name);
  const list = { files, folders: folders.map(({ name }) => name) };
  await writeFile(join(folder, FOLDER_LIST), JSON.stringify(list));
}

/** Lays out what every target with processes has: all but the binaries of one platform. */
async function stage(folder: string): Promise<CodeSizes> {
  const metafiles = await buildForPackage(join(folder, "dist"));
  await rm(join(folder, "dist/web"), { recursive: true });
  const engine = await copyEngine(join(folder, "dist"));
  for (const part of DATA) await copy(`dist/${part}`, folder);
  await copy("media/models", folder);
  await stageCommon(folder, [...packagesOf(bundledFiles(metafiles)), ...engine]);
  return codeSizes(metafiles);
}

async function pack(folder: string, target: string): Promise<Packed> {
  const manifest = await manifestFor(target);
  await writeFile(join(folder, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  const path = join(out, `${String(manifest.name)}-${String(manifest.version)}-${target}.vsix`);
  await mkdir(out, { recursive: true });
  await must(
    process.execPath,
    [
      await ensureVsce(),
      "package",
      // The engine lies below dist/, where nothing has to be asked of npm.
      "--no-dependencies",
      ...["--target", target, "--out", path],
      ...["--allow-missing-repository", "--no-rewrite-relative-links"],
    ],
    { cwd: folder },
  );
  return { path, megabytes: (await stat(path)).size / 1e6 };
}

/** Makes the packages of these targets from what the build has made. */
export async function makePackages(targets: readonly string[]): Promise<Packages> {
  const packed = new Map<string, Packed>();
  const folder = join(root, "dist", "package");
  await rm(folder, { recursive: true, force: true });
  try {
    const code = await stage(folder);
    const binaries = join(folder, "dist/node_modules/@node-llama-cpp");
    for (const target of targets.filter((each) => each !== WEB)) {
      const name = PLATFORM_PACKAGES[target];
      if (name === undefined) throw new Error(`There is no platform "${target}".`);
      await rm(binaries, { recursive: true, force: true });
      await cp(await ensurePlatformPackage(name), join(binaries, basename(name)), { recursive: true });
      packed.set(target, await pack(folder, target));
    }
    if (targets.includes(WEB)) {
      await rm(folder, { recursive: true });
      await stageWeb(folder);
      packed.set(WEB, await pack(folder, WEB));
    }
    return { packed, code };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function main(args: string[]): Promise<number> {
  const targets = args.filter((arg) => arg !== "--");
  const unknown = targets.filter((target) => !TARGETS.includes(target));
  if (unknown.length > 0) {
    console.error(`There is no platform "${unknown.join(" ")}". There are: ${TARGETS.join(", ")}.`);
    return 1;
  }
  endOnSignals();
  await ensureBuiltInModel();
  await buildAll({ tests: false });
  const { packed, code } = await makePackages(targets.length > 0 ? targets : TARGETS);
  for (const [target, { path, megabytes }] of packed) {
    console.log(`${target.padEnd(13)} ${megabytes.toFixed(1).padStart(6)} MB  ${path}`);
  }
  console.log(`Code: ${code.ownKb} KB of our own, ${code.allKb} KB with the packages that are bundled.`);
  const faults: string[] = [];
  if (code.ownKb > MOST_OWN_CODE_KB) faults.push(`Our own code is more than ${MOST_OWN_CODE_KB} KB.`);
  if ((packed.get("linux-x64")?.megabytes ?? 0) > MOST_LINUX_X64_MB) {
    faults.push(`The package of linux-x64 is more than ${MOST_LINUX_X64_MB} MB.`);
  }
  for (const fault of faults) console.error(fault);
  return faults.length === 0 ? 0 : 1;
}
