/** How every number that a reader sees is written: as in 12,345.6, in German as in 12.345,6. */

import { language } from "./l10n.js";

const locale = language === "en" ? "en-US" : language;

/** At most three digits behind the point; the language is that of the texts, not one guessed from the machine. */
export function formatCount(count: number): string {
  return count.toLocaleString(locale);
}

/** At most so many digits behind the point: 2.5, in German 2,5. */
export function formatUpTo(value: number, digits: number): string {
  return value.toLocaleString(locale, { maximumFractionDigits: digits });
}

/** With exactly so many digits behind the point: 2.50, in German 2,50. */
export function formatFixed(value: number, digits: number): string {
  if (language === "en") return value.toFixed(digits);
  return value.toLocaleString(locale, { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** What JavaScript wrote, such as 0.051 or 3.8e+25, with the decimal sign of the reader's language. */
export function inLanguage(written: string): string {
  return written.replace(".", formatFixed(0.5, 1).charAt(1));
}
