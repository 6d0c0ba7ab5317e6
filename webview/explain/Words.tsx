/** Generated words, token by token: each can be coloured by its probability and asked what else it could have been. */

import type { CSSProperties } from "preact";
import { useRef, useState } from "preact/hooks";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";
import { formatProbability } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";

export interface WordsProps {
  tokens: readonly GeneratedToken[];
  coloured: boolean;
  writing: boolean;
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

export function Words({ tokens, coloured, writing }: WordsProps) {
  const [active, setActive] = useState<number>();
  const list = useRef<HTMLDivElement>(null);
  const pieces = piecesOf(tokens);
  const shown = active === undefined ? undefined : pieces[active];

  const focus = (index: number) => {
    const to = Math.max(0, Math.min(pieces.length - 1, index));
    list.current?.querySelectorAll<HTMLElement>(".gb-word")[to]?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const from = active ?? 0;
    if (event.key === "ArrowRight") focus(from + 1);
    else if (event.key === "ArrowLeft") focus(from - 1);
    else if (event.key === "Home") focus(0);
    else if (event.key === "End") focus(pieces.length - 1);
    else if (event.key === "Escape") setActive(undefined);
    else return;
    event.preventDefault();
  };
  const leave = () => setActive(undefined);

  return (
    <div class={coloured ? "gb-words gb-words-coloured" : "gb-words"}>
      {/* Screen readers read the words as one text; the list is for going from token to token. */}
      <p class="gb-visually-hidden">{pieces.map(({ text }) => text).join("")}</p>
      <div
        ref={list}
        class="gb-word-list"
        role="listbox"
        aria-label="The same words token by token"
        tabIndex={-1}
        onKeyDown={onKeyDown}
        onBlur={leave}
        onMouseLeave={leave}
      >
        {pieces.map(({ token, text }, index) => (
          <span
            // Tokens are only ever appended: the place is the identity.
            key={`${index}:${token.token.id}`}
            class={index === active ? "gb-word gb-word-active" : "gb-word"}
            role="option"
            aria-selected={index === active}
            tabIndex={index === (active ?? 0) ? 0 : -1}
            style={{ "--gb-surprise": 1 - token.probability } as CSSProperties}
            onMouseEnter={() => setActive(index)}
            onFocus={() => setActive(index)}
          >
            {text}
          </span>
        ))}
        {writing && <span class="gb-caret" aria-hidden="true" />}
      </div>
      {shown && <TokenCard piece={shown} left={cardLeft(list.current, active ?? 0)} />}
    </div>
  );
}

/** Under the word, but never beyond the right edge of the block. */
function cardLeft(block: HTMLElement | null, index: number): number {
  const word = block?.querySelectorAll<HTMLElement>(".gb-word")[index];
  if (!block || !word) return 0;
  return Math.max(0, Math.min(word.offsetLeft, block.clientWidth - 240));
}

function TokenCard({ piece: { token }, left }: { piece: Piece; left: number }) {
  const others = token.alternatives.filter(({ token: other }) => other.id !== token.token.id);
  return (
    <div class="gb-card" style={{ left }} role="status">
      <p class="gb-row">
        <TokenChip token={token.token} band={0} />
        <strong>{formatProbability(token.probability)}</strong>
        <span class="gb-dim">id {token.token.id}</span>
      </p>
      <ul>
        {others.map(({ token: other, probability }) => (
          <li key={other.id}>
            <TokenChip token={other} />
            <span>{formatProbability(probability)}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
