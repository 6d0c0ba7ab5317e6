/**
 * A reading in front of which tokens that were added by hand are cut out of the text, where what lies between them is
 * read as it would be anywhere.
 */

import type { Splitter } from "./tokenizer.js";
import { splitterWith, UserTokens } from "./userTokens.js";
import type { PieceReading, Word } from "./wordReading.js";

export class AddedReading implements PieceReading {
  readonly #tokens: UserTokens;
  readonly #cut: Splitter;
  readonly #base: PieceReading;

  constructor(userTokens: ReadonlyMap<string, number>, base: PieceReading) {
    this.#tokens = new UserTokens(userTokens);
    this.#cut = splitterWith(this.#tokens, base);
    this.#base = base;
  }

  readonly readsAnywhere = true;

  get cutRun(): boolean {
    return this.#base.cutRun;
  }

  readonly pieceEnd = (text: string, start: number): number => this.#cut.pieceEnd(text, start);

  isCertainBorder(text: string, index: number): boolean {
    return this.#cut.isCertainBorder(text, index);
  }

  settledBefore(text: string, offset: number): number {
    return this.#cut.settledBefore(text, offset);
  }

  words(piece: string, first: boolean): Word[] {
    const id = this.#tokens.idOf(piece, 0, piece.length);
    return id === undefined
      ? this.#base.words(piece, first)
      : [{ text: piece, id, starts: [0], ends: [piece.length] }];
  }
}
