/** Makes media/encodings/NAME.bin, the tokenizer tables, from the rank data of js-tiktoken. */

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import { ENCODING_NAMES, type EncodingName } from "../src/core/tokens/encodings.js";
import { type EncodingSource, writeEncodingTable } from "../src/core/tokens/encodingTable.js";

const root = process.cwd();
const folder = join(root, "media", "encodings");

/** What js-tiktoken/ranks/NAME exports. */
interface RankData {
  pat_str: string;
  special_tokens: Record<string, number>;
  /** Lines `! FIRST_ID TOKEN TOKEN …`, the tokens in base64, with ids that count up from the first. */
  bpe_ranks: string;
}

/** The vocabulary as js-tiktoken holds it. */
function readRankData(data: RankData): EncodingSource {
  const tokens = new Map<number, Uint8Array>();
  for (const line of data.bpe_ranks.split("\n")) {
    if (line === "") continue;
    const [, first, ...words] = line.split(" ");
    words.forEach((word, index) => {
      tokens.set(Number(first) + index, new Uint8Array(Buffer.from(word, "base64")));
    });
  }
  return { tokens, pattern: data.pat_str, specialTokens: data.special_tokens };
}

/** Writes the tables that are missing or were made from another version of js-tiktoken or of the layout. */
export async function makeEncodings(): Promise<void> {
  const require = createRequire(join(root, "package.json"));
  const stampFile = join(folder, ".made-from");
  // Made anew where the rank data or the code that writes them has changed.
  const sources = ["node_modules/js-tiktoken/package.json", "src/core/tokens/encodingTable.ts"];
  const hash = createHash("sha256");
  for (const source of sources) hash.update(await readFile(join(root, source)));
  const stamp = hash.digest("hex");
  const before = existsSync(stampFile) ? await readFile(stampFile, "utf8") : "";
  if (before === stamp) return;
  await mkdir(folder, { recursive: true });
  for (const name of ENCODING_NAMES) {
    const buffer = writeEncodingTable(readRankData(require(`js-tiktoken/ranks/${name}`) as RankData));
    await writeFile(fileOf(name), new Uint8Array(buffer));
  }
  await writeFile(stampFile, stamp);
}

function fileOf(name: EncodingName): string {
  return join(folder, `${name}.bin`);
}

export async function main(): Promise<void> {
  await makeEncodings();
}
