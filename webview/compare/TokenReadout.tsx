/** What is said of the token under the pointer or the cursor: its id and bytes, and what the other rows make of it. */

import { type Borders, tokensWithin } from "../../src/core/tokens/compareBorders.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { hexBytes, visibleText } from "../../src/shared/visibleText.js";
import { sentence } from "../ui/sentence.js";
import type { AlignedRow, Place } from "./Alignment.js";

/** More bytes, and more tokens of another row, than anybody reads. */
const MOST_BYTES = 24;
const MOST_TOKENS = 8;

export function TokenReadout(props: {
  rows: readonly AlignedRow[];
  borders: Borders;
  bytes: Uint8Array;
  active: Place | undefined;
}) {
  const { rows, active } = props;
  const row = active && rows[active.row];
  return (
    <div class="cmp-readout" aria-live="polite">
      {row && active ? (
        <Said {...props} row={row} active={active} />
      ) : (
        <p class="gb-dim">
          {t("Point at a token, or move with the arrow keys, to see its id, bytes and neighbours.")}
        </p>
      )}
    </div>
  );
}

function Said(props: {
  rows: readonly AlignedRow[];
  row: AlignedRow;
  borders: Borders;
  bytes: Uint8Array;
  active: Place;
}) {
  const { rows, row, borders, bytes, active } = props;
  const starts = borders.starts[active.row]!;
  const firstByte = starts[active.token]!;
  const endByte = starts[active.token + 1]!;
  const own = bytes.subarray(firstByte, endByte);
  const last = active.token === starts.length - 2;
  const hex = <code>{hexBytes(own.subarray(0, MOST_BYTES))}</code>;
  return (
    <>
      <p>
        <code>{visibleText(own)}</code>
        {last && row.goesOn ? " …" : ""} <strong>{row.label}</strong> ·{" "}
        {t("token {0}", formatCount(active.token + 1))} · {t("id {0}", row.ids[active.token] ?? 0)} ·{" "}
        {own.length === 1 ? sentence("byte {0}", hex) : sentence("bytes {0}", hex)}
        {own.length > MOST_BYTES ? ` … (${formatCount(own.length)})` : ""}
      </p>
      <p class="gb-dim">
        {rows.map((other, index) => {
          if (index === active.row) return null;
          const { from, to } = tokensWithin(borders, index, firstByte, endByte);
          const places = borders.starts[index]!;
          const same = to - from === 1 && places[from] === firstByte && places[to] === endByte;
          const shown = Array.from({ length: Math.min(to - from, MOST_TOKENS) }, (_, at) =>
            visibleText(bytes.subarray(places[from + at]!, places[from + at + 1]!)),
          );
          return (
            <span key={other.label} class="cmp-elsewhere">
              {other.label}:{" "}
              {same ? (
                t("the same")
              ) : (
                <code>
                  {shown.join(" | ")}
                  {to - from > MOST_TOKENS ? " …" : ""}
                </code>
              )}
            </span>
          );
        })}
      </p>
    </>
  );
}
