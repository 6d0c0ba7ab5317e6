/**
 * Stands for Node's modules in the build for VS Code in a browser, where there is no Node: what is pure is written
 * here, and what needs a disk, a process or the machine says that it is not there. What is imported from Node and
 * missing here fails the build.
 */

import { GlassboxError } from "../shared/errors.js";
import { t } from "../shared/l10n.js";

declare const navigator: { hardwareConcurrency: number };

function absent(message: string): GlassboxError {
  return new GlassboxError(
    "unsupported",
    message,
    t("Open this folder in VS Code on the desktop, or in one that runs on a server."),
  );
}

/** A function of Node's that nobody can do here. */
function refuse(message: string): () => never {
  return () => {
    throw absent(message);
  };
}

/** The same for one that answers with a promise. */
function refuseLater(message: string): () => Promise<never> {
  return () => Promise.reject(absent(message));
}

// node:path, as on POSIX: addresses in a browser have no other separator.

export function basename(path: string, suffix = ""): string {
  const last = path.replace(/\/+$/, "").split("/").at(-1) ?? "";
  return suffix !== "" && last !== suffix && last.endsWith(suffix) ? last.slice(0, -suffix.length) : last;
}

export function dirname(path: string): string {
  const trimmed = path.replace(/\/+$/, "");
  const end = trimmed.lastIndexOf("/");
  if (end < 0) return path.startsWith("/") ? "/" : ".";
  return end === 0 ? "/" : trimmed.slice(0, end);
}

export function extname(path: string): string {
  return /[^.](\.[^.]*)$/.exec(basename(path))?.[1] ?? "";
}

export function normalize(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === ".." && parts.length > 0 && parts.at(-1) !== "..") parts.pop();
    else if (part !== ".." || !path.startsWith("/")) parts.push(part);
  }
  const joined = parts.join("/");
  return path.startsWith("/") ? `/${joined}` : joined || ".";
}

export function join(...parts: string[]): string {
  return normalize(parts.filter((part) => part !== "").join("/") || ".");
}

export function isAbsolute(path: string): boolean {
  return path.startsWith("/");
}

export const sep = "/";

export const posix = { basename, dirname, extname, normalize, join, isAbsolute, sep };

// node:os

export const homedir = (): string => "~";
export const availableParallelism = (): number => navigator.hardwareConcurrency;
export const totalmem = refuse(
  t("The memory of the machine has to be asked for, which VS Code in a browser cannot."),
);
export const freemem = totalmem;

// node:fs and node:fs/promises

const FILES = t("Files of this machine have to be read by their path, which VS Code in a browser cannot.");
export const access = refuseLater(FILES);
export const open = refuseLater(FILES);
export const readdir = refuseLater(FILES);
export const readFile = refuseLater(FILES);
export const realpath = refuseLater(FILES);
export const rm = refuseLater(FILES);
export const stat = refuseLater(FILES);
export const existsSync = (): boolean => false;
export const readdirSync = refuse(FILES);
export const createReadStream = refuse(FILES);
export const openSync = refuse(FILES);
export const fstatSync = refuse(FILES);
export const readSync = refuse(FILES);
export const closeSync = refuse(FILES);

// node:crypto

export const createHash = refuse(t("A file has to be hashed, which VS Code in a browser cannot."));
export const randomUUID = (): string => crypto.randomUUID();

/** Random bytes that know the one form they are asked for. */
export function randomBytes(count: number): { toString(encoding: "base64"): string } {
  const bytes = crypto.getRandomValues(new Uint8Array(count));
  return { toString: () => btoa(String.fromCharCode(...bytes)) };
}

// node:events and node:child_process

/** Signals warn of many listeners on Node only. */
export function setMaxListeners(): void {}

export const fork = refuse(
  t("Models, the lens and the sandbox run in processes of their own, which VS Code in a browser cannot."),
);
