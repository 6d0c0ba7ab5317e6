/** The exhibit of guess and check: attempts of the loaded model at a function, graded in the sandbox, and what is pushed. */

import { useEffect, useState } from "preact/hooks";
import {
  advantages,
  BODY_ENDS,
  type Case,
  passAtK,
  readTask,
  reinforced,
  sourceOf,
} from "../../../src/core/lessons/attempts.js";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { FunctionRun } from "../../../src/shared/workerProtocol.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { Button, Dropdown, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps, LessonHost } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "attempts" }>;

/** Attempts of a round, and tokens of an attempt at most. */
const ROUND = 8;
const MOST_TOKENS = 70;
const LONGEST = 300;

interface Attempt {
  seed: number;
  body: string;
  tokens: number;
  /** ln of the probability that the model gave the whole of it, at temperature 1. */
  logProbability: number;
  passed: boolean;
  /** What went wrong first; undefined where nothing did. */
  fault: string | undefined;
}

export function AttemptsExhibit(props: ExhibitProps<Config>) {
  const { config, model, host, covered, onInstrument } = props;
  const [chosen, setChosen] = useState(config.tasks[0]?.id ?? "");
  const [task, setTask] = useState(config.tasks[0]!);
  const [temperature, setTemperature] = useState(config.temperature);
  const [strength, setStrength] = useState(1);
  const key = JSON.stringify([modelFile(model), task, temperature]);
  const work = useTask<{ attempts: Attempt[]; writing: string | undefined }>(key);
  const { attempts, writing } = work.value ?? { attempts: [], writing: undefined };

  const go = () =>
    work.begin(async (signal, show) => {
      const read = readTask(task);
      const expected = await expectedValues(host, read.cases, signal);
      const all = [...attempts];
      for (let at = 0; at < ROUND; at++) {
        const settings = { seed: all.length + 1, temperature, signal };
        const attempt = await attemptOnce(host, read, expected, settings, (text) =>
          show({ attempts: [...all], writing: text }),
        );
        all.push(attempt);
        show({ attempts: [...all], writing: undefined });
      }
    });

  const passed = attempts.filter((attempt) => attempt.passed).length;
  const rate = passed / Math.max(1, attempts.length);
  const after = reinforced(rate, strength);
  useEffect(() => {
    onInstrument({
      text: JSON.stringify(task),
      readings: {
        ...(attempts.length > 0 && {
          attempts: attempts.length,
          temperature,
          passed,
          "pass-rate": rate,
          after,
          distinct: new Set(attempts.map(({ body }) => body)).size,
        }),
      },
      setting:
        attempts.length === 1
          ? t("1 attempt at {0}", task.header)
          : t("{0} attempts at {1}", attempts.length, task.header),
      guesses: {},
    });
  }, [work.value, task, temperature, after]);

  const { running } = work;
  const change = (part: Partial<typeof task>) => setTask({ ...task, ...part });
  return (
    <>
      <div class="lesson-sliders">
        <Dropdown
          label={t("Task")}
          value={chosen}
          options={config.tasks.map(({ id, label }) => ({ value: id, label }))}
          onChange={(id) => {
            const next = config.tasks.find((other) => other.id === id);
            if (!next) return;
            setChosen(id);
            change(next);
          }}
        />
        <TextField label={t("Function")} value={task.header} onInput={(header) => change({ header })} />
        <Slider
          label={t("Temperature")}
          min={0}
          max={1.5}
          step={0.1}
          value={temperature}
          valueText={formatFixed(temperature, 1)}
          onInput={setTemperature}
        />
      </div>
      <Field
        label={t("What it is to do")}
        value={task.instruction}
        onInput={(instruction) => change({ instruction })}
      />
      <Field label={t("Tests, one a line")} value={task.cases} onInput={(cases) => change({ cases })} code />
      <div class="gb-row lesson-row">
        {running ? (
          <Button onClick={work.stop}>{t("Stop")}</Button>
        ) : (
          <Button appearance="primary" onClick={go}>
            {attempts.length === 0 ? t("Make {0} attempts", ROUND) : t("{0} more", ROUND)}
          </Button>
        )}
        {attempts.length > 0 && <LinkButton onClick={work.clear}>{t("Clear")}</LinkButton>}
        <span class="gb-dim" role="status">
          {running ? t("Attempt {0} …", attempts.length + 1) : ""}
        </span>
      </div>
      {running && model.kind === "loading" && (
        <ModelNote model={model} busy={t("Loading …")} error={undefined} retry={go} host={host} />
      )}
      {work.error && <ModelNote model={model} busy={undefined} error={work.error} retry={go} host={host} />}
      {running && writing !== undefined && <pre class="lesson-page">{writing}</pre>}
      {!covered && attempts.length > 0 && (
        <>
          <Figure
            caption={captionOf(passed, attempts.length)}
            table={{
              columns: [
                t("Attempt"),
                t("Passed"),
                t("Push"),
                "ln p",
                t("Tokens"),
                t("Code"),
                t("First fault"),
              ],
              rows: () => {
                const pushes = advantages(attempts.map((attempt) => (attempt.passed ? 1 : 0)));
                return attempts.map((attempt, at) => [
                  String(attempt.seed),
                  attempt.passed ? t("yes") : t("no"),
                  formatFixed(pushes[at] ?? 0, 2),
                  formatFixed(attempt.logProbability, 1),
                  String(attempt.tokens),
                  attempt.body.trim(),
                  attempt.fault ?? "",
                ]);
              },
            }}
          >
            <ol class="lesson-attempts-list">
              {grouped(attempts).map(({ attempt, count, push }) => (
                <li key={attempt.body} data-passed={attempt.passed}>
                  <div>
                    <span class={attempt.passed ? "gb-verified" : "gb-contradicted"}>
                      <span aria-hidden="true">{attempt.passed ? "✓" : "✗"}</span>{" "}
                      {attempt.passed ? t("passed") : t("failed")}
                    </span>{" "}
                    <span class="gb-dim">
                      {count === 1 ? t("once") : t("{0} times", count)}, {pushInWords(push)}
                      {attempt.fault ? `; ${attempt.fault}` : ""}
                    </span>
                  </div>
                  <pre class="lesson-page">{attempt.body}</pre>
                </li>
              ))}
            </ol>
            {attempts.length > 1 && (
              <Curve
                xs={attempts.map((_, at) => at + 1)}
                lines={[
                  {
                    label: t("probability that at least one of so many attempts passes"),
                    ys: attempts.map((_, at) => passAtK(attempts.length, passed, at + 1)),
                  },
                ]}
                most={1}
                xLabel={t("so many attempts, of which at least one passes")}
                writeX={String}
                writeY={(share) => formatReading(share, "probability")}
              />
            )}
          </Figure>
          <div class="lesson-sliders">
            <Slider
              label={t("How hard the reward pushes")}
              min={0}
              max={5}
              step={0.25}
              value={strength}
              valueText={formatFixed(strength, 2)}
              onInput={setStrength}
            />
          </div>
          <Bars
            bars={[
              { key: "now", label: t("passes now"), share: rate, value: formatProbability(rate) },
              {
                key: "after",
                label: t("after the push"),
                share: after,
                value: formatProbability(after),
                strong: true,
              },
            ]}
          />
        </>
      )}
    </>
  );
}

function Field(props: { label: string; value: string; code?: boolean; onInput(value: string): void }) {
  return (
    <label class="lesson-prompt lesson-field">
      <span class="gb-dim">{props.label}</span>
      <textarea
        class="gb-text-area"
        dir="auto"
        rows={props.value.split("\n").length}
        maxLength={LONGEST}
        spellcheck={!props.code}
        value={props.value}
        onInput={(event) => props.onInput(event.currentTarget.value)}
      />
    </label>
  );
}

/** How the sandbox prints the expected values: the same way as it will print the function's. */
async function expectedValues(
  host: LessonHost,
  cases: readonly Case[],
  signal: AbortSignal,
): Promise<string[]> {
  const runs = await host.call(
    "tryFunction",
    {
      source: "function itself(value) { return value; }",
      languageId: "javascript",
      functionName: "itself",
      inputs: cases.map(({ expected }) => expected),
    },
    { signal },
  );
  return runs.map(({ value }) => value);
}

async function attemptOnce(
  host: LessonHost,
  task: ReturnType<typeof readTask>,
  expected: readonly string[],
  { seed, temperature, signal }: { seed: number; temperature: number; signal: AbortSignal },
  onText: (text: string) => void,
): Promise<Attempt> {
  let text = "";
  const decoder = new TextDecoder();
  onText(task.prompt);
  const written = await host.call(
    "write",
    { prompt: task.prompt, maxTokens: MOST_TOKENS, temperature, seed, stopTexts: BODY_ENDS },
    {
      signal,
      onEvent: ({ token }) => {
        text += decoder.decode(token.bytes, { stream: true });
        onText(`${task.prompt}${text}`);
      },
    },
  );
  const runs = await host.call(
    "tryFunction",
    {
      source: sourceOf(task.prompt, written.text),
      languageId: "javascript",
      functionName: task.functionName,
      inputs: task.cases.map(({ input }) => input),
    },
    { signal },
  );
  const fault = firstFault(task, runs, expected);
  return {
    seed,
    body: written.text.trimEnd(),
    tokens: written.tokens.length,
    logProbability: written.tokens.reduce((sum, token) => sum + Math.log(token.probability ?? 1), 0),
    passed: fault === undefined,
    fault,
  };
}

function firstFault(
  { functionName, cases }: ReturnType<typeof readTask>,
  runs: readonly FunctionRun[],
  expected: readonly string[],
): string | undefined {
  for (const [at, run] of runs.entries()) {
    if (run.outcome === "returned" && run.value === expected[at]) continue;
    const call = `${functionName}(${cases[at]?.input})`;
    return run.outcome === "returned"
      ? t("{0} gave {1}, not {2}", call, run.value, expected[at] ?? "")
      : `${call}: ${run.value.split("\n")[0]}`;
  }
  return undefined;
}

/** The same code counted once, passed first, then the most frequent. */
function grouped(attempts: readonly Attempt[]): { attempt: Attempt; count: number; push: number }[] {
  const pushes = advantages(attempts.map((attempt) => (attempt.passed ? 1 : 0)));
  const groups = new Map<string, { attempt: Attempt; count: number; push: number }>();
  for (const [at, attempt] of attempts.entries()) {
    // How far it is indented makes it no other attempt.
    const body = attempt.body.trim();
    const group = groups.get(body);
    if (group) group.count++;
    else groups.set(body, { attempt, count: 1, push: pushes[at] ?? 0 });
  }
  return [...groups.values()].toSorted(
    (a, b) => Number(b.attempt.passed) - Number(a.attempt.passed) || b.count - a.count,
  );
}

function pushInWords(push: number): string {
  if (push === 0) return t("not pushed: all did alike");
  const by = formatFixed(Math.abs(push), 2);
  return push > 0 ? t("pushed up by {0}", by) : t("pushed down by {0}", by);
}

function captionOf(passed: number, attempts: number): string {
  const rate = passed / attempts;
  const all = attempts === 1 ? t("1 attempt") : t("{0} attempts", formatCount(attempts));
  const share = formatReading(rate, "probability");
  return passed === 1
    ? t("{0} of {1} passes all tests: {2}. {3}", passed, all, share, signalOf(rate))
    : t("{0} of {1} pass all tests: {2}. {3}", passed, all, share, signalOf(rate));
}

function signalOf(rate: number): string {
  if (rate === 0) return t("None passes, so there is nothing that could be made more probable.");
  if (rate === 1) return t("All pass, so there is nothing left to learn from this task.");
  return t("Some pass and some do not: what passes can be made more probable.");
}
