/**
 * How probable it is that a text goes on with certain bytes, whichever tokens spell them. The bytes may be a part of
 * one token, one token, or several: the sum runs over all of these, so that no way of writing is favoured.
 */

import { GlassboxError, throwIfCancelled } from "../../shared/errors.js";
import type { Continuation } from "../../shared/workerProtocol.js";
import { byteString, type Spellings } from "./spellings.js";

/** What is left out may change the sum by this part at most: 0.014 bits. */
const CLOSE = 0.01;
/** Distributions that are asked for at most; an improbable text can be cut into tokens in very many ways. */
const MOST_DISTRIBUTIONS = 8;

/** A way to begin the bytes with whole tokens. */
interface Opening {
  ids: readonly number[];
  /** Byte string that is still to come. */
  rest: string;
  /** The probability of the tokens. */
  probability: number;
}

/**
 * P(bytes) = sum over tokens t of P(t) where t begins with the bytes, and P(t) P(rest | t) where the bytes begin with
 * t. The most probable openings are followed first, until those that are left cannot matter.
 * @param next the distribution behind the context and these tokens: (vocabulary) logits whose exponentials sum to 1.
 * @param atLeast a continuation that cannot be as probable is not followed any further.
 * @throws GlassboxError `invalid-request` for no bytes, `cancelled`.
 */
export async function continuationOf(
  bytes: Uint8Array,
  spellings: Spellings,
  next: (ids: readonly number[]) => Promise<Float32Array>,
  signal: AbortSignal,
  atLeast = 0,
): Promise<Continuation> {
  if (bytes.length === 0) throw new GlassboxError("invalid-request", "There is nothing to score.");
  const whole = byteString(bytes);
  const open: Opening[] = [{ ids: [], rest: whole, probability: 1 }];
  let sum = 0;
  let left = 1;
  let best = { ids: [] as readonly number[], probability: -1 };
  for (let asked = 0; open.length > 0 && asked < MOST_DISTRIBUTIONS; asked++) {
    if (asked > 0 && (left <= CLOSE * sum || sum + left < atLeast)) break;
    throwIfCancelled(signal);
    const { ids, rest, probability } = takeMostProbable(open);
    const logits = await next(ids);
    for (const id of spellings.beginningWith(rest)) {
      const own = probability * Math.exp(logits[id]!);
      sum += own;
      if (own > best.probability) best = { ids: [...ids, id], probability: own };
    }
    for (const { id, length } of spellings.beginningsOf(rest)) {
      const own = probability * Math.exp(logits[id]!);
      if (own > 0) open.push({ ids: [...ids, id], rest: rest.slice(length), probability: own });
    }
    left = open.reduce((all, opening) => all + opening.probability, 0);
  }
  return {
    probability: sum,
    missing: left,
    oneToken: spellings.exactly(whole).length > 0,
    beginning: spellings.beginningWith(whole).length,
    spelling: [...best.ids],
  };
}

/**
 * The same of several byte strings of which the most probable is wanted: it is followed as far as `continuationOf`
 * does, the others only until they cannot be that. In the order of `texts`.
 */
export async function continuationsOf(
  texts: readonly Uint8Array[],
  spellings: Spellings,
  next: (ids: readonly number[]) => Promise<Float32Array>,
  signal: AbortSignal,
): Promise<Continuation[]> {
  const first = await next([]);
  const known = async (ids: readonly number[]) => (ids.length === 0 ? first : next(ids));
  const likely = texts.map((bytes) =>
    spellings.beginningWith(byteString(bytes)).reduce((sum, id) => sum + Math.exp(first[id]!), 0),
  );
  const order = [...texts.keys()].sort((a, b) => likely[b]! - likely[a]!);
  const found: Continuation[] = [];
  let atLeast = 0;
  for (const at of order) {
    const each = await continuationOf(texts[at]!, spellings, known, signal, atLeast);
    atLeast = Math.max(atLeast, each.probability);
    found[at] = each;
  }
  return found;
}

function takeMostProbable(open: Opening[]): Opening {
  let best = 0;
  for (let at = 1; at < open.length; at++) if (open[at]!.probability > open[best]!.probability) best = at;
  return open.splice(best, 1)[0]!;
}
