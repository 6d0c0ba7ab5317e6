/** A valid GGUF file that is quickly made and sent: what downloads are tried with. */

import { createHash } from "node:crypto";
import { writeGguf } from "../../src/core/lens/gguf/writeGguf.js";

/** About 3 MB, with one tensor; another seed makes other bytes. */
export function smallModel(seed: number): Buffer {
  const rows = 750;
  const bytes = new Uint8Array(rows * 1024 * 4);
  for (let at = 0; at < bytes.length; at++) bytes[at] = (at * 31 + seed) & 0xff;
  return Buffer.from(
    writeGguf(
      [["general.architecture", { type: "string", value: "llama" }]],
      [{ name: "weights", type: "F32", shape: [1024, rows], data: bytes }],
    ),
  );
}

/** In hexadecimal digits, as a source names it. */
export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
