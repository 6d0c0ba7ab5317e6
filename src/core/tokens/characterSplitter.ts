/** A pre-tokeniser of which two characters side by side tell whether a piece ends between them. */

import { codeAt, startOfCharacter } from "./characterClasses.js";
import { LONGEST_PIECE, type Splitter } from "./tokenizer.js";

export abstract class CharacterSplitter implements Splitter {
  /** Whether a piece was so long that it was cut where no border is: what was counted then is approximate. */
  cutRun = false;

  /** Whether a piece ends between two code points, whatever else stands around them. */
  protected abstract isBorder(before: number, after: number): boolean;

  isCertainBorder(text: string, index: number): boolean {
    if (index <= 0 || index >= text.length) return false;
    const start = startOfCharacter(text, index);
    const before = codeAt(text, start);
    // Not between the halves of a character.
    if (start + (before > 0xffff ? 2 : 1) !== index) return false;
    return this.isBorder(before, codeAt(text, index));
  }

  readonly pieceEnd = (text: string, start: number): number => {
    const { length } = text;
    let before = codeAt(text, start);
    let index = start + (before > 0xffff ? 2 : 1);
    while (index < length) {
      const after = codeAt(text, index);
      if (this.isBorder(before, after)) return index;
      if (index - start >= LONGEST_PIECE) {
        this.cutRun = true;
        return index;
      }
      before = after;
      index += after > 0xffff ? 2 : 1;
    }
    return length;
  };

  settledBefore(_text: string, offset: number): number {
    return offset - 1;
  }
}
