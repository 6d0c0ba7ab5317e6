/** One call to the model on demand: the tokens put in, the grammar, and the tokens written with their probability. */

import { useState } from "preact/hooks";
import { endName } from "../../src/shared/endName.js";
import { t } from "../../src/shared/l10n.js";
import type { ModelCall } from "../../src/shared/panels/ask.js";
import { countedTokens } from "../ui/counted.js";
import { formatDuration, formatProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { LinkButton } from "../ui/toolkit.js";

/** More chips than these are counted, not drawn. */
const MOST_CHIPS = 400;

export function CallTokens({ call, title }: { call: ModelCall; title: string }) {
  const [injected, setInjected] = useState(false);
  const { tokens, grammar } = call;
  return (
    <li class="gb-call-tokens">
      <p>
        <strong>{title}</strong> <span class="gb-dim">{howWritten(call)}</span>
      </p>
      <div class="gb-written">
        {tokens.slice(0, MOST_CHIPS).map((token, index) => (
          // Tokens are only ever appended: the place is the identity.
          <span key={`${index}:${token.token.id}`} class="gb-written-token">
            <TokenChip
              token={token.token}
              band={index}
              {...(token.probability === undefined ? {} : { probability: token.probability })}
            />
            {token.probability !== undefined && (
              <span class="gb-dim">{formatProbability(token.probability)}</span>
            )}
          </span>
        ))}
        {tokens.length > MOST_CHIPS && (
          <span class="gb-dim">{t("… {0} more", tokens.length - MOST_CHIPS)}</span>
        )}
      </div>
      {grammar !== undefined && (
        <>
          <p class="gb-dim">
            {unexpected(call)}{" "}
            {t("The percentage is the probability before this grammar left other tokens out:")}
          </p>
          <pre class="gb-grammar">{grammar}</pre>
        </>
      )}
      <LinkButton expanded={injected} onClick={() => setInjected(!injected)}>
        {injected ? t("Hide the tokens put in") : t("{0} put in before", countedTokens(call.injected.length))}
      </LinkButton>
      {injected && (
        <div class="gb-strip">
          {call.injected.slice(-MOST_CHIPS).map((token, index) => (
            <TokenChip key={`${index}:${token.id}`} token={token} band={index} />
          ))}
        </div>
      )}
    </li>
  );
}

/** How many tokens, how soon, and why no more: what is not known yet is left out. */
function howWritten({ tokens, promptMs, end }: ModelCall): string {
  const written = countedTokens(tokens.length);
  const after = formatDuration(promptMs);
  if (promptMs > 0 && end !== undefined) {
    return t("{0} written, the first after {1}, ended by {2}", written, after, endName(end));
  }
  if (promptMs > 0) return t("{0} written, the first after {1}", written, after);
  return end === undefined
    ? t("{0} written", written)
    : t("{0} written, ended by {1}", written, endName(end));
}

/** What the model would have begun with if it had been free. */
function unexpected({ tokens }: ModelCall): string {
  const forced = tokens.find(
    ({ token, alternatives }) => alternatives[0] && alternatives[0].token.id !== token.id,
  );
  const best = forced?.alternatives[0];
  if (!forced || !best) return t("The model wrote what it would have written anyway.");
  const name = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return t(
    "Free to choose, the model would have written “{0}” ({1}) where “{2}” stands.",
    name(best.token.bytes),
    formatProbability(best.probability),
    name(forced.token.bytes),
  );
}
