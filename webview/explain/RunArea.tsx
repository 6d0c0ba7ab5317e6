/** Runs a function of the selection on inputs that the reader edits; the results stand as verified facts. */

import { useState } from "preact/hooks";
import { heldOutInput, sandboxName } from "../../src/core/checks/predictions.js";
import { sayRun } from "../../src/core/explain/sayRun.js";
import { t } from "../../src/shared/l10n.js";
import type { ExplainState, FactsState } from "../../src/shared/panels/explain.js";
import type { CheckResult } from "../../src/shared/types.js";
import type { FunctionRun, RunnableFunction, SandboxLimits } from "../../src/shared/workerProtocol.js";
import { formatDuration } from "../ui/format.js";
import { ErrorNote, VerdictLine } from "../ui/notes.js";
import { sentence } from "../ui/sentence.js";
import { Button, Dropdown, LinkButton, TextField } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { Printed } from "./Printed.js";

export interface RunAreaProps {
  state: ExplainState;
  onRun(functionName: string, inputs: string[], thenExplain: boolean): void;
  /** Records a run, to be watched line by line. */
  onTrace(functionName: string, input: string): void;
  /** Lets questions be made that runs decide, for the reader to answer first. */
  onAllowRuns(): void;
  onManageTrust(): void;
}

export function RunArea(props: RunAreaProps) {
  const { state, onManageTrust } = props;
  const [chosen, setChosen] = useState(0);
  const fn = state.functions[chosen] ?? state.functions[0];
  if (!fn) return null;
  if (!state.trusted) {
    return (
      <section class="gb-run">
        <h2>{sentence("Run {0}", <code>{fn.name}</code>)}</h2>
        <p>
          {sentence(
            "This workspace is not trusted, so no code of it is run. In a trusted one, {0} can be run in a sandbox, and the model is told what it really answers.",
            <code>{fn.name}</code>,
          )}
        </p>
        <Button onClick={onManageTrust}>{t("Manage workspace trust")}</Button>
      </section>
    );
  }
  return (
    <section class="gb-run">
      <h2>{sentence("Run {0}", <code>{fn.name}</code>)}</h2>
      {state.functions.length > 1 && (
        <Dropdown
          label={t("Function")}
          value={String(chosen)}
          options={state.functions.map(({ name }, index) => ({ value: String(index), label: name }))}
          onChange={(value) => setChosen(Number(value))}
        />
      )}
      <Inputs key={fn.name} {...props} fn={fn} />
      {state.facts && <Facts facts={state.facts} state={state} />}
    </section>
  );
}

interface InputRow {
  id: number;
  text: string;
}

function Inputs(props: RunAreaProps & { fn: RunnableFunction }) {
  const { fn, state } = props;
  // What is asked about later is not shown here before the reader has said what it comes to.
  const keptBack = heldOutInput(fn);
  const others = fn.suggestedInputs.filter((input) => input !== keptBack);
  const [rows, setRows] = useState<InputRow[]>(() =>
    (others.length > 0 ? others : [keptBack]).map((text, id) => ({ id, text })),
  );
  const hint = useUniqueId();
  const running = state.facts?.running === true;
  const first = state.phase === "ready" && !state.mayRun;
  // Questions are made with the first facts; runs that were only watched or tried have made none.
  const gathered = state.stages.length > 0;
  const run = (thenExplain: boolean) =>
    props.onRun(
      fn.name,
      rows.map(({ text }) => text),
      thenExplain,
    );
  return (
    <>
      <p id={hint} class="gb-dim">
        {first
          ? t(
              "What do you think it answers? Change the inputs as you like. The model is told the results before it speaks.",
            )
          : t("Change the inputs as you like. The model is told the results before it explains again.")}{" "}
        {limitsText(state.limits)}
        {others.length > 0 && ` ${t("One more input is kept back: you and the model are asked about it.")}`}
      </p>
      <ul class="gb-inputs" aria-describedby={hint}>
        {rows.map((row, index) => (
          <li key={row.id}>
            <code aria-hidden="true">{fn.name}(</code>
            <TextField
              label={t("Arguments {0} of {1}", index + 1, `${fn.name}(${fn.parameters.join(", ")})`)}
              labelHidden
              value={row.text}
              placeholder={fn.parameters.join(", ")}
              onInput={(text) =>
                setRows(rows.map((other) => (other.id === row.id ? { ...other, text } : other)))
              }
              onEnter={() => run(false)}
            />
            <code aria-hidden="true">)</code>
            <LinkButton
              label={t("Watch {0} run line by line", `${fn.name}(${row.text})`)}
              onClick={() => props.onTrace(fn.name, row.text)}
            >
              {t("watch")}
            </LinkButton>
            {rows.length > 1 && (
              <LinkButton
                label={t("Remove input {0}", index + 1)}
                onClick={() => setRows(rows.filter((other) => other.id !== row.id))}
              >
                {t("remove")}
              </LinkButton>
            )}
          </li>
        ))}
      </ul>
      <p class="gb-row">
        <Button appearance={first ? "primary" : "secondary"} disabled={running} onClick={() => run(true)}>
          {t("Run and explain")}
        </Button>
        <Button disabled={running} onClick={() => run(false)}>
          {t("Run")}
        </Button>
        {!gathered && <Button onClick={props.onAllowRuns}>{t("Predict first")}</Button>}
        <LinkButton
          onClick={() => setRows([...rows, { id: Math.max(0, ...rows.map(({ id }) => id)) + 1, text: "" }])}
        >
          {t("Add an input")}
        </LinkButton>
      </p>
    </>
  );
}

function limitsText({ timeMs, memoryBytes }: SandboxLimits): string {
  const memory = Math.round(memoryBytes / 2 ** 20);
  return t(
    "It runs in a sandbox without files or network, at most {0} and {1} MB an input.",
    formatDuration(timeMs),
    memory,
  );
}

function Facts(props: { facts: FactsState; state: ExplainState }) {
  const { facts, state } = props;
  const tool = sandboxName(state.subject.languageId);
  return (
    <div class="gb-facts-list" role="status">
      {facts.running && <p class="gb-dim">{t("Running {0} …", facts.functionName)}</p>}
      {facts.runs.map((run, index) => (
        // The same input may be run twice.
        <div key={`${index}:${run.input}`}>
          <VerdictLine check={factCheck(facts.functionName, run, state.limits, tool)} />
          {run.printed !== "" && <Printed when={t("printed")} text={run.printed} />}
        </div>
      ))}
      {facts.wholeFile && facts.runs.length > 0 && (
        <p class="gb-dim">
          {t("The whole file was loaded, because the selection uses names that stand beside it.")}
        </p>
      )}
      {facts.error && <ErrorNote error={facts.error} />}
    </div>
  );
}

/** A run as a fact: what it returned or threw is certain; what was stopped at a limit decides nothing. */
function factCheck(functionName: string, run: FunctionRun, limits: SandboxLimits, tool: string): CheckResult {
  const statement = sayRun(`${functionName}(${run.input})`, run);
  const decided = run.outcome === "returned" || run.outcome === "threw";
  const how =
    run.outcome === "timed-out"
      ? t("{0}, stopped after {1}", tool, formatDuration(limits.timeMs))
      : run.outcome === "out-of-memory"
        ? t("{0}, stopped at {1} MB", tool, Math.round(limits.memoryBytes / 2 ** 20))
        : run.outcome === "invalid-input"
          ? t({ message: "not run", comment: "an input" })
          : `${tool}, ${run.ms < 1 ? t("under 1 ms") : formatDuration(run.ms)}`;
  return {
    verdict: decided ? "verified" : "unchecked",
    statement,
    evidence: `${statement} — ${how}`,
    tool,
  };
}
