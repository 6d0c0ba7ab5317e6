/** How every number that a reader sees is written: with the comma of English between thousands, as in 12,345. */

import { language } from "./l10n.js";

const locale = language === "en" ? "en-US" : language;

/** At most three digits behind the point; the language is that of the texts, not one guessed from the machine. */
export function formatCount(count: number): string {
  return count.toLocaleString(locale);
}
