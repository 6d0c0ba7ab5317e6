/** A check in which the reader guesses a number, and is told how far off it is; the number is measured when they answer. */

import { useState } from "preact/hooks";
import { readingOf } from "../../../src/core/lessons/exhibits.js";
import {
  formatReading,
  type JudgedEstimate,
  judgeEstimate,
  readNumber,
} from "../../../src/core/lessons/judge.js";
import { toWireError, type WireError } from "../../../src/shared/errors.js";
import type { CheckConfig, NumberFormat } from "../../../src/shared/panels/lesson.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, TextField } from "../../ui/toolkit.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Estimate = Extract<CheckConfig, { type: "estimate" }>;

export function EstimateCheck(props: CheckProps & { config: Estimate }) {
  const { config, progress, instrument, exhibit, host, onAnswer, onReveal } = props;
  const { of, unit, within } = config;
  const [typed, setTyped] = useState("");
  const [judged, setJudged] = useState<JudgedEstimate & { value: number; guess: number }>();
  const [error, setError] = useState<WireError>();
  // In a field that says "%" a second one means the same.
  const guess = readNumber(unit === "%" ? typed.replace("%", "") : typed);
  const format = of.kind === "fact" ? "number" : (readingOf(exhibit.config, of.reading)?.format ?? "number");
  const known = of.kind === "fact" || instrument?.readings[of.reading] !== undefined;

  async function answer(): Promise<void> {
    if (guess === undefined) return;
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
      onAnswer(typed.trim(), found.right);
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  }

  return (
    <CheckFrame {...props} kind="estimate">
      {!progress.done && (
        <div class="gb-row">
          <TextField
            label={unit === "" ? "Your guess" : `Your guess, in ${unit}`}
            labelHidden
            placeholder={format === "probability" ? "such as 40 %" : "a number"}
            size={16}
            value={typed}
            onInput={setTyped}
            onEnter={() => void answer()}
          />
          {unit !== "" && <span>{unit}</span>}
          <Button appearance="primary" onClick={() => void answer()} disabled={guess === undefined || !known}>
            Guess
          </Button>
          {typed !== "" && guess === undefined && <span class="gb-dim">That is no number yet.</span>}
          {!known && <span class="gb-dim">The exhibit is still computing.</span>}
        </div>
      )}
      {error && <ErrorNote error={error} />}
      {judged && <Verdict right={judged.right}>{sentence(judged, format, unit)}</Verdict>}
      {!judged && progress.done && progress.answer !== undefined && (
        <p class="gb-dim">
          Your answer: {progress.answer} {unit}
        </p>
      )}
    </CheckFrame>
  );
}

function sentence(
  { right, value, guess, points, distance }: JudgedEstimate & { value: number; guess: number },
  format: NumberFormat,
  unit: string,
): string {
  const write = (number: number) => `${formatReading(number, format)}${unit === "" ? "" : ` ${unit}`}`;
  if (guess === value) return `Exactly: ${write(value)}. 100 points of 100.`;
  const score = `${points} ${points === 1 ? "point" : "points"} of 100`;
  // A wrong guess is told its distance, not the number: there is more to be had from guessing again.
  return right
    ? `Measured: ${write(value)}. You were ${distance}: ${score}.`
    : `Your guess is ${distance}: ${score}.`;
}
