/**
 * Lays one text out in columns, the same for every tokenizer, and the tokens of each over it: what the comparison
 * draws. A character, as a reader sees it, stands in the same columns of all rows; where a token splits one, the
 * columns are shared out among the tokens and their bytes are shown in its place.
 */

import { visibleParts } from "../../shared/visibleText.js";
import {
  type BorderKind,
  type Borders,
  borderKind,
  bordersOf,
  type TokenRow,
  tokenAt,
} from "./compareBorders.js";
import { joiningForms, visualOrder } from "./writingDirection.js";

/** What a reader sees as one character: an extended grapheme cluster (Unicode 16, UAX #29). */
export interface Cluster {
  text: string;
  /** Place of its first byte in the UTF-8 of the whole text. */
  firstByte: number;
  bytes: number;
}

/** Something to write, and where; columns count from the left edge of the line. */
export interface Glyph {
  kind: "text" | "whitespace" | "control" | "byte";
  text: string;
  x: number;
  width: number;
}

/** A token, or as much of it as lies in one line in one direction of writing. */
export interface TokenPart {
  token: number;
  id: number;
  x: number;
  width: number;
  glyphs: Glyph[];
  firstByte: number;
  /** Exclusive; of the whole token, as `firstByte`. */
  endByte: number;
  /** The border with which the token begins; undefined where this part is not its beginning. */
  start: BorderKind | undefined;
  /** Whether the token ends with this part. */
  ends: boolean;
  /** Written from right to left: the token begins at the right edge. */
  rightToLeft: boolean;
  /** Which stretch between common borders the token begins in. */
  stretch: number;
  /** Whether the tokenizers differ in that stretch. */
  disputed: boolean;
  /** Whether it holds only some of the bytes of a character. */
  splits: boolean;
}

export interface LineLayout {
  /** Which bytes of the text it shows; `endByte` is exclusive. */
  firstByte: number;
  endByte: number;
  /** Columns that the line takes. */
  width: number;
  /** The text by itself, where a row splits a character; else every row shows it anyhow. */
  text: Glyph[] | undefined;
  /** (row, parts from left to right). */
  rows: TokenPart[][];
}

export interface Comparison {
  borders: Borders;
  lines: LineLayout[];
}

/** Columns that two hex digits take, with a gap. */
const BYTE_COLUMNS = 2;
/** A line is ended up to this part of its length early, so that tokens stay whole. */
const EARLIEST_BREAK = 0.6;

const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
const encoder = new TextEncoder();

export function clustersOf(text: string): Cluster[] {
  let firstByte = 0;
  return Array.from(segmenter.segment(text), ({ segment }) => {
    const bytes = encoder.encode(segment).length;
    const cluster = { text: segment, firstByte, bytes };
    firstByte += bytes;
    return cluster;
  });
}

/** What one row makes of a cluster: a token and the glyphs that stand for its share of the bytes. */
interface Share {
  token: number;
  glyphs: Omit<Glyph, "x">[];
  /** Columns. */
  width: number;
  partial: boolean;
}

/**
 * @param rows the tokens of each tokenizer; together they must be the whole text.
 * @param columns how many fit into a line.
 * @param widthOf columns that a string of letters takes as it is drawn; at least 1.
 */
export function layOut(
  text: string,
  rows: readonly TokenRow[],
  columns: number,
  widthOf: (text: string) => number,
): Comparison {
  const bytes = encoder.encode(text);
  const borders = bordersOf(rows, bytes.length);
  const clusters = clustersOf(text);
  const shown = glyphsOfClusters(clusters, widthOf);
  // (row, cluster) -> shares; undefined where one token holds the cluster whole.
  const divided = rows.map((_, row) => dividedClusters(clusters, bytes, borders, row, widthOf));
  const widths = clusters.map((_, index) => {
    const shares = divided.map((ofRow) => sumWidth(ofRow.get(index) ?? []));
    return Math.min(columns, Math.ceil(Math.max(shown[index]!.width, ...shares)));
  });
  const stretchOf = stretchFinder(borders);

  const lines = breakLines(clusters, widths, borders, columns).map(({ from, to }): LineLayout => {
    const order = visualOrder(clusters.slice(from, to).map((cluster) => cluster.text));
    let x = 0;
    const places = order.map(({ index, rightToLeft }) => {
      const place = { index: from + index, rightToLeft, x, width: widths[from + index]! };
      x += place.width;
      return place;
    });
    const isDivided = divided.some((ofRow) => places.some(({ index }) => ofRow.has(index)));
    const firstByte = clusters[from]!.firstByte;
    const endByte = endOf(clusters, to);
    return {
      firstByte,
      endByte,
      width: x,
      text: isDivided
        ? mergeLetters(places.map((place) => ({ ...shown[place.index]!, x: place.x, width: place.width })))
        : undefined,
      rows: rows.map((row, rowIndex) => {
        const parts: TokenPart[] = [];
        const starts = borders.starts[rowIndex]!;
        let token = tokenAt(borders, rowIndex, firstByte);
        // Shares in visual order, each put down at its columns.
        const tokens = new Map<number, number>();
        for (let index = from; index < to; index++) {
          while (starts[token + 1]! <= clusters[index]!.firstByte) token++;
          tokens.set(index, token);
        }
        for (const place of places) {
          const shares = divided[rowIndex]!.get(place.index) ?? [
            { token: tokens.get(place.index)!, glyphs: [shown[place.index]!], width: 1, partial: false },
          ];
          putDown(parts, shares, place, (share) => {
            const firstByte = starts[share.token]!;
            const stretch = stretchOf(firstByte);
            return {
              token: share.token,
              id: row.ids[share.token]!,
              firstByte,
              endByte: starts[share.token + 1]!,
              stretch,
              disputed: borders.stretches[stretch]!.disputed,
            };
          });
        }
        markEnds(parts, borders, firstByte, endByte);
        return parts.map((part) => ({ ...part, glyphs: mergeLetters(part.glyphs) }));
      }),
    };
  });
  return { borders, lines };
}

/** Adds the shares of one cluster to the parts of a row, joined to the part before where the token is the same. */
function putDown(
  parts: TokenPart[],
  shares: readonly Share[],
  place: { x: number; width: number; rightToLeft: boolean },
  token: (share: Share) => Pick<TokenPart, "token" | "id" | "firstByte" | "endByte" | "stretch" | "disputed">,
): void {
  const scale = place.width / sumWidth(shares);
  const inOrder = place.rightToLeft ? [...shares].reverse() : shares;
  let x = place.x;
  for (const share of inOrder) {
    const width = share.width * scale;
    const needed = share.glyphs.reduce((sum, glyph) => sum + glyph.width, 0);
    let at = x;
    const glyphs = share.glyphs.map((glyph) => {
      const taken = (glyph.width / needed) * width;
      const put = { ...glyph, x: at, width: taken };
      at += taken;
      return put;
    });
    const last = parts.at(-1);
    if (last && last.token === share.token && last.rightToLeft === place.rightToLeft) {
      last.width = x + width - last.x;
      last.glyphs.push(...glyphs);
      last.splits ||= share.partial;
    } else {
      parts.push({
        ...token(share),
        x,
        width,
        glyphs,
        start: undefined,
        ends: false,
        rightToLeft: place.rightToLeft,
        splits: share.partial,
      });
    }
    x += width;
  }
}

/**
 * Marks the parts with which tokens begin and end. A token in two directions of writing has a part for each: it
 * begins with the first that was put down, and ends with the last.
 */
function markEnds(parts: TokenPart[], borders: Borders, lineStart: number, lineEnd: number): void {
  const first = new Map<number, TokenPart>();
  const last = new Map<number, TokenPart>();
  for (const part of parts) {
    if (!first.has(part.token) || part.rightToLeft) first.set(part.token, part);
    if (!last.has(part.token) || !part.rightToLeft) last.set(part.token, part);
  }
  for (const part of first.values()) {
    if (part.firstByte >= lineStart) part.start = borderKind(borders, part.firstByte);
  }
  for (const part of last.values()) part.ends = part.endByte <= lineEnd;
}

/** How each cluster is written by itself. */
function glyphsOfClusters(
  clusters: readonly Cluster[],
  widthOf: (text: string) => number,
): Omit<Glyph, "x">[] {
  const forms = joiningForms(clusters.map(({ text }) => text));
  return clusters.map(({ text }, index) => {
    const parts = visibleParts(encoder.encode(text));
    const [part] = parts;
    if (part && parts.length === 1 && part.kind !== "text") {
      return { kind: part.kind, text: part.text, width: glyphWidth(part, widthOf) };
    }
    if (parts.every(({ kind }) => kind === "whitespace")) {
      const signs = parts.map((sign) => sign.text).join("");
      return { kind: "whitespace", text: signs, width: signs.length };
    }
    // Marks and joiners inside a cluster are for the font to draw.
    return { kind: "text", text: forms[index]!, width: letterWidth(text, widthOf) };
  });
}

function glyphWidth({ kind, text }: Pick<Glyph, "kind" | "text">, widthOf: (text: string) => number): number {
  if (kind === "byte") return BYTE_COLUMNS;
  if (kind === "whitespace") return text === "→" ? 2 : 1;
  // "U+200B" in small letters.
  if (kind === "control") return text.length;
  return letterWidth(text, widthOf);
}

function letterWidth(text: string, widthOf: (text: string) => number): number {
  const code = text.charCodeAt(0);
  return text.length === 1 && code < 0x7f ? 1 : Math.max(1, widthOf(text));
}

/** The clusters that a row cuts through, with the share of each token. */
function dividedClusters(
  clusters: readonly Cluster[],
  bytes: Uint8Array,
  { starts }: Borders,
  row: number,
  widthOf: (text: string) => number,
): Map<number, Share[]> {
  const places = starts[row]!;
  const found = new Map<number, Share[]>();
  let token = 0;
  for (const [index, { firstByte, bytes: length }] of clusters.entries()) {
    const end = firstByte + length;
    while (places[token + 1]! <= firstByte && token < places.length - 2) token++;
    if (places[token + 1]! >= end) continue;
    const shares: Share[] = [];
    for (let at = firstByte, within = token; at < end; within++) {
      const to = Math.min(end, places[within + 1]!);
      if (to > at) shares.push(shareOf(within, bytes.subarray(at, to), widthOf));
      at = to;
    }
    found.set(index, shares);
  }
  return found;
}

function shareOf(token: number, bytes: Uint8Array, widthOf: (text: string) => number): Share {
  const parts = visibleParts(bytes);
  const glyphs = parts.map(({ kind, text }) => {
    // A mark by itself needs something to stand on: the dotted circle that Unicode uses for it.
    const shown = kind === "text" && /^\p{M}/u.test(text) ? `\u25cc${text}` : text;
    return { kind, text: shown, width: glyphWidth({ kind, text: shown }, widthOf) };
  });
  return {
    token,
    glyphs,
    width: glyphs.reduce((sum, { width }) => sum + width, 0),
    partial: parts.some(({ kind }) => kind === "byte"),
  };
}

function sumWidth(shares: readonly Share[]): number {
  return shares.reduce((sum, { width }) => sum + width, 0);
}

function endOf(clusters: readonly Cluster[], to: number): number {
  const last = clusters[to - 1]!;
  return last.firstByte + last.bytes;
}

/** Neighbouring letters of one column each are written in one go. */
function mergeLetters(glyphs: readonly Glyph[]): Glyph[] {
  const merged: Glyph[] = [];
  for (const glyph of glyphs) {
    const last = merged.at(-1);
    if (last && last.kind === glyph.kind && isPlain(glyph) && isPlain(last)) {
      last.text += glyph.text;
      last.width += glyph.width;
    } else merged.push({ ...glyph });
  }
  return merged;
}

function isPlain({ kind, text, width }: Glyph): boolean {
  if (width !== text.length) return false;
  return kind === "text" ? /^[\x21-\x7e]+$/.test(text) : kind === "whitespace" && /^·+$/.test(text);
}

/**
 * Ends lines at line breaks, and before what no longer fits: at a border of all tokenizers where one is near.
 * Blank lines join the next one, since a block of rows for each would be mostly empty.
 */
function breakLines(
  clusters: readonly Cluster[],
  widths: readonly number[],
  { cuts, starts }: Borders,
  columns: number,
): { from: number; to: number }[] {
  const lines: { from: number; to: number }[] = [];
  let from = 0;
  let width = 0;
  let blank = true;
  const end = (to: number) => {
    lines.push({ from, to });
    from = to;
    width = 0;
    blank = true;
  };
  for (let index = 0; index < clusters.length; ) {
    if (width + widths[index]! > columns && index > from) {
      index = breakBefore(index);
      end(index);
      continue;
    }
    const { text } = clusters[index]!;
    width += widths[index]!;
    blank &&= text.trim() === "";
    index++;
    if (/[\n\r\u2028\u2029]$/.test(text) && !blank) end(index);
  }
  if (from < clusters.length) end(clusters.length);
  return lines;

  function breakBefore(index: number): number {
    let room = columns * (1 - EARLIEST_BREAK);
    for (let at = index; at > from && room >= 0; at--) {
      if (cuts[clusters[at]!.firstByte] === starts.length) return at;
      room -= widths[at - 1]!;
    }
    return index;
  }
}

/** The stretch that a byte lies in, asked for bytes in any order. */
function stretchFinder({ stretches }: Borders): (byte: number) => number {
  return (byte) => {
    let low = 0;
    let high = stretches.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (stretches[middle]!.firstByte <= byte) low = middle;
      else high = middle - 1;
    }
    return low;
  };
}
