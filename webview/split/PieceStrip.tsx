/** The text as pieces, each with its tokens. One stop for the tab key; the arrow keys move inside. */

import { Fragment } from "preact";
import { useRef } from "preact/hooks";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { hexBytes, visibleText } from "../../src/shared/visibleText.js";
import { chipOf } from "../tokens/chipOf.js";
import { countedCharacters, countedTokens } from "../ui/counted.js";
import { Figure, type TableData } from "../ui/Figure.js";
import { itemByKey } from "../ui/itemByKey.js";
import { TokenChip } from "../ui/TokenChip.js";
import type { Change, TextView } from "./splitState.js";

/** Tokens of one piece beyond these are counted, not drawn. */
const MOST_CHIPS = 60;

export interface PieceStripProps {
  view: TextView;
  change: Change | undefined;
  onChoose(index: number): void;
}

export function PieceStrip({ view, change, onChoose }: PieceStripProps) {
  const strip = useRef<HTMLDivElement>(null);
  const { text, pieces, chosen } = view;
  const onKeyDown = (event: KeyboardEvent) => {
    const next = itemByKey(event.key, chosen, pieces.length);
    if (next === undefined) return;
    event.preventDefault();
    onChoose(next);
    strip.current?.querySelectorAll<HTMLElement>(".split-piece")[next]?.focus();
  };
  let token = 0;
  return (
    <section aria-label={t("Pieces")}>
      <Figure caption={captionOf(view, change)} table={tableOf(view)}>
        <div
          ref={strip}
          class="gb-strip split-strip"
          role="toolbar"
          aria-label={t("Pieces")}
          onKeyDown={onKeyDown}
        >
          {pieces.map(({ start, end, tokens }, index) => {
            const firstToken = token;
            token += tokens.length;
            const isNew = change !== undefined && index >= change.firstPiece && index < change.endPiece;
            const written = text.slice(start, end);
            const shown = visibleText(new TextEncoder().encode(written));
            const label = isNew
              ? t("piece {0}: {1}, {2}, new", index + 1, shown, countedTokens(tokens.length))
              : t("piece {0}: {1}, {2}", index + 1, shown, countedTokens(tokens.length));
            return (
              // A piece has no identity but its place in the text.
              <Fragment key={`${index} ${written}`}>
                <button
                  type="button"
                  class={`split-piece${isNew ? " split-new" : ""}`}
                  aria-pressed={index === chosen}
                  aria-label={label}
                  tabIndex={index === chosen ? 0 : -1}
                  onClick={() => onChoose(index)}
                >
                  {tokens.slice(0, MOST_CHIPS).map((each, part) => {
                    const place = firstToken + part;
                    const fresh =
                      change !== undefined && place >= change.firstToken && place < change.endToken;
                    return (
                      <span key={`${part} ${each.id}`} class={fresh ? "split-fresh" : ""}>
                        <TokenChip token={chipOf(each)} band={place} />
                      </span>
                    );
                  })}
                  {tokens.length > MOST_CHIPS && (
                    <span class="split-more gb-dim">
                      {t("… {0} more tokens", formatCount(tokens.length - MOST_CHIPS))}
                    </span>
                  )}
                </button>
                {/[\r\n]$/.test(written) && <span class="gb-strip-break" />}
              </Fragment>
            );
          })}
        </div>
      </Figure>
    </section>
  );
}

function captionOf({ tokenizer, pieces, text }: TextView, change: Change | undefined): string {
  const tokens = pieces.reduce((sum, piece) => sum + piece.tokens.length, 0);
  const characters = Array.from(text).length;
  const [cut, inside] = [countedCharacters(characters), countedTokens(tokens)];
  const all =
    pieces.length === 1
      ? t("{0} cuts {1} into 1 piece, drawn as a box, and {2} inside.", tokenizer, cut, inside)
      : t(
          "{0} cuts {1} into {2} pieces, drawn as boxes, and {3} inside.",
          tokenizer,
          cut,
          formatCount(pieces.length),
          inside,
        );
  if (!change) return all;
  const newPieces = change.endPiece - change.firstPiece;
  const newTokens = change.endToken - change.firstToken;
  const edit = t(
    "Your edit made {0} and {1} (dotted); {2} and {3} stayed as they were.",
    newPieces === 1 ? t("1 new piece") : t("{0} new pieces", formatCount(newPieces)),
    newTokens === 1 ? t("1 new token") : t("{0} new tokens", formatCount(newTokens)),
    formatCount(pieces.length - newPieces),
    formatCount(tokens - newTokens),
  );
  return `${all} ${edit}`;
}

function tableOf({ text, pieces }: TextView): TableData {
  return {
    columns: ["", "Piece", "Token", "Id", "Bytes"],
    heads: ["", t("Piece"), t("Token"), t("Id"), t("Bytes")],
    rows: () =>
      pieces.flatMap(({ start, end, tokens }, index) =>
        tokens.map(({ id, bytes }, part) => [
          part === 0 ? String(index + 1) : "",
          part === 0 ? visibleText(new TextEncoder().encode(text.slice(start, end))) : "",
          visibleText(bytes),
          String(id),
          hexBytes(bytes),
        ]),
      ),
  };
}
