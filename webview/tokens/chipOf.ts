/** A token that text became as a chip: these have no names, and text never holds special ones. */

import type { ChipToken } from "../ui/TokenChip.js";

export function chipOf({ id, bytes }: { id: number; bytes: Uint8Array }): ChipToken {
  return { id, bytes, name: "", special: false };
}
