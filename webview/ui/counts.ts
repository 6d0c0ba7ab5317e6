/** How many there are, in words, of what more than one panel counts. */

import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";

/** "1 token", "3 tokens". */
export function countTokens(count: number): string {
  return count === 1 ? t("{0} token", formatCount(count)) : t("{0} tokens", formatCount(count));
}

export function countCharacters(count: number): string {
  return count === 1 ? t("{0} character", formatCount(count)) : t("{0} characters", formatCount(count));
}

export function countLines(count: number): string {
  return count === 1 ? t("{0} line", formatCount(count)) : t("{0} lines", formatCount(count));
}

export function countSteps(count: number): string {
  return count === 1 ? t("{0} step", formatCount(count)) : t("{0} steps", formatCount(count));
}
