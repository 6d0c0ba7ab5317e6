/** The token chip: the same in every panel and lesson. */

import type { CSSProperties } from "preact";
import { BAND_COUNT } from "../../src/core/tokens/palettes.js";
import { t } from "../../src/shared/l10n.js";
import { hexBytes, type VisiblePart, visibleParts, visibleText } from "../../src/shared/visibleText.js";

export interface ChipToken {
  id: number;
  bytes: Uint8Array;
  /** Shown for tokens without bytes, such as `<s>`. */
  name: string;
  special: boolean;
}

export interface TokenChipProps {
  token: ChipToken;
  /** Position in the strip; decides colour and edge, so that neighbours differ. Left out: a plain chip. */
  band?: number;
  probability?: number;
  selected?: boolean;
  /** 0 to 1: how strongly the chip is lit, for attention. */
  strength?: number;
  onClick?(): void;
  onHover?(over: boolean): void;
  /** -1 in a strip that is one stop for the tab key and moves inside by arrow keys. */
  tabIndex?: number;
}

/** What the title of a chip says: text, id, bytes and, where there is one, the probability. */
export function describeToken(token: ChipToken, probability?: number): string {
  const lines = [
    token.special ? t("{0} (special token)", token.name) : t("“{0}”", visibleText(token.bytes)),
    t("id {0}", token.id),
  ];
  if (token.bytes.length > 0) lines.push(t("bytes {0}", hexBytes(token.bytes)));
  if (probability !== undefined) lines.push(t("probability {0}", probability.toPrecision(3)));
  return lines.join("\n");
}

export function TokenChip(props: TokenChipProps) {
  const { token, band, selected, strength } = props;
  const classes = ["gb-chip"];
  if (token.special) classes.push("gb-chip-special");
  if (band !== undefined) classes.push(`gb-band-${band % BAND_COUNT}`);
  if (selected) classes.push("gb-chip-selected");
  const style: CSSProperties | undefined =
    strength === undefined ? undefined : ({ "--gb-strength": strength } as CSSProperties);
  if (strength !== undefined) classes.push("gb-chip-lit");
  const shared = {
    class: classes.join(" "),
    title: describeToken(token, props.probability),
    ...(style ? { style } : {}),
    ...(props.onHover
      ? { onMouseEnter: () => props.onHover?.(true), onMouseLeave: () => props.onHover?.(false) }
      : {}),
  };
  if (!props.onClick) return <span {...shared}>{tokenContent(token)}</span>;
  return (
    <button
      type="button"
      {...shared}
      {...(props.tabIndex === undefined ? {} : { tabIndex: props.tabIndex })}
      onClick={props.onClick}
      aria-pressed={selected === true}
    >
      {tokenContent(token)}
    </button>
  );
}

function tokenContent(token: ChipToken) {
  if (token.bytes.length === 0) return token.name;
  return visibleParts(token.bytes).map(renderPart);
}

function renderPart(part: VisiblePart, index: number) {
  if (part.kind === "text") return part.text;
  const key = `${index}${part.text}`;
  if (part.kind === "whitespace") {
    return (
      <span key={key} class="gb-whitespace">
        {part.text}
      </span>
    );
  }
  return (
    <span key={key} class="gb-byte">
      {part.text}
    </span>
  );
}
