/** A filter that looks for words, and the same text in forms that a model reads and the filter does not. */

import { t } from "../../shared/l10n.js";
import { wordsOf } from "./ranking.js";

export interface Disguise {
  name: string;
  write(text: string): string;
}

const ROTATED = 13;
const LOOKALIKES: Readonly<Record<string, string>> = { a: "4", e: "3", i: "1", o: "0", s: "5", t: "7" };

function rotate(letter: string): string {
  const base = letter <= "Z" ? 65 : 97;
  return String.fromCharCode(((letter.charCodeAt(0) - base + ROTATED) % 26) + base);
}

const hex = (text: string) =>
  Array.from(new TextEncoder().encode(text), (byte) => byte.toString(16).padStart(2, "0"));

export const DISGUISES: readonly Disguise[] = [
  { name: t("as it is"), write: (text) => text },
  { name: t("capitals"), write: (text) => text.toUpperCase() },
  { name: t("spaced out"), write: (text) => [...text].join(" ") },
  {
    name: t("digits for letters"),
    write: (text) => text.replace(/[aeiost]/gi, (letter) => LOOKALIKES[letter.toLowerCase()] ?? letter),
  },
  { name: "ROT13", write: (text) => text.replace(/[a-z]/gi, rotate) },
  { name: "Base64", write: (text) => btoa(String.fromCharCode(...new TextEncoder().encode(text))) },
  { name: t("hexadecimal"), write: (text) => hex(text).join(" ") },
  { name: t("backwards"), write: (text) => [...text].reverse().join("") },
];

/** How many of the words stand in a text only as parts of longer ones: “cake” in “pancakes”. */
export function onlyInside(text: string, words: readonly string[]): number {
  const whole = new Set(wordsOf(text));
  return words.filter((word) => stoppedBy(text, [word]) !== undefined && !whole.has(word.toLowerCase()))
    .length;
}

/** The first of the words that a text holds, whatever the case of its letters; undefined where the filter lets it pass. */
export function stoppedBy(text: string, words: readonly string[]): string | undefined {
  const small = text.toLowerCase();
  return words.find((word) => small.includes(word.toLowerCase()));
}
