/** One greeting, many scripts: the same meaning costs a different number of tokens in each. */
export const greetings: Record<string, string> = {
  english: "Welcome to the shop!",
  german: "Willkommen im Geschäft!",
  hindi: "दुकान में आपका स्वागत है!",
  japanese: "お店へようこそ！",
  arabic: "أهلا بكم في المتجر!",
  emoji: "👋🏽 🛒 👩‍👩‍👧‍👦 🇮🇳",
};

/** How many characters a reader would count; not the same as `text.length`. */
export function countCharacters(text: string): number {
  return [...new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text)].length;
}

/** Turns a text around without tearing emoji or accents apart. */
export function reverseText(text: string): string {
  const segments = new Intl.Segmenter("en", { granularity: "grapheme" }).segment(text);
  return [...segments].map(({ segment }) => segment).reverse().join("");
}
