/** Counts the tokens of files on disk, in slices, and remembers the counts by what the files hold. */

import * as vscode from "vscode";
import type { FileCount, SkipReason } from "../../core/budget/budgetTree.js";
import { CountCache } from "../../core/budget/countCache.js";
import { isNotebookFile, notebookSources } from "../../core/budget/notebookSources.js";
import { readJsonInSteps } from "../../core/tokens/readJson.js";
import { TokenBuffer } from "../../core/tokens/tokenBuffer.js";
import type { Splitter, Tokenizer } from "../../core/tokens/tokenizer.js";
import { GlassboxError } from "../../shared/errors.js";
import { readingOf, UTF8 } from "./fileReading.js";
import { Slices } from "./slices.js";

/** Bytes above which a file is not counted: several times the largest context window. */
export const LARGEST_FILE = 8 * 1024 * 1024;
/** Bytes in which a NUL is looked for, as git does. */
const LOOKED_AT = 8000;
/** Bytes that are decoded at once. */
const DECODED_AT_ONCE = 64 * 1024;
/** UTF-16 units in which a border between two parts is looked for. */
const LOOKED_BACK = 16 * 1024;
/** Milliseconds after a new count until the counts are written down. */
const SAVE_AFTER_MS = 2000;
/** Written into the file's name; to be raised when counts of before must not be used any more. */
const CACHE_VERSION = 3;

export class FileCounter {
  readonly tokenizer: Tokenizer;
  readonly #cacheUri: vscode.Uri | undefined;
  readonly #log: vscode.LogOutputChannel;
  #cache: Promise<CountCache> | undefined;
  #save: ReturnType<typeof setTimeout> | undefined;
  /** One file is encoded at a time, or their slices would add up. */
  #encoding: Promise<unknown> = Promise.resolve();
  readonly #slices = new Slices();
  /** Files that were read since the start; the others were known. */
  filesRead = 0;
  /** Of these, files that held what was never counted before. */
  filesEncoded = 0;

  /** @param storage where counts are kept; undefined keeps them no longer than this object. */
  constructor(tokenizer: Tokenizer, storage: vscode.Uri | undefined, log: vscode.LogOutputChannel) {
    this.tokenizer = tokenizer;
    const name = `${tokenizer.name}-${tokenizer.ordinaryTokens}`.replace(/[^\w.-]+/g, "_");
    this.#cacheUri =
      storage && vscode.Uri.joinPath(storage, "token-counts", `${name}-v${CACHE_VERSION}.json`);
    this.#log = log;
  }

  /** @throws GlassboxError `cancelled`. */
  async count(uri: vscode.Uri, signal: AbortSignal): Promise<FileCount | SkipReason> {
    throwIfStopped(signal);
    let stat: vscode.FileStat;
    try {
      stat = await vscode.workspace.fs.stat(uri);
    } catch {
      return "unreadable";
    }
    const { mtime, size } = stat;
    if (size > LARGEST_FILE) return "huge";
    const cache = await this.#cached();
    // Read in another way, the same bytes are another text.
    const reading = readingOf(uri) + (isNotebookFile(uri.path) ? ", cells" : "");
    const key = `${uri.toString()} ${reading}`;
    let tokens = cache.ofFile(key, mtime, size);
    if (tokens === undefined) {
      const bytes = await this.#read(uri);
      if (bytes === "unreadable") return bytes;
      const content = `${await hashOf(bytes)} ${reading}`;
      tokens = cache.ofContent(content);
      if (tokens === undefined) tokens = await this.#encodeInTurn(uri, bytes, signal);
      cache.set(key, mtime, size, content, tokens);
      this.#save ??= setTimeout(() => void this.#write(cache), SAVE_AFTER_MS);
    }
    return tokens === null ? "binary" : { tokens, bytes: size };
  }

  dispose(): void {
    clearTimeout(this.#save);
  }

  async #read(uri: vscode.Uri): Promise<Uint8Array | "unreadable"> {
    let bytes: Uint8Array;
    try {
      bytes = await vscode.workspace.fs.readFile(uri);
    } catch {
      return "unreadable";
    }
    this.filesRead++;
    return bytes;
  }

  /** Tokens of a file; `null` for a binary one. */
  #encodeInTurn(uri: vscode.Uri, bytes: Uint8Array, signal: AbortSignal): Promise<number | null> {
    const turn = this.#encoding.then(() => this.#encode(uri, bytes, signal));
    // Whoever is next waits for the end of this one, not for its result.
    this.#encoding = turn.catch(() => undefined);
    return turn;
  }

  async #encode(uri: vscode.Uri, bytes: Uint8Array, signal: AbortSignal): Promise<number | null> {
    await this.#slices.breatheIfOver();
    throwIfStopped(signal);
    this.filesEncoded++;
    const wide = utf16Of(bytes);
    if (!wide && bytes.subarray(0, LOOKED_AT).includes(0)) return null;
    const sources = isNotebookFile(uri.path) ? await this.#cellsOf(bytes, signal) : undefined;
    if (sources) {
      let sum = 0;
      for (const source of sources) sum += await this.#countPart(this.tokenizer, source, signal);
      return sum;
    }
    // The text as the editor would show it.
    if (!wide && readingOf(uri) !== UTF8) {
      const text = await vscode.workspace.decode(bytes, { uri });
      return this.#countPart(this.tokenizer, text, signal);
    }
    const decoder = new TextDecoder(wide ?? "utf-8");
    let tokens = 0;
    let reader = this.tokenizer;
    // Part by part, each up to a border beyond doubt: a large text in one piece takes long to be put together.
    let text = "";
    for (let start = 0; start < bytes.length; start += DECODED_AT_ONCE) {
      text += decoder.decode(bytes.subarray(start, start + DECODED_AT_ONCE), { stream: true });
      const border = lastCertainBorder(this.tokenizer.splitter, text);
      if (border > 0) {
        tokens += await this.#countPart(reader, text.slice(0, border), signal);
        reader = this.tokenizer.continued ?? this.tokenizer;
        text = text.slice(border);
      }
      await this.#slices.breatheIfOver();
    }
    return tokens + (await this.#countPart(reader, text + decoder.decode(), signal));
  }

  /** The sources of a notebook's cells; undefined where the file is no notebook after all, and is read as a text. */
  async #cellsOf(bytes: Uint8Array, signal: AbortSignal): Promise<string[] | undefined> {
    const steps = readJsonInSteps(bytes, new Set());
    for (;;) {
      let step: IteratorResult<void, unknown>;
      try {
        step = steps.next();
      } catch (error) {
        if (error instanceof SyntaxError) return undefined;
        throw error;
      }
      if (step.done) return notebookSources(step.value);
      await this.#slices.breatheIfOver();
      throwIfStopped(signal);
    }
  }

  async #countPart(reader: Tokenizer, text: string, signal: AbortSignal): Promise<number> {
    const out = new TokenBuffer();
    for (const _ of reader.encodeInSteps(text, out)) {
      if (!this.#slices.over) continue;
      await this.#slices.breathe();
      throwIfStopped(signal);
    }
    return out.length;
  }

  #cached(): Promise<CountCache> {
    this.#cache ??= this.#load();
    return this.#cache;
  }

  async #load(): Promise<CountCache> {
    if (!this.#cacheUri) return new CountCache();
    let bytes: Uint8Array;
    try {
      bytes = await vscode.workspace.fs.readFile(this.#cacheUri);
    } catch (error) {
      if (error instanceof vscode.FileSystemError) return new CountCache();
      throw error;
    }
    try {
      return CountCache.read(new TextDecoder().decode(bytes));
    } catch (error) {
      this.#log.warn(
        `The counts in ${this.#cacheUri.fsPath} cannot be read and are made anew: ${String(error)}`,
      );
      return new CountCache();
    }
  }

  async #write(cache: CountCache): Promise<void> {
    this.#save = undefined;
    if (!this.#cacheUri) return;
    const bytes = new TextEncoder().encode(cache.written());
    try {
      await vscode.workspace.fs.writeFile(this.#cacheUri, bytes);
    } catch (error) {
      // Without it the next window only counts again.
      this.#log.warn(`Cannot keep the token counts in ${this.#cacheUri.fsPath}: ${String(error)}`);
    }
  }
}

function throwIfStopped(signal: AbortSignal): void {
  if (signal.aborted) throw new GlassboxError("cancelled", "The count was stopped.");
}

/** SHA-256 in hexadecimal digits. */
async function hashOf(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** The last certain border near the end of a text; 0 where there is none. */
function lastCertainBorder(splitter: Splitter, text: string): number {
  for (let index = text.length - 1; index > Math.max(0, text.length - LOOKED_BACK); index--) {
    if (splitter.isCertainBorder(text, index)) return index;
  }
  return 0;
}

/** The kind of UTF-16 that a byte order mark tells. */
function utf16Of(bytes: Uint8Array): "utf-16le" | "utf-16be" | undefined {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return "utf-16le";
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return "utf-16be";
  return undefined;
}
