/**
 * Keeps text that spells a role marker from being one: data between the template's own words never gives the token
 * sequence of a marker.
 *
 * Markers that are special tokens need nothing: text is tokenised so that it never gives a special token. But some
 * templates write their markers as plain text (TinyLlama's `<|user|>` is five ordinary tokens). Where a message
 * spells one of those, a word joiner (U+2060, no width) is put behind its first character; a reader of *What was
 * sent* sees it.
 */

/** No width, no meaning, and a token of its own. */
export const JOINT = "\u2060";

/** Longer texts of a template are sentences, such as a default instruction, and no markers. */
const LONGEST_MARKER = 40;
const SHORTEST_MARKER = 3;

/**
 * The markers among what a template writes as plain text.
 * @param runs the template's text between its special tokens and the messages.
 */
export function plainMarkers(runs: readonly string[]): string[] {
  const lines = runs.flatMap((run) => run.split("\n")).map((line) => line.trim());
  const isMarker = (line: string) =>
    line.length >= SHORTEST_MARKER &&
    line.length <= LONGEST_MARKER &&
    // A bare word is a role's name behind a special token, which text cannot give.
    /[^\p{L}\p{N}\s]/u.test(line);
  // Longer ones first, so that one inside another does not hide it.
  return [...new Set(lines.filter(isMarker))].sort((a, b) => b.length - a.length);
}

/**
 * Breaks up every marker in a text of a message.
 * @returns the text, and the offsets of the joints in it.
 */
export function breakMarkers(text: string, markers: readonly string[]): { text: string; joints: number[] } {
  const cuts = new Set<number>();
  for (const marker of markers) {
    for (let at = text.indexOf(marker); at >= 0; at = text.indexOf(marker, at + 1)) {
      // Behind the first character, and not between the halves of a surrogate pair.
      cuts.add(at + String.fromCodePoint(marker.codePointAt(0)!).length);
    }
  }
  let broken = "";
  let from = 0;
  const joints: number[] = [];
  for (const cut of [...cuts].sort((a, b) => a - b)) {
    broken += text.slice(from, cut);
    joints.push(broken.length);
    broken += JOINT;
    from = cut;
  }
  return { text: broken + text.slice(from), joints };
}
