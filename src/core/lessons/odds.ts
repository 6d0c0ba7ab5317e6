/** How probable a model finds a text after another, token by token: the measure behind many lessons. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

/** What is asked of a model; the sampling host and the model process both can. */
export interface OddsModel {
  /** Ids of a text as the model reads it, its BOS among them. */
  tokenize(text: string): Promise<number[]>;
  /** Logarithms of the probabilities of all tokens that may come next: their exponentials sum to 1. */
  next(ids: number[]): Promise<Float32Array>;
}

export interface AnswerOdds {
  answer: string;
  /** Product over the answer's tokens. */
  probability: number;
  tokens: number;
}

/**
 * The probability of each answer right after the prompt.
 * @throws GlassboxError `invalid-request` where the end of the prompt and an answer run together into other tokens.
 */
export async function answerOdds(
  model: OddsModel,
  prompt: string,
  answers: readonly string[],
): Promise<AnswerOdds[]> {
  const before = await model.tokenize(prompt);
  const first = await model.next(before);
  const odds: AnswerOdds[] = [];
  for (const answer of answers) {
    const whole = await model.tokenize(prompt + answer);
    if (whole.length <= before.length || before.some((id, at) => whole[at] !== id)) {
      throw new GlassboxError(
        "invalid-request",
        t("The end of the prompt and “{0}” run together into other tokens.", answer.trim()),
        t("End the prompt behind a whole word, without a space."),
      );
    }
    let sum = first[whole[before.length] ?? -1] ?? Number.NEGATIVE_INFINITY;
    for (let at = before.length + 1; at < whole.length; at++) {
      const logits = await model.next(whole.slice(0, at));
      sum += logits[whole[at] ?? -1] ?? Number.NEGATIVE_INFINITY;
    }
    odds.push({ answer, probability: Math.exp(sum), tokens: whole.length - before.length });
  }
  return odds;
}

/** The surprise of each token after the first, in bits: how many times a coin would have to guess right. */
export async function surprises(model: Pick<OddsModel, "next">, ids: readonly number[]): Promise<number[]> {
  const bits: number[] = [];
  for (let at = 1; at < ids.length; at++) {
    const logits = await model.next(ids.slice(0, at));
    bits.push(-(logits[ids[at] ?? -1] ?? 0) / Math.LN2);
  }
  return bits;
}

/** Mean surprise of a text's first tokens, in bits; 0 for a text of one token. */
export async function meanSurprise(model: OddsModel, text: string, most: number): Promise<number> {
  const bits = await surprises(model, (await model.tokenize(text)).slice(0, most + 1));
  return bits.reduce((sum, each) => sum + each, 0) / Math.max(1, bits.length);
}

/** How many prompts there are after which the first answer is more probable than all others. */
export function scoreOf(rows: readonly (readonly AnswerOdds[])[]): number {
  return rows.filter(
    ([right, ...wrong]) => right && wrong.every((other) => right.probability > other.probability),
  ).length;
}

/** How many sentences a text has, one that is to be gone on with among them. A point within a number ends none. */
export function countSentences(text: string): number {
  return text.split(/[.!?…]+(?=[\s"'”’»)\]]|$)|[。！？]+/u).filter((part) => /\p{L}/u.test(part)).length;
}
