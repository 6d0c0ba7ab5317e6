/** Sizes of files and of memory as a reader expects them. */

import { formatFixed } from "../../shared/formatCount.js";

/** Bytes in decimal units, as download pages and disks count: "491 MB", "1.12 GB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)} kB`;
  if (bytes < 1e9) return `${Math.round(bytes / 1e6)} MB`;
  return `${formatFixed(bytes / 1e9, bytes < 1e10 ? 2 : 1)} GB`;
}
