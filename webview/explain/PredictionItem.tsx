/**
 * A question that a run decides. The reader says first what will come out; then stand beside one another what the
 * reader said, what the model said, and what the run showed.
 */

import { useState } from "preact/hooks";
import { sayAnswer, sayQuestion } from "../../src/core/checks/sayQuestion.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type {
  GrowthPoint,
  PredictedAnswer,
  Prediction,
  PredictionOutcome,
  PredictionQuestion,
} from "../../src/shared/panels/explain.js";
import { countedLines } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { VerdictMark } from "../ui/notes.js";
import { Button, LinkButton, TextField } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import type { Ask } from "./Explain.js";
import { TraceFilm } from "./TraceFilm.js";

export interface PredictionItemProps {
  prediction: Prediction;
  /** The reader does not want to guess: what is known is shown. */
  shown: boolean;
  onShow(): void;
  lineAt(line: number): string | undefined;
  ask: Ask;
}

export function PredictionItem({ prediction, shown, onShow, lineAt, ask }: PredictionItemProps) {
  const { question, reader, model, outcome } = prediction;
  const open = shown || reader !== undefined;
  return (
    <section class="gb-prediction" aria-label={sayQuestion(question)}>
      <p class="gb-question">{sayQuestion(question)}</p>
      {!open && (
        <Guess
          prediction={prediction}
          onGuess={(answer) => ask("predict", { prediction: question.id, answer })}
          onShow={() => {
            onShow();
            ask("reveal", { prediction: question.id });
          }}
        />
      )}
      {open && (
        <>
          <table class="gb-said" aria-label={t("Who said what")}>
            <tbody>
              {reader && <SaidRow who={t("you said")} question={question} said={reader} ask={ask} />}
              {model && <SaidRow who={t("the model said")} question={question} said={model} ask={ask} />}
              {outcome && (
                <tr>
                  <th scope="row">{t("the run")}</th>
                  <td>
                    <strong>
                      <code>
                        {outcome.actual === undefined
                          ? t("does not decide it")
                          : sayAnswer(question, outcome.actual)}
                      </code>
                    </strong>
                  </td>
                  <td />
                </tr>
              )}
            </tbody>
          </table>
          {!model && <p class="gb-dim">{t("The model has not been asked this yet.")}</p>}
          {outcome ? (
            <Outcome prediction={prediction} outcome={outcome} lineAt={lineAt} ask={ask} />
          ) : (
            <p class="gb-dim">{t("Running …")}</p>
          )}
        </>
      )}
    </section>
  );
}

function SaidRow(props: { who: string; question: PredictionQuestion; said: PredictedAnswer; ask: Ask }) {
  const { who, question, said, ask } = props;
  const { call } = said;
  return (
    <tr>
      <th scope="row">{who}</th>
      <td>
        <code>{sayAnswer(question, said.answer)}</code>
      </td>
      <td>
        <VerdictMark verdict={said.verdict} />{" "}
        {call !== undefined && (
          <LinkButton
            label={t("Show what was sent for this prediction")}
            onClick={() => ask("showSent", { call })}
          >
            {t("sent")}
          </LinkButton>
        )}
      </td>
    </tr>
  );
}

function Guess(props: { prediction: Prediction; onGuess(answer: string): void; onShow(): void }) {
  const { question, model } = props.prediction;
  const [answer, setAnswer] = useState("");
  const name = useUniqueId();
  const guess = () => {
    if (answer.trim() !== "") props.onGuess(answer.trim());
  };
  return (
    <>
      {question.options.length > 0 ? (
        <fieldset class="gb-options">
          <legend class="gb-visually-hidden">{sayQuestion(question)}</legend>
          {question.options.map((option) => (
            <label key={option}>
              <input
                type="radio"
                name={name}
                value={option}
                checked={answer === option}
                onChange={() => setAnswer(option)}
              />
              <code>{sayAnswer(question, option)}</code>
            </label>
          ))}
        </fieldset>
      ) : (
        <TextField
          label={t("Your answer: {0}", sayQuestion(question))}
          labelHidden
          value={answer}
          placeholder={PLACEHOLDERS[question.form]}
          onInput={setAnswer}
          onEnter={guess}
        />
      )}
      <p class="gb-row gb-guess">
        <Button onClick={guess} disabled={answer.trim() === ""}>
          {t("Check")}
        </Button>
        <LinkButton onClick={props.onShow}>{t("Show the answer")}</LinkButton>
        {model && <span class="gb-dim">{t("The model has answered; you see it when you have.")}</span>}
      </p>
    </>
  );
}

const PLACEHOLDERS: Record<PredictionQuestion["form"], string> = {
  choice: "",
  count: t("a number"),
  number: t("a number"),
  text: t("a text, with or without quotes"),
  literal: t("a value, such as [1, 2]"),
};

function Outcome(props: {
  prediction: Prediction;
  outcome: PredictionOutcome;
  lineAt(line: number): string | undefined;
  ask: Ask;
}) {
  const { prediction, outcome, lineAt, ask } = props;
  const { question } = prediction;
  const [film, setFilm] = useState(false);
  const { trace, traceStep } = outcome;
  return (
    <details class="gb-check">
      <summary>
        {t("Evidence")} <span class="gb-dim">{outcome.tool}</span>
      </summary>
      <p>{outcome.evidence}</p>
      {outcome.growth.length > 0 && <Growth points={outcome.growth} answer={outcome.actual} />}
      {trace && trace.steps.length > 0 && (
        <>
          <p>
            <LinkButton expanded={film} onClick={() => setFilm(!film)}>
              {film
                ? t("Put the run away")
                : traceStep === undefined
                  ? t("Watch the run")
                  : t("Watch the run at moment {0}, which decides", traceStep + 1)}
            </LinkButton>
          </p>
          {film && (
            <TraceFilm
              trace={trace}
              functionName={question.functionName}
              firstLine={outcome.firstLine}
              beside={outcome.beside}
              lineAt={lineAt}
              startAt={traceStep}
              onMoment={(moment) => ask("showMoment", { prediction: question.id, moment: moment ?? null })}
            />
          )}
        </>
      )}
    </details>
  );
}

/** Lines that were run over the size of the input, as bars. */
function Growth({ points, answer }: { points: readonly GrowthPoint[]; answer: string | undefined }) {
  const most = points.reduce((max, { lines }) => Math.max(max, lines), 1);
  const [first, last] = [points[0]!, points.at(-1)!];
  const written = (ratio: number) => formatFixed(ratio, ratio < 10 ? 1 : 0);
  const grew =
    points.length > 1 && first.size > 0 && first.lines > 0
      ? t(
          "From size {0} to {1}, {2} times as large, the lines that ran grew from {3} to {4}, {5} times as many",
          formatCount(first.size),
          formatCount(last.size),
          written(last.size / first.size),
          formatCount(first.lines),
          formatCount(last.lines),
          written(last.lines / first.lines),
        )
      : t("At size {0}, {1} ran", formatCount(last.size), countedLines(last.lines));
  return (
    <Figure
      caption={`${grew}${answer === undefined ? "" : `: ${answer}`}.`}
      table={{
        columns: ["Size of the input", "Lines that ran"],
        heads: [t("Size of the input"), t("Lines that ran")],
        rows: () => points.map(({ size, lines }) => [formatCount(size), formatCount(lines)]),
      }}
    >
      <ul class="gb-growth">
        {points.map(({ size, lines }) => (
          <li key={size}>
            <span>{formatCount(size)}</span>
            <span class="gb-growth-bar" style={{ width: `${(lines / most) * 100}%` }} />
            <span>{formatCount(lines)}</span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}
