/**
 * The order in which the characters of a line are seen, for text that is laid out in columns of our own and so is
 * not ordered by the browser: right-to-left scripts, and numbers and words of other scripts inside them.
 */

type Direction = "left" | "right" | "number" | "neutral";

const RIGHT_TO_LEFT =
  /^[\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}\p{Script=Adlam}\p{Script=Mandaic}\p{Script=Samaritan}]/u;

function directionOf(cluster: string): Direction {
  if (/^\p{Nd}/u.test(cluster)) return "number";
  if (/^[\p{L}\p{M}]/u.test(cluster)) return RIGHT_TO_LEFT.test(cluster) ? "right" : "left";
  return "neutral";
}

/**
 * From left to right, which cluster stands where. The line runs in the direction of its first letter; what is
 * neutral takes the direction of its surroundings where both sides agree, else that of the line (the rules L2, N1,
 * N2, P2 and, for numbers, a plain form of the rest of Unicode's UAX #9, without explicit marks).
 * @param clusters the text of each cluster, in the order of reading.
 */
export function visualOrder(clusters: readonly string[]): { index: number; rightToLeft: boolean }[] {
  const directions = clusters.map(directionOf);
  const first = directions.find((direction) => direction === "left" || direction === "right");
  if (first === undefined || !directions.includes("right")) {
    return clusters.map((_, index) => ({ index, rightToLeft: false }));
  }
  const base = first === "right" ? 1 : 0;
  const levels = embeddingLevels(directions, base);
  const order = Array.from(clusters, (_, index) => index);
  // L2: from the highest level down to the lowest odd one, turn every run of at least that level around.
  for (let level = Math.max(...levels); level >= 1; level--) {
    for (let from = 0; from < order.length; from++) {
      if (levels[order[from]!]! < level) continue;
      let to = from;
      while (to < order.length && levels[order[to]!]! >= level) to++;
      order.splice(from, to - from, ...order.slice(from, to).reverse());
      from = to;
    }
  }
  return order.map((index) => ({ index, rightToLeft: levels[index]! % 2 === 1 }));
}

function embeddingLevels(directions: readonly Direction[], base: 0 | 1): number[] {
  // For neutrals a number among right-to-left letters counts as one of them.
  const strong: ("left" | "right" | undefined)[] = [];
  let last: "left" | "right" = base === 1 ? "right" : "left";
  for (const direction of directions) {
    if (direction === "left" || direction === "right") last = direction;
    strong.push(direction === "neutral" ? undefined : direction === "number" ? last : direction);
  }
  const ofLine = base === 1 ? "right" : "left";
  let before: "left" | "right" = ofLine;
  return directions.map((direction, index) => {
    const own = strong[index];
    if (own) before = own;
    let side = own;
    if (!side) {
      const after = strong.slice(index + 1).find((next) => next !== undefined) ?? ofLine;
      side = before === after ? before : ofLine;
    }
    if (side === "left") return base === 1 ? 2 : 0;
    return direction === "number" ? 2 : 1;
  });
}

const ARABIC_LETTER = /^\p{Script=Arabic}/u;
/** Letters that join the one before them, but not the one after. */
const RIGHT_JOINING =
  /^[\u0622-\u0625\u0627\u0629\u062f-\u0632\u0648\u0671-\u0673\u0675-\u0677\u0688-\u0699\u06c0\u06c3-\u06cb\u06cd\u06cf\u06d2\u06d3\u06d5]/u;
const NOT_JOINING = /^[^\p{L}]|^[\u0621\u0674\u06d5]/u;
const JOINER = "\u200d";

/**
 * Arabic letters in the form that they have between their neighbours, although each is drawn by itself: joined
 * sides carry a zero-width joiner.
 */
export function joiningForms(clusters: readonly string[]): string[] {
  const joins = (before: string | undefined, after: string | undefined) =>
    before !== undefined &&
    after !== undefined &&
    ARABIC_LETTER.test(before) &&
    ARABIC_LETTER.test(after) &&
    !NOT_JOINING.test(before) &&
    !NOT_JOINING.test(after) &&
    !RIGHT_JOINING.test(before);
  return clusters.map((text, index) => {
    const before = joins(clusters[index - 1], text) ? JOINER : "";
    const after = joins(text, clusters[index + 1]) ? JOINER : "";
    return before + text + after;
  });
}
