/** The characters of a piece over their bytes, each byte in the colour of the token that holds it. */

import { BAND_COUNT } from "../../src/core/tokens/palettes.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { hexBytes, visibleText } from "../../src/shared/visibleText.js";
import { countedBytes, countedCharacters, countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";

/** More characters than this are not drawn. */
const MOST_CHARACTERS = 120;

interface CharacterCell {
  /** As it stands in the text; a surrogate without its other half is what becomes of it, U+FFFD. */
  character: string;
  codePoint: string;
  bytes: { value: number; token: number; startsToken: boolean }[];
}

export function PieceBytes({
  text,
  tokens,
}: {
  text: string;
  tokens: readonly { id: number; bytes: Uint8Array }[];
}) {
  const cells = cellsOf(text, tokens);
  const shown = cells.slice(0, MOST_CHARACTERS);
  return (
    <Figure
      caption={captionOf(text, cells, tokens.length)}
      table={{
        columns: ["", "Character", "Code point", "Bytes", "Token"],
        heads: ["", t("Character"), t("Code point"), t("Bytes"), t("Token")],
        rows: () =>
          cells.map(({ character, codePoint, bytes }, index) => [
            String(index + 1),
            visibleText(new TextEncoder().encode(character)),
            codePoint,
            hexBytes(Uint8Array.from(bytes, ({ value }) => value)),
            [...new Set(bytes.map(({ token }) => (token < 0 ? "" : String(tokens[token]?.id))))].join(", "),
          ]),
      }}
    >
      <ol class="split-characters" aria-label={t("Characters and their bytes")}>
        {shown.map(({ character, codePoint, bytes }, index) => {
          const holders = new Set(bytes.map(({ token }) => token)).size;
          return (
            // A character has no identity but its place.
            <li
              key={`${index} ${codePoint}`}
              class={holders > 1 ? "split-character split-torn" : "split-character"}
              title={holders > 1 ? t("{0}, split over {1} tokens", codePoint, holders) : codePoint}
            >
              <span class="split-sign">{visibleText(new TextEncoder().encode(character))}</span>
              <span class="split-hex">
                {bytes.map(({ value, token, startsToken }, place) => (
                  <span
                    key={`${place} ${value}`}
                    class={`split-byte${token < 0 ? "" : ` gb-band-${token % BAND_COUNT}`}${startsToken ? " split-byte-start" : ""}`}
                    {...(token < 0 ? {} : { title: t("byte of token {0}", tokens[token]?.id ?? "") })}
                  >
                    {value.toString(16).padStart(2, "0").toUpperCase()}
                  </span>
                ))}
              </span>
            </li>
          );
        })}
        {cells.length > shown.length && (
          <li class="gb-dim">{t("… {0} more characters", formatCount(cells.length - shown.length))}</li>
        )}
      </ol>
    </Figure>
  );
}

function cellsOf(text: string, tokens: readonly { bytes: Uint8Array }[]): CharacterCell[] {
  const encoder = new TextEncoder();
  const bytes = encoder.encode(text);
  // Which token holds each byte; none where the tokens do not spell the text byte for byte.
  const holders = tokens.flatMap((token, index) => Array.from(token.bytes, (_, place) => ({ index, place })));
  const exact = holders.length === bytes.length;
  const cells: CharacterCell[] = [];
  let at = 0;
  for (const character of text) {
    const length = encoder.encode(character).length;
    const code = character.codePointAt(0) ?? 0;
    cells.push({
      character,
      codePoint: `U+${code.toString(16).toUpperCase().padStart(4, "0")}`,
      bytes: Array.from(bytes.subarray(at, at + length), (value, offset) => {
        const holder = exact ? holders[at + offset] : undefined;
        return { value, token: holder?.index ?? -1, startsToken: holder?.place === 0 };
      }),
    });
    at += length;
  }
  return cells;
}

function captionOf(text: string, cells: readonly CharacterCell[], tokens: number): string {
  const bytes = cells.reduce((sum, cell) => sum + cell.bytes.length, 0);
  const torn = cells.filter((cell) => new Set(cell.bytes.map(({ token }) => token)).size > 1).length;
  const size = [countedCharacters(cells.length), countedBytes(bytes), countedTokens(tokens)].join(", ");
  const halves = Array.from(text).filter((character) => /\p{Cs}/u.test(character)).length;
  const split =
    torn === 0
      ? t("{0}: no character is split.", size)
      : torn === 1
        ? t("{0}: 1 character is split over several tokens.", size)
        : t("{0}: {1} characters are split over several tokens.", size, formatCount(torn));
  return halves === 0 ? split : `${split} ${describeHalves(halves)}`;
}

/** What became of surrogates without their other halves. */
function describeHalves(count: number): string {
  return count === 1
    ? t("1 half of a character without the other became U+FFFD, as every encoder writes it.")
    : t(
        "{0} halves of characters without the others became U+FFFD, as every encoder writes it.",
        formatCount(count),
      );
}
