/** Pages of a crawl through the stages that turn them into training data, each with what it drops and why. */

/*
 * The order is that of FineWeb (Penedo and others, arXiv 2406.17557): addresses, language, quality, duplicates,
 * personal data. The rules of quality are those of Gopher (Rae and others, arXiv 2112.11446, table A1), with a lower
 * limit of words, because the sample pages are short.
 */

import { formatCount, formatFixed } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { PageLanguage, Passage } from "../../shared/panels/lesson.js";
import { languageName, languageScores } from "./language.js";
import { candidatePairs, estimate, jaccard, shinglesOf, signatureOf } from "./minHash.js";

export interface PipelineRules {
  /** Words that an address must not have in it. */
  blocked: readonly string[];
  language: PageLanguage;
  fewestWords: number;
  /** From this estimated similarity on, the later of two pages goes. */
  similarity: number;
}

export const STAGES = ["addresses", "language", "quality", "duplicates", "personal data"] as const;
export type StageName = (typeof STAGES)[number];

export interface StageResult {
  stage: StageName;
  kept: Passage[];
  dropped: { page: Passage; why: string }[];
  /** Pages that stay but are no longer what they were. */
  changed: { page: Passage; why: string }[];
}

/** The part of a text's words that must be little words of its language. */
const LITTLE_WORDS = 0.2;
const WORD_LENGTH = [3, 10] as const;
const MOST_SYMBOLS = 0.1;
const MOST_REPEATED = 0.3;
const FEWEST_LETTERED = 0.8;

export function runPipeline(pages: readonly Passage[], rules: PipelineRules): StageResult[] {
  const results: StageResult[] = [];
  let kept = [...pages];
  const sieve = (stage: StageName, fault: (page: Passage) => string | undefined) => {
    const judged = kept.map((page) => ({ page, why: fault(page) }));
    kept = judged.filter(({ why }) => why === undefined).map(({ page }) => page);
    const dropped = judged.flatMap(({ page, why }) => (why === undefined ? [] : [{ page, why }]));
    results.push({ stage, kept, dropped, changed: [] });
  };
  sieve("addresses", ({ id }) => addressFault(id, rules.blocked));
  sieve("language", ({ text }) => languageFault(text, rules.language));
  sieve("quality", ({ text }) => qualityFault(text, rules.fewestWords));
  const copies = copiesAmong(kept, rules.similarity);
  sieve("duplicates", ({ id }) => copies.get(id));
  const cleaned = kept.map((page) => ({ page, ...withoutPersonalData(page.text) }));
  results.push({
    stage: "personal data",
    kept: cleaned.map(({ page, text }) => ({ id: page.id, text })),
    dropped: [],
    changed: cleaned
      .filter(({ found }) => found.length > 0)
      .map(({ page, found }) => ({ page, why: t("replaced: {0}", found.join(", ")) })),
  });
  return results;
}

function addressFault(address: string, blocked: readonly string[]): string | undefined {
  const found = blocked.find((word) => address.toLowerCase().includes(word.toLowerCase()));
  return found === undefined ? undefined : t("“{0}” stands in its address", found);
}

function languageFault(text: string, wanted: PageLanguage): string | undefined {
  const [best] = languageScores(text);
  if (!best || best.score < LITTLE_WORDS) {
    return t(
      "no language is plain: {0} little words of {1}",
      percent(best?.score ?? 0),
      best ? languageName(best.language) : "",
    );
  }
  return best.language === wanted
    ? undefined
    : t("{0}: {1} little words", languageName(best.language), percent(best.score));
}

function qualityFault(text: string, fewestWords: number): string | undefined {
  const words = text.split(/\s+/).filter((word) => word !== "");
  if (words.length < fewestWords) return t("{0} words", formatCount(words.length));
  const mean = words.reduce((sum, word) => sum + Array.from(word).length, 0) / words.length;
  if (mean < WORD_LENGTH[0] || mean > WORD_LENGTH[1])
    return t("words of {0} characters on average", formatFixed(mean, 1));
  const symbols = (text.match(/#|\.\.\.|…/g) ?? []).length / words.length;
  if (symbols > MOST_SYMBOLS) return t("{0} as many signs (#, …) as words", percent(symbols));
  const lettered = words.filter((word) => /\p{L}/u.test(word)).length / words.length;
  if (lettered < FEWEST_LETTERED) return t("only {0} of its words have a letter", percent(lettered));
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const repeated = 1 - new Set(lines).size / Math.max(1, lines.length);
  if (repeated > MOST_REPEATED) return t("{0} of its lines are repetitions", percent(repeated));
  return undefined;
}

/** For each page that is nearly one before it, which that is. */
function copiesAmong(pages: readonly Passage[], similarity: number): Map<string, string> {
  const shingles = pages.map(({ text }) => shinglesOf(text));
  const signatures = shingles.map(signatureOf);
  const copies = new Map<string, string>();
  for (const [first, second] of candidatePairs(signatures)) {
    const [page, copy] = [pages[first]!, pages[second]!];
    const guessed = estimate(signatures[first]!, signatures[second]!);
    // A copy of a copy is one of the page that stayed.
    if (guessed < similarity || copies.has(page.id) || copies.has(copy.id)) continue;
    const exact = jaccard(shingles[first]!, shingles[second]!);
    copies.set(
      copy.id,
      t(
        "nearly the same as {0}: {1} of the signature agree (of the shingles, {2})",
        page.id,
        percent(guessed),
        percent(exact),
      ),
    );
  }
  return copies;
}

/** The greatest estimated similarity of a text to any of the pages. */
export function nearest(text: string, pages: readonly Passage[]): number {
  const own = signatureOf(shinglesOf(text));
  return Math.max(0, ...pages.map((page) => estimate(own, signatureOf(shinglesOf(page.text)))));
}

const PERSONAL: readonly { said(count: number): string; pattern: RegExp; by: string }[] = [
  {
    said: (count) => (count === 1 ? t("an e-mail address") : t("{0} e-mail addresses", count)),
    pattern: /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g,
    by: "email@example.com",
  },
  {
    said: (count) => (count === 1 ? t("an IP address") : t("{0} IP addresses", count)),
    pattern: /\b(?:\d{1,3}\.){3}\d{1,3}\b/g,
    by: "192.0.2.1",
  },
  {
    said: (count) => (count === 1 ? t("a telephone number") : t("{0} telephone numbers", count)),
    pattern: /\+\d{1,3}[ -]?(?:\d[ -]?){6,12}\d/g,
    by: "+00 000 0000000",
  },
];

/** Puts stand-ins for e-mail addresses, IP addresses and international telephone numbers. */
export function withoutPersonalData(text: string): { text: string; found: string[] } {
  const found: string[] = [];
  let cleaned = text;
  for (const { said, pattern, by } of PERSONAL) {
    const count = cleaned.match(pattern)?.length ?? 0;
    if (count > 0) found.push(said(count));
    cleaned = cleaned.replace(pattern, by);
  }
  return { text: cleaned, found };
}

function percent(part: number): string {
  return `${Math.round(part * 100)} %`;
}
