/** A check in which the reader guesses a number, and is told how far off it is; the number is measured when they answer. */

import { useState } from "preact/hooks";
import { readingOf } from "../../../src/core/lessons/exhibits.js";
import {
  formatReading,
  type JudgedEstimate,
  judgeEstimate,
  readAmount,
  readShare,
} from "../../../src/core/lessons/judge.js";
import { toWireError, type WireError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig, NumberFormat } from "../../../src/shared/panels/lesson.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, TextField } from "../../ui/toolkit.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";
import { Conditions, judgeAll } from "./Conditions.js";

type Estimate = Extract<CheckConfig, { type: "estimate" }>;

export function EstimateCheck(props: CheckProps & { config: Estimate }) {
  const { config, progress, instrument, exhibit, host, onAnswer, onReveal } = props;
  const { of, unit, within } = config;
  const [typed, setTyped] = useState("");
  const [judged, setJudged] = useState<JudgedEstimate & { value: number; guess: number }>();
  const [error, setError] = useState<WireError>();
  const format = of.kind === "fact" ? "number" : (readingOf(exhibit.config, of.reading)?.format ?? "number");
  const guess = format === "probability" ? readShare(typed) : readAmount(typed, unit);
  const known = of.kind === "fact" || instrument?.readings[of.reading] !== undefined;
  // What the exhibit says now is no longer the number that was guessed.
  const now = of.kind === "fact" ? undefined : instrument?.readings[of.reading];
  const moved =
    judged !== undefined &&
    now !== undefined &&
    formatReading(now, format) !== formatReading(judged.value, format);
  const when = judgeAll(config.when, instrument, exhibit);
  const ready = known && when.every(({ met }) => met);

  async function answer(): Promise<void> {
    if (guess === undefined || !ready) return;
    setError(undefined);
    try {
      const [value] =
        of.kind === "fact"
          ? await host.call("measure", { facts: [of.fact] })
          : [instrument?.readings[of.reading]];
      if (value === undefined) return;
      const found = judgeEstimate(guess, value, within);
      setJudged({ ...found, value, guess });
      if (found.right && instrument) onReveal(instrument.text);
      onAnswer(typed.trim(), found.right, found.points);
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  }

  return (
    <CheckFrame {...props} kind={t("estimate")}>
      {!progress.done && when.length > 0 && <Conditions judged={when} />}
      {!progress.done && (
        <div class="gb-row">
          <TextField
            label={unit === "" ? t("Your guess") : t("Your guess, in {0}", unit)}
            labelHidden
            placeholder={format === "probability" ? t("such as 40 %") : t("a number")}
            size={16}
            value={typed}
            onInput={setTyped}
            onEnter={() => void answer()}
          />
          {unit !== "" && <span>{unit}</span>}
          <Button appearance="primary" onClick={() => void answer()} disabled={guess === undefined || !ready}>
            {t({ message: "Guess", comment: "a number" })}
          </Button>
          {typed !== "" && guess === undefined && <span class="gb-dim">{t("That is no number yet.")}</span>}
          {!known && <span class="gb-dim">{t("The exhibit has no result yet.")}</span>}
        </div>
      )}
      {error && <ErrorNote error={error} />}
      {judged && <Verdict right={judged.right}>{verdictOf(judged, format, unit)}</Verdict>}
      {judged?.right && moved && (
        <p class="gb-dim">{t("The exhibit is set otherwise now; what is done stays done.")}</p>
      )}
      {!judged && progress.done && progress.answer !== undefined && (
        <p class="gb-dim">
          {t("Your answer: {0}", `${progress.answer} ${unit}`.trim())}
          {progress.points !== undefined && ` · ${scoreInWords(progress.points)}`}
        </p>
      )}
    </CheckFrame>
  );
}

function verdictOf(
  { right, value, guess, points, distance }: JudgedEstimate & { value: number; guess: number },
  format: NumberFormat,
  unit: string,
): string {
  const write = (number: number) => `${formatReading(number, format)}${unit === "" ? "" : ` ${unit}`}`;
  if (guess === value) return t("Exactly: {0}. 100 points of 100.", write(value));
  const score = scoreInWords(points);
  // A wrong guess is told its distance, not the number: there is more to be had from guessing again.
  return right
    ? t("Measured: {0}. You were {1}: {2}.", write(value), distance, score)
    : t("Your guess is {0}: {1}.", distance, score);
}

function scoreInWords(points: number): string {
  return points === 1 ? t("1 point of 100") : t("{0} points of 100", points);
}
