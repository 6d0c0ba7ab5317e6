/** Files that the editor saves while a test waits for them. */

import { readFile } from "node:fs/promises";
import { until } from "./until.js";

/** How a file of each kind ends when all of it is written. */
const ENDS: Readonly<Record<string, RegExp>> = {
  json: /\}\s*$/,
  svg: />\s*$/,
  csv: /\r\n$/,
  md: /\.\n$/,
  // The last chunk has no data, only its check sum.
  png: /IEND.{4}$/s,
};

/** The content of a file, by whose name its kind is known, once it has been written to its end. */
export async function savedFile(path: string): Promise<Buffer> {
  const end = ENDS[path.split(".").at(-1) ?? ""];
  if (!end) throw new Error(`Nobody knows how ${path} ends.`);
  return until(
    async () => {
      const content = await readFile(path);
      return end.test(content.subarray(-100).toString("latin1")) && content;
    },
    { what: `${path} to be written` },
  );
}
