/** How a piece became its tokens: from single bytes, one merge a row, with the rank that decided it. */

import { useEffect, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import type { EncodedToken } from "../../../src/shared/panels/lesson.js";
import type { MergeReplay } from "../../../src/shared/types.js";
import { visibleText } from "../../../src/shared/visibleText.js";
import { chipOf } from "../../tokens/chipOf.js";
import { Figure } from "../../ui/Figure.js";
import { formatCount, plural } from "../../ui/format.js";
import { ErrorNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import type { LessonHost } from "./registry.js";

/** Longer pieces make more rows than anybody reads. */
const MOST_BYTES = 60;

interface Part {
  id: number;
  bytes: Uint8Array;
}

interface Row {
  parts: Part[];
  /** Which part this row's merge made; undefined in the first row. */
  made: number | undefined;
  said: string;
}

export function MergeSteps(props: {
  tokens: readonly EncodedToken[];
  chosen: number;
  encoding: string;
  host: LessonHost;
}) {
  const { encoding, host } = props;
  const piece = pieceAround(props.tokens, props.chosen);
  const key = `${encoding} ${piece.join()}`;
  const [replay, setReplay] = useState<{ key: string; piece: Uint8Array; steps: MergeReplay }>();
  const [error, setError] = useState<WireError>();
  const tooLong = piece.length > MOST_BYTES;

  useEffect(() => {
    if (tooLong) return;
    const abort = new AbortController();
    host.call("replay", { piece, encoding }, { signal: abort.signal }).then(
      (steps) => {
        setError(undefined);
        setReplay({ key, piece, steps });
      },
      (thrown: unknown) => {
        if (!isCancelled(thrown)) setError(toWireError(thrown));
      },
    );
    return () => abort.abort();
  }, [key]);

  if (error) return <ErrorNote error={error} />;
  const name = `“${visibleText(piece)}”`;
  if (tooLong) {
    return (
      <p class="gb-dim">
        This piece has {formatCount(piece.length)} bytes; pieces of up to {MOST_BYTES} are replayed. Choose
        another token.
      </p>
    );
  }
  if (!replay) return null;
  const rows = rowsOf(replay.piece, replay.steps);
  return (
    <div class="lesson-merges">
      <h3>How {name} was put together</h3>
      <Figure
        caption={captionOf(name, replay.piece, replay.steps, encoding)}
        table={{
          columns: ["", "Joined", "Rank", "Parts"],
          rows: () =>
            rows.map((row, step) => [
              String(step),
              row.made === undefined ? "" : visibleText(row.parts[row.made]?.bytes ?? new Uint8Array()),
              row.made === undefined ? "" : String(row.parts[row.made]?.id),
              row.parts.map(({ bytes }) => visibleText(bytes)).join(" | "),
            ]),
        }}
      >
        <ol class="lesson-merge-rows">
          {rows.map((row, step) => (
            <li key={`${key} ${step}`}>
              <span class="gb-strip">
                {row.parts.map((part, at) => (
                  <TokenChip
                    key={`${at} ${part.id}`}
                    token={chipOf(part)}
                    {...(at === row.made ? { band: 0, selected: true } : {})}
                  />
                ))}
              </span>
              <span class="gb-dim lesson-merge-said">{row.said}</span>
            </li>
          ))}
        </ol>
      </Figure>
    </div>
  );
}

/** The bytes of the piece that the token at `index` was cut from. */
function pieceAround(tokens: readonly EncodedToken[], index: number): Uint8Array {
  let start = index;
  while (start > 0 && tokens[start]?.startsPiece === false) start--;
  let end = index + 1;
  while (end < tokens.length && tokens[end]?.startsPiece === false) end++;
  return Uint8Array.from(tokens.slice(start, end).flatMap(({ bytes }) => Array.from(bytes)));
}

function rowsOf(piece: Uint8Array, { startBorders, startIds, merges }: MergeReplay): Row[] {
  let parts: Part[] = startIds.map((id, part) => ({
    id,
    bytes: piece.subarray(startBorders[part], startBorders[part + 1]),
  }));
  const rows: Row[] = [{ parts, made: undefined, said: plural(piece.length, "byte") }];
  for (const { borders, made, rank, candidates } of merges) {
    const bytes = piece.subarray(borders[made], borders[made + 1]);
    parts = parts.toSpliced(made, 2, { id: rank, bytes });
    const among = candidates === 1 ? "the only pair" : `lowest of ${candidates} pairs`;
    rows.push({ parts, made, said: `rank ${formatCount(rank)}, ${among}` });
  }
  return rows;
}

function captionOf(name: string, piece: Uint8Array, replay: MergeReplay, encoding: string): string {
  const { merges, ids, wholeWithoutMerges } = replay;
  if (wholeWithoutMerges) {
    return `${name} is in the vocabulary of ${encoding} as a whole, and is looked up there before any merging.`;
  }
  if (merges.length === 0) return `${name} is a single byte: there is nothing to merge.`;
  const joined = `${plural(merges.length, "merge")} made ${plural(ids.length, "token")} of ${plural(piece.length, "byte")}`;
  const end =
    ids.length === 1
      ? "nothing is left to join"
      : "no two neighbours that are left stand in the vocabulary together";
  return `${joined}; ${end}.`;
}
