/** Counts a text's tokens in slices, so that even the longest never holds the extension host for a frame. */

import { TokenBuffer } from "../../core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { throwIfCancelled } from "../../shared/errors.js";

/** Milliseconds that one slice may hold the extension host. */
const SLICE_MS = 4;

/**
 * The tokens of a whole text.
 * @throws GlassboxError `cancelled` between two slices.
 */
export async function tokensOf(
  tokenizer: Tokenizer,
  text: string,
  signal: AbortSignal,
): Promise<TokenBuffer> {
  const tokens = new TokenBuffer();
  const steps = tokenizer.encodeInSteps(text, tokens);
  for (;;) {
    const until = performance.now() + SLICE_MS;
    let done = false;
    while (!done && performance.now() < until) done = steps.next().done === true;
    if (done) return tokens;
    await new Promise((resolve) => setImmediate(resolve));
    throwIfCancelled(signal);
  }
}
