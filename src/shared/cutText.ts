/** Cuts texts to a length in UTF-16 units without tearing a character (a surrogate pair) apart. */

/** The start of a text, at most `most` UTF-16 units and never half a character. */
export function firstCharacters(text: string, most: number): string {
  if (text.length <= most) return text;
  const last = text.charCodeAt(most - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? most - 1 : most);
}

/** The end of a text, at most `most` UTF-16 units and never half a character. */
export function lastCharacters(text: string, most: number): string {
  if (text.length <= most) return text;
  const start = text.length - most;
  const unit = text.charCodeAt(start);
  return text.slice(unit >= 0xdc00 && unit <= 0xdfff ? start + 1 : start);
}
