/** Passages ranked for a question by BM25, the classic formula of search engines (Robertson and others, 1994). */

import type { Passage } from "../../shared/panels/lesson.js";

/** How soon more of the same word stops counting, and how much long passages pay for their length. */
const K1 = 1.2;
const B = 0.75;

export interface RankedPassage {
  passage: Passage;
  score: number;
  /** The words of the question that it has, with what each added. */
  words: { word: string; score: number }[];
}

/** Words as they are compared: letters and digits, small; parts of `camelCase` and `snake_case` are words too. */
export function wordsOf(text: string): string[] {
  return (
    text
      .replace(/(\p{Ll})(\p{Lu})/gu, "$1 $2")
      .toLowerCase()
      .match(/[\p{L}\p{N}]+/gu) ?? []
  );
}

/** Best first; passages without a word of the question come last, with a score of 0, in their own order. */
export function rankPassages(question: string, passages: readonly Passage[]): RankedPassage[] {
  const asked = [...new Set(wordsOf(question))];
  const bags = passages.map(({ text }) => {
    const words = wordsOf(text);
    const counts = new Map<string, number>();
    for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
    return { length: words.length, counts };
  });
  const mean = bags.reduce((sum, { length }) => sum + length, 0) / Math.max(1, bags.length) || 1;
  const rarity = new Map(
    asked.map((word) => {
      const having = bags.filter(({ counts }) => counts.has(word)).length;
      return [word, Math.log(1 + (bags.length - having + 0.5) / (having + 0.5))];
    }),
  );
  const ranked = passages.map((passage, at): RankedPassage => {
    const { length, counts } = bags[at] ?? { length: 0, counts: new Map<string, number>() };
    const words = asked.flatMap((word) => {
      const count = counts.get(word) ?? 0;
      if (count === 0) return [];
      const weight = (count * (K1 + 1)) / (count + K1 * (1 - B + (B * length) / mean));
      return [{ word, score: (rarity.get(word) ?? 0) * weight }];
    });
    return { passage, score: words.reduce((sum, { score }) => sum + score, 0), words };
  });
  return ranked.sort((a, b) => b.score - a.score);
}

/** The prompt that the best passages make: what a model would be sent. */
export function promptWith(question: string, chosen: readonly RankedPassage[]): string {
  const cited = chosen.map(({ passage }) => `[${passage.id}]\n${passage.text}`).join("\n\n");
  return `Answer from the passages below. Say which one you used. If none has the answer, say so.\n\n${cited}\n\nQuestion: ${question}`;
}
