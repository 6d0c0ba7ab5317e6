/** The text on top: the end of the prompt and what has been drawn after it, as chips. */

import { Fragment } from "preact";
import { formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingPrompt } from "../../src/shared/panels/sampling.js";
import type { ModelToken } from "../../src/shared/types.js";
import { countedTokens } from "../ui/counted.js";
import { formatProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { BEAM_WIDTH, type DrawnToken, type Way } from "./walk.js";

/** Prompt tokens that are shown; all of them are under "How do you know?". */
const TAIL = 32;
const NEWLINE = 0x0a;

/** How a token that was not drawn came into the text, inside a line. */
const HOW: Readonly<Record<Exclude<Way, "drawn">, string>> = {
  taken: t("taken by hand"),
  greedy: t("greedy"),
  beam: t("beam of {0}", BEAM_WIDTH),
};

export function TokenTail({ prompt, drawn }: { prompt: SamplingPrompt; drawn: readonly DrawnToken[] }) {
  const hidden = Math.max(0, prompt.tokens.length - TAIL);
  return (
    <section class="sampling-strip" aria-label={t("The text so far")}>
      <div class="gb-strip">
        {hidden > 0 && <span class="gb-dim sampling-hidden">{t("{0} before …", countedTokens(hidden))}</span>}
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
  if (step.way !== "drawn") return `${changed}, ${HOW[step.way]}`;
  return [
    changed,
    step.coin === undefined ? t("no choice left") : t("coin {0}", formatFixed(step.coin, 4)),
    ...(step.struck ? [t("XTC struck")] : []),
    t("seed {0}", step.seed),
    t("draw {0}", step.index + 1),
  ].join(", ");
}
