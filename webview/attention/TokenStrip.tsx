/** The text as tokens: choosing one lights those that it attends to. One stop for Tab, arrow keys within. */

import { Fragment } from "preact";
import { useState } from "preact/hooks";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { PlacedModelToken } from "../../src/shared/types.js";
import { countedTokens } from "../ui/counted.js";
import { describeToken, TokenChip } from "../ui/TokenChip.js";
import { LinkButton } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";

export interface TokenStripProps {
  tokens: readonly PlacedModelToken[];
  /** The chosen token: the one that looks. */
  query: number;
  /** How strongly each token is looked at, 0 to 1; undefined while nothing is known. */
  strengths: readonly number[] | undefined;
  /** A token that is looked at elsewhere on the page. */
  pointed: number | undefined;
  /** Tokens of the text that are not shown. */
  hiddenTokens: number;
  hiddenIsLowerBound: boolean;
  onChoose(token: number): void;
  onPoint(token: number | undefined): void;
}

const NEWLINE = 10;
/** Texts of more tokens are shown in part, around the chosen one, so that the map is never far below. */
const LONG_FROM = 128;
const SHOWN_OF_LONG = 96;

/** The part of the tokens that is shown: it moves only when another token is chosen that would be out of it. */
function usePart(tokens: readonly PlacedModelToken[], query: number) {
  const last = tokens.length - SHOWN_OF_LONG;
  const within = (from: number) => Math.max(0, Math.min(last, from));
  const around = () => within(query - SHOWN_OF_LONG / 2);
  const [part, setPart] = useState({ tokens, query, from: around() });
  if (tokens.length <= LONG_FROM) return { from: 0, to: tokens.length, setFrom: () => {} };
  let { from } = part;
  if (part.tokens !== tokens || part.query !== query) {
    const stays = part.tokens === tokens && query >= from && query < from + SHOWN_OF_LONG;
    if (!stays) from = around();
    setPart({ tokens, query, from });
  }
  const setFrom = (to: number) => setPart({ tokens, query, from: within(to) });
  return { from, to: from + SHOWN_OF_LONG, setFrom };
}

export function TokenStrip(props: TokenStripProps) {
  const name = useUniqueId();
  const { tokens, query, strengths, pointed } = props;
  const { from, to, setFrom } = usePart(tokens, query);
  return (
    <fieldset class="att-strip" onMouseLeave={() => props.onPoint(undefined)}>
      <legend class="gb-dim">
        {strengths ? t("Choose a token: what it looks at lights up.") : t("Choose a token.")}
      </legend>
      <div class="gb-strip">
        {from > 0 && (
          <LinkButton onClick={() => setFrom(from - SHOWN_OF_LONG)}>
            {t("… {0} before these", countedTokens(from))}
          </LinkButton>
        )}
        {from > 0 && <span class="gb-strip-break" />}
        {tokens.slice(from, to).map((token, place) => {
          const index = from + place;
          return (
            // A token has no identity but its place in the text.
            <Fragment key={`${index}:${token.id}`}>
              <label
                class={`att-token${pointed === index ? " att-pointed" : ""}`}
                onMouseEnter={() => props.onPoint(index)}
              >
                <input
                  type="radio"
                  class="gb-visually-hidden"
                  name={name}
                  value={index}
                  checked={index === query}
                  aria-label={t("token {0}: {1}", index, describeToken(token).replaceAll("\n", ", "))}
                  onChange={() => props.onChoose(index)}
                />
                <TokenChip token={token} strength={strengths?.[index] ?? 0} selected={index === query} />
              </label>
              {token.bytes.includes(NEWLINE) && <span class="gb-strip-break" />}
            </Fragment>
          );
        })}
        {to < tokens.length && (
          <LinkButton onClick={() => setFrom(to)}>
            {t("… {0} after these", countedTokens(tokens.length - to))}
          </LinkButton>
        )}
        {props.hiddenTokens > 0 && (
          <span class="att-cut gb-dim">
            {props.hiddenIsLowerBound
              ? t("… more than {0} more tokens", formatCount(props.hiddenTokens))
              : t("… {0} more tokens", formatCount(props.hiddenTokens))}
          </span>
        )}
      </div>
    </fieldset>
  );
}
