/**
 * Finds the code that a lesson points at by its text: where it was moved to, indented anew or changed a little, it is
 * found all the same; where it is gone, that is the answer.
 */

export interface FoundAnchor {
  /** 0-based and inclusive. */
  firstLine: number;
  lastLine: number;
  /** Whether the lines say something else than the anchor, apart from spaces. */
  changed: boolean;
}

/** The part of an anchor's weight that must be found again for it to count as the same code. */
const ENOUGH = 0.7;
/** Lines that may have come between two lines of an anchor, or may be gone, before it counts as another place. */
const DRIFT = 3;
/** Two lines are versions of one another when they share this part of their words. */
const ALIKE = 0.5;
/** Longer documents are only searched for the text as it is: the rest would hold the editor. */
const MOST_LINES = 5000;

interface Line {
  /** 0-based in the document. */
  number: number;
  /** Without indentation, one space where there were several. */
  plain: string;
}

/**
 * @param near the line where it stood before: of several equal places the nearest counts, else the first.
 * @returns undefined where the code is gone.
 */
export function findAnchor(text: string, anchor: string, near = 0): FoundAnchor | undefined {
  const wanted = linesOf(anchor);
  const lines = linesOf(text);
  if (wanted.length === 0) return undefined;
  return (
    findExact(lines, wanted, near) ??
    (lines.length <= MOST_LINES ? findAlike(lines, wanted, near) : undefined)
  );
}

/** Lines that say something. */
function linesOf(text: string): Line[] {
  return text.split(/\r\n|\n|\r/).flatMap((line, number) => {
    const plain = line.trim().replace(/\s+/g, " ");
    return plain === "" ? [] : [{ number, plain }];
  });
}

function findExact(lines: readonly Line[], wanted: readonly Line[], near: number): FoundAnchor | undefined {
  let best: FoundAnchor | undefined;
  for (let at = 0; at + wanted.length <= lines.length; at++) {
    if (!wanted.every(({ plain }, offset) => lines[at + offset]?.plain === plain)) continue;
    const found = {
      firstLine: lines[at]?.number ?? 0,
      lastLine: lines[at + wanted.length - 1]?.number ?? 0,
      changed: false,
    };
    if (!best || Math.abs(found.firstLine - near) < Math.abs(best.firstLine - near)) best = found;
  }
  return best;
}

/** The stretch of lines that holds most of the anchor, in its order. */
function findAlike(lines: readonly Line[], wanted: readonly Line[], near: number): FoundAnchor | undefined {
  // By the root of its words: one long line that is common, such as the head of a loop, is not the anchor.
  const weights = wanted.map(({ plain }) => Math.sqrt(wordsOf(plain).length));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (total === 0) return undefined;
  const likeness = candidates(lines, wanted);
  const starts = new Set<number>();
  for (const [index, alike] of likeness.entries()) for (const at of alike.keys()) starts.add(at - index);
  let best: { score: number; first: number; last: number } | undefined;
  for (const start of starts) {
    let score = 0;
    let first: number | undefined;
    let last = -1;
    let drift = 0;
    for (const [index, alike] of likeness.entries()) {
      let chosen: { at: number; worth: number } | undefined;
      for (let off = -DRIFT; off <= DRIFT; off++) {
        const at = start + index + drift + off;
        const like = at > last ? alike.get(at) : undefined;
        if (like === undefined) continue;
        // Of equally like lines, the one where the anchor has it.
        const worth = like - Math.abs(off) / 100;
        if (!chosen || worth > chosen.worth) chosen = { at, worth };
      }
      if (!chosen) {
        // A bracket that closes what was found belongs to it.
        const place = start + index + drift;
        if (weights[index] === 0 && place === last + 1 && lines[place]?.plain === wanted[index]?.plain)
          last = place;
        continue;
      }
      score += (alike.get(chosen.at) ?? 0) * (weights[index] ?? 0);
      first ??= chosen.at;
      last = chosen.at;
      drift = chosen.at - start - index;
    }
    if (first === undefined || score < ENOUGH * total) continue;
    const distance = (line: number) => Math.abs((lines[line]?.number ?? 0) - near);
    const better =
      !best || score > best.score || (score === best.score && distance(first) < distance(best.first));
    if (better) best = { score, first, last };
  }
  if (!best) return undefined;
  const [first, last] = [lines[best.first], lines[best.last]];
  return { firstLine: first?.number ?? 0, lastLine: last?.number ?? 0, changed: true };
}

/** For each line of the anchor the lines of the document that are like it, with how much: 0 to 1. */
function candidates(lines: readonly Line[], wanted: readonly Line[]): Map<number, number>[] {
  const places = new Map<string, number[]>();
  for (const [at, { plain }] of lines.entries()) {
    for (const word of new Set(wordsOf(plain))) {
      const known = places.get(word);
      if (known) known.push(at);
      else places.set(word, [at]);
    }
  }
  return wanted.map(({ plain }) => {
    const words = wordsOf(plain);
    const found = new Map<number, number>();
    const shared = new Set(words.flatMap((word) => places.get(word) ?? []));
    for (const at of shared) {
      const other = lines[at]?.plain ?? "";
      const like = other === plain ? 1 : likenessOf(words, wordsOf(other));
      if (like >= ALIKE) found.set(at, like);
    }
    return found;
  });
}

/** Names and numbers: signs are in most lines of code, and brackets alone belong anywhere. */
function wordsOf(line: string): string[] {
  return line.match(/[\p{L}\p{N}_$]+/gu) ?? [];
}

/** The part of the words that two lines share (Dice, 1945), each word as often as it stands in both. */
function likenessOf(a: readonly string[], b: readonly string[]): number {
  const left = new Map<string, number>();
  for (const word of a) left.set(word, (left.get(word) ?? 0) + 1);
  let shared = 0;
  for (const word of b) {
    const count = left.get(word) ?? 0;
    if (count === 0) continue;
    left.set(word, count - 1);
    shared++;
  }
  return (2 * shared) / (a.length + b.length || 1);
}
