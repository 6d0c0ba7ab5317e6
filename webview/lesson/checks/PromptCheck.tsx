/** A check in which the reader writes a prompt, the loaded model answers it several times, and the answers are judged. */

import { useEffect, useRef, useState } from "preact/hooks";
import {
  givenAway,
  type JudgedAnswer,
  judgeAnswer,
  ruleInWords,
} from "../../../src/core/lessons/answerRules.js";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig, Written } from "../../../src/shared/panels/lesson.js";
import { countedRuns, countedTokens } from "../../ui/counted.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, LinkButton } from "../../ui/toolkit.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Prompt = Extract<CheckConfig, { type: "prompt" }>;

const LONGEST = 2000;

interface Run {
  seed: number;
  text: string;
  /** Undefined while it is being written or judged. */
  judged: JudgedAnswer[] | undefined;
}

export function PromptCheck(props: CheckProps & { config: Prompt }) {
  const { config, progress, host, onAnswer } = props;
  const [typed, setTyped] = useState(progress.answer ?? progress.wrong.at(-1) ?? config.start);
  const [runs, setRuns] = useState<Run[]>([]);
  const [written, setWritten] = useState<Written>();
  const [error, setError] = useState<WireError>();
  const [running, setRunning] = useState(false);
  const abort = useRef<AbortController>(undefined);
  useEffect(() => () => abort.current?.abort(), []);

  const away = givenAway(typed, config.avoid);
  const ready = typed.trim() !== "" && away.length === 0;
  const passed = runs.filter(({ judged }) => judged?.every(({ met }) => met)).length;
  const ended = runs.length === config.runs && runs.every(({ judged }) => judged !== undefined);

  async function judge(): Promise<void> {
    if (!ready || running) return;
    const controller = new AbortController();
    const { signal } = controller;
    abort.current = controller;
    setRunning(true);
    setError(undefined);
    setRuns([]);
    const done: Run[] = [];
    try {
      for (let seed = 1; seed <= config.runs; seed++) {
        const decoder = new TextDecoder();
        let text = "";
        const answer = await host.call("write", requestOf(config, typed, seed), {
          signal,
          onEvent: ({ token }) => {
            text += decoder.decode(token.bytes, { stream: true });
            setRuns([...done, { seed, text, judged: undefined }]);
          },
        });
        setWritten(answer);
        const judged: JudgedAnswer[] = [];
        for (const rule of config.must) {
          judged.push(
            await judgeAnswer(rule, answer.text, (code) => host.call("tryFunction", code, { signal })),
          );
        }
        done.push({ seed, text: answer.text, judged });
        setRuns([...done]);
      }
      const right = done.filter((run) => run.judged?.every(({ met }) => met)).length;
      onAnswer(typed.trim(), right >= config.need);
    } catch (thrown) {
      if (!isCancelled(thrown)) setError(toWireError(thrown));
    } finally {
      setRunning(false);
    }
  }

  return (
    <CheckFrame {...props} kind={t("write a prompt")}>
      <p class="gb-dim">
        {config.form === "chat"
          ? t("What you write is said to the model as a user says it.")
          : t("The model continues what you write.")}{" "}
        {t(
          "The answer must hold: {0}. {1} with seeds 1 to {2}, temperature {3}; {4} must pass.",
          config.must.map(ruleInWords).join("; "),
          countedRuns(config.runs),
          config.runs,
          formatCount(config.temperature),
          config.need,
        )}
      </p>
      <textarea
        class="gb-text-area"
        aria-label={t("Your prompt")}
        dir="auto"
        rows={Math.min(8, Math.max(2, Math.ceil(typed.length / 70)))}
        maxLength={LONGEST}
        spellcheck={false}
        value={typed}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void judge();
        }}
      />
      <div class="gb-row">
        {running ? (
          <Button onClick={() => abort.current?.abort()}>{t("Stop")}</Button>
        ) : (
          <Button appearance="primary" onClick={() => void judge()} disabled={!ready}>
            {t("Run it {0} times", config.runs)}
          </Button>
        )}
        {typed !== config.start && !running && (
          <LinkButton onClick={() => setTyped(config.start)}>{t("Use the lesson’s prompt")}</LinkButton>
        )}
        <span class="gb-dim" role="status">
          {running
            ? t(
                "Run {0} of {1} …",
                Math.min(config.runs, runs.filter(({ judged }) => judged).length + 1),
                config.runs,
              )
            : t("Ctrl+Enter runs it.")}
        </span>
      </div>
      {away.length > 0 && (
        <p class="gb-contradicted">
          {t("The prompt may not contain {0} itself.", away.map((word) => t("“{0}”", word)).join(", "))}
        </p>
      )}
      {error && <ErrorNote error={error} retry={() => void judge()} />}
      {runs.length > 0 && (
        <ol class="lesson-runs" aria-label={t("What the model wrote")}>
          {runs.map(({ seed, text, judged }) => (
            <li key={seed} class="lesson-run">
              <RunSign judged={judged} />
              <span class="lesson-run-text">{text.trim() === "" ? t("(nothing)") : text.trim()}</span>
              {judged?.some(({ met }) => !met) && (
                <span class="gb-dim">
                  {judged
                    .filter(({ met }) => !met)
                    .map(({ wanted, found }) => `${wanted}: ${found}`)
                    .join("; ")}
                </span>
              )}
            </li>
          ))}
        </ol>
      )}
      {ended && !running && (
        <Verdict right={passed >= config.need}>
          {t("{0} of {1} passed; {2} are asked for.", passed, countedRuns(config.runs), config.need)}
          {written && <> {t("{0}, {1} of prompt.", written.model, countedTokens(written.sentTokens))}</>}
        </Verdict>
      )}
      {written && (
        <details class="lesson-sent">
          <summary>{t("The prompt as it went to the model")}</summary>
          <pre>{written.sent}</pre>
        </details>
      )}
    </CheckFrame>
  );
}

/** What a prompt of the reader's asks of the model. */
function requestOf(config: Prompt, typed: string, seed: number) {
  const { form, maxTokens, temperature, stopTexts } = config;
  const prompt = form === "chat" ? [{ role: "user" as const, text: typed.trim() }] : typed.trimEnd();
  return { prompt, maxTokens, temperature, seed, stopTexts };
}

function RunSign({ judged }: { judged: JudgedAnswer[] | undefined }) {
  if (!judged) return <span class="gb-unchecked">…</span>;
  const met = judged.every((each) => each.met);
  return (
    <span class={met ? "gb-verified" : "gb-contradicted"}>
      <span aria-hidden="true">{met ? "✓" : "✗"}</span>
      <span class="gb-visually-hidden">{met ? t("passed:") : t("not passed:")} </span>
    </span>
  );
}
