/** How a piece became its tokens: the merges one by one, to be played, stepped through and read as a list or table. */

import { formatCount, formatUpTo } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import "./mergeReplay.css";
import { useEffect, useRef, useState } from "preact/hooks";
import type { Merge, MergeReplay as Replay } from "../../src/shared/types.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { countedBytes, countedCharacters, countedPairs, countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { itemByKey } from "../ui/itemByKey.js";
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
        heads: [
          ...[t("Step"), t("Joined"), t("Makes"), t("Decided by"), t("Among"), t("Next best"), t("Parts")],
        ],
        rows: () => [
          ["0", "", "", "", "", "", writtenParts(partsAt(piece, replay, 0))],
          ...merges.map((merge, index) => {
            const { left, right, whole } = pairOf(piece, replay, index);
            return [
              String(index + 1),
              `${written(left)} + ${written(right)}`,
              written(whole),
              weight(merge),
              countedPairs(merge.candidates),
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
            <span class="gb-dim">{t("but as a whole")}</span>
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
          <Button onClick={() => goTo(step - 1)} disabled={step === 0} label={t("One step back")}>
            {t("Back")}
          </Button>
          <Button
            onClick={play}
            appearance="primary"
            label={playing ? t("Stop playing") : t("Play the merges")}
          >
            {playing ? t("Stop") : t("Play")}
          </Button>
          <Button onClick={() => goTo(step + 1)} disabled={step === last} label={t("One step on")}>
            {t({ message: "Step", comment: "button: one merge on" })}
          </Button>
          <Slider
            label={t("Merge")}
            min={0}
            max={last}
            step={1}
            value={step}
            valueText={t("{0} of {1}", step, last)}
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
    const item = itemByKey(event.key, stop - 1, shown.length, "down");
    if (item === undefined) return;
    event.preventDefault();
    props.onChoose(item + 1);
    list.current?.querySelectorAll("button")[item]?.focus();
  };
  return (
    <>
      <ol ref={list} class="merge-rows" aria-label={t("Merges")} onKeyDown={onKeyDown}>
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
                  {merge.runnerUp
                    ? t("{0}, {1}; next best {2}", weight(merge), among(merge), runnerUpOf(piece, merge))
                    : `${weight(merge)}, ${among(merge)}`}
                </span>
              </button>
            </li>
          );
        })}
      </ol>
      {shown.length < merges.length && (
        <p>
          <LinkButton onClick={() => setAll(true)}>
            {t("Show all {0} merges", formatCount(merges.length))}
          </LinkButton>
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
  return t("“{0}”", visibleText(bytes));
}

function writtenParts(parts: readonly Part[]): string {
  return parts.map(({ bytes }) => visibleText(bytes)).join(" | ");
}

/** What decided: "rank 279", or in SentencePiece vocabularies "score −12.5". */
function weight({ rank, score }: { rank: number; score?: number }): string {
  return score === undefined ? t("rank {0}", formatCount(rank)) : t("score {0}", formatUpTo(score, 2));
}

function among({ candidates, score }: Merge): string {
  if (candidates === 1) return t("the only pair");
  return score === undefined ? t("lowest of {0} pairs", candidates) : t("highest of {0} pairs", candidates);
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
  const { merges } = replay;
  const last = merges.length;
  const merge = merges[step - 1];
  const start = startOf(piece, replay);
  if (!merge) {
    if (last === 0) return t("{0}, and no two neighbours form a token together.", start);
    return t(
      "Before the first merge: {0}, and {1} of neighbours that would form a token.",
      start,
      countedPairs(merges[0]!.candidates),
    );
  }
  const { left, right, whole } = pairOf(piece, replay, step - 1);
  const made = t(
    "Step {0} of {1}: {2} and {3} become {4}.",
    step,
    last,
    ...[written(left), written(right), written(whole)],
  );
  return [made, reasonOf(piece, merge), ...(step === last ? [endOf(replay)] : [])].join(" ");
}

/** Why this pair and no other was joined. */
function reasonOf(piece: Uint8Array, merge: Merge): string {
  const own = weight(merge);
  if (merge.candidates === 1) return t("It was the only pair that could be joined, with {0}.", own);
  const equals = merge.runnerUp?.rank === merge.rank;
  const next = runnerUpOf(piece, merge);
  if (merge.score === undefined) {
    return equals
      ? t(
          "Its {0} is the lowest of {1} pairs that could be joined; the next best was {2}, and of equals the leftmost comes first.",
          ...[own, merge.candidates, next],
        )
      : t(
          "Its {0} is the lowest of {1} pairs that could be joined; the next best was {2}.",
          ...[own, merge.candidates, next],
        );
  }
  return equals
    ? t(
        "Its {0} is the highest of {1} pairs that could be joined; the next best was {2}, and of equals the leftmost comes first.",
        ...[own, merge.candidates, next],
      )
    : t(
        "Its {0} is the highest of {1} pairs that could be joined; the next best was {2}.",
        ...[own, merge.candidates, next],
      );
}

function endOf({ merges, startIds }: Replay): string {
  const left = startIds.length - merges.length;
  return left === 1
    ? t("Nothing is left to join.")
    : t("No two neighbours of the {0} that are left form a token together.", left);
}

/** What merging begins with: "5 bytes". */
function startOf(piece: Uint8Array, { startIds }: Replay): string {
  return startsWithBytes(piece, startIds)
    ? countedBytes(startIds.length)
    : countedCharacters(startIds.length);
}

function startsWithBytes(piece: Uint8Array, startIds: Replay["startIds"]): boolean {
  return startIds.length === piece.length;
}

function captionOf(piece: Uint8Array, replay: Replay, encoding: string): string {
  const { merges, ids, startIds, wholeWithoutMerges } = replay;
  const name = written({ bytes: piece });
  if (wholeWithoutMerges) {
    return t(
      "{0} stands in the vocabulary of {1} as a whole, id {2}, and is looked up there before any merging; merging alone would end in {3} parts.",
      ...[name, encoding, ids[0] ?? "", startIds.length - merges.length],
    );
  }
  if (startIds.length === 1) {
    return startsWithBytes(piece, startIds)
      ? t("{0} is a single byte: there is nothing to merge.", name)
      : t("{0} is a single character: there is nothing to merge.", name);
  }
  const start = startOf(piece, replay);
  if (ids.length === 1) {
    return merges.length === 1
      ? t("1 merge made 1 token of {0}; nothing is left to join.", start)
      : t("{0} merges made 1 token of {1}; nothing is left to join.", formatCount(merges.length), start);
  }
  return merges.length === 1
    ? t(
        "1 merge made {0} of {1}; no two neighbours that are left stand in the vocabulary together.",
        ...[countedTokens(ids.length), start],
      )
    : t(
        "{0} merges made {1} of {2}; no two neighbours that are left stand in the vocabulary together.",
        ...[formatCount(merges.length), countedTokens(ids.length), start],
      );
}
