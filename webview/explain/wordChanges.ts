/** Compares two drafts word by word, so that a revision shows what it took out and what it put in. */

export interface DraftPart {
  kind: "same" | "out" | "in";
  text: string;
}

/**
 * The words of both drafts in reading order, taken from a longest common subsequence; white space belongs to the word
 * in front of it. Drafts are a few sentences: the table of the comparison stays small.
 */
export function wordChanges(before: string, after: string): DraftPart[] {
  const old = wordsOf(before);
  const fresh = wordsOf(after);
  // common[i][j]: how many words `old` from i and `fresh` from j have in common.
  const common = Array.from({ length: old.length + 1 }, () => new Uint16Array(fresh.length + 1));
  for (let i = old.length - 1; i >= 0; i--) {
    for (let j = fresh.length - 1; j >= 0; j--) {
      common[i]![j] = isSame(old[i]!, fresh[j]!)
        ? common[i + 1]![j + 1]! + 1
        : Math.max(common[i + 1]![j]!, common[i]![j + 1]!);
    }
  }
  const parts: DraftPart[] = [];
  const push = (kind: DraftPart["kind"], text: string) => {
    const last = parts.at(-1);
    if (last?.kind === kind) last.text += text;
    else parts.push({ kind, text });
  };
  let i = 0;
  let j = 0;
  while (i < old.length || j < fresh.length) {
    const word = old[i];
    const other = fresh[j];
    if (word !== undefined && other !== undefined && isSame(word, other)) {
      push("same", other);
      i++;
      j++;
    } else if (other === undefined || (word !== undefined && common[i + 1]![j]! >= common[i]![j + 1]!)) {
      push("out", word ?? "");
      i++;
    } else {
      push("in", other);
      j++;
    }
  }
  return parts;
}

function wordsOf(text: string): string[] {
  return text.trim().match(/\S+\s*/g) ?? [];
}

/** White space behind a word does not make it another. */
function isSame(word: string, other: string): boolean {
  return word.trimEnd() === other.trimEnd();
}
