/** Puts the sentences of a caption one after the other, where some are said only at times. */

export function joinSentences(...sentences: (string | undefined)[]): string {
  return sentences.filter((sentence) => sentence !== undefined).join(" ");
}
