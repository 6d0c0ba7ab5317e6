/** The exhibit of thinking models: right answers against the tokens spent on them, by longer thought and by votes. */

import { useEffect, useState } from "preact/hooks";
import { textOfTokens } from "../../../src/core/explain/textOfTokens.js";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  answerOf,
  FEWEST_TERMS,
  MOST_TERMS,
  sumOf,
  sumPrompt,
  sumTerms,
  wilson,
} from "../../../src/core/lessons/sums.js";
import {
  type Bought,
  BUDGETS,
  cheapestFirst,
  forcedPrompt,
  scoreOfBought,
  type ThoughtRow,
  vote,
} from "../../../src/core/lessons/thinking.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { modelFile } from "./ModelNote.js";
import { RunsOfModel } from "./RunsOfModel.js";
import type { ExhibitProps, LessonHost } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "thinking" }>;

/** Sums of a round. */
const ROUND = 3;
/** A step of a worked sum is about nine tokens; this is room for all steps and a slip. */
const TOKENS_PER_TERM = 16;
const ANSWER_TOKENS = 5;
const TEMPERATURE = 0.7;
const MOST_VOTES = 5;

const LABELS = BUDGETS.map((budget) =>
  budget === 0
    ? t("no thought")
    : Number.isFinite(budget)
      ? t("{0} tokens of thought", budget)
      : t("the whole thought"),
);

export function ThinkingExhibit({ config, model, host, covered, onInstrument }: ExhibitProps<Config>) {
  const [terms, setTerms] = useState(config.terms);
  const [votes, setVotes] = useState(config.votes);
  const [begun, setBegun] = useState(0);
  const task = useTask<ThoughtRow[]>(`${modelFile(model)} ${terms} ${votes}`);
  const rows = task.value ?? [];
  const scores = BUDGETS.map((_, at) => scoreOfBought(rows.map(({ budgets }) => budgets[at])));
  const voted = scoreOfBought(rows.map((row) => row.voted));
  const [none, whole] = [scores[0]!, scores.at(-1)!];
  const rate = ({ right, of }: { right: number; of: number }) => (of === 0 ? 0 : right / of);

  useEffect(() => {
    onInstrument({
      text: `${terms} ${votes}`,
      readings: {
        ...(none.of > 0 && {
          terms,
          sums: whole.of,
          "right-without": rate(none),
          "tokens-without": none.tokens,
        }),
        ...(whole.of > 0 && {
          "right-with": rate(whole),
          gain: rate(whole) - rate(none),
          "tokens-with": whole.tokens,
        }),
        ...(voted.of > 0 && { "right-voted": rate(voted), "tokens-voted": voted.tokens }),
      },
      setting: t("sums of {0}", terms),
      guesses: {},
    });
  }, [terms, votes, task.value]);

  const run = () => {
    setBegun(rows.length);
    task.begin(async (signal, show) => {
      let sofar = rows;
      for (let at = rows.length; at < rows.length + ROUND; at++) {
        const numbers = sumTerms(terms, 1000 * terms + at);
        const row = await think(host, { numbers, votes, seed: at, signal }, (part) => show([...sofar, part]));
        sofar = [...sofar, row];
      }
    });
  };

  const done = rows.filter((row) => row.voted !== undefined).length;
  const bought = [...scores, voted];
  // The first sum comes budget by budget: what has not been tried has no place in the curve.
  const measured = cheapestFirst(scores);
  const labels = [
    ...LABELS,
    votes === 1 ? t("a vote of 1 thought") : t("a vote of {0} thoughts", formatCount(votes)),
  ];
  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label={t("Numbers to add")}
          min={FEWEST_TERMS}
          max={MOST_TERMS}
          step={1}
          value={terms}
          valueText={String(terms)}
          onInput={setTerms}
        />
        <Slider
          label={t("Thoughts that vote")}
          min={1}
          max={MOST_VOTES}
          step={2}
          value={votes}
          valueText={String(votes)}
          onInput={setVotes}
        />
      </div>
      <RunsOfModel
        task={task}
        label={rows.length > 0 ? t("{0} more sums", ROUND) : t("Run {0} sums", ROUND)}
        run={run}
        progress={{
          text: t("The model thinks: {0} of {1} sums done …", done - begun, ROUND),
          fraction: (done - begun) / ROUND,
        }}
        nothingYet={t("Nothing has been thought yet. A small model takes some ten seconds for each sum.")}
        covered={covered}
        model={model}
        host={host}
      />
      {!covered && none.of > 0 && (
        <Figure
          caption={captionOf(terms, { none, whole, voted }, labels.at(-1) ?? "")}
          table={{
            columns: [t("Sum"), t("Is"), ...labels, t("The first thought")],
            rows: () =>
              rows.map((row) => [
                row.numbers.join(" + "),
                String(sumOf(row.numbers)),
                ...[...row.budgets, row.voted].map((each) =>
                  each ? `${each.right ? "✓" : "✗"} ${countedTokens(each.tokens)}` : "",
                ),
                row.thought.trim(),
              ]),
          }}
        >
          <Bars
            bars={bought.map((score, at) => {
              const { low, high } = wilson(score);
              return {
                key: labels[at] ?? "",
                label: labels[at],
                share: rate(score),
                value:
                  score.of === 0
                    ? t("not yet")
                    : t(
                        "{0} of {1} ({2} to {3})",
                        score.right,
                        score.of,
                        formatProbability(low),
                        formatProbability(high),
                      ),
              };
            })}
          />
          <Curve
            xs={measured.map(({ tokens }) => tokens)}
            lines={[{ label: t("right, by tokens spent on an answer"), ys: measured.map(rate) }]}
            most={1}
            xLabel={t("tokens of an answer")}
            writeX={(tokens) => formatReading(tokens, "number")}
            writeY={(share) => formatReading(share, "probability")}
          />
        </Figure>
      )}
    </>
  );
}

function captionOf(
  terms: number,
  { none, whole, voted }: Record<"none" | "whole" | "voted", ReturnType<typeof scoreOfBought>>,
  vote: string,
): string {
  const of = (score: ReturnType<typeof scoreOfBought>) =>
    [score.right, score.of, formatReading(score.tokens, "number")] as const;
  return voted.of > 0
    ? t(
        "Sums of {0} numbers: without thought {1} of {2} are right, for {3} tokens each; with the whole thought {4} of {5}, for {6}; by {7} {8} of {9}, for {10}.",
        terms,
        ...of(none),
        ...of(whole),
        vote,
        ...of(voted),
      )
    : t(
        "Sums of {0} numbers: without thought {1} of {2} are right, for {3} tokens each; with the whole thought {4} of {5}, for {6}.",
        terms,
        ...of(none),
        ...of(whole),
      );
}

/** Thinks about one sum several times, cuts the first thought short at every budget, and lets all of them vote. */
async function think(
  host: LessonHost,
  { numbers, votes, seed, signal }: { numbers: number[]; votes: number; seed: number; signal: AbortSignal },
  show: (row: ThoughtRow) => void,
): Promise<ThoughtRow> {
  const right = sumOf(numbers);
  const thinkOnce = (draw: number) =>
    host.call(
      "write",
      {
        prompt: sumPrompt(numbers, "step by step"),
        maxTokens: TOKENS_PER_TERM * numbers.length,
        temperature: TEMPERATURE,
        seed: 100 * seed + draw,
        stopTexts: ["\n"],
      },
      { signal },
    );
  const first = await thinkOnce(1);
  const budgets: Bought[] = [];
  const add = (bought: Bought) => {
    budgets.push(bought);
    show({ numbers, thought: first.text, budgets: [...budgets], voted: undefined });
  };
  for (const budget of BUDGETS) {
    if (budget >= first.tokens.length) {
      add({ right: answerOf(first.text) === right, tokens: first.tokens.length });
      continue;
    }
    const kept = textOfTokens(first.tokens.slice(0, budget).map(({ token }) => token));
    const answer = await host.call(
      "write",
      {
        prompt: forcedPrompt(numbers, kept),
        maxTokens: ANSWER_TOKENS,
        temperature: 0,
        seed: 1,
        stopTexts: ["\n", "."],
      },
      { signal },
    );
    add({ right: answerOf(answer.text) === right, tokens: budget + answer.tokens.length });
  }
  const answers = [answerOf(first.text)];
  let tokens = first.tokens.length;
  for (let draw = 2; draw <= votes; draw++) {
    const other = await thinkOnce(draw);
    answers.push(answerOf(other.text));
    tokens += other.tokens.length;
  }
  const voted = { numbers, thought: first.text, budgets, voted: { right: vote(answers) === right, tokens } };
  show(voted);
  return voted;
}
