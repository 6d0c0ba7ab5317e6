/** A normalised text laid beside the one it was made from: which characters each of its UTF-16 units stands for. */

import { codeAt } from "./characterClasses.js";

/** A text after normalisation. */
export interface AlignedText {
  text: string;
  /** (UTF-16 units of `text`) where the characters begin and end in the original that a unit stands for. */
  starts: Int32Array;
  ends: Int32Array;
}

/** Characters of the original that became `normal` together. */
interface Part {
  start: number;
  end: number;
  normal: string;
}

const graphemes = new Intl.Segmenter("und", { granularity: "grapheme" });

/**
 * Lays a text and its normal form side by side.
 * @param alone normalises a few characters by themselves. Where these together are not `normal`, as with rules that
 *   look at many characters at once, what differs is taken as a whole.
 */
export function alignNormalized(
  original: string,
  normal: string,
  alone: (characters: string) => string,
): AlignedText {
  const { length } = normal;
  const starts = new Int32Array(length);
  const ends = new Int32Array(length);
  if (original.length === length && isAscii(original) && isAscii(normal)) {
    for (let at = 0; at < length; at++) {
      starts[at] = at;
      ends[at] = at + 1;
    }
    return { text: normal, starts, ends };
  }
  const parts = partsOf(original, alone);
  const fill = (from: number, to: number, start: number, end: number) => {
    starts.fill(start, from, to);
    ends.fill(end, from, to);
  };
  let first = 0;
  let front = 0;
  while (first < parts.length && normal.startsWith(parts[first]!.normal, front)) {
    const { start, end, normal: text } = parts[first++]!;
    fill(front, front + text.length, start, end);
    front += text.length;
  }
  let last = parts.length;
  let back = length;
  while (last > first) {
    const { start, end, normal: text } = parts[last - 1]!;
    const from = back - text.length;
    if (from < front || !normal.startsWith(text, from)) break;
    fill(from, back, start, end);
    back = from;
    last--;
  }
  const start = parts[first - 1]?.end ?? 0;
  fill(front, back, start, last > first ? parts[last - 1]!.end : start);
  return { text: normal, starts, ends };
}

/** The parts of a text that normalise by themselves: characters, or graphemes where these compose. */
function partsOf(text: string, alone: (characters: string) => string): Part[] {
  const parts: Part[] = [];
  for (const { segment, index } of graphemes.segment(text)) {
    const whole = alone(segment);
    const inner: Part[] = [];
    for (let at = 0; at < segment.length; ) {
      const width = codeAt(segment, at) > 0xffff ? 2 : 1;
      const normal = alone(segment.slice(at, at + width));
      const before = inner.at(-1);
      // An accent that is left out goes with its letter.
      if (normal === "" && before) before.end = index + at + width;
      else inner.push({ start: index + at, end: index + at + width, normal });
      at += width;
    }
    if (inner.map(({ normal }) => normal).join("") === whole) parts.push(...inner);
    else parts.push({ start: index, end: index + segment.length, normal: whole });
  }
  return parts;
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) >= 0x80) return false;
  return true;
}
