/** The rules of "Guess the Next Token": what a typed guess stands for, and whether it is what stands in the text. */

import { formatFixed } from "../../shared/formatCount.js";
import { t } from "../../shared/l10n.js";
import type { GuessHit, GuessRound } from "../../shared/panels/guess.js";

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", "\\": "\\" };

/**
 * What was typed, as text: `\n` is a line break, `\t` a tab, `\\` a backslash; anything else stays as it is.
 * @param lineBreak as the document has it.
 */
export function typedText(typed: string, lineBreak: "\n" | "\r\n"): string {
  return typed.replace(/\\([nt\\])/g, (_, sign: string) => (sign === "n" ? lineBreak : ESCAPES[sign]!));
}

/** What a typed text may stand for: most tokens begin with a space, which nobody thinks of typing. */
export function readingsOf(text: string): string[] {
  return /^\s/.test(text) ? [text] : [text, ` ${text}`];
}

/**
 * Whether a guess names the token that stands there. As a whole: the text goes on with all of the guess, and that
 * reaches the token's end. In part: it is right but ends inside the token, or goes wrong only behind it.
 * @param behind the text's bytes from the token on. @param length how many of them are the token.
 */
export function hitOf(guess: Uint8Array, behind: Uint8Array, length: number): GuessHit {
  let right = 0;
  while (right < guess.length && guess[right] === behind[right]) right++;
  if (right === 0 || (right < length && right < guess.length)) return "miss";
  return right >= length && right === guess.length ? "whole" : "part";
}

const ORDER: readonly GuessHit[] = ["miss", "part", "whole"];

/** The best of several readings of one guess. */
export function bestHit(hits: readonly GuessHit[]): GuessHit {
  return hits.reduce<GuessHit>(
    (best, hit) => (ORDER.indexOf(hit) > ORDER.indexOf(best) ? hit : best),
    "miss",
  );
}

export interface GuessScore {
  /** Rounds in which something stands in the text. */
  rounds: number;
  /** Tokens that the reader named, as a whole and in part. */
  whole: number;
  part: number;
  /** Tokens that the model's most probable token named. */
  model: number;
  /** Mean bits of the guesses that were made, of what stands there, and of the model's favourites. */
  guessBits: number | undefined;
  textBits: number | undefined;
  favouriteBits: number | undefined;
}

/** What all rounds come to; only those in which something stands in the text can be right. */
export function scoreOf(rounds: readonly GuessRound[]): GuessScore {
  const withText = rounds.filter(({ text }) => text !== undefined);
  const mean = (values: readonly (number | undefined)[]) => {
    const known = values.filter((value) => value !== undefined);
    return known.length === 0 ? undefined : known.reduce((sum, value) => sum + value, 0) / known.length;
  };
  return {
    rounds: withText.length,
    whole: withText.filter(({ hit }) => hit === "whole").length,
    part: withText.filter(({ hit }) => hit === "part").length,
    model: withText.filter(({ favouriteHit }) => favouriteHit).length,
    guessBits: mean(rounds.map(({ guess }) => guess?.bits)),
    textBits: mean(rounds.map(({ text }) => text?.bits)),
    favouriteBits: mean(rounds.map(({ favourite }) => favourite.bits)),
  };
}

/** The score in one or two sentences. */
export function scoreWords(rounds: readonly GuessRound[], of: number): string {
  const score = scoreOf(rounds);
  if (score.rounds === 0) return t("Nothing has been guessed yet.");
  const tokens = score.rounds === 1 ? t("1 token") : t("{0} tokens", score.rounds);
  const named = t(
    "Of {0} you named {1}, and the model’s favourite was right {2}.",
    score.rounds < of ? t("{0} ({1} in all)", tokens, of) : tokens,
    score.part > 0 ? t("{0} and {1} in part", score.whole, score.part) : score.whole,
    score.model === 1 ? t("once") : t("{0} times", score.model),
  );
  if (score.guessBits === undefined) return named;
  const bits = t(
    "The model gave your guesses {0} bits on average, its own favourites {1}, and what stands there {2}.",
    formatFixed(score.guessBits, 1),
    formatFixed(score.favouriteBits!, 1),
    formatFixed(score.textBits!, 1),
  );
  return `${named} ${bits}`;
}
