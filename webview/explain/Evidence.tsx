/** What *How do you know?* opens: model, settings, seed, parser, sandbox, and the time of every step. */

import { sandboxName } from "../../src/core/checks/predictions.js";
import { tokensPerSecond } from "../../src/core/explain/explanationState.js";
import {
  CONTINUATION_MAX_TOKENS,
  CONTINUATION_SAMPLING,
  EXPLAIN_MAX_TOKENS,
} from "../../src/core/explain/prompts.js";
import { formatCount } from "../../src/shared/formatCount.js";
import type { Answer, ExplainState } from "../../src/shared/panels/explain.js";
import type { SamplingSettings } from "../../src/shared/types.js";
import { describeModel, formatDuration } from "../ui/format.js";

export function Evidence({ state }: { state: ExplainState }) {
  const { model, limits } = state;
  const continues = model?.chat === false;
  return (
    <>
      <dl>
        {model && (
          <>
            <dt>model</dt>
            <dd>{describeModel(model)}</dd>
            <dt>{model.server === undefined ? "file" : "sent to"}</dt>
            <dd>{model.path}</dd>
            <dt>context</dt>
            <dd>{formatCount(model.contextSize)} tokens</dd>
          </>
        )}
        <dt>sampling</dt>
        <dd>{samplingText(continues ? CONTINUATION_SAMPLING : state.sampling)}</dd>
        <dt>seed</dt>
        <dd>{state.seed}</dd>
        <dt>longest answer</dt>
        <dd>
          {continues
            ? `${CONTINUATION_MAX_TOKENS} tokens`
            : `${EXPLAIN_MAX_TOKENS} tokens, two sentences, one paragraph`}
        </dd>
        <dt>steps by</dt>
        <dd>
          {state.parser}
          {state.splitMs > 0 && `, ${formatDuration(state.splitMs)}`}
        </dd>
        <dt>sandbox</dt>
        <dd>
          {sandboxName(state.subject.languageId)}, {formatDuration(limits.timeMs)} and{" "}
          {Math.round(limits.memoryBytes / 2 ** 20)} MB an input
        </dd>
        <dt>told before it spoke</dt>
        <dd>{state.told.length > 0 ? state.told.join("; ") : "no results"}</dd>
      </dl>
      <Timings state={state} />
    </>
  );
}

function samplingText({ temperature, topK, topP, minP }: SamplingSettings): string {
  return `temperature ${temperature}, top-k ${topK}, top-p ${topP}, min-p ${minP}`;
}

function Timings({ state }: { state: ExplainState }) {
  const rows: [string, Answer][] = [];
  for (const step of state.steps) {
    const answer = state.answers[step.index];
    if (answer) rows.push([step.title, answer]);
  }
  for (const followUp of state.followUps) {
    const answer = state.answers[`follow-up-${followUp.id}`];
    if (answer) rows.push([followUp.text, answer]);
  }
  if (state.answers.continuation) rows.push(["continuation", state.answers.continuation]);
  if (rows.length === 0) return null;
  return (
    <table class="gb-timings">
      <thead>
        <tr>
          <th scope="col">step</th>
          <th scope="col">prompt</th>
          <th scope="col">first token after</th>
          <th scope="col">written</th>
          <th scope="col">speed</th>
          <th scope="col">ended by</th>
        </tr>
      </thead>
      <tbody>
        {rows.map(([title, answer]) => (
          <tr key={answer.call}>
            <td>
              <code>{title}</code>
            </td>
            <td>{formatCount(answer.promptTokens)}</td>
            <td>{answer.promptMs > 0 ? formatDuration(answer.promptMs) : ""}</td>
            <td>{answer.tokens.length}</td>
            <td>{tokensPerSecond(answer)?.toFixed(1) ?? ""}</td>
            <td>{answer.end ?? ""}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
