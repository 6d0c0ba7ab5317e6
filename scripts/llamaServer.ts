/**
 * A real server program for the tests: llama.cpp's own llama-server, compiled from the sources that the npm package
 * node-llama-cpp carries and linked with the engine that its prebuilt package brings. About a minute, once.
 */

import { existsSync } from "node:fs";
import { copyFile, mkdir, readdir, readFile, rename } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { cached, withScratchFolder } from "./cache.js";
import { ensureDebianPackages } from "./debian.js";
import { must } from "./process.js";

const engine = () => join(process.cwd(), "node_modules/node-llama-cpp/llama");

/** The sources below `tools/` and `vendor/` that are the server; all else of it lies in the prebuilt libraries. */
const SOURCE_FOLDERS = ["tools/server", "tools/mtmd", "vendor/hash"];
/** Programs of their own, each with a `main` of its own. */
const LEFT_OUT = ["tools/mtmd/mtmd-cli.cpp", "tools/mtmd/deprecation-warning.cpp"];
const HEADERS = [
  "include",
  "ggml/include",
  "common",
  "vendor",
  "vendor/hash",
  "tools/mtmd",
  "tools/server",
  "src",
];
const DEFINITIONS = ["LLAMA_SHARED", "GGML_SHARED", "GGML_BACKEND_SHARED", "LLAMA_SUBPROCESS"];

/** Builds llama-server unless it is in the cache; answers the program's path. */
export async function ensureLlamaServer(): Promise<string> {
  const { release } = JSON.parse(await readFile(join(engine(), "binariesGithubRelease.json"), "utf8")) as {
    release: string;
  };
  const platform = `${process.platform}-${process.arch}`;
  const libraries = join(process.cwd(), "node_modules/@node-llama-cpp", platform, "bins", platform);
  const folder = cached(`llama-server-${release}-${platform}`);
  const program = join(folder, "llama-server");
  if (existsSync(program)) return program;
  if (!existsSync(libraries)) throw new Error(`There is no ${libraries}. Run npm ci.`);
  await ensureDebianPackages(["llama-server"]);
  await mkdir(dirname(folder), { recursive: true });
  console.log(`Building llama-server ${release} (about a minute, once) …`);
  await withScratchFolder(dirname(folder), async (scratch) => {
    const finished = join(scratch, "finished");
    await mkdir(finished);
    await build(scratch, libraries, join(finished, "llama-server"));
    // The engine looks for its parts beside the program.
    for (const name of await sharedLibraries(libraries))
      await copyFile(join(libraries, name), join(finished, name));
    try {
      await rename(finished, folder);
    } catch (error) {
      // Somebody else may have finished the same build meanwhile.
      if (!existsSync(program)) throw error;
    }
  });
  return program;
}

async function sharedLibraries(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith(".so"));
}

async function build(scratch: string, libraries: string, program: string): Promise<void> {
  const sources = join(scratch, "sources");
  const objects = join(scratch, "objects");
  const made = join(scratch, "made");
  await Promise.all([mkdir(objects), mkdir(made)]);
  await must("git", ["clone", "--quiet", join(engine(), "gitRelease.bundle"), sources]);

  // The web page that the server would show is left empty.
  const embed = join(scratch, "embed");
  await must("g++", ["-O1", "-std=c++17", "-o", embed, join(sources, "tools/ui/embed.cpp")]);
  await must(embed, [join(made, "ui.cpp"), join(made, "ui.h")]);

  const flags = [
    ...["-O1", "-w"],
    ...DEFINITIONS.map((name) => `-D${name}`),
    ...[made, sources, ...HEADERS.map((name) => join(sources, name))].map((name) => `-I${name}`),
  ];
  const queue = [join(made, "ui.cpp")];
  for (const name of SOURCE_FOLDERS) queue.push(...(await sourcesBelow(sources, name)));
  const compiled: string[] = [];
  const worker = async () => {
    for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
      const object = join(objects, `${compiled.length}.o`);
      compiled.push(object);
      // llama.cpp compiles its SHA-1 as C++, to keep it in a namespace.
      const language =
        /\.c$/.test(file) && !file.endsWith("sha1.c") ? ["-x", "c"] : ["-x", "c++", "-std=c++17"];
      await must("g++", [...language, ...flags, "-c", file, "-o", object]);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, worker));

  // The models that see and hear are left out; nothing reaches them unless one is loaded.
  await must("g++", [
    ...["-no-pie", "-o", program, ...compiled],
    ...["-L", libraries, ...(await linkedLibraries(libraries)), "-lpthread"],
    ...["-Wl,-rpath,$ORIGIN", "-Wl,--unresolved-symbols=ignore-in-object-files"],
  ]);
}

/** llama.cpp itself and what it stands on; the processor's variants are loaded when the program starts. */
async function linkedLibraries(libraries: string): Promise<string[]> {
  const names = await sharedLibraries(libraries);
  return ["libllama-common", "libllama.", "libggml.", "libggml-base"].map((beginning) => {
    const name = names.find((candidate) => candidate.startsWith(beginning));
    if (name === undefined) throw new Error(`There is no ${beginning}*.so in ${libraries}.`);
    return `-l:${name}`;
  });
}

async function sourcesBelow(sources: string, folder: string): Promise<string[]> {
  const deep = folder.startsWith("vendor/");
  const names = await readdir(join(sources, folder), { recursive: deep });
  return names
    .filter((name) => /\.(?:cpp|c)$/.test(name) && !LEFT_OUT.includes(`${folder}/${name}`))
    .map((name) => join(sources, folder, name));
}

export async function main(): Promise<void> {
  console.log(`llama-server is at ${await ensureLlamaServer()}.`);
}
