/** The exhibit of a search over thoughts: a tree of sums, of which the best few are followed, until one reaches the target. */

import { useEffect, useState } from "preact/hooks";
import {
  fraction,
  isPossible,
  type Move,
  moveGrammar,
  moveText,
  numbersIn,
  type Propose,
  type SearchResult,
  searchThoughts,
  type Thought,
  writeFraction,
} from "../../../src/core/lessons/thoughts.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { EmptyNote, LoadingNote } from "../../ui/notes.js";
import { Button, Checkbox, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import "./experiments.css";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "thoughts" }>;

const WIDEST = 12;
const WIDTHS = [1, 2, 3, 5, 8, 12];
/** How often the model is asked about each thought. */
const PROPOSALS = 3;
const MOST_TOKENS = 40;
/** Thoughts below one that are drawn; the rest is counted. */
const DRAWN = 5;

interface Shown {
  thoughts: readonly Thought[];
  /** Set when the search is over. */
  result: SearchResult | undefined;
  asked: number;
  byModel: boolean;
}

export function ThoughtsExhibit(props: ExhibitProps<Config>) {
  const { config, text, model, host, covered, onInstrument } = props;
  const numbers = numbersIn(text);
  const [target, setTarget] = useState(config.target);
  const [width, setWidth] = useState(1);
  const [byModel, setByModel] = useState(false);
  const about = JSON.stringify([numbers, target]);
  const ruled = useAnswer(numbers && `${about} ${width}`, async (): Promise<Shown> => {
    const result = await searchThoughts(numbers ?? [], target, width, async (_, moves) => moves);
    return { thoughts: result.thoughts, result, asked: 0, byModel: false };
  });
  const widths = useAnswer(numbers && about, async () => {
    const rows: { width: number; looked: number; solved: boolean }[] = [];
    for (const each of WIDTHS) {
      const { thoughts, solution } = await searchThoughts(numbers ?? [], target, each, async (_, m) => m);
      rows.push({ width: each, looked: thoughts.length - 1, solved: solution !== undefined });
    }
    const possible = isPossible(
      (numbers ?? []).map((value) => fraction(value)),
      target,
    );
    return { rows, possible };
  });
  const task = useTask<Shown>(`${about} ${width} ${modelFile(model)}`);
  const shown = byModel ? task.value : ruled.value;
  const current = byModel ? shown !== undefined : ruled.current;

  useEffect(() => {
    const over = current && shown?.result;
    onInstrument({
      text,
      readings: {
        width,
        target,
        ...(over && {
          solved: Number(shown?.result?.solution !== undefined),
          thoughts: (shown?.thoughts.length ?? 1) - 1,
        }),
        ...(widths.value && widths.current && { possible: Number(widths.value.possible) }),
      },
      setting: t("width {0}", width),
      guesses: {},
    });
  }, [text, about, width, shown, current, widths.value]);

  if (!numbers) return <EmptyNote text={t("Write two to four whole numbers from 1 to 99 into the field.")} />;
  const search = () =>
    task.begin(async (signal, show) => {
      let asked = 0;
      let thoughts: readonly Thought[] = [];
      const propose: Propose = async (thought, moves) => {
        const proposed: Move[] = [];
        for (let seed = 1; seed <= PROPOSALS && moves.length > 1; seed++) {
          const { text: written } = await host.call(
            "write",
            {
              prompt: promptFor(thought, target),
              maxTokens: MOST_TOKENS,
              temperature: 1,
              seed,
              stopTexts: [],
              grammar: moveGrammar(moves),
            },
            { signal },
          );
          asked++;
          const move = moves.find((each) => moveText(each) === written.trim());
          if (move && !proposed.includes(move)) proposed.push(move);
          show({ thoughts: [...thoughts], result: undefined, asked, byModel: true });
        }
        return moves.length > 1 ? proposed : moves;
      };
      const result = await searchThoughts(numbers, target, width, propose, (sofar) => {
        thoughts = sofar;
        show({ thoughts: [...sofar], result: undefined, asked, byModel: true });
      });
      show({ thoughts: result.thoughts, result, asked, byModel: true });
    });

  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label={t("Target")}
          min={1}
          max={100}
          step={1}
          value={target}
          valueText={String(target)}
          onInput={setTarget}
        />
        <Slider
          label={t("Thoughts followed")}
          min={1}
          max={WIDEST}
          step={1}
          value={width}
          valueText={width === 1 ? t("1, greedy") : String(width)}
          onInput={setWidth}
        />
      </div>
      <div class="gb-row">
        <Checkbox
          label={t("let the loaded model propose, {0} times for each thought", PROPOSALS)}
          checked={byModel}
          onChange={setByModel}
        />
        {byModel && (
          <Button appearance="primary" onClick={search} disabled={task.running}>
            {t("Search")}
          </Button>
        )}
        {task.running && <Button onClick={task.stop}>{t("Stop")}</Button>}
      </div>
      {byModel && task.error && (
        <ModelNote model={model} busy="" error={task.error} retry={search} host={host} />
      )}
      {task.running && (
        <LoadingNote
          text={t("The model has proposed {0} times", formatCount(task.value?.asked ?? 0))}
          fraction={Math.min(1, (task.value?.asked ?? 0) / mostAsked(numbers.length, width))}
        />
      )}
      {!covered && shown && (
        <Figure
          caption={captionOf(shown, target, width)}
          table={{
            columns: [
              t("Depth"),
              t({ message: "Sum", comment: "a step of a search" }),
              t("Left"),
              t("Nearest with one more"),
              t("What became of it"),
            ],
            rows: () =>
              shown.thoughts
                .slice(1)
                .map(({ depth, sum, left, distance, fate }) => [
                  String(depth),
                  shownSum(sum),
                  shownSum(left.map(writeFraction).join(" ")),
                  formatFixed(distance, 2),
                  FATES[fate],
                ]),
          }}
        >
          <Tree thoughts={shown.thoughts} of={0} />
        </Figure>
      )}
      {!covered && widths.value && (
        <Figure
          name="widths"
          caption={widthsCaption(widths.value.rows, widths.value.possible, target)}
          table={{
            columns: [t("Followed at each depth"), t("Thoughts looked at"), t("Reaches the target")],
            rows: () =>
              (widths.value?.rows ?? []).map((row) => [
                String(row.width),
                formatCount(row.looked),
                row.solved ? t("yes") : t("no"),
              ]),
          }}
        >
          <h3>{t("All moves looked at, by how many are followed")}</h3>
          <Bars
            bars={widths.value.rows.map((row) => ({
              key: String(row.width),
              label: row.width === 1 ? t("1, greedy") : String(row.width),
              share: row.looked / Math.max(...(widths.value?.rows ?? []).map(({ looked }) => looked)),
              value: row.solved
                ? t("{0}, ✓ reaches it", formatCount(row.looked))
                : t("{0}, ✗ does not", formatCount(row.looked)),
              strong: row.solved,
            }))}
          />
        </Figure>
      )}
    </>
  );
}

const FATES: Record<Thought["fate"], string> = {
  open: t("to be followed"),
  followed: t("followed"),
  pruned: t("pruned"),
  solved: t("the target"),
  missed: t("not the target"),
};
const SIGNS: Record<Thought["fate"], string> = {
  open: "○",
  followed: "›",
  pruned: "✂",
  solved: "✓",
  missed: "✗",
};

/** The thoughts below one: those that were followed, and a few of the others. */
function Tree({ thoughts, of }: { thoughts: readonly Thought[]; of: number }) {
  const below = thoughts.filter(({ parent }) => parent === of).toSorted((a, b) => a.distance - b.distance);
  const kept = below.filter(({ fate }) => fate === "followed" || fate === "open" || fate === "solved");
  const others = below.filter((thought) => !kept.includes(thought));
  const drawn = [...kept, ...others.slice(0, Math.max(1, DRAWN - kept.length))];
  if (below.length === 0) return null;
  return (
    <ul class="lesson-tree">
      {drawn.map((thought) => (
        <li key={thought.id} data-fate={thought.fate}>
          <span class="lesson-thought">
            <span aria-hidden="true">{SIGNS[thought.fate]}</span> <code>{shownSum(thought.sum)}</code>{" "}
            <span class="gb-dim">
              {thought.left.length > 1
                ? t(
                    "left {0}, off by {1}, {2}",
                    shownSum(thought.left.map(writeFraction).join(" ")),
                    formatFixed(thought.distance, 1),
                    FATES[thought.fate],
                  )
                : FATES[thought.fate]}
            </span>
          </span>
          <Tree thoughts={thoughts} of={thought.id} />
        </li>
      ))}
      {below.length > drawn.length && (
        <li class="gb-dim">{t("and {0} more", formatCount(below.length - drawn.length))}</li>
      )}
    </ul>
  );
}

/** A sum in which negative numbers have the sign that subtraction has; models are sent the one that they know. */
function shownSum(sum: string): string {
  return sum.replaceAll("-", "−");
}

/** One worked example, and the numbers that are left. */
function promptFor({ left }: Thought, target: number): string {
  return [
    "Join two numbers at a time by + - * / until one is left.",
    "The one that is left must be 24. Numbers: 1 2 4 6",
    "2 - 1 = 1 (left: 1 4 6)",
    "4 * 6 = 24 (left: 1 24)",
    "1 * 24 = 24 (left: 24)",
    `The one that is left must be ${target}. Numbers: ${left.map(writeFraction).join(" ")}`,
    "",
  ].join("\n");
}

/** How often the model is asked at most; what it proposes twice is followed once. */
function mostAsked(numbers: number, width: number): number {
  let followed = 1;
  let asked = 0;
  for (let left = numbers; left > 1; left--) {
    asked += PROPOSALS * followed;
    followed = Math.min(width, PROPOSALS * followed);
  }
  return asked;
}

function captionOf({ thoughts, result, asked, byModel }: Shown, target: number, width: number): string {
  const looked = thoughts.length === 2 ? t("1 thought") : t("{0} thoughts", formatCount(thoughts.length - 1));
  const ofModel =
    asked === 1
      ? t("{0} from 1 proposal of the model", looked)
      : t("{0} from {1} proposals of the model", looked, formatCount(asked));
  const who = byModel ? ofModel : t("{0} looked at", looked);
  if (!result) return t("{0} so far.", who);
  const how = width === 1 ? t("following only the best") : t("following the best {0}", width);
  return result.solution
    ? t(
        "{0}, {1} at each depth: {2}.",
        who,
        how,
        result.solution.map(shownSum).reduce((before, next) => t("{0}, then {1}", before, next)),
      )
    : t("{0}, {1} at each depth: none of them reaches {2}.", who, how, target);
}

function widthsCaption(
  rows: readonly { width: number; looked: number; solved: boolean }[],
  possible: boolean,
  target: number,
): string {
  if (!possible) return t("From these numbers no way at all leads to {0}: every one was tried.", target);
  const first = rows.find(({ solved }) => solved);
  const [greedy] = rows;
  if (first?.width === 1) return t("Greed is enough here: {0} thoughts.", formatCount(first.looked));
  return first
    ? t(
        "Greed looks at {0} thoughts and fails; following {1} finds the way, with {2}.",
        formatCount(greedy?.looked ?? 0),
        first.width,
        formatCount(first.looked),
      )
    : t("There is a way to {0}, but following {1} does not find it.", target, rows.at(-1)?.width ?? 0);
}
