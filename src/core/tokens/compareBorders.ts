/** Where several tokenizers cut the same text, counted in its bytes, and which of the cuts they have in common. */

/** The tokens that one tokenizer makes of a text. */
export interface TokenRow {
  ids: ArrayLike<number>;
  /** Bytes of the text that each token stands for; together all bytes of the text. */
  lengths: ArrayLike<number>;
}

/** How many of the tokenizers cut at a place. */
export type BorderKind = "all" | "some" | "one";

/** A stretch of the text between two places at which all tokenizers cut. */
export interface Stretch {
  firstByte: number;
  /** Exclusive. */
  endByte: number;
  /** Whether one of them cuts inside it. */
  disputed: boolean;
}

export interface Borders {
  /** For each row the byte at which each of its tokens starts, and the end of the text. */
  starts: Uint32Array[];
  /** For each byte of the text, and its end: how many rows cut there. The text's own ends are cuts of all. */
  cuts: Uint8Array;
  stretches: Stretch[];
}

/**
 * The borders of the tokens of several rows.
 * @param size bytes of the text.
 * @throws RangeError where the tokens of a row are not the whole text.
 */
export function bordersOf(rows: readonly TokenRow[], size: number): Borders {
  const cuts = new Uint8Array(size + 1);
  const starts = rows.map(({ lengths }, row) => {
    const places = new Uint32Array(lengths.length + 1);
    let at = 0;
    for (let token = 0; token < lengths.length; token++) {
      places[token] = at;
      // A token without bytes of its own cuts nowhere anew.
      if (token === 0 || places[token - 1] !== at) cuts[at] = cuts[at]! + 1;
      at += lengths[token]!;
    }
    // A text of which a tokenizer leaves everything out has no tokens.
    if (at !== size && lengths.length > 0)
      throw new RangeError(`The tokens of row ${row} have ${at} bytes, the text has ${size}.`);
    places[lengths.length] = size;
    return places;
  });
  cuts[0] = rows.length;
  cuts[size] = rows.length;
  const stretches: Stretch[] = [];
  let firstByte = 0;
  let disputed = false;
  for (let at = 1; at <= size; at++) {
    const count = cuts[at]!;
    if (count === rows.length) {
      stretches.push({ firstByte, endByte: at, disputed });
      firstByte = at;
      disputed = false;
    } else if (count > 0) disputed = true;
  }
  return { starts, cuts, stretches };
}

/** How many of the rows cut at a byte at which at least one does. */
export function borderKind({ cuts, starts }: Borders, byte: number): BorderKind {
  const count = cuts[byte] ?? 0;
  if (count >= starts.length) return "all";
  return count === 1 ? "one" : "some";
}

/** How many places inside the text at least one row cuts at, and at how many of these all do. */
export function countCuts({ cuts, starts }: Borders): { any: number; all: number } {
  let any = 0;
  let all = 0;
  for (let at = 1; at < cuts.length - 1; at++) {
    if (cuts[at]! > 0) any++;
    if (cuts[at] === starts.length) all++;
  }
  return { any, all };
}

/** The token of a row that a byte belongs to. */
export function tokenAt({ starts }: Borders, row: number, byte: number): number {
  const places = starts[row]!;
  let low = 0;
  let high = places.length - 2;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (places[middle]! <= byte) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The tokens of a row that share at least one byte with `[firstByte, endByte)`; `to` is exclusive. */
export function tokensWithin(
  borders: Borders,
  row: number,
  firstByte: number,
  endByte: number,
): { from: number; to: number } {
  const from = tokenAt(borders, row, firstByte);
  const last = endByte > firstByte ? tokenAt(borders, row, endByte - 1) : from;
  return { from, to: last + 1 };
}
