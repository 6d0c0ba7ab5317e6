/**
 * The counts of files from one count to the next, kept by what a file holds: a file that was only touched, moved or
 * brought back is known. Its time and size say that it need not even be read.
 */

/** `null` for a binary file, which has no tokens. */
export type CachedTokens = number | null;

/** What a file was when it was read last: `content` names what it holds. */
type Seen = [mtime: number, size: number, content: string];

/** Contents that are kept at most; those that were asked for longest ago go first. */
const MOST_CONTENTS = 200_000;

/** What is written down. */
interface Kept {
  files: Record<string, Seen>;
  contents: Record<string, CachedTokens>;
}

export class CountCache {
  readonly #files = new Map<string, Seen>();
  readonly #contents = new Map<string, CachedTokens>();

  /**
   * Takes up what `written` gave.
   * @throws SyntaxError, TypeError where it is something else.
   */
  static read(text: string): CountCache {
    const { files, contents } = JSON.parse(text) as Kept;
    const cache = new CountCache();
    for (const [content, tokens] of Object.entries(contents)) cache.#contents.set(content, tokens);
    for (const [key, seen] of Object.entries(files)) cache.#files.set(key, seen);
    return cache;
  }

  /** The tokens of a file that has not changed since it was read; undefined where it must be read. */
  ofFile(key: string, mtime: number, size: number): CachedTokens | undefined {
    const seen = this.#files.get(key);
    return seen?.[0] === mtime && seen[1] === size ? this.ofContent(seen[2]) : undefined;
  }

  /** The tokens of a content, whichever file has it; undefined where it was never counted. */
  ofContent(content: string): CachedTokens | undefined {
    const tokens = this.#contents.get(content);
    if (tokens === undefined) return undefined;
    // Behind all others, which are asked for less.
    this.#contents.delete(content);
    this.#contents.set(content, tokens);
    return tokens;
  }

  /** Enters what a file holds now, and its tokens. */
  set(key: string, mtime: number, size: number, content: string, tokens: CachedTokens): void {
    this.#files.delete(key);
    this.#files.set(key, [mtime, size, content]);
    this.#contents.delete(content);
    this.#contents.set(content, tokens);
    dropFirst(this.#files);
    dropFirst(this.#contents);
  }

  /** Everything as a text for `read`. */
  written(): string {
    const kept: Kept = {
      files: Object.fromEntries(this.#files),
      contents: Object.fromEntries(this.#contents),
    };
    return JSON.stringify(kept);
  }
}

function dropFirst(entries: Map<string, unknown>): void {
  if (entries.size <= MOST_CONTENTS) return;
  for (const key of entries.keys()) {
    entries.delete(key);
    return;
  }
}
