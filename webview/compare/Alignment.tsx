/**
 * The picture of the comparison: the text in lines, and in each line one row a tokenizer, every character in the
 * same columns of all rows. One stop for the tab key; the arrow keys move from token to token and from row to row.
 */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Borders, tokenAt, tokensWithin } from "../../src/core/tokens/compareBorders.js";
import {
  type Comparison,
  type Glyph,
  type LineLayout,
  layOut,
  type TokenPart,
} from "../../src/core/tokens/compareLayout.js";
import { BAND_COUNT } from "../../src/core/tokens/palettes.js";
import { t } from "../../src/shared/l10n.js";
import { TokenReadout } from "./TokenReadout.js";
import { useColumns } from "./useColumns.js";

export interface AlignedRow {
  label: string;
  ids: Uint32Array;
  lengths: Uint32Array;
  /** Whether the text ends inside its last token. */
  goesOn: boolean;
}

export interface AlignmentProps {
  text: string;
  rows: readonly AlignedRow[];
  /** Told of each new layout: the caption is written from its borders. */
  onBorders(borders: Borders): void;
}

/** A token of one row. */
export interface Place {
  row: number;
  token: number;
}

/** CSS pixels that the numbers, or names, in front of the rows take. */
const gutterWidth = (width: number) => (width < 600 ? 20 : 120);

export function Alignment({ text, rows, onBorders }: AlignmentProps) {
  const box = useRef<HTMLDivElement>(null);
  const columns = useColumns(box, gutterWidth);
  const comparison = useMemo(
    () => columns && layOut(text, rows, columns.count, columns.widthOf),
    [text, rows, columns],
  );
  const bytes = useMemo(() => new TextEncoder().encode(text), [text]);
  const [pointed, setPointed] = useState<Place>();
  const [cursor, setCursor] = useState<Place>();
  const [focused, setFocused] = useState(false);

  useEffect(() => {
    if (comparison) onBorders(comparison.borders);
  }, [comparison]);
  // Another text or other rows have other tokens.
  useEffect(() => {
    setPointed(undefined);
    setCursor(undefined);
  }, [text, rows]);

  const stop = cursor ?? { row: 0, token: comparison ? firstDrawn(comparison.borders, 0) : 0 };
  const active = pointed ?? (focused ? stop : undefined);
  const move = (to: Place) => {
    setPointed(undefined);
    setCursor(to);
    box.current?.querySelector<HTMLElement>(`[data-place="${placeKey(to)}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const to = comparison && moved(stop, event.key, comparison);
    if (!to) return;
    event.preventDefault();
    move(to);
  };
  return (
    <>
      <div
        ref={box}
        class="cmp-alignment"
        role="toolbar"
        aria-label={t(
          "The text as each tokenizer cuts it. Arrow keys move from token to token and from row to row.",
        )}
        onPointerOver={(event) => {
          const place = placeOf(event.target);
          setPointed((now) => (now && place && placeKey(now) === placeKey(place) ? now : place));
        }}
        onPointerLeave={() => setPointed(undefined)}
        onFocusIn={(event) => {
          const place = placeOf(event.target);
          if (place) setCursor(place);
          setFocused(true);
        }}
        onFocusOut={() => setFocused(false)}
        onKeyDown={onKeyDown}
      >
        {comparison?.lines.map((line, index) => (
          <Block
            // A line has no identity but its place.
            key={`${index}`}
            line={line}
            rows={rows}
            pixels={columns?.pixels ?? 0}
            active={active && touches(comparison.borders, active, line) ? active : undefined}
            borders={comparison.borders}
            stop={touches(comparison.borders, stop, line) ? stop : undefined}
          />
        ))}
      </div>
      {comparison && <TokenReadout rows={rows} borders={comparison.borders} bytes={bytes} active={active} />}
    </>
  );
}

function placeKey({ row, token }: Place): string {
  return `${row}:${token}`;
}

function placeOf(target: EventTarget | null): Place | undefined {
  const element = target instanceof Element ? target.closest<HTMLElement>("[data-place]") : null;
  const [row, token] = (element?.getAttribute("data-place") ?? "").split(":").map(Number);
  return row === undefined || token === undefined ? undefined : { row, token };
}

/** Where a key leads; undefined for keys that are not ours. */
function moved({ row, token }: Place, key: string, { borders, lines }: Comparison): Place | undefined {
  const { starts } = borders;
  const last = (of: number) => starts[of]!.length - 2;
  const within = (of: number, to: number): Place => ({
    row: of,
    token: Math.max(firstDrawn(borders, of), Math.min(last(of), to)),
  });
  const firstByte = starts[row]![token]!;
  const line = lines.find(({ endByte }) => firstByte < endByte);
  const part = line?.rows[row]?.find((candidate) => candidate.token === token);
  const onward = part?.rightToLeft ? -1 : 1;
  switch (key) {
    case "ArrowRight":
      return within(row, token + onward);
    case "ArrowLeft":
      return within(row, token - onward);
    case "ArrowDown":
    case "ArrowUp": {
      const next = row + (key === "ArrowDown" ? 1 : -1);
      return next < 0 || next >= starts.length
        ? { row, token }
        : { row: next, token: tokenAt(borders, next, firstByte) };
    }
    case "Home":
      return within(row, line ? tokenAt(borders, row, line.firstByte) : 0);
    case "End":
      return within(row, line ? tokenAt(borders, row, line.endByte - 1) : last(row));
    default:
      return undefined;
  }
}

/** A space that a tokenizer reads in front of the text may be a token of its own, of which nothing is drawn. */
function firstDrawn(borders: Borders, row: number): number {
  return tokenAt(borders, row, 0);
}

function bytesOf(borders: Borders, { row, token }: Place): { firstByte: number; endByte: number } {
  const starts = borders.starts[row];
  return { firstByte: starts?.[token] ?? 0, endByte: starts?.[token + 1] ?? 0 };
}

/** Whether a token has a part in a line. */
function touches(borders: Borders, place: Place, line: LineLayout): boolean {
  const { firstByte, endByte } = bytesOf(borders, place);
  return firstByte < line.endByte && endByte > line.firstByte;
}

interface BlockProps {
  line: LineLayout;
  rows: readonly AlignedRow[];
  /** CSS pixels of a column. */
  pixels: number;
  /** The token that is pointed at, where it has a part in this line. */
  active: Place | undefined;
  borders: Borders;
  /** The token that the tab key stops at, where it has a part in this line. */
  stop: Place | undefined;
}

/** One line of the text in all rows. Drawn again only when something in it has changed. */
function Block({ line, rows, pixels, active, borders, stop }: BlockProps) {
  return useMemo(() => {
    const around = active && bytesOf(borders, active);
    const within = (row: number) =>
      around && active.row !== row
        ? tokensWithin(borders, row, around.firstByte, around.endByte)
        : { from: 0, to: 0 };
    return (
      <div class="cmp-block">
        {line.text && (
          <div class="cmp-line cmp-plain" aria-hidden="true">
            <span class="cmp-gutter">{t("text")}</span>
            <span class="cmp-track" style={{ width: `${line.width * pixels}px` }}>
              {line.text.map((glyph) => renderGlyph(glyph, pixels, 0))}
            </span>
          </div>
        )}
        {line.rows.map((parts, row) => {
          const overlap = within(row);
          return (
            // A row has no identity but its place.
            <div key={`${row}`} class="cmp-line">
              <span class="cmp-gutter" title={rows[row]?.label} aria-hidden="true">
                <span class="cmp-number">{row + 1}</span>
                <span class="cmp-gutter-name">{rows[row]?.label}</span>
              </span>
              <span class="cmp-track" style={{ width: `${line.width * pixels}px` }}>
                {parts.map((part) => (
                  <button
                    key={`${part.x}`}
                    type="button"
                    class={classOf(part, {
                      active: active?.row === row && active.token === part.token,
                      overlaps: part.token >= overlap.from && part.token < overlap.to,
                    })}
                    data-place={placeKey({ row, token: part.token })}
                    tabIndex={stop?.row === row && stop.token === part.token ? 0 : -1}
                    aria-label={ariaLabel(part, rows[row]?.label ?? "")}
                    style={{ left: `${part.x * pixels}px`, width: `${part.width * pixels}px` }}
                  >
                    {part.glyphs.map((glyph) => renderGlyph(glyph, pixels, part.x))}
                  </button>
                ))}
              </span>
            </div>
          );
        })}
      </div>
    );
  }, [line, rows, pixels, active?.row, active?.token, stop?.row, stop?.token]);
}

function classOf(part: TokenPart, { active, overlaps }: { active: boolean; overlaps: boolean }): string {
  const classes = ["cmp-token", `cmp-border-${part.start ?? "none"}`];
  if (part.disputed) {
    classes.push(`cmp-band-${part.stretch % BAND_COUNT}`);
    if (part.token % 2 === 1) classes.push("cmp-odd");
  }
  if (part.ends) classes.push("cmp-ends");
  if (part.rightToLeft) classes.push("cmp-rtl");
  if (active) classes.push("cmp-active");
  if (overlaps) classes.push("cmp-overlaps");
  return classes.join(" ");
}

function ariaLabel(part: TokenPart, row: string): string {
  const text = part.glyphs.map((glyph) => (glyph.kind === "byte" ? `‹${glyph.text}›` : glyph.text)).join("");
  return t("“{0}”, id {1}, {2}", text, part.id, row);
}

function renderGlyph(glyph: Glyph, pixels: number, origin: number) {
  const style = { left: `${(glyph.x - origin) * pixels}px`, width: `${glyph.width * pixels}px` };
  return (
    <span key={`${glyph.x}`} class={`cmp-glyph cmp-${glyph.kind}`} style={style}>
      {glyph.kind === "text" || glyph.kind === "whitespace" ? glyph.text : <span>{glyph.text}</span>}
    </span>
  );
}
