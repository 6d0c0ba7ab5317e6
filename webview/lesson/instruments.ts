/** What an exhibit tells the checks beside it: its live readings, and what it lets the reader guess. */

import type { Readings, Texts } from "../../src/core/lessons/judge.js";
import type { ChipToken } from "../ui/TokenChip.js";

/** What a guess turned out to be. */
export interface Judgement {
  right: boolean;
  /** What the model or tool really did, in a sentence or two written from the numbers. */
  explanation: string;
}

/** Something to guess before it is shown. */
export type Guessing =
  /** The reader types a text. `within`: how far down a ranking still counts as right. */
  | { kind: "text"; label: string; judge(answer: string, within: number): Promise<Judgement> }
  /** The reader picks one of the tokens; `judge` takes its index. */
  | { kind: "token"; label: string; tokens: ChipToken[]; judge(index: number, within: number): Judgement };

export interface Instrument {
  /** The text that the exhibit runs on: a new text means a new thing to guess. */
  text: string;
  /** Its texts by their names, where it has several. */
  prompts?: Texts;
  readings: Readings;
  /** What is being looked at, such as "layer 3, head 2"; "" where there is nothing to choose. */
  setting: string;
  /** By the names of the catalogue; one is missing while the exhibit is still computing. */
  guesses: Readonly<Record<string, Guessing>>;
}
