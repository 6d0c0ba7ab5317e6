/** How many of something there are, in words: "1 token", "3 tokens". */

import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";

export function countedTokens(count: number): string {
  return count === 1 ? t("1 token") : t("{0} tokens", formatCount(count));
}

export function countedCharacters(count: number): string {
  return count === 1 ? t("1 character") : t("{0} characters", formatCount(count));
}

export function countedWords(count: number): string {
  return count === 1 ? t("1 word") : t("{0} words", formatCount(count));
}

export function countedSteps(count: number): string {
  return count === 1 ? t("1 step") : t("{0} steps", formatCount(count));
}

export function countedParameters(count: number): string {
  return count === 1 ? t("1 parameter") : t("{0} parameters", formatCount(count));
}

export function countedPairs(count: number): string {
  return count === 1 ? t("1 pair") : t("{0} pairs", formatCount(count));
}

export function countedExperts(count: number): string {
  return count === 1 ? t("1 expert") : t("{0} experts", formatCount(count));
}

export function countedMessages(count: number): string {
  return count === 1 ? t("1 message") : t("{0} messages", formatCount(count));
}

export function countedRuns(count: number): string {
  return count === 1 ? t("1 run") : t("{0} runs", formatCount(count));
}

export function countedLayers(count: number): string {
  return count === 1 ? t("1 layer") : t("{0} layers", formatCount(count));
}

export function countedPositions(count: number): string {
  return count === 1 ? t("1 position") : t("{0} positions", formatCount(count));
}

export function countedBytes(count: number): string {
  return count === 1 ? t("1 byte") : t("{0} bytes", formatCount(count));
}

export function countedFiles(count: number): string {
  return count === 1 ? t("1 file") : t("{0} files", formatCount(count));
}

export function countedPages(count: number): string {
  return count === 1 ? t("1 page") : t("{0} pages", formatCount(count));
}

export function countedLines(count: number): string {
  return count === 1 ? t("1 line") : t("{0} lines", formatCount(count));
}

export function countedCalls(count: number): string {
  return count === 1 ? t("1 call") : t("{0} calls", formatCount(count));
}
