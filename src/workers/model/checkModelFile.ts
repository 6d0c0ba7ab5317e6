/** Looks at a model file before llama.cpp does, which ends the whole process over a broken header. */

import { open, stat } from "node:fs/promises";
import { basename } from "node:path";
import { GlassboxError } from "../../shared/errors.js";

const REMEDY = "Choose a GGUF file in Settings > Glassbox > Model.";
const MAGIC = "GGUF";

/** Bytes as a person can read them: `PK\x03\x04`. */
function spellBytes(bytes: Uint8Array): string {
  return [...bytes]
    .map((byte) =>
      byte >= 0x20 && byte < 0x7f && byte !== 0x22 && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\x${byte.toString(16).padStart(2, "0")}`,
    )
    .join("");
}

/**
 * Checks that a file is a GGUF that can be handed to the engine.
 * @returns the size of the file in bytes.
 * @throws GlassboxError `file-unreadable` or `file-invalid`, with what was found.
 */
export async function checkModelFile(path: string): Promise<number> {
  const name = basename(path);
  const unreadable = (reason: string, cause?: unknown) =>
    new GlassboxError("file-unreadable", `Cannot read "${name}": ${reason}.`, REMEDY, { cause });
  const status = await stat(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(error.code === "ENOENT" ? `there is no such file at ${path}` : error.message, error);
  });
  if (status.isDirectory()) throw unreadable("it is a folder");
  const file = await open(path, "r").catch((error: Error) => {
    throw unreadable(error.message, error);
  });
  try {
    const head = new Uint8Array(MAGIC.length);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    const found = head.subarray(0, bytesRead);
    if (new TextDecoder("latin1").decode(found) !== MAGIC) {
      throw new GlassboxError(
        "file-invalid",
        `Cannot read "${name}": expected magic "${MAGIC}", got "${spellBytes(found)}".`,
        REMEDY,
      );
    }
  } finally {
    await file.close();
  }
  return status.size;
}
