/** A judge that can only count: so much for each favourite word, so much for each word at all. */

import type { ExhibitConfig } from "../../shared/panels/lesson.js";
import { wordsOf } from "./ranking.js";

export type JudgeConfig = Pick<
  Extract<ExhibitConfig, { type: "toy-judge" }>,
  "words" | "perWord" | "perToken"
>;

/** The reward, and how often each favourite word stands in the text. */
export function judgeText(
  text: string,
  { words, perWord, perToken }: JudgeConfig,
): { reward: number; counts: number[] } {
  const said = wordsOf(text);
  const counts = words.map((word) => said.filter((other) => other === word.toLowerCase()).length);
  const favourites = counts.reduce((sum, count) => sum + count, 0);
  return { reward: favourites * perWord + said.length * perToken, counts };
}

/** One step uphill: of all places and favourite words, the replacement that the judge likes best. */
export function improve(text: string, config: JudgeConfig): string {
  const parts = text.split(/(\s+)/);
  let best = text;
  let most = judgeText(text, config).reward;
  for (const [at, part] of parts.entries()) {
    if (!/\p{L}/u.test(part)) continue;
    for (const word of config.words) {
      const tried = parts.with(at, word).join("");
      const { reward } = judgeText(tried, config);
      if (reward > most) [best, most] = [tried, reward];
    }
  }
  return best;
}
