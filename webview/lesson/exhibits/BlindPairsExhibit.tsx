/** The exhibit of blind pairs: two answers to one prompt side by side, whose they are told after the judgement; Elo. */

import { useEffect, useState } from "preact/hooks";
import { eloRatings, expectedScore, type JudgedPair, meeting } from "../../../src/core/lessons/elo.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost } from "../../../src/shared/panels/experiments.js";
import type { Contestant, ExhibitConfig, Written } from "../../../src/shared/panels/lesson.js";
import { countedPairs } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { Button, LinkButton, Spinner, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";
import "./field.css";

type Config = Extract<ExhibitConfig, { type: "blind-pairs" }>;
type Side = "left" | "right";

interface Pair {
  prompt: string;
  left: Written;
  right: Written;
}

export function BlindPairsExhibit(props: ExhibitProps<Config>) {
  const { id, config, model, host, covered, onInstrument } = props;
  const { contestants, prompts, maxTokens } = config;
  const names = contestants.map((each) => each.id);
  const [judged, setJudged] = useState<JudgedPair[]>([]);
  const [typed, setTyped] = useState(prompts[0] ?? "");
  // The round whose answers are on show: until they are judged, it is that of the judgements.
  const [round, setRound] = useState(0);
  const task = useTask<Pair>(`${modelFile(model)}\n${round}`);
  const { value, running } = task;
  const [leftName, rightName] = meeting(names, round);
  const told = judged.length > round ? judged[round] : undefined;
  const ratings = eloRatings(names, judged);
  const order = contestants.toSorted((a, b) => ratingOf(ratings, b) - ratingOf(ratings, a));
  const [first, last] = [order[0], order.at(-1)];
  const spread = first && last ? ratingOf(ratings, first) - ratingOf(ratings, last) : 0;

  useEffect(() => {
    onInstrument({
      text: "",
      readings: {
        judged: judged.length,
        spread: Math.round(spread),
        ...Object.fromEntries(contestants.map((each) => [`rating-${each.id}`, ratingOf(ratings, each)])),
      },
      setting: countedPairs(judged.length),
      guesses: {},
    });
  }, [judged]);

  const answer = async (name: string, seed: number, signal: AbortSignal): Promise<Written> => {
    const contestant = contestants.find((each) => each.id === name);
    const { temperature = 0 } = contestant ?? {};
    const request = { prompt: typed.trimEnd(), maxTokens, temperature, seed, stopTexts: ["\n\n"] };
    return contestant?.model === "built-in"
      ? embeddedHost<ExperimentHost>(host, id, "").call("writeBuiltIn", request, { signal })
      : host.call("write", request, { signal });
  };
  const begin = () =>
    task.begin(async (signal, show) => {
      const left = await answer(leftName, 2 * round + 1, signal);
      const right = await answer(rightName, 2 * round + 2, signal);
      show({ prompt: typed, left, right });
    });
  const judge = (score: JudgedPair["score"]) =>
    setJudged((before) => [...before, { a: leftName, b: rightName, score }]);
  const next = () => {
    setTyped(prompts[(round + 1) % prompts.length] ?? "");
    setRound(round + 1);
  };
  const again = () => {
    task.clear();
    setJudged([]);
    setRound(0);
    setTyped(prompts[0] ?? "");
  };
  const labelOf = (name: string) => contestants.find((each) => each.id === name)?.label ?? name;
  const half = (side: Side) => (
    <div class="lesson-half" data-side={side}>
      <span class="gb-dim">
        {side === "left"
          ? t({ message: "Left", comment: "a side" })
          : t({ message: "Right", comment: "a side" })}
        {told && `: ${labelOf(side === "left" ? leftName : rightName)}`}
      </span>
      <p>
        <span class="gb-dim">{value?.prompt}</span>
        {value?.[side].text}
      </p>
    </div>
  );
  return (
    <>
      <div class="gb-row">
        <TextField
          label={t("Pair {0}: a beginning for both", round + 1)}
          size={40}
          value={typed}
          onInput={setTyped}
          onEnter={() => {
            if (!running && !value && typed.trim() !== "") begin();
          }}
        />
        {running ? (
          <>
            <Spinner label={t("Both write")} />
            <Button onClick={task.stop}>{t("Stop")}</Button>
          </>
        ) : (
          <Button
            appearance={value ? "secondary" : "primary"}
            disabled={value !== undefined || typed.trim() === ""}
            onClick={begin}
          >
            {t("Let both write")}
          </Button>
        )}
      </div>
      {task.error && (
        <ModelNote model={model} busy={undefined} error={task.error} retry={begin} host={host} />
      )}
      {value && (
        <>
          <div class="lesson-pair">
            {half("left")}
            {half("right")}
          </div>
          <fieldset class="gb-row lesson-choice" aria-label={t("Which is better?")}>
            {told ? (
              <Button appearance="primary" onClick={next}>
                {t("Next pair")}
              </Button>
            ) : (
              <>
                <Button onClick={() => judge(1)}>{t("Left is better")}</Button>
                <Button onClick={() => judge(0.5)}>{t("Neither")}</Button>
                <Button onClick={() => judge(0)}>{t("Right is better")}</Button>
              </>
            )}
            {judged.length > 0 && <LinkButton onClick={again}>{t("Begin again")}</LinkButton>}
          </fieldset>
        </>
      )}
      {!covered && judged.length > 0 && (
        <Figure
          caption={captionOf(judged.length, spread, first, last)}
          table={{
            columns: [t("Contestant"), t("Rating"), t("Pairs")],
            rows: () =>
              order.map((each) => [
                each.label,
                formatCount(Math.round(ratingOf(ratings, each))),
                String(judged.filter(({ a, b }) => a === each.id || b === each.id).length),
              ]),
          }}
        >
          <Bars
            bars={order.map((each) => ({
              key: each.id,
              label: each.label,
              share: (ratingOf(ratings, each) - 800) / 400,
              value: formatCount(Math.round(ratingOf(ratings, each))),
              strong: each === first && spread > 0,
            }))}
          />
        </Figure>
      )}
    </>
  );
}

function ratingOf(ratings: ReadonlyMap<string, number>, { id }: Contestant): number {
  return ratings.get(id) ?? 0;
}

function captionOf(
  pairs: number,
  spread: number,
  first: Contestant | undefined,
  last: Contestant | undefined,
): string {
  if (spread < 0.5 || !first || !last)
    return t("After {0} all stand at the same rating.", countedPairs(pairs));
  const share = Math.round(100 * expectedScore(spread, 0));
  return t(
    "After {0} “{1}” leads “{2}” by {3} points: of a hundred more pairs it is expected to win {4}. So few pairs prove nothing yet.",
    countedPairs(pairs),
    first.label,
    last.label,
    formatCount(Math.round(spread)),
    share,
  );
}
