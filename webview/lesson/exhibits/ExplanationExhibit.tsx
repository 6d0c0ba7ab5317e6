/** The exhibit of an explanation: the stages of a real one, as its panel shows them, each with the prompt that it sent. */

import { useEffect, useState } from "preact/hooks";
import { afterEvent } from "../../../src/core/explain/explanationState.js";
import { writtenText } from "../../../src/core/explain/textOfTokens.js";
import { t } from "../../../src/shared/l10n.js";
import type { Answer, ExplainState } from "../../../src/shared/panels/explain.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { SentCall } from "../../../src/shared/panels/sent.js";
import { Attempts } from "../../explain/Attempts.js";
import { ContextBar } from "../../explain/ContextBar.js";
import type { Ask } from "../../explain/Explain.js";
import { Stages } from "../../explain/Stages.js";
import "../../explain/explain.css";
import { SentPrompt } from "../../sent/SentPrompt.js";
import { ErrorNote } from "../../ui/notes.js";
import { Button, LinkButton, Spinner } from "../../ui/toolkit.js";
import { languageOf } from "./languageOf.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useTask } from "./useTask.js";
import "./field.css";

type Config = Extract<ExhibitConfig, { type: "explanation" }>;

/** A model writes several tokens in the time in which the page is drawn once. */
const BATCH_MS = 60;

interface Explained {
  state: ExplainState;
  calls: ReadonlyMap<number, SentCall>;
}

export function ExplanationExhibit(props: ExhibitProps<Config>) {
  const { config, text, source, model, host, covered, onInstrument } = props;
  const languageId = languageOf(config.language, text, source);
  const task = useTask<Explained>(`${modelFile(model)}\n${languageId}\n${text}`);
  const [opened, setOpened] = useState<number>();
  const { value, running } = task;

  useEffect(() => {
    const { stages = [], kept = {}, gathered = [] } = value?.state ?? {};
    const calls = stages.filter(({ call }) => call !== undefined);
    const sum = (numbers: number[]) => numbers.reduce((total, each) => total + each, 0);
    onInstrument({
      text,
      // Before the first explanation there are none of these; while one is under way nobody knows.
      readings: running
        ? {}
        : {
            facts: gathered.length,
            stages: stages.length,
            calls: calls.length,
            read: sum(calls.map(({ promptTokens }) => promptTokens)),
            written: sum(calls.map(({ tokens }) => tokens)),
            revised: Object.values(kept).flat().length,
          },
      setting: "",
      guesses: {},
    });
  }, [text, running, running ? undefined : value]);

  const begin = (runs: boolean) => {
    setOpened(undefined);
    task.begin(async (signal, show) => {
      let explained: Explained | undefined;
      let timer: number | undefined;
      const draw = () => {
        timer = undefined;
        if (explained) show(explained);
      };
      await host.call(
        "explain",
        { text, languageId, runs },
        {
          signal,
          onEvent: (news) => {
            if (news.kind === "begun") explained = { state: news.state, calls: new Map() };
            if (!explained) return;
            if (news.kind === "happened")
              explained = { ...explained, state: afterEvent(explained.state, news.event) };
            if (news.kind === "sent")
              explained = { ...explained, calls: new Map([...explained.calls, [news.call.id, news.call]]) };
            timer ??= window.setTimeout(draw, BATCH_MS);
          },
        },
      );
      clearTimeout(timer);
      draw();
    });
  };
  // Of what the panel's page may ask, a lesson has the prompts.
  const ask: Ask = (method, params) => {
    if (method !== "showSent") return;
    const { call } = params as { call: number };
    setOpened((before) => (before === call ? undefined : call));
  };
  const sent = opened === undefined ? undefined : value?.calls.get(opened);
  const failed = value?.state.phase === "failed" ? value.state.error : undefined;
  const error = task.error ?? failed;
  return (
    <>
      <div class="gb-row">
        {running ? (
          <>
            <Spinner label={t("The text is being explained")} />
            <Button onClick={task.stop}>{t("Stop")}</Button>
          </>
        ) : (
          <>
            <Button appearance="primary" onClick={() => begin(false)}>
              {t("Explain it")}
            </Button>
            <Button onClick={() => begin(true)}>{t("Run its functions first, then explain")}</Button>
          </>
        )}
      </div>
      {error &&
        (value ? (
          <ErrorNote error={error} />
        ) : (
          <ModelNote model={model} busy={undefined} error={error} retry={() => begin(false)} host={host} />
        ))}
      {value && value.state.attempts.length > 0 && <Attempts attempts={value.state.attempts} />}
      {!covered && value && value.state.stages.length > 0 && (
        <div class="lesson-explanation">
          <Words state={value.state} />
          <Stages state={value.state} ask={ask} />
          {sent && (
            <section class="lesson-sent-call" aria-label={t("The prompt of: {0}", sent.subject)}>
              <p class="gb-row">
                <strong>{sent.subject}</strong>
                <span class="gb-spread" />
                <LinkButton onClick={() => setOpened(undefined)}>{t("Close the prompt")}</LinkButton>
              </p>
              <SentPrompt call={sent} onCopy={(copied) => void host.call("copy", { text: copied })} />
            </section>
          )}
          {value.state.context && <ContextBar context={value.state.context} estimated={false} />}
        </div>
      )}
    </>
  );
}

/** What stands in the end, step by step, and which of it was written anew. */
function Words({ state }: { state: ExplainState }) {
  const { steps, answers, kept } = state;
  const shown: { key: string; title: string; answer: Answer; drafts: number }[] = [];
  for (const { index, title } of steps) {
    const answer = answers[index];
    if (answer) shown.push({ key: `step ${index}`, title, answer, drafts: kept[index]?.length ?? 0 });
  }
  const { continuation } = answers;
  if (continuation) {
    const title = t("The model only continues text; it went on like this:");
    shown.push({ key: "continuation", title, answer: continuation, drafts: 0 });
  }
  return (
    <ul class="lesson-words">
      {shown.map(({ key, title, answer, drafts }) => (
        <li key={key}>
          <span class="gb-dim">{title}</span>
          <span>{writtenText(answer)}</span>
          {drafts > 0 && (
            <span class="gb-dim">{t("written anew after a tool had contradicted the draft")}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
