/** The order of a document's chunks, with sums on two levels, so that finding and replacing one costs little. */

/** A stretch of text with its tokens, or without them while they are still to be made. */
export interface Chunk {
  text: string;
  /** Ids, the first of each piece marked; undefined while the text waits to be encoded. */
  tokens: Uint32Array | undefined;
  /** Every character is one byte. Meaningless while there are no tokens. */
  ascii: boolean;
  /** Words behind its tokens in an array that is its own from the first to the last; undefined where others use it. */
  room?: number | undefined;
  /**
   * Whether it begins at a border of tokens only, inside of what cannot be cut: what follows such a border may depend
   * on what is before it.
   */
  continues?: boolean;
  /** What `Splitter.classOfRun` says of its text; undefined where it has not been asked. */
  run?: number;
  /** Where a text that waits is still to be cut: UTF-16 units at its start that hold no place to do so. */
  uncut?: number;
}

interface Page {
  chunks: Chunk[];
  /** UTF-16 units, and tokens that have been made, of all its chunks. */
  length: number;
  tokens: number;
  /** Chunks that wait to be encoded, and their UTF-16 units. */
  waiting: number;
  waitingLength: number;
}

/** Where a chunk lies. */
export interface ChunkPlace {
  chunk: Chunk;
  page: number;
  index: number;
  /** Offset of its first character, UTF-16. */
  start: number;
  /** Tokens made in all chunks before it. */
  tokensBefore: number;
  /** Whether all chunks before it have their tokens, so that `tokensBefore` is a token's index in the text. */
  settledBefore: boolean;
}

const PAGE_CHUNKS = 128;

function pageOf(chunks: Chunk[]): Page {
  const page: Page = { chunks, length: 0, tokens: 0, waiting: 0, waitingLength: 0 };
  for (const chunk of chunks) count(page, chunk, 1);
  return page;
}

function count(page: Page, chunk: Chunk, sign: 1 | -1): void {
  page.length += sign * chunk.text.length;
  if (chunk.tokens) {
    page.tokens += sign * chunk.tokens.length;
  } else {
    page.waiting += sign;
    page.waitingLength += sign * chunk.text.length;
  }
}

function isBefore(a: ChunkPlace, b: ChunkPlace): boolean {
  return a.page < b.page || (a.page === b.page && a.index < b.index);
}

export class ChunkSequence {
  #pages: Page[] = [];
  /** What `find` found last: who reads or writes goes on close by. What is before it has not changed since. */
  #near: ChunkPlace | undefined;
  length = 0;
  /** Tokens that have been made. */
  tokens = 0;
  waiting = 0;
  waitingLength = 0;

  constructor(chunks: readonly Chunk[]) {
    for (let i = 0; i < chunks.length; i += PAGE_CHUNKS) {
      const page = pageOf(chunks.slice(i, i + PAGE_CHUNKS));
      this.#pages.push(page);
      this.#add(page, 1);
    }
  }

  /**
   * The chunk that holds the character at `offset`; the last one for the end of the text; undefined for a text
   * without any.
   */
  find(offset: number): ChunkPlace | undefined {
    const near = this.#near && this.#near.start <= offset ? this.#near : undefined;
    let start = near?.start ?? 0;
    let tokensBefore = near?.tokensBefore ?? 0;
    let settledBefore = near?.settledBefore ?? true;
    let index = near?.index ?? 0;
    const lastPage = this.#pages.length - 1;
    for (let page = near?.page ?? 0; page <= lastPage; page++, index = 0) {
      const entry = this.#pages[page]!;
      if (index === 0 && offset >= start + entry.length && page < lastPage) {
        start += entry.length;
        tokensBefore += entry.tokens;
        settledBefore &&= entry.waiting === 0;
        continue;
      }
      const lastChunk = entry.chunks.length - 1;
      for (; index <= lastChunk; index++) {
        const chunk = entry.chunks[index]!;
        if (offset < start + chunk.text.length || (index === lastChunk && page === lastPage)) {
          const place = { chunk, page, index, start, tokensBefore, settledBefore };
          this.#near = place;
          return place;
        }
        start += chunk.text.length;
        tokensBefore += chunk.tokens?.length ?? 0;
        settledBefore &&= chunk.tokens !== undefined;
      }
    }
    return undefined;
  }

  /** The chunk after `place`. */
  next(place: ChunkPlace): ChunkPlace | undefined {
    const { chunk } = place;
    const start = place.start + chunk.text.length;
    const tokensBefore = place.tokensBefore + (chunk.tokens?.length ?? 0);
    const settledBefore = place.settledBefore && chunk.tokens !== undefined;
    const inPage = this.#pages[place.page]!.chunks[place.index + 1];
    if (inPage) {
      return { chunk: inPage, page: place.page, index: place.index + 1, start, tokensBefore, settledBefore };
    }
    const first = this.#pages[place.page + 1]?.chunks[0];
    return first && { chunk: first, page: place.page + 1, index: 0, start, tokensBefore, settledBefore };
  }

  /** The chunks before `place`, in order, from the last one on that is `wanted`. */
  back(place: ChunkPlace, wanted: (chunk: Chunk) => boolean): Chunk[] {
    const chunks: Chunk[] = [];
    let index = place.index;
    for (let page = place.page; page >= 0; page--) {
      const there = this.#pages[page]!.chunks;
      if (page < place.page) index = there.length;
      while (--index >= 0) {
        chunks.push(there[index]!);
        if (wanted(there[index]!)) return chunks.reverse();
      }
    }
    return chunks.reverse();
  }

  /** The first chunk at or after `offset` that waits, else the first one that waits at all. */
  findWaiting(offset: number): ChunkPlace | undefined {
    const waits = (chunk: Chunk) => chunk.tokens === undefined;
    return this.#search(waits, offset) ?? this.#search(waits, 0);
  }

  /** Where a chunk that waits lies, if it is still there. */
  placeOfWaiting(chunk: Chunk): ChunkPlace | undefined {
    return this.#search((other) => other === chunk, 0);
  }

  /** The first chunk at or after `offset` that waits and is wanted. */
  #search(wanted: (chunk: Chunk) => boolean, offset: number): ChunkPlace | undefined {
    let start = 0;
    let tokensBefore = 0;
    let settledBefore = true;
    for (let page = 0; page < this.#pages.length; page++) {
      const entry = this.#pages[page]!;
      if (entry.waiting === 0 || start + entry.length <= offset) {
        start += entry.length;
        tokensBefore += entry.tokens;
        settledBefore &&= entry.waiting === 0;
        continue;
      }
      for (let index = 0; index < entry.chunks.length; index++) {
        const chunk = entry.chunks[index]!;
        if (start + chunk.text.length > offset && wanted(chunk)) {
          return { chunk, page, index, start, tokensBefore, settledBefore };
        }
        start += chunk.text.length;
        tokensBefore += chunk.tokens?.length ?? 0;
        settledBefore &&= chunk.tokens !== undefined;
      }
    }
    return undefined;
  }

  /** Puts `chunks` in the place of the `removed` chunks from `place` on. */
  replace(place: ChunkPlace, removed: number, chunks: readonly Chunk[]): void {
    const page = this.#pages[place.page]!;
    const size = page.chunks.length - removed + chunks.length;
    if (place.index + removed > page.chunks.length || size === 0 || size > 2 * PAGE_CHUNKS) {
      this.#replacePages(place, removed, chunks);
      return;
    }
    // Nearly every edit: it stays in its page, and the sums change by what it touches.
    this.#add(page, -1);
    for (let i = 0; i < removed; i++) count(page, page.chunks[place.index + i]!, -1);
    for (const chunk of chunks) count(page, chunk, 1);
    if (removed === 1 && chunks.length === 1) page.chunks[place.index] = chunks[0]!;
    else page.chunks.splice(place.index, removed, ...chunks);
    this.#add(page, 1);
    if (this.#near && !isBefore(this.#near, place)) this.#near = chunks.length > 0 ? place : undefined;
  }

  /** As `replace`, for chunks of several pages and for pages that become empty or too long. */
  #replacePages(place: ChunkPlace, removed: number, chunks: readonly Chunk[]): void {
    let pages = 0;
    for (let there = -place.index; there < removed || pages === 0; pages++) {
      there += this.#pages[place.page + pages]!.chunks.length;
    }
    const touched = this.#pages.slice(place.page, place.page + pages);
    for (const page of touched) this.#add(page, -1);
    const before = touched.flatMap((page) => page.chunks);
    const after = before.slice(0, place.index).concat(chunks, before.slice(place.index + removed));
    const inserted: Page[] = [];
    if (after.length <= 2 * PAGE_CHUNKS) {
      if (after.length > 0) inserted.push(pageOf(after));
    } else {
      for (let i = 0; i < after.length; i += PAGE_CHUNKS)
        inserted.push(pageOf(after.slice(i, i + PAGE_CHUNKS)));
    }
    for (const page of inserted) this.#add(page, 1);
    if (this.#near && this.#near.page >= place.page) this.#near = undefined;
    this.#pages = this.#pages.slice(0, place.page).concat(inserted, this.#pages.slice(place.page + pages));
  }

  #add(page: Page, sign: 1 | -1): void {
    this.length += sign * page.length;
    this.tokens += sign * page.tokens;
    this.waiting += sign * page.waiting;
    this.waitingLength += sign * page.waitingLength;
  }
}
