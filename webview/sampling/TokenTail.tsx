/** The text on top: the end of the prompt and what has been drawn after it, as chips. */

import { Fragment } from "preact";
import type { SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { ModelToken } from "../../src/shared/types.js";
import { formatProbability, plural } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { type DrawnToken, WAY_NAMES } from "./useSampling.js";

/** Prompt tokens that are shown; all of them are under "How do you know?". */
const TAIL = 32;
const NEWLINE = 0x0a;

export function TokenTail({ prompt, drawn }: { prompt: SamplingPrompt; drawn: readonly DrawnToken[] }) {
  const hidden = Math.max(0, prompt.tokens.length - TAIL);
  return (
    <section class="sampling-strip" aria-label="The text so far">
      <div class="gb-strip">
        {hidden > 0 && <span class="gb-dim sampling-hidden">{plural(hidden, "token")} before …</span>}
        {prompt.tokens.slice(hidden).map((token, at) => (
          <Chip key={hidden + at} token={token} band={hidden + at} />
        ))}
        {drawn.map((step) => (
          <Fragment key={prompt.tokens.length + step.index}>
            <span class="sampling-drawn" data-index={step.index} title={describeDraw(step)}>
              <TokenChip
                token={step.token}
                band={prompt.tokens.length + step.index}
                probability={step.before}
              />
            </span>
            {endsLine(step.token) && <span class="gb-strip-break" />}
          </Fragment>
        ))}
        <span class="sampling-caret" aria-hidden="true" />
      </div>
    </section>
  );
}

/** The strip of all tokens, for the evidence. */
export function TokenStrip({ tokens }: { tokens: readonly ModelToken[] }) {
  return (
    <span class="gb-strip">
      {tokens.map((token, at) => (
        // A token has no identity but its place.
        <Chip key={`${at}:${token.id}`} token={token} band={at} />
      ))}
    </span>
  );
}

function Chip({ token, band }: { token: ModelToken; band: number }) {
  return (
    <>
      <TokenChip token={token} band={band} />
      {endsLine(token) && <span class="gb-strip-break" />}
    </>
  );
}

function endsLine(token: ModelToken): boolean {
  return token.bytes.at(-1) === NEWLINE;
}

/** What decided a drawn token, in one line. */
export function describeDraw(step: DrawnToken): string {
  const changed =
    step.before === step.after
      ? formatProbability(step.before)
      : `${formatProbability(step.before)} → ${formatProbability(step.after)}`;
  if (step.way !== "drawn") return `${changed}, ${WAY_NAMES[step.way].toLowerCase()}`;
  const coin = step.coin === undefined ? "no choice left" : `coin ${step.coin.toFixed(4)}`;
  const struck = step.struck ? ", XTC struck" : "";
  return `${changed}, ${coin}${struck}, seed ${step.seed}, draw ${step.index + 1}`;
}
