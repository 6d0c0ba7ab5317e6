/** What *How do you know?* opens: model, settings, seed, parser, sandbox, and the time of every step. */

import { sandboxName } from "../../src/core/checks/predictions.js";
import { tokensPerSecond } from "../../src/core/explain/explanationState.js";
import {
  CONTINUATION_MAX_TOKENS,
  CONTINUATION_SAMPLING,
  EXPLAIN_MAX_TOKENS,
} from "../../src/core/explain/prompts.js";
import { endName } from "../../src/shared/endName.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { Answer, ExplainState } from "../../src/shared/panels/explain.js";
import { countedTokens } from "../ui/counted.js";
import { describeSampling, formatDuration } from "../ui/format.js";
import { ModelSource } from "../ui/ModelFacts.js";

export function Evidence({ state }: { state: ExplainState }) {
  const { model, limits } = state;
  const continues = model?.chat === false;
  return (
    <>
      <dl>
        {model && (
          <>
            <ModelSource model={model} />
            <dt>{t("context")}</dt>
            <dd>{countedTokens(model.contextSize)}</dd>
          </>
        )}
        <dt>{t("sampling")}</dt>
        <dd>{describeSampling(continues ? CONTINUATION_SAMPLING : state.sampling)}</dd>
        <dt>{t("seed")}</dt>
        <dd>{state.seed}</dd>
        <dt>{t("longest answer")}</dt>
        <dd>
          {continues
            ? countedTokens(CONTINUATION_MAX_TOKENS)
            : t("{0} tokens, two sentences, one paragraph", EXPLAIN_MAX_TOKENS)}
        </dd>
        <dt>{t("steps by")}</dt>
        <dd>
          {state.parser}
          {state.splitMs > 0 && `, ${formatDuration(state.splitMs)}`}
        </dd>
        <dt>{t("sandbox")}</dt>
        <dd>
          {t(
            "{0}, {1} and {2} MB an input",
            sandboxName(state.subject.languageId),
            formatDuration(limits.timeMs),
            Math.round(limits.memoryBytes / 2 ** 20),
          )}
        </dd>
        <dt>{t("told before it spoke")}</dt>
        <dd>{state.told.length > 0 ? state.told.join("; ") : t("no results")}</dd>
      </dl>
      <Timings state={state} />
    </>
  );
}

function speedOf(answer: Answer): string {
  const speed = tokensPerSecond(answer);
  return speed === undefined ? "" : formatFixed(speed, 1);
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
  if (state.answers.continuation) rows.push([t("continuation"), state.answers.continuation]);
  if (rows.length === 0) return null;
  return (
    <table class="gb-timings">
      <thead>
        <tr>
          <th scope="col">{t("step")}</th>
          <th scope="col">{t("prompt")}</th>
          <th scope="col">{t("first token after")}</th>
          <th scope="col">{t("written")}</th>
          <th scope="col">{t("speed")}</th>
          <th scope="col">{t("ended by")}</th>
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
            <td>{speedOf(answer)}</td>
            <td>{answer.end === undefined ? "" : endName(answer.end)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
