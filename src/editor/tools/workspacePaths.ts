/** From a path that a model wrote to a file of the workspace; what lies outside is refused, links out of it as well. */

import { realpath } from "node:fs/promises";
import { posix } from "node:path";
import * as vscode from "vscode";
import { GlassboxError } from "../../shared/errors.js";

/** A larger file is not read whole. */
const LARGEST_READ = 2 * 1024 * 1024;
/** Bytes in which a NUL is looked for, as git does. */
const LOOKED_AT = 8000;

/**
 * The file of the workspace that a path names: from a workspace folder, with the folder's name in front, or absolute.
 * @throws GlassboxError `invalid-request` for what lies outside, `file-unreadable` for what is not there.
 */
export async function workspaceFile(path: string): Promise<vscode.Uri> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  if (folders.length === 0) {
    throw new GlassboxError("invalid-request", "No folder is open, so there is no file to read.");
  }
  const wanted = path.replaceAll("\\", "/");
  const candidates = folders.flatMap((folder) => placesIn(folder, wanted).map((uri) => ({ folder, uri })));
  if (candidates.length === 0) throw outside(path);
  for (const { folder, uri } of candidates) {
    const stat = await vscode.workspace.fs.stat(uri).then(
      (found) => found,
      () => undefined,
    );
    if (!stat) continue;
    await refuseLinksOut(folder.uri, uri, path);
    if ((stat.type & vscode.FileType.File) === 0) {
      throw new GlassboxError("invalid-request", `"${path}" is a folder, not a file.`);
    }
    return uri;
  }
  throw new GlassboxError("file-unreadable", `There is no file "${path}" in the workspace.`);
}

/** Where a path may lie in a folder; none where it leads out of it, or into git's own files. */
function placesIn(folder: vscode.WorkspaceFolder, path: string): vscode.Uri[] {
  const root = folder.uri.path.replace(/\/$/, "");
  const absolute = path.startsWith("/") || /^[a-z]:\//i.test(path);
  const relative = absolute
    ? [vscode.Uri.file(path).path]
        .filter((at) => at.startsWith(`${root}/`))
        .map((at) => at.slice(root.length + 1))
    : [path, ...(path.startsWith(`${folder.name}/`) ? [path.slice(folder.name.length + 1)] : [])];
  return relative
    .map((at) => posix.normalize(at))
    .filter(
      (at) => at !== ".." && !at.startsWith("../") && !at.startsWith("/") && !at.split("/").includes(".git"),
    )
    .map((at) => vscode.Uri.joinPath(folder.uri, at));
}

/** A link inside of the workspace may lead anywhere. */
async function refuseLinksOut(folder: vscode.Uri, uri: vscode.Uri, path: string): Promise<void> {
  if (uri.scheme !== "file") return;
  const [root, real] = await Promise.all([realpath(folder.fsPath), realpath(uri.fsPath)]);
  const inside = vscode.Uri.file(real).path.startsWith(`${vscode.Uri.file(root).path.replace(/\/$/, "")}/`);
  if (!inside) throw outside(path);
}

function outside(path: string): GlassboxError {
  return new GlassboxError(
    "invalid-request",
    `"${path}" is not a file of the workspace; nothing else is read.`,
  );
}

/**
 * The text of a file as the editor would show it; undefined for binary content.
 * @throws GlassboxError `too-long`, `file-unreadable`.
 */
export async function textOfFile(uri: vscode.Uri, path: string): Promise<string | undefined> {
  const open = vscode.workspace.textDocuments.find((document) => document.uri.toString() === uri.toString());
  if (open) return open.getText();
  const unreadable = (cause: unknown) => {
    throw new GlassboxError("file-unreadable", `Cannot read "${path}".`, undefined, {
      cause,
    });
  };
  const { size } = await vscode.workspace.fs.stat(uri).then(undefined, unreadable);
  if (size > LARGEST_READ) {
    throw new GlassboxError("too-long", `"${path}" has ${size} bytes; at most ${LARGEST_READ} are read.`);
  }
  const bytes = await vscode.workspace.fs.readFile(uri).then(undefined, unreadable);
  return bytes.subarray(0, LOOKED_AT).includes(0) ? undefined : new TextDecoder().decode(bytes);
}
