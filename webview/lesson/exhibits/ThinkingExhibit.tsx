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
  forcedPrompt,
  scoreOfBought,
  type ThoughtRow,
  vote,
} from "../../../src/core/lessons/thinking.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability, plural } from "../../ui/format.js";
import { EmptyNote, LoadingNote } from "../../ui/notes.js";
import { Button, Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { ModelNote, modelFile } from "./ModelNote.js";
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
  budget === 0 ? "no thought" : Number.isFinite(budget) ? `${budget} tokens of thought` : "the whole thought",
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
      setting: `sums of ${terms}`,
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
  const labels = [...LABELS, `a vote of ${plural(votes, "thought")}`];
  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label="Numbers to add"
          min={FEWEST_TERMS}
          max={MOST_TERMS}
          step={1}
          value={terms}
          valueText={String(terms)}
          onInput={setTerms}
        />
        <Slider
          label="Thoughts that vote"
          min={1}
          max={MOST_VOTES}
          step={2}
          value={votes}
          valueText={String(votes)}
          onInput={setVotes}
        />
      </div>
      <div class="gb-row">
        <Button appearance="primary" onClick={run} disabled={task.running}>
          {rows.length > 0 ? `${ROUND} more sums` : `Run ${ROUND} sums`}
        </Button>
        {task.running && <Button onClick={task.stop}>Stop</Button>}
        {rows.length > 0 && !task.running && <Button onClick={task.clear}>Forget them</Button>}
      </div>
      {task.error && <ModelNote model={model} busy="" error={task.error} retry={run} host={host} />}
      {task.running && (
        <LoadingNote
          text={`The model has thought about ${plural(done, "sum")}`}
          fraction={(done - begun) / ROUND}
        />
      )}
      {!covered && rows.length === 0 && !task.running && (
        <EmptyNote text="Nothing has been thought yet. A small model takes some ten seconds for each sum." />
      )}
      {!covered && none.of > 0 && (
        <Figure
          caption={`Sums of ${terms} numbers: without thought ${none.right} of ${none.of} are right, for ${formatReading(none.tokens, "number")} tokens each; with the whole thought ${whole.right} of ${whole.of}, for ${formatReading(whole.tokens, "number")}${voted.of > 0 ? `; by ${labels.at(-1)} ${voted.right} of ${voted.of}, for ${formatReading(voted.tokens, "number")}` : ""}.`}
          table={{
            columns: ["Sum", "Is", ...labels, "The first thought"],
            rows: () =>
              rows.map((row) => [
                row.numbers.join(" + "),
                String(sumOf(row.numbers)),
                ...[...row.budgets, row.voted].map((each) =>
                  each ? `${each.right ? "✓" : "✗"} ${plural(each.tokens, "token")}` : "",
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
                    ? "not yet"
                    : `${score.right} of ${score.of} (${formatProbability(low)} to ${formatProbability(high)})`,
              };
            })}
          />
          <Curve
            xs={scores.map(({ tokens }) => tokens)}
            lines={[{ label: "right, by tokens spent on an answer", ys: scores.map(rate) }]}
            xLabel="right, by tokens of an answer"
            writeX={(tokens) => formatReading(tokens, "number")}
            writeY={(share) => formatReading(share, "probability")}
          />
        </Figure>
      )}
    </>
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
