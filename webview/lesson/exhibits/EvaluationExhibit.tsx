/** The exhibit of an evaluation set: the reader's own cases, run on the loaded model, judged by words, and kept. */

import { useEffect, useRef, useState } from "preact/hooks";
import { judgeAnswer } from "../../../src/core/lessons/answerRules.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { EvaluationCase, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { Button, LinkButton, Spinner } from "../../ui/toolkit.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";
import "./field.css";

type Config = Extract<ExhibitConfig, { type: "evaluation" }>;

const MOST_CASES = 20;

interface Result {
  answer: string;
  passed: boolean;
}

interface Ran {
  results: Result[];
  model: string;
}

export function EvaluationExhibit(props: ExhibitProps<Config>) {
  const { id, config, model, host, covered, onInstrument } = props;
  const [cases, setCases] = useState<EvaluationCase[]>(config.cases);
  const complete = cases.filter(({ prompt, expect }) => prompt.trim() !== "" && expect.trim() !== "");
  const key = JSON.stringify(complete);
  const task = useTask<Ran>(`${modelFile(model)}\n${key}`);
  const { value, running } = task;
  const [loaded, setLoaded] = useState(false);
  // The set as it lies on this machine; as long as nothing does, the lesson's.
  const kept = useRef(JSON.stringify(config.cases));

  useEffect(() => {
    host.call("kept", { exhibitId: id }).then(
      (found) => {
        if (found !== null) {
          kept.current = found;
          setCases(readCases(found) ?? config.cases);
        }
        setLoaded(true);
      },
      () => setLoaded(true),
    );
  }, [id]);
  useEffect(() => {
    const value = JSON.stringify(cases);
    if (!loaded || value === kept.current) return;
    const timer = setTimeout(() => {
      kept.current = value;
      void host.call("keep", { exhibitId: id, value });
    }, 400);
    return () => clearTimeout(timer);
  }, [cases, loaded]);

  const passed = value?.results.filter((result) => result.passed).length ?? 0;
  const own = complete.filter(
    (each) => !config.cases.some(({ prompt, expect }) => prompt === each.prompt && expect === each.expect),
  ).length;
  const done = value !== undefined && value.results.length === complete.length && !running;
  useEffect(() => {
    onInstrument({
      text: key,
      // What has not been run has passed nothing.
      readings: done
        ? { cases: complete.length, passed, failed: complete.length - passed, own }
        : { cases: 0, passed: 0, failed: 0, own },
      setting: countedCases(complete.length),
      guesses: {},
    });
  }, [key, done, passed, own]);

  const run = () =>
    task.begin(async (signal, show) => {
      const results: Result[] = [];
      let name = "";
      for (const { prompt, expect } of complete) {
        const request = {
          prompt: prompt.trimEnd(),
          maxTokens: config.maxTokens,
          temperature: 0,
          seed: 1,
          stopTexts: ["\n"],
        };
        const written = await host.call("write", request, { signal });
        const rule = { rule: "contains" as const, texts: [expect.trim()] };
        const { met } = await judgeAnswer(rule, written.text, refuse);
        results.push({ answer: written.text.trim(), passed: met });
        name = written.model;
        show({ results: [...results], model: name });
      }
    });
  const change = (at: number, part: Partial<EvaluationCase>) =>
    setCases((before) => before.map((each, other) => (other === at ? { ...each, ...part } : each)));
  return (
    <>
      {/* The fields are named for who hears the page; this names them for who sees it. */}
      <div class="lesson-case lesson-case-head gb-dim" aria-hidden="true">
        <span>{t("A prompt")}</span>
        <span>{t("what must be in the answer")}</span>
        <span>{t("remove")}</span>
      </div>
      <ol class="lesson-cases">
        {cases.map(({ prompt, expect }, at) => {
          const result = covered ? undefined : value?.results[complete.indexOf(cases[at] as EvaluationCase)];
          return (
            // Cases have no name but their place.
            <li key={`case ${at + 1}`} class="lesson-case">
              <textarea
                class="gb-text-area"
                rows={1}
                aria-label={t("Case {0}: prompt", at + 1)}
                placeholder={t("A prompt")}
                value={prompt}
                onInput={(event) => change(at, { prompt: event.currentTarget.value })}
              />
              <input
                class="gb-text-area"
                aria-label={t("Case {0}: what the answer must contain", at + 1)}
                placeholder={t("what must be in the answer")}
                value={expect}
                onInput={(event) => change(at, { expect: event.currentTarget.value })}
              />
              <LinkButton
                label={t("Remove case {0}", at + 1)}
                onClick={() => setCases((before) => before.filter((_, other) => other !== at))}
              >
                {t("remove")}
              </LinkButton>
              {result && (
                <span class="lesson-case-result">
                  <span class={result.passed ? "gb-verified" : "gb-contradicted"}>
                    <span aria-hidden="true">{result.passed ? "✓" : "✗"}</span>{" "}
                    {result.passed ? t("passed") : t("not passed")}
                  </span>{" "}
                  <span class="gb-dim">{result.answer === "" ? t("(nothing)") : result.answer}</span>
                </span>
              )}
            </li>
          );
        })}
      </ol>
      <div class="gb-row">
        {running ? (
          <>
            <Spinner label={t("The cases run")} />
            <Button onClick={task.stop}>{t("Stop")}</Button>
            <span role="status" class="gb-dim">
              {t("{0} of {1}", value?.results.length ?? 0, complete.length)}
            </span>
          </>
        ) : (
          <Button appearance="primary" disabled={complete.length === 0} onClick={run}>
            {complete.length === 1 ? t("Run 1 case") : t("Run {0} cases", complete.length)}
          </Button>
        )}
        {cases.length < MOST_CASES && (
          <LinkButton onClick={() => setCases((before) => [...before, { prompt: "", expect: "" }])}>
            {t("Add a case")}
          </LinkButton>
        )}
        {JSON.stringify(cases) !== JSON.stringify(config.cases) && (
          <LinkButton onClick={() => setCases(config.cases)}>{t("Use the lesson’s cases")}</LinkButton>
        )}
        <span class="gb-dim">{t("Your set is kept on this machine.")}</span>
      </div>
      {task.error && <ModelNote model={model} busy={undefined} error={task.error} retry={run} host={host} />}
      {!covered && done && value && (
        <Figure
          caption={t(
            "{0} passed {1} of {2} at temperature 0, each judged by one word or phrase. With so few cases, one more or less right moves the score by {3} points of a hundred.",
            value.model,
            passed,
            countedCases(complete.length),
            Math.round(100 / complete.length),
          )}
          table={{
            columns: [t("Prompt"), t("Must contain"), t("Answer"), t("Passed")],
            rows: () =>
              complete.map(({ prompt, expect }, at) => [
                prompt,
                expect,
                value.results[at]?.answer ?? "",
                value.results[at]?.passed ? t("yes") : t("no"),
              ]),
          }}
        >
          {null}
        </Figure>
      )}
    </>
  );
}

function countedCases(count: number): string {
  return count === 1 ? t("1 case") : t("{0} cases", count);
}

/** Cases that were kept, if that is what was kept. */
function readCases(kept: string): EvaluationCase[] | undefined {
  const stored: unknown = JSON.parse(kept);
  if (!Array.isArray(stored)) return undefined;
  return stored.slice(0, MOST_CASES).map((each: Partial<EvaluationCase>) => ({
    prompt: String(each.prompt ?? ""),
    expect: String(each.expect ?? ""),
  }));
}

const refuse = () => Promise.reject(new GlassboxError("invalid-request", "Cases are judged by words."));
