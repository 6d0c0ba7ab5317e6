/** Unpacks the archive of an npm package into a folder, and nothing anywhere else. */

import { basename } from "node:path";
// Its main entry has other packages in it, whose licences would not be seen.
import { extract } from "tar/extract";
import { list } from "tar/list";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { diskError, isDiskError } from "./httpDownload.js";

/** Every path of an npm package's archive begins with it. */
const ROOT = "package/";
const MOST_FILES = 1000;

/**
 * @param archive path of a .tgz file. @param folder there already, and empty. @param mostBytes of all files together.
 * @throws GlassboxError `file-invalid` before anything is written where the archive holds what a package must not;
 *   `failed` where the disk does not take it.
 */
export async function unpackPackage(archive: string, folder: string, mostBytes: number): Promise<void> {
  const name = basename(archive);
  let fault: string | undefined;
  let files = 0;
  let bytes = 0;
  try {
    await list({
      file: archive,
      strict: true,
      onReadEntry: ({ path, type, size }) => {
        files++;
        bytes += size;
        fault ??= faultOf(path, type);
        if (files > MOST_FILES) fault ??= t("it holds more than {0} files", MOST_FILES);
        if (bytes > mostBytes) fault ??= t("it holds more than {0} bytes", mostBytes);
      },
    });
    if (fault !== undefined) throw refusal(name, fault);
    await extract({
      file: archive,
      cwd: folder,
      strip: 1,
      strict: true,
      preserveOwner: false,
      noMtime: true,
    });
  } catch (error) {
    if (error instanceof GlassboxError) throw error;
    if (isDiskError(error)) throw diskError(error, folder);
    throw refusal(name, error instanceof Error ? error.message : String(error), error);
  }
}

/** Why an entry must not be unpacked; undefined where it may. */
function faultOf(path: string, type: string): string | undefined {
  if (type !== "File" && type !== "OldFile") return t('"{0}" is no plain file but a {1}', path, type);
  const inside = path.startsWith(ROOT) && path.length > ROOT.length;
  // A colon begins a stream of a file, or names a drive, on Windows.
  const odd = /[\\:\0]/.test(path) || path.split("/").some((part) => part === "" || /^\.\.?$/.test(part));
  return inside && !odd ? undefined : t('"{0}" would lie outside of its folder', path);
}

function refusal(name: string, fault: string, cause?: unknown): GlassboxError {
  return new GlassboxError(
    "file-invalid",
    t('"{0}" cannot be unpacked: {1}.', name, fault),
    t("Nothing was kept of it. Start the download again; if it happens again, choose another source."),
    { cause },
  );
}
