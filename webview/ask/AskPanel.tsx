/** Questions about a text, each with what tools found out for it, and the field for the next one. */

import { formatCount } from "../../src/shared/formatCount.js";
import "./ask.css";
import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { AskHost, AskState, AskTurn } from "../../src/shared/panels/ask.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedSteps, countedTokens } from "../ui/counted.js";
import { formatLines } from "../ui/format.js";
import { ModelSource } from "../ui/ModelFacts.js";
import { ErrorNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { Button, Checkbox, LinkButton, TextField } from "../ui/toolkit.js";
import { Answers } from "./Answers.js";
import { Round } from "./Round.js";

export interface AskPanelProps {
  state: AskState;
  model: ModelState;
  host: Caller<AskHost & CommonHostProtocol>;
}

export function AskPanel({ state, model, host }: AskPanelProps) {
  const [fault, setFault] = useState<WireError>();
  const onFault = (error: unknown) => setFault(toWireError(error));
  const turn = state.turns.at(-1);
  const asking = turn?.phase === "asking";
  const ask = (question: string, allowCode: boolean) =>
    void host.call("ask", { question, allowCode }).catch(onFault);
  const showLog = () => void host.call("showLog", {}).catch(onFault);
  return (
    <>
      <PanelHead
        title={t("Answer")}
        subject={subjectOf(state)}
        model={model}
        onChooseModel={() => void host.call("chooseModel", {}).catch(onFault)}
        {...(turn ? { status: statusOf(turn, model) } : {})}
        onStop={asking ? () => void host.call("stop", {}).catch(onFault) : undefined}
        evidence={<Evidence state={state} />}
      />
      {fault && <ErrorNote error={fault} showLog={showLog} />}
      {state.subject.notes.map((note) => (
        <p key={note} class="gb-dim">
          {note}
        </p>
      ))}
      {state.turns.map((each, index) => (
        // Questions are only ever appended.
        <Turn
          key={`${index}:${each.question}`}
          turn={each}
          model={model}
          retry={each === turn && !asking ? () => ask(each.question, each.allowCode) : undefined}
          showLog={showLog}
        />
      ))}
      {!asking && (
        <NextQuestion
          trusted={state.trusted}
          onAsk={ask}
          onManageTrust={() => void host.call("manageTrust", {}).catch(onFault)}
        />
      )}
    </>
  );
}

function subjectOf({ subject }: AskState): string {
  if (subject.text === "") return t("nothing selected");
  return `${subject.fileName}, ${formatLines(subject.firstLine, subject.lastLine)}`;
}

function statusOf(turn: AskTurn, model: ModelState): string {
  if (turn.phase === "stopped") return t("stopped");
  if (turn.phase === "failed") return t("failed");
  if (turn.phase === "done") return countedSteps(turn.steps.length);
  if (model.kind === "loading") return t("loading {0} %", Math.round(model.fraction * 100));
  const call = turn.calls.at(-1);
  if (!call || call.end !== undefined) return t("asking");
  if (call.tokens.length === 0) return t("reading {0} tokens", formatCount(call.injected.length));
  return call.purpose.kind === "alone" ? t("answering without tools") : t("writing");
}

interface TurnProps {
  turn: AskTurn;
  model: ModelState;
  retry: (() => void) | undefined;
  showLog(): void;
}

function Turn({ turn, model, retry, showLog }: TurnProps) {
  return (
    <article class="gb-turn">
      <h2>{turn.question}</h2>
      {turn.phase === "asking" && <ModelLoading model={model} />}
      {turn.notes.map((note) => (
        <p key={note} class="gb-ask-note" role="note">
          {note}
        </p>
      ))}
      {turn.steps.length > 0 && (
        <ol class="gb-rounds" aria-label={t("What was found out")}>
          {turn.steps.map((step, index) => (
            <Round
              // Steps are only ever appended.
              key={`${index}`}
              step={step}
              calls={turn.calls.filter((call) => call.step === index)}
              asking={turn.phase === "asking" && index === turn.steps.length - 1}
            />
          ))}
        </ol>
      )}
      <Answers turn={turn} />
      {turn.phase === "stopped" && (
        <p class="gb-row">
          <span>{t("Stopped.")}</span>
          {retry && <Button onClick={retry}>{t("Ask again")}</Button>}
        </p>
      )}
      {turn.error && <ErrorNote error={turn.error} retry={retry} showLog={showLog} />}
    </article>
  );
}

function NextQuestion(props: {
  trusted: boolean;
  onAsk(question: string, allowCode: boolean): void;
  onManageTrust(): void;
}) {
  const [question, setQuestion] = useState("");
  const [allowCode, setAllowCode] = useState(false);
  const ask = () => {
    if (question.trim() !== "") props.onAsk(question.trim(), allowCode && props.trusted);
  };
  return (
    <section class="gb-next" aria-label={t("Next question")}>
      <TextField
        label={t("Next question")}
        value={question}
        onInput={setQuestion}
        onEnter={ask}
        placeholder={t("How many tokens are in the selection?")}
        size={60}
      />
      {props.trusted ? (
        <Checkbox
          label={t("May run code in the sandbox for this question")}
          checked={allowCode}
          onChange={setAllowCode}
        />
      ) : (
        <p class="gb-dim">
          {t("Code is run only in a trusted workspace.")}{" "}
          <LinkButton onClick={props.onManageTrust}>{t("Manage trust")}</LinkButton>
        </p>
      )}
      <p class="gb-row">
        <Button appearance="primary" onClick={ask} disabled={question.trim() === ""}>
          {t("Ask")}
        </Button>
      </p>
    </section>
  );
}

function Evidence({ state }: { state: AskState }) {
  const { model } = state;
  const calls = state.turns.flatMap((turn) => turn.calls);
  const written = calls.reduce((sum, call) => sum + call.tokens.length, 0);
  const read = calls.reduce((sum, call) => sum + call.injected.length, 0);
  return (
    <dl>
      {model && <ModelSource model={model} />}
      <dt>{t("sampling")}</dt>
      <dd>{t("temperature 0: the most probable token that the grammar lets through")}</dd>
      <dt>{t("tool choice")}</dt>
      <dd>
        {t(
          "A rule where the question's form leaves no doubt; otherwise the model, by a grammar that knows only the tools' names, then one small grammar for each argument. The choosing prompt holds the question and nothing of the selected text or of files.",
        )}
      </dd>
      <dt>{t("calls to the model")}</dt>
      <dd>
        {t(
          "{0}, with {1} put in and {2} written",
          formatCount(calls.length),
          countedTokens(read),
          countedTokens(written),
        )}
      </dd>
      <dt>{t("leaves this machine")}</dt>
      <dd>
        {model?.server === undefined
          ? t("nothing")
          : t(
              "the prompts of the calls, with the question, the results and what is selected, to {0}",
              model.server,
            )}
      </dd>
    </dl>
  );
}
