/** The text as tokens: choosing one lights those that it attends to. One stop for Tab, arrow keys within. */

import { Fragment } from "preact";

import { formatCount } from "../../src/shared/formatCount.js";
import type { PlacedModelToken } from "../../src/shared/types.js";
import { describeToken, TokenChip } from "../ui/TokenChip.js";
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

export function TokenStrip(props: TokenStripProps) {
  const name = useUniqueId();
  const { tokens, query, strengths, pointed } = props;
  return (
    <fieldset class="att-strip" onMouseLeave={() => props.onPoint(undefined)}>
      <legend class="gb-dim">Choose a token: what it looks at lights up.</legend>
      <div class="gb-strip">
        {tokens.map((token, index) => (
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
                aria-label={`token ${index}: ${describeToken(token).replaceAll("\n", ", ")}`}
                onChange={() => props.onChoose(index)}
              />
              <TokenChip token={token} strength={strengths?.[index] ?? 0} selected={index === query} />
            </label>
            {token.bytes.includes(NEWLINE) && <span class="gb-strip-break" />}
          </Fragment>
        ))}
        {props.hiddenTokens > 0 && (
          <span class="att-cut gb-dim">
            … {props.hiddenIsLowerBound ? "more than " : ""}
            {formatCount(props.hiddenTokens)} more tokens
          </span>
        )}
      </div>
    </fieldset>
  );
}
