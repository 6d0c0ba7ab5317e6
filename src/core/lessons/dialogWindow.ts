/** What of a conversation fits into a context window, turn by turn: the newest is kept, the oldest goes. */

export interface SentTurn {
  /** Index of the user's message that was answered. */
  turn: number;
  /** Indices of the messages that were sent, in order. */
  kept: number[];
  tokens: number;
}

/**
 * Each time the user speaks, everything so far is sent again, from the newest message backwards as far as the window
 * reaches. A message goes as a whole; the newest always goes.
 * @param counts tokens of each message.
 * @param pinned the first message is a system prompt, which stays.
 */
export function sentTurns(
  counts: readonly number[],
  speaks: readonly boolean[],
  window: number,
  pinned: boolean,
): SentTurn[] {
  const sent: SentTurn[] = [];
  for (const [turn, isUser] of speaks.entries()) {
    if (!isUser) continue;
    const head = pinned && turn > 0 ? [0] : [];
    let tokens = head.length > 0 ? (counts[0] ?? 0) : 0;
    const kept: number[] = [];
    for (let at = turn; at >= head.length; at--) {
      const count = counts[at] ?? 0;
      if (kept.length > 0 && tokens + count > window) break;
      tokens += count;
      kept.unshift(at);
    }
    sent.push({ turn, kept: [...head, ...kept], tokens });
  }
  return sent;
}
