/** How a piece became its tokens: the merges one by one, to be played, stepped through and read as a list or table. */

import { formatCount } from "../../src/shared/formatCount.js";
import "./mergeReplay.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Merge, MergeReplay as Replay } from "../../src/shared/types.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { Figure } from "../ui/Figure.js";
import { plural } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Button, LinkButton, Slider } from "../ui/toolkit.js";
import { chipOf } from "./chipOf.js";

/** Milliseconds that each step stands while it is played. */
const STEP_MS = 900;
/** More merges than this are listed on request only. */
const MOST_LISTED = 24;

interface Part {
  id: number;
  bytes: Uint8Array;
}

export interface MergeReplayProps {
  piece: Uint8Array;
  replay: Replay;
  /** What people call the tokenizer. */
  encoding: string;
}

/** Give it a key that changes with the piece: it begins at the end, where the tokens are. */
export function MergeReplay({ piece, replay, encoding }: MergeReplayProps) {
  const { merges } = replay;
  const last = merges.length;
  const [chosen, setChosen] = useState(last);
  const [playing, setPlaying] = useState(false);
  const step = Math.min(chosen, last);

  useEffect(() => {
    if (!playing) return;
    const timer = setTimeout(() => {
      setChosen(step + 1);
      if (step + 1 >= last) setPlaying(false);
    }, STEP_MS);
    return () => clearTimeout(timer);
  }, [playing, step, last]);

  const goTo = (wanted: number) => {
    setPlaying(false);
    setChosen(Math.max(0, Math.min(last, wanted)));
  };
  const play = () => {
    if (step === last) setChosen(0);
    setPlaying(!playing);
  };
  const parts = partsAt(piece, replay, step);
  const made = step === 0 ? undefined : merges[step - 1]?.made;
  return (
    <Figure
      caption={captionOf(piece, replay, encoding)}
      table={{
        columns: ["Step", "Joined", "Makes", "Decided by", "Among", "Next best", "Parts"],
        rows: () => [
          ["0", "", "", "", "", "", writtenParts(partsAt(piece, replay, 0))],
          ...merges.map((merge, index) => {
            const { left, right, whole } = pairOf(piece, replay, index);
            return [
              String(index + 1),
              `${written(left)} + ${written(right)}`,
              written(whole),
              weight(merge),
              plural(merge.candidates, "pair"),
              runnerUpOf(piece, merge),
              writtenParts(partsAt(piece, replay, index + 1)),
            ];
          }),
        ],
      }}
    >
      <div class="merge-stage gb-strip">
        {parts.map((part, at) => (
          <TokenChip
            key={`${at} ${part.id}`}
            token={chipOf(part)}
            {...(at === made ? { band: 0, selected: true } : step === last ? { band: at } : {})}
          />
        ))}
        {replay.wholeWithoutMerges && step === last && (
          <>
            <span class="gb-dim">but as a whole</span>
            {replay.ids.map((id) => (
              <TokenChip key={id} token={chipOf({ id, bytes: piece })} band={0} selected />
            ))}
          </>
        )}
      </div>
      <p class="merge-said" {...(playing ? {} : { role: "status" })}>
        {sayStep(piece, replay, step)}
      </p>
      {last > 0 && (
        <div class="merge-controls">
          <Button onClick={() => goTo(step - 1)} disabled={step === 0} label="One step back">
            Back
          </Button>
          <Button onClick={play} appearance="primary" label={playing ? "Stop playing" : "Play the merges"}>
            {playing ? "Stop" : "Play"}
          </Button>
          <Button onClick={() => goTo(step + 1)} disabled={step === last} label="One step on">
            Step
          </Button>
          <Slider
            label="Merge"
            min={0}
            max={last}
            step={1}
            value={step}
            valueText={`${step} of ${last}`}
            onInput={goTo}
          />
        </div>
      )}
      <MergeList piece={piece} replay={replay} step={step} onChoose={goTo} />
    </Figure>
  );
}

/** All merges, one a row; those that are still to come are pale. */
function MergeList(props: { piece: Uint8Array; replay: Replay; step: number; onChoose(step: number): void }) {
  const { piece, replay, step } = props;
  const { merges } = replay;
  const [all, setAll] = useState(false);
  const list = useRef<HTMLOListElement>(null);
  if (merges.length === 0) return null;
  const shown = all ? merges : merges.slice(0, MOST_LISTED);
  // One stop for the tab key; the arrow keys move inside.
  const stop = Math.max(1, Math.min(step, shown.length));
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowUp: stop - 1,
      ArrowDown: stop + 1,
      Home: 1,
      End: shown.length,
    };
    const wanted = steps[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const next = Math.max(1, Math.min(shown.length, wanted));
    props.onChoose(next);
    list.current?.querySelectorAll("button")[next - 1]?.focus();
  };
  return (
    <>
      <ol ref={list} class="merge-rows" aria-label="Merges" onKeyDown={onKeyDown}>
        {shown.map((merge, index) => {
          const { left, right, whole } = pairOf(piece, replay, index);
          const now = index + 1 === step;
          return (
            // A merge has no identity but its place in the order.
            <li key={`${index} ${merge.id}`} class={index + 1 > step ? "merge-later" : ""}>
              <button
                type="button"
                class="merge-row"
                tabIndex={index + 1 === stop ? 0 : -1}
                {...(now ? { "aria-current": "step" as const } : {})}
                onClick={() => props.onChoose(index + 1)}
              >
                <span class="merge-number">{index + 1}</span>
                <span class="merge-pair">
                  <TokenChip token={chipOf(left)} />
                  <span aria-hidden="true">+</span>
                  <TokenChip token={chipOf(right)} />
                  <span aria-hidden="true">→</span>
                  <TokenChip token={chipOf(whole)} {...(now ? { band: 0 } : {})} />
                </span>
                <span class="merge-why gb-dim">
                  {weight(merge)}, {among(merge)}
                  {merge.runnerUp && `; next best ${runnerUpOf(piece, merge)}`}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {shown.length < merges.length && (
        <p>
          <LinkButton onClick={() => setAll(true)}>Show all {formatCount(merges.length)} merges</LinkButton>
        </p>
      )}
    </>
  );
}

/** The parts after so many merges. */
function partsAt(piece: Uint8Array, { startBorders, startIds, merges }: Replay, step: number): Part[] {
  const ids = [...startIds];
  for (const { made, id } of merges.slice(0, step)) ids.splice(made, 2, id);
  const borders = merges[step - 1]?.borders ?? startBorders;
  return ids.map((id, part) => ({ id, bytes: piece.subarray(borders[part], borders[part + 1]) }));
}

/** The two parts that a merge joined, and what it made. */
function pairOf(piece: Uint8Array, replay: Replay, index: number): { left: Part; right: Part; whole: Part } {
  const { made, borders, id } = replay.merges[index]!;
  const before = replay.merges[index - 1]?.borders ?? replay.startBorders;
  const part = (from: number | undefined, to: number | undefined, of: number): Part => ({
    id: of,
    bytes: piece.subarray(from, to),
  });
  const [start, middle, end] = [before[made], before[made + 1], before[made + 2]];
  return {
    left: part(start, middle, madeBefore(replay, index, start, middle)),
    right: part(middle, end, madeBefore(replay, index, middle, end)),
    whole: part(borders[made], borders[made + 1], id),
  };
}

/** The id of the part between two borders as it was before merge `index`. */
function madeBefore(replay: Replay, index: number, start = 0, end = 0): number {
  for (let earlier = index - 1; earlier >= 0; earlier--) {
    const { made, borders, id } = replay.merges[earlier]!;
    if (borders[made] === start && borders[made + 1] === end) return id;
  }
  return replay.startIds[replay.startBorders.indexOf(start)] ?? -1;
}

function written({ bytes }: { bytes: Uint8Array }): string {
  return `“${visibleText(bytes)}”`;
}

function writtenParts(parts: readonly Part[]): string {
  return parts.map(({ bytes }) => visibleText(bytes)).join(" | ");
}

/** What decided: "rank 279", or in SentencePiece vocabularies "score −12.5". */
function weight({ rank, score }: { rank: number; score?: number }): string {
  return score === undefined
    ? `rank ${formatCount(rank)}`
    : `score ${score.toLocaleString("en-US", { maximumFractionDigits: 2 })}`;
}

function among({ candidates, score }: Merge): string {
  if (candidates === 1) return "the only pair";
  return `${score === undefined ? "lowest" : "highest"} of ${candidates} pairs`;
}

function runnerUpOf(piece: Uint8Array, { runnerUp }: Merge): string {
  if (!runnerUp) return "";
  const { start, middle, end } = runnerUp;
  const left = written({ bytes: piece.subarray(start, middle) });
  const right = written({ bytes: piece.subarray(middle, end) });
  return `${left} + ${right}, ${weight(runnerUp)}`;
}

/** One step in a sentence or two. */
function sayStep(piece: Uint8Array, replay: Replay, step: number): string {
  const { merges, startIds } = replay;
  const last = merges.length;
  const merge = merges[step - 1];
  const start = partUnit(piece, replay);
  if (!merge) {
    if (last === 0) return `${plural(startIds.length, start)}, and no two neighbours form a token together.`;
    return `Before the first merge: ${plural(startIds.length, start)}, and ${plural(merges[0]!.candidates, "pair")} of neighbours that would form a token.`;
  }
  const { left, right, whole } = pairOf(piece, replay, step - 1);
  const why =
    merge.candidates === 1
      ? `It was the only pair that could be joined, with ${weight(merge)}.`
      : `Its ${weight(merge)} is the ${merge.score === undefined ? "lowest" : "highest"} of ${merge.candidates} pairs that could be joined; the next best was ${runnerUpOf(piece, merge)}${merge.runnerUp?.rank === merge.rank ? ", and of equals the leftmost comes first" : ""}.`;
  const end = step === last ? ` ${endOf(replay)}` : "";
  return `Step ${step} of ${last}: ${written(left)} and ${written(right)} become ${written(whole)}. ${why}${end}`;
}

function endOf({ merges, startIds }: Replay): string {
  const left = startIds.length - merges.length;
  return left === 1
    ? "Nothing is left to join."
    : `No two neighbours of the ${left} that are left form a token together.`;
}

/** What merging begins with. */
function partUnit(piece: Uint8Array, { startIds }: Replay): string {
  return startIds.length === piece.length ? "byte" : "character";
}

function captionOf(piece: Uint8Array, replay: Replay, encoding: string): string {
  const { merges, ids, startIds, wholeWithoutMerges } = replay;
  const name = written({ bytes: piece });
  if (wholeWithoutMerges) {
    return `${name} stands in the vocabulary of ${encoding} as a whole, id ${ids[0]}, and is looked up there before any merging; merging alone would end in ${startIds.length - merges.length} parts.`;
  }
  if (startIds.length === 1)
    return `${name} is a single ${partUnit(piece, replay)}: there is nothing to merge.`;
  const joined = `${plural(merges.length, "merge")} made ${plural(ids.length, "token")} of ${plural(startIds.length, partUnit(piece, replay))}`;
  const end =
    ids.length === 1
      ? "nothing is left to join"
      : "no two neighbours that are left stand in the vocabulary together";
  return `${joined}; ${end}.`;
}
