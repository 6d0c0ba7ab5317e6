/** The vocabulary of the tiny models: the characters of their text, each with a number. */

/** Stands for every character that is not in the vocabulary. */
export const UNKNOWN = "\uFFFD";
/** Rarer characters of a text with more are unknown. */
const MOST_CHARACTERS = 200;

export class CharacterVocabulary {
  /** By id; the first is the unknown. */
  readonly characters: readonly string[];
  readonly #ids: Map<string, number>;

  /** The characters of a text, the most frequent first; of equally frequent ones the one that comes first. */
  constructor(text: string) {
    const counts = new Map<string, number>();
    for (const character of text) counts.set(character, (counts.get(character) ?? 0) + 1);
    counts.delete(UNKNOWN);
    const sorted = [...counts].toSorted((a, b) => b[1] - a[1]).map(([character]) => character);
    this.characters = [UNKNOWN, ...sorted.slice(0, MOST_CHARACTERS)];
    this.#ids = new Map(this.characters.map((character, id) => [character, id]));
  }

  encode(text: string): Int32Array {
    return Int32Array.from(Array.from(text, (character) => this.#ids.get(character) ?? 0));
  }

  decode(ids: Iterable<number>): string {
    return Array.from(ids, (id) => this.characters[id] ?? UNKNOWN).join("");
  }
}
