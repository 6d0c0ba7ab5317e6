/** What the page of "Why Did It Split Here?" keeps when it is loaded anew, and what an edit changed. */

import { ruleOf } from "../../src/core/tokens/splitRules.js";
import type { RuleTrace, SplitPiece, SplitView } from "../../src/shared/panels/split.js";

export interface SplitState {
  /** Undefined while the text is the editor's. */
  edited: { text: string; at: number } | undefined;
  /** Undefined while the tokenizer is that of the settings. */
  tokenizer: string | undefined;
  follow: boolean;
}

/** Whatever was saved, as far as it is what we save. */
export function restoreState(saved: unknown): SplitState {
  const { edited, tokenizer, follow } = (saved ?? {}) as Record<string, unknown>;
  const { text, at } = (edited ?? {}) as Record<string, unknown>;
  return {
    edited: typeof text === "string" && typeof at === "number" ? { text, at } : undefined,
    tokenizer: typeof tokenizer === "string" ? tokenizer : undefined,
    follow: follow !== false,
  };
}

/** A view of a text together with that text. */
export interface TextView extends SplitView {
  text: string;
  /** Undefined where no expression of the pre-tokeniser cuts the chosen piece. */
  rule: RuleTrace | undefined;
}

/**
 * A view with its text and the rule of the chosen piece. The rule is named here: a first run of these expressions
 * takes longer than the extension host may be held.
 */
export function textView(view: SplitView, text: string): TextView {
  const piece = view.pieces[view.chosen];
  return { ...view, text, rule: piece && ruleOf(view.patterns, text, piece.start, piece.end) };
}

/** Which pieces and tokens an edit made; those not named stayed as they were. Ends are exclusive. */
export interface Change {
  firstPiece: number;
  endPiece: number;
  firstToken: number;
  endToken: number;
}

/** What is different between two views, as the part between a common beginning and a common end. */
export function changeBetween(before: TextView, after: TextView): Change {
  const [firstPiece, endPiece] = middle(written(before), written(after));
  const [firstToken, endToken] = middle(idsOf(before.pieces), idsOf(after.pieces));
  return { firstPiece, endPiece, firstToken, endToken };
}

const written = ({ text, pieces }: TextView) => pieces.map(({ start, end }) => text.slice(start, end));

const idsOf = (pieces: readonly SplitPiece[]) => pieces.flatMap(({ tokens }) => tokens.map(({ id }) => id));

/** The part of `after` between what it shares with `before` at the beginning and at the end. */
function middle<T>(before: readonly T[], after: readonly T[]): [first: number, end: number] {
  const most = Math.min(before.length, after.length);
  let first = 0;
  while (first < most && before[first] === after[first]) first++;
  let same = 0;
  while (same < most - first && before.at(-1 - same) === after.at(-1 - same)) same++;
  return [first, after.length - same];
}
