/** The explanation: what is explained, what running it gave, and the model's words step by step. */

import "./explain.css";
import { useMemo, useState } from "preact/hooks";
import { isFinished, tokensPerSecond } from "../../src/core/explain/explanationState.js";
import { GlassboxError, toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { Answer, ExplainHost, ExplainState, Prediction } from "../../src/shared/panels/explain.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import { countedTokens } from "../ui/counted.js";
import { formatLines, formatProbability } from "../ui/format.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { sentence } from "../ui/sentence.js";
import { Tabs } from "../ui/Tabs.js";
import { Button, Checkbox } from "../ui/toolkit.js";
import { Attempts } from "./Attempts.js";
import { ContextBar } from "./ContextBar.js";
import { Evidence } from "./Evidence.js";
import { FollowUps } from "./FollowUps.js";
import { RunArea } from "./RunArea.js";
import { ScoreLine } from "./ScoreLine.js";
import { Stages } from "./Stages.js";
import { FactList, StepItem } from "./StepItem.js";
import { TraceFilm } from "./TraceFilm.js";
import { Words } from "./Words.js";

export type ExplainCaller = Caller<ExplainHost & CommonHostProtocol>;

export interface ExplainProps {
  state: ExplainState;
  model: ModelState;
  host: ExplainCaller;
}

export function Explain({ state, model, host }: ExplainProps) {
  const [problem, setProblem] = useState<WireError>();
  const [coloured, setColoured] = useState(false);
  const [view, setView] = useState("explanation");
  // Questions whose answers the reader asked to see without a guess.
  const [opened, setOpened] = useState<ReadonlySet<number>>(new Set());
  const { subject, phase, facts } = state;
  const where = `${subject.fileName}, ${formatLines(subject.firstLine, subject.lastLine)}`;

  /** Hands a request to the host; what goes wrong there is shown here. */
  const ask: Ask = (method, params) => {
    setProblem(undefined);
    host.call(method, params).catch((error: unknown) => {
      if (GlassboxError.from(error).code !== "cancelled") setProblem(toWireError(error));
    });
  };
  const explain = (anew: boolean) => ask("explain", { anew });
  const showLog = () => ask("showLog", {});
  const busy = phase === "explaining" || facts?.running === true || state.trace?.running === true;
  const free = !busy && phase !== "splitting";
  const runnable = state.trusted && state.functions.length > 0;
  const answers = answersOf(state);
  const continues = state.model?.chat === false;
  const text = useMemo(() => subject.text.split(/\r\n|\r|\n/), [subject.text]);
  const lineAt = (line: number) => text[line - subject.firstLine];
  const isOpen = ({ question, reader }: Prediction) => reader !== undefined || opened.has(question.id);
  const show = (predictions: readonly Prediction[]) =>
    setOpened(new Set([...opened, ...predictions.map(({ question }) => question.id)]));
  // Runs stand with the inputs that they were asked for.
  const general = state.gathered.filter(({ step, source }) => step === undefined && source !== "run");
  // A question may belong to a step that the page does not have, such as one of an older split.
  const stepOf = ({ question }: Prediction) => Math.min(question.step, state.steps.length - 1);

  return (
    <div class="gb-explain">
      <PanelHead
        title={t("Explanation")}
        subject={where}
        model={model}
        onChooseModel={() => ask("chooseModel", {})}
        {...statusOf(state, answers, busy && model.kind !== "loading")}
        onStop={busy ? () => ask("stop", {}) : undefined}
        evidence={<Evidence state={state} />}
      />
      {subject.notes.map((note) => (
        <p key={note} class="gb-dim">
          {note}
        </p>
      ))}
      {state.edited && (
        <p class="gb-explain-edited">
          {sentence(
            "The text has been edited since it was explained. What stands here is about the text as it was; run <0>Glassbox: Explain Selection</0> on the new one.",
            (words) => (
              <em>{words}</em>
            ),
          )}
        </p>
      )}
      {state.attempts.length > 0 && <Attempts attempts={state.attempts} />}
      {problem && <ErrorNote error={problem} showLog={showLog} />}

      <RunArea
        state={state}
        onRun={(functionName, inputs, thenExplain) => {
          setProblem(undefined);
          host
            .call("runFunction", { functionName, inputs })
            .then(() => {
              if (thenExplain) explain(true);
            })
            .catch((error: unknown) => setProblem(toWireError(error)));
        }}
        onTrace={(functionName, input) => ask("trace", { functionName, input })}
        onAllowRuns={() => ask("allowRuns", {})}
        onManageTrust={() => ask("manageTrust", {})}
      />
      <RecordedRun state={state} lineAt={lineAt} ask={ask} />

      {phase === "splitting" && <LoadingNote text={t("Splitting the selection into steps …")} />}
      {phase === "ready" && state.steps.length === 0 && (
        <EmptyNote
          text={t("There is nothing to explain in this text. Select some code in the editor.")}
          action={{ label: t("Explain the selection"), run: () => ask("explainSelection", {}) }}
        />
      )}
      {state.steps.length > 0 && phase !== "splitting" && (
        <div class="gb-row gb-explain-actions">
          {phase === "ready" && (
            <Button
              appearance={runnable && !state.mayRun ? "secondary" : "primary"}
              onClick={() => explain(true)}
            >
              {runnable && !state.mayRun ? t("Explain without running it") : t("Explain")}
            </Button>
          )}
          {phase === "stopped" && (
            <Button appearance="primary" onClick={() => explain(false)}>
              {t("Continue")}
            </Button>
          )}
          {(phase === "stopped" || phase === "done") && (
            <Button onClick={() => explain(true)}>{t("Explain again")}</Button>
          )}
          {answers.length > 0 && (
            <Checkbox label={t("Colour by probability")} checked={coloured} onChange={setColoured} />
          )}
          {answers.length > 0 && <Button onClick={() => ask("save", {})}>{t("Save as Markdown")}</Button>}
          {toldNote(state)}
        </div>
      )}
      {phase === "explaining" && <ModelLoading model={model} />}
      {phase === "failed" && state.error && (
        <ErrorNote
          error={state.error}
          retry={state.steps.length > 0 ? () => explain(false) : undefined}
          showLog={showLog}
        />
      )}

      {state.steps.length > 0 && phase !== "splitting" && (
        <Tabs
          label={t("Views of the explanation")}
          shown={view}
          onShow={setView}
          tabs={[
            {
              id: "explanation",
              label: t("Explanation"),
              content: (
                <>
                  {continues && <Continuation state={state} coloured={coloured} ask={ask} />}
                  {coloured && answers.length > 0 && <p class="gb-dim">{probabilityCaption(answers)}</p>}
                  <ScoreLine
                    predictions={state.predictions}
                    isOpen={isOpen}
                    onShowAll={() => {
                      const closed = state.predictions.filter((prediction) => !isOpen(prediction));
                      show(closed);
                      for (const { question } of closed) ask("reveal", { prediction: question.id });
                    }}
                  />
                  {general.length > 0 && <FactList facts={general} />}
                  <ol class="gb-steps" aria-label={t("The steps of {0}", where)}>
                    {state.steps.map((step) => (
                      <StepItem
                        key={step.index}
                        step={step}
                        lines={state.lines[step.index] ?? { first: step.firstLine, last: step.lastLine }}
                        facts={state.gathered.filter((fact) => fact.step === step.index)}
                        answer={state.answers[step.index]}
                        kept={state.kept[step.index] ?? []}
                        predictions={state.predictions.filter(
                          (prediction) => stepOf(prediction) === step.index,
                        )}
                        isOpen={isOpen}
                        onShow={(prediction) => show([prediction])}
                        coloured={coloured}
                        asked={phase === "explaining" && !continues}
                        free={free}
                        lineAt={lineAt}
                        ask={ask}
                      />
                    ))}
                  </ol>
                  {!continues && answers.length > 0 && (
                    <FollowUps state={state} coloured={coloured} free={free} ask={ask} />
                  )}
                  {state.context && (
                    <ContextBar context={state.context} estimated={state.model?.server !== undefined} />
                  )}
                </>
              ),
            },
            {
              id: "stages",
              label: state.stages.length > 0 ? t("Stages ({0})", state.stages.length) : t("Stages"),
              content: <Stages state={state} ask={ask} />,
            },
          ]}
        />
      )}
    </div>
  );
}

export type Ask = <K extends keyof (ExplainHost & CommonHostProtocol) & string>(
  method: K,
  params: (ExplainHost & CommonHostProtocol)[K]["params"],
) => void;

/** The run that the reader asked to watch, as a film. */
function RecordedRun(props: { state: ExplainState; lineAt(line: number): string | undefined; ask: Ask }) {
  const { state, lineAt, ask } = props;
  const recorded = state.trace;
  if (!recorded) return null;
  const { functionName, input, running, trace, firstLine, beside, error } = recorded;
  return (
    <section class="gb-recorded">
      <h2>
        {sentence(
          "The run of {0}",
          <code>
            {functionName}({input})
          </code>,
        )}
      </h2>
      {running && <LoadingNote text={t("Running it and writing down what its variables hold …")} />}
      {error && <ErrorNote error={error} showLog={() => ask("showLog", {})} />}
      {trace && (
        <TraceFilm
          key={`${functionName}(${input}) ${trace.run.ms}`}
          trace={trace}
          functionName={functionName}
          firstLine={firstLine}
          beside={beside}
          lineAt={lineAt}
          onMoment={(moment) => ask("showMoment", { prediction: null, moment: moment ?? null })}
        />
      )}
    </section>
  );
}

/** A model without a chat template cannot be asked: what it wrote is shown as what it is. */
function Continuation({ state, coloured, ask }: { state: ExplainState; coloured: boolean; ask: Ask }) {
  const answer = state.answers.continuation;
  return (
    <section class="gb-continuation">
      <p>
        {answer?.sentLines
          ? t(
              "{0} has no chat template: it only continues text and cannot be asked to explain. This is how it goes on after the end of your selection. It is not an explanation.",
              state.model?.name ?? "",
            )
          : t(
              "{0} has no chat template: it only continues text and cannot be asked to explain. This is how it goes on after your selection. It is not an explanation.",
              state.model?.name ?? "",
            )}
      </p>
      {answer && (
        <>
          <Words tokens={answer.tokens} coloured={coloured} writing={answer.phase === "writing"} />
          <p class="gb-row">
            <button type="button" class="gb-link" onClick={() => ask("showSent", { call: answer.call })}>
              {t("Show what was sent")}
            </button>
          </p>
        </>
      )}
      <Button appearance="primary" onClick={() => ask("chooseModel", {})}>
        {t("Choose a chat model")}
      </Button>
    </section>
  );
}

function answersOf(state: ExplainState): Answer[] {
  return Object.values(state.answers).filter((answer) => answer !== undefined);
}

/**
 * The state for the panel's head: the speed while it writes, what it waits for before that; else the model's own.
 * @param works whether something is done that the model's own state says nothing of: tools run, or wait for it.
 */
function statusOf(state: ExplainState, answers: Answer[], works: boolean): { status?: string } {
  const otherwise = works ? { status: t({ message: "running", comment: "stage" }) } : {};
  switch (state.phase) {
    case "splitting":
      return { status: t("splitting") };
    case "explaining": {
      const current = answers.find((answer) => answer.phase !== "ended");
      if (!current) return otherwise;
      if (current.phase === "reading")
        return { status: t("reading {0}", countedTokens(current.promptTokens)) };
      const speed = tokensPerSecond(current);
      return { status: speed === undefined ? t("writing") : t("{0} tok/s", formatFixed(speed, 1)) };
    }
    case "stopped": {
      const finished = state.steps.filter(({ index }) => isFinished(state.answers[index])).length;
      const all = formatCount(state.steps.length);
      return {
        status:
          state.steps.length === 1
            ? t("stopped after {0} of {1} step", finished, all)
            : t("stopped after {0} of {1} steps", finished, all),
      };
    }
    case "done": {
      const tokens = answers.reduce((sum, answer) => sum + answer.timedTokens, 0);
      const ms = answers.reduce((sum, answer) => sum + answer.generateMs, 0);
      return ms > 0
        ? { status: t("done, {0} tok/s", formatFixed((tokens * 1000) / ms, 1)) }
        : { status: t("done") };
    }
    default:
      return otherwise;
  }
}

/** Whether the model knew the facts that stand above when it spoke. */
function toldNote(state: ExplainState) {
  const runs = state.facts?.runs.length ?? 0;
  if (state.told.length > 0) {
    return (
      <span class="gb-dim">
        {state.told.length === 1
          ? t("The model was told {0} result before it spoke.", formatCount(state.told.length))
          : t("The model was told {0} results before it spoke.", formatCount(state.told.length))}
      </span>
    );
  }
  if (runs > 0 && (state.phase === "done" || state.phase === "stopped") && state.model?.chat) {
    return <span class="gb-dim">{t("The model did not know these results. Explain again to tell it.")}</span>;
  }
  return null;
}

function probabilityCaption(answers: Answer[]): string {
  // A server may give words without their probabilities.
  const rated = answers
    .flatMap((answer) => answer.tokens)
    .flatMap(({ token, probability }) => (probability === undefined ? [] : [{ token, probability }]));
  const least = rated.reduce<(typeof rated)[number] | undefined>(
    (found, token) => (found && found.probability <= token.probability ? found : token),
    undefined,
  );
  if (!least) return t("The stronger the colour, the less probable the token was.");
  const sure = rated.filter((token) => token.probability > 0.9).length;
  return t(
    "The stronger the colour, the less probable the token was. {0} of {1} had a probability above 90 %; the least probable was “{2}” at {3}. Hover over a word to see what else it could have been.",
    sure,
    countedTokens(rated.length),
    tokenName(least.token),
    formatProbability(least.probability),
  );
}
