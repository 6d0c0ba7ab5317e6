/**
 * GPT-2's alphabet, in which byte-level vocabularies spell their tokens: every byte as one printable character.
 * Bytes that print in Latin-1 stand for themselves, the other 68 are moved to U+0100 and up, in order
 * (openai/gpt-2, `bytes_to_unicode`).
 */

/** (256) */
export const CHARACTER_OF_BYTE: readonly string[] = (() => {
  let moved = 0;
  return Array.from({ length: 256 }, (_, byte) => {
    const prints = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte !== 0xad);
    return String.fromCharCode(prints ? byte : 0x100 + moved++);
  });
})();

export const BYTE_OF_CHARACTER: ReadonlyMap<string, number> = new Map(
  CHARACTER_OF_BYTE.map((character, byte) => [character, byte]),
);
