/** The exhibit of thinking in tokens: the same sums answered at once and step by step by the loaded model, and graded. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  answerOf,
  FEWEST_TERMS,
  firstWrongStep,
  MOST_TERMS,
  sumOf,
  sumPrompt,
  sumTerms,
  type Way,
  wilson,
} from "../../../src/core/lessons/sums.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { withWholeNumbers } from "../../ui/sentence.js";
import { Slider } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { joinSentences } from "./joinSentences.js";
import "./experiments.css";
import { modelFile } from "./ModelNote.js";
import { RunsOfModel } from "./RunsOfModel.js";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "sums" }>;

const WAYS = ["at once", "step by step"] as const satisfies readonly Way[];
const MOST_TOKENS: Record<Way, number> = { "at once": 6, "step by step": 90 };
const ROUNDS = [4, 10, 20, 40];
/** Sums that are written out below the bars. */
const SHOWN = 6;

interface Attempt {
  text: string;
  right: boolean;
  tokens: number;
}

interface Row {
  numbers: number[];
  attempts: Partial<Record<Way, Attempt>>;
}

export function SumsExhibit({ config, model, host, covered, onInstrument }: ExhibitProps<Config>) {
  const [terms, setTerms] = useState(config.terms);
  const [round, setRound] = useState(0);
  const rounds = ROUNDS[round] ?? 1;
  /** How many sums there were when the run began. */
  const [begun, setBegun] = useState(0);
  const task = useTask<Row[]>(`${modelFile(model)} ${terms}`);
  const rows = task.value ?? [];
  const scores = WAYS.map((way) => scoreOf(rows, way));
  const [once, steps] = scores;

  useEffect(() => {
    const readings: Record<string, number> = { terms, runs: steps?.of ?? 0 };
    if (once && once.of > 0) {
      readings["right-at-once"] = once.right / once.of;
      readings["tokens-at-once"] = once.tokens / once.of;
    }
    if (steps && steps.of > 0) {
      readings["right-step-by-step"] = steps.right / steps.of;
      readings["tokens-step-by-step"] = steps.tokens / steps.of;
    }
    onInstrument({ text: "", readings, setting: t("sums of {0}", terms), guesses: {} });
  }, [terms, task.value]);

  const run = () => {
    setBegun(rows.length);
    task.begin(async (signal, show) => {
      let sofar = rows;
      for (let at = rows.length; at < rows.length + rounds; at++) {
        const numbers = sumTerms(terms, 1000 * terms + at);
        let row: Row = { numbers, attempts: {} };
        for (const way of WAYS) {
          const written = await host.call(
            "write",
            {
              prompt: sumPrompt(numbers, way),
              maxTokens: MOST_TOKENS[way],
              temperature: 0.3,
              seed: at + 1,
              stopTexts: ["\n"],
            },
            { signal },
          );
          const attempt = {
            text: written.text.trim(),
            right: answerOf(written.text) === sumOf(numbers),
            tokens: written.tokens.length,
          };
          row = { numbers, attempts: { ...row.attempts, [way]: attempt } };
          show([...sofar, row]);
        }
        sofar = [...sofar, row];
      }
    });
  };
  const done = rows.filter(({ attempts }) => attempts["step by step"]).length;

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
          label={t("Sums in a go")}
          min={0}
          max={ROUNDS.length - 1}
          step={1}
          value={round}
          valueText={String(rounds)}
          onInput={setRound}
        />
      </div>
      <RunsOfModel
        task={task}
        label={rows.length > 0 ? t("Run {0} more", rounds) : t("Run {0} sums", rounds)}
        run={run}
        progress={{
          text: t("The model adds in both ways: {0} of {1} sums done …", done - begun, rounds),
          fraction: (done - begun) / rounds,
        }}
        nothingYet={t(
          "The loaded model has answered nothing yet. A small one takes some seconds for each sum.",
        )}
        covered={covered}
        model={model}
        host={host}
      />
      {!covered && rows.length > 0 && (
        <Figure
          caption={captionOf(scores, terms)}
          table={{
            columns: [t("Sum"), t("Is"), t("At once"), t("Step by step"), t("First wrong step")],
            rows: () =>
              rows.map(({ numbers, attempts }) => [
                numbers.join(" + "),
                String(sumOf(numbers)),
                told(attempts["at once"]),
                told(attempts["step by step"]),
                firstWrongStep(attempts["step by step"]?.text ?? "") ?? "",
              ]),
          }}
        >
          <Bars
            bars={scores.map(({ way, right, of, tokens }) => {
              return {
                key: way,
                label: wayInWords(way),
                share: of === 0 ? 0 : right / of,
                value:
                  of === 0
                    ? t("not yet")
                    : t("{0} of {1} right, {2} tokens each", right, of, formatReading(tokens / of, "number")),
              };
            })}
          />
          <p class="gb-dim">{withWholeNumbers(rangeOf(scores))}</p>
          <ul class="lesson-sums">
            {rows.slice(-SHOWN).map(({ numbers, attempts }, at) => (
              // The same sum may come twice.
              <li key={`${at} ${numbers.join("+")}`}>
                <code>
                  {numbers.join(" + ")} = {sumOf(numbers)}
                </code>
                {WAYS.map((way) => {
                  const attempt = attempts[way];
                  return (
                    <div key={way}>
                      <span class={classOf(attempt)}>
                        <span aria-hidden="true">{attempt ? (attempt.right ? "✓" : "✗") : "…"}</span>
                        <span class="gb-visually-hidden">
                          {attempt ? `${attempt.right ? t("right") : t("wrong")}, ` : ""}
                        </span>
                      </span>{" "}
                      <span class="gb-dim">{wayInWords(way)}:</span>{" "}
                      <span class="lesson-said">{attempt?.text ?? ""}</span>
                    </div>
                  );
                })}
              </li>
            ))}
          </ul>
        </Figure>
      )}
    </>
  );
}

function scoreOf(rows: readonly Row[], way: Way) {
  const attempts = rows.flatMap(({ attempts: own }) => own[way] ?? []);
  return {
    way,
    of: attempts.length,
    right: attempts.filter(({ right }) => right).length,
    tokens: attempts.reduce((sum, { tokens }) => sum + tokens, 0),
  };
}

function classOf(attempt: Attempt | undefined): string {
  if (!attempt) return "gb-dim";
  return attempt.right ? "gb-verified" : "gb-contradicted";
}

/** How little the tries prove. */
function rangeOf(scores: readonly ReturnType<typeof scoreOf>[]): string {
  const said = scores
    .filter(({ of }) => of > 0)
    .map(({ way, right, of }) => {
      const { low, high } = wilson({ right, of });
      return t("between {1} and {2} % {0}", wayInWords(way), Math.round(low * 100), Math.round(high * 100));
    });
  return t("So few tries leave room. With 95 % confidence the true share lies {0}.", said.join(", "));
}

function told(attempt: Attempt | undefined): string {
  return attempt ? `${attempt.right ? "✓" : "✗"} ${attempt.text}` : "";
}

function captionOf(scores: readonly ReturnType<typeof scoreOf>[], terms: number): string {
  const said = scores
    .filter(({ of }) => of > 0)
    .map(({ way, right, of }) => t("{0} {1} of {2}", wayInWords(way), right, of))
    .join(", ");
  const [once, steps] = scores;
  const factor =
    once && steps && once.tokens > 0 && steps.of > 0 && once.of > 0
      ? t(
          "Step by step took {0} times the tokens.",
          formatReading(steps.tokens / steps.of / (once.tokens / once.of), "number"),
        )
      : undefined;
  return joinSentences(t("Sums of {0} numbers, right {1}.", terms, said), factor);
}

function wayInWords(way: Way): string {
  return way === "at once" ? t("at once") : t("step by step");
}
