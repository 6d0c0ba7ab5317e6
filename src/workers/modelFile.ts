/** Opens a model file for our own GGUF reader, which looks at it before llama.cpp does. */

import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { basename } from "node:path";
import type { ByteSource } from "../core/lens/gguf/byteSource.js";
import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";

export interface ModelFile extends ByteSource {
  close(): void;
}

/**
 * Opens a file for reading piece by piece.
 * @throws GlassboxError `file-unreadable` when it is missing, a folder, or may not be read.
 */
export function openModelFile(path: string): ModelFile {
  const name = basename(path);
  const unreadable = (cause: unknown) => {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    const reason = code === "ENOENT" ? t("there is no such file at {0}", path) : String(cause);
    return new GlassboxError(
      "file-unreadable",
      t('Cannot read "{0}": {1}.', name, code === "EISDIR" ? t("it is a folder") : reason),
      t("Choose a GGUF file in Settings > Glassbox > Model."),
      { cause },
    );
  };
  let descriptor: number;
  try {
    descriptor = openSync(path, "r");
  } catch (error) {
    throw unreadable(error);
  }
  const close = () => closeSync(descriptor);
  const status = fstatSync(descriptor);
  if (status.isDirectory()) {
    close();
    throw unreadable(Object.assign(new Error("EISDIR"), { code: "EISDIR" }));
  }
  return {
    name,
    size: status.size,
    close,
    read(position, into) {
      for (let done = 0; done < into.byteLength; ) {
        const count = readSync(descriptor, into, done, into.byteLength - done, position + done);
        if (count === 0)
          throw unreadable(new Error(t("it ended at byte {0} while being read", position + done)));
        done += count;
      }
    },
  };
}
