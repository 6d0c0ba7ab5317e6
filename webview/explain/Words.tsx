/**
 * Generated words, token by token: each can be coloured by its probability, asked what else it could have been, and
 * exchanged for that.
 */

import type { CSSProperties } from "preact";
import { useEffect, useRef, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";
import { formatProbability } from "../ui/format.js";
import { itemByKey } from "../ui/itemByKey.js";
import { TokenChip } from "../ui/TokenChip.js";
import { useUniqueId } from "../ui/uniqueId.js";

export interface WordsProps {
  tokens: readonly GeneratedToken[];
  coloured: boolean;
  writing: boolean;
  /** The token that the reader put here in an earlier version. */
  chosen?: number | undefined;
  /** Puts another token in a token's place; left out where that cannot be done now. */
  onTake?: ((tokenIndex: number, other: ModelToken) => void) | undefined;
}

interface Piece {
  token: GeneratedToken;
  text: string;
}

/** The text that each token completes; a token that ends inside a character shows nothing yet. */
function piecesOf(tokens: readonly GeneratedToken[]): Piece[] {
  const decoder = new TextDecoder();
  const pieces = tokens.map((token) => ({
    token,
    text: decoder.decode(token.token.bytes, { stream: true }),
  }));
  // Space at the edges is part of the tokens, not of the sentence.
  const first = pieces.find((piece) => piece.text !== "");
  if (first) first.text = first.text.trimStart();
  const last = pieces.findLast((piece) => piece.text !== "");
  if (last) last.text = last.text.trimEnd();
  return pieces;
}

/** A token's card: shown while the pointer or the focus is on it, or kept open by a click or the Enter key. */
interface Shown {
  index: number;
  kept: boolean;
}

export function Words({ tokens, coloured, writing, chosen, onTake }: WordsProps) {
  const [shown, setShown] = useState<Shown>();
  const block = useRef<HTMLFieldSetElement>(null);
  const cardId = useUniqueId();
  const pieces = piecesOf(tokens);
  const active = shown?.index;
  const piece = active === undefined ? undefined : pieces[active];

  // A card that is kept open is entered: its buttons are what it was opened for.
  useEffect(() => {
    if (shown?.kept) block.current?.querySelector<HTMLElement>(".gb-card button")?.focus();
  }, [shown?.kept, shown?.index]);

  const focus = (index: number) => block.current?.querySelectorAll<HTMLElement>(".gb-word")[index]?.focus();
  const point = (index: number) => {
    if (!shown?.kept) setShown({ index, kept: false });
  };
  const leave = () => {
    if (!shown?.kept) setShown(undefined);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = active ?? 0;
    const to = itemByKey(event.key, from, pieces.length);
    if (to !== undefined) focus(to);
    else if ((event.key === "Enter" || event.key === " ") && onTake) setShown({ index: from, kept: true });
    else if (event.key === "Escape") setShown(undefined);
    else return;
    event.preventDefault();
  };
  const onCardKeyDown = (event: KeyboardEvent) => {
    if (active === undefined) return;
    const items = [...(block.current?.querySelectorAll<HTMLElement>(".gb-card button") ?? [])];
    const from = items.indexOf(document.activeElement as HTMLElement);
    if (event.key === "ArrowDown") items[(from + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items.at(from - 1)?.focus();
    else if (event.key === "Escape") {
      setShown({ index: active, kept: false });
      focus(active);
    } else return;
    event.preventDefault();
  };

  return (
    <fieldset
      ref={block}
      aria-label={t("The model’s words")}
      class={coloured ? "gb-words gb-words-coloured" : "gb-words"}
      onMouseLeave={leave}
      onFocusOut={(event: FocusEvent) => {
        if (!block.current?.contains(event.relatedTarget as Node | null)) setShown(undefined);
      }}
    >
      {/* Screen readers read the words as one text; the list is for going from token to token. */}
      <p class="gb-visually-hidden">{pieces.map(({ text }) => text).join("")}</p>
      <div
        class="gb-word-list"
        role="listbox"
        aria-label={t("The same words token by token")}
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onClick={(event: MouseEvent) => {
          const words = [...(block.current?.querySelectorAll(".gb-word") ?? [])];
          const index = words.indexOf(event.target as Element);
          if (index >= 0) setShown({ index, kept: onTake !== undefined });
        }}
      >
        {pieces.map(({ token, text }, index) => (
          <span
            // Tokens are only ever appended: the place is the identity.
            key={`${index}:${token.token.id}`}
            class={wordClass(index === active, index === chosen)}
            role="option"
            aria-selected={index === active}
            // What has no text of its own to be read: a line break, the first bytes of a character, a special token.
            {...(text.trim() === "" ? { "aria-label": tokenName(token.token) } : {})}
            {...(index === active ? { "aria-describedby": cardId } : {})}
            tabIndex={index === (active ?? 0) ? 0 : -1}
            style={{ "--gb-surprise": 1 - (token.probability ?? 1) } as CSSProperties}
            onMouseEnter={() => point(index)}
            onFocus={() => point(index)}
          >
            {text}
          </span>
        ))}
        {writing && <span class="gb-caret" aria-hidden="true" />}
      </div>
      {shown && piece && (
        <TokenCard
          id={cardId}
          piece={piece}
          chosen={shown.index === chosen}
          place={cardPlace(block.current, shown.index)}
          onKeyDown={onCardKeyDown}
          onTake={
            onTake &&
            ((other) => {
              setShown(undefined);
              onTake(shown.index, other);
            })
          }
        />
      )}
    </fieldset>
  );
}

function wordClass(active: boolean, chosen: boolean): string {
  return `gb-word${active ? " gb-word-active" : ""}${chosen ? " gb-word-chosen" : ""}`;
}

const CARD_WIDTH = 260;

/** Under the word's last line, so that the pointer can go straight into it, but never beyond the right edge. */
function cardPlace(block: HTMLElement | null, index: number): CSSProperties {
  const word = block?.querySelectorAll<HTMLElement>(".gb-word")[index];
  if (!block || !word) return {};
  const lines = word.getClientRects();
  const line = lines[lines.length - 1] ?? word.getBoundingClientRect();
  const ground = block.getBoundingClientRect();
  return {
    left: Math.max(0, Math.min(line.left - ground.left, block.clientWidth - CARD_WIDTH)),
    top: line.bottom - ground.top,
    width: CARD_WIDTH,
  };
}

function TokenCard(props: {
  id: string;
  piece: Piece;
  chosen: boolean;
  place: CSSProperties;
  onKeyDown(event: KeyboardEvent): void;
  onTake: ((other: ModelToken) => void) | undefined;
}) {
  const { token } = props.piece;
  const { onTake } = props;
  const others = token.alternatives.filter(({ token: other }) => other.id !== token.token.id);
  return (
    <div class="gb-card" id={props.id} style={props.place}>
      <p class="gb-row">
        <TokenChip token={token.token} band={0} />
        {token.probability === undefined ? (
          <span class="gb-dim">{t("The server does not tell how probable it was.")}</span>
        ) : (
          <strong>{formatProbability(token.probability)}</strong>
        )}
        {token.token.id >= 0 && <span class="gb-dim">{t("id {0}", token.token.id)}</span>}
      </p>
      {props.chosen && <p class="gb-dim">{t("You put it here.")}</p>}
      {others.length === 0 && <p class="gb-dim">{t("Nothing else was worth a mention.")}</p>}
      {onTake ? (
        <div
          role="menu"
          tabIndex={-1}
          class="gb-takes"
          aria-label={t("Take another token and go on from there")}
          onKeyDown={props.onKeyDown}
        >
          {others.map(({ token: other, probability }) => (
            <button
              key={other.id}
              type="button"
              role="menuitem"
              class="gb-take"
              aria-label={t(
                "Take “{0}”, {1}, and go on from there",
                tokenName(other),
                formatProbability(probability),
              )}
              onClick={() => onTake(other)}
            >
              <TokenChip token={other} />
              <span class="gb-take-word">{t("take this")}</span>
              <span>{formatProbability(probability)}</span>
            </button>
          ))}
        </div>
      ) : (
        <ul>
          {others.map(({ token: other, probability }) => (
            <li key={other.id} class="gb-take">
              <TokenChip token={other} />
              <span>{formatProbability(probability)}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
