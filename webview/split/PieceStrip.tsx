/** The text as pieces, each with its tokens. One stop for the tab key; the arrow keys move inside. */

import { Fragment } from "preact";
import { useRef } from "preact/hooks";
import { formatCount } from "../../src/shared/formatCount.js";
import { hexBytes, visibleText } from "../../src/shared/visibleText.js";
import { chipOf } from "../tokens/chipOf.js";
import { Figure } from "../ui/Figure.js";
import { plural } from "../ui/format.js";
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
  const moveTo = (index: number) => {
    const next = Math.max(0, Math.min(pieces.length - 1, index));
    onChoose(next);
    strip.current?.querySelectorAll<HTMLElement>(".split-piece")[next]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: chosen - 1,
      ArrowRight: chosen + 1,
      Home: 0,
      End: pieces.length,
    };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    moveTo(next);
  };
  let token = 0;
  return (
    <section aria-label="Pieces">
      <Figure caption={captionOf(view, change)} table={tableOf(view)}>
        <div
          ref={strip}
          class="gb-strip split-strip"
          role="toolbar"
          aria-label="Pieces"
          onKeyDown={onKeyDown}
        >
          {pieces.map(({ start, end, tokens }, index) => {
            const firstToken = token;
            token += tokens.length;
            const isNew = change !== undefined && index >= change.firstPiece && index < change.endPiece;
            const written = text.slice(start, end);
            const label = `piece ${index + 1}: ${visibleText(new TextEncoder().encode(written))}, ${plural(tokens.length, "token")}${isNew ? ", new" : ""}`;
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
                      … {formatCount(tokens.length - MOST_CHIPS)} more tokens
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
  const all = `${tokenizer} cuts ${plural(characters, "character")} into ${plural(pieces.length, "piece")}, drawn as ${pieces.length === 1 ? "a box" : "boxes"}, and ${plural(tokens, "token")} inside.`;
  if (!change) return all;
  const newPieces = change.endPiece - change.firstPiece;
  const newTokens = change.endToken - change.firstToken;
  const stayed = (total: number, fresh: number) => formatCount(total - fresh);
  return `${all} Your edit made ${plural(newPieces, "new piece")} and ${plural(newTokens, "new token")} (dotted); ${stayed(pieces.length, newPieces)} and ${stayed(tokens, newTokens)} stayed as they were.`;
}

function tableOf({ text, pieces }: TextView) {
  return {
    columns: ["", "Piece", "Token", "Id", "Bytes"],
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
