/** Counts finished sentences in words that are still being written. */

// "e.g." and "i.e." end no sentence, nor does the point in `a.b` or 3.14: a sentence ends before a space or the end.
const SENTENCE_END = /(?<!\b(?:e\.g|i\.e|etc|vs))[.!?…][`"'”’)\]]*(?=\s)/gu;

/** How many sentences have ended and are followed by more. The last one may still go on: `x.` or `x.length`? */
export function finishedSentences(text: string): number {
  return text.match(SENTENCE_END)?.length ?? 0;
}
