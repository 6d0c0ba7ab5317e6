/** The answer with the tools' results and the answer without them, side by side, each with what the tools say of it. */

import { useState } from "preact/hooks";
import { callFor } from "../../src/core/ask/askState.js";
import { writtenText } from "../../src/core/explain/textOfTokens.js";
import { t } from "../../src/shared/l10n.js";
import type { AskTurn, ModelCall } from "../../src/shared/panels/ask.js";
import type { CheckResult } from "../../src/shared/types.js";
import { VerdictLine } from "../ui/notes.js";
import { LinkButton } from "../ui/toolkit.js";
import { CallTokens } from "./CallTokens.js";

export function Answers({ turn }: { turn: AskTurn }) {
  const answer = callFor(turn, "answer");
  const alone = callFor(turn, "alone");
  const result = turn.steps.findLast(({ outcome }) => outcome?.ok && outcome.value !== undefined)?.outcome;
  if (!answer && !result) return null;
  return (
    <section class="gb-answers">
      {result?.value !== undefined && (
        <div class="gb-answer">
          <h3>{t("The tool's own answer")}</h3>
          <p class="gb-value">{result.value === "" ? t("nothing") : result.value}</p>
        </div>
      )}
      {answer && (
        <Answer
          title={result ? t("The model with the result") : t("The model")}
          call={answer}
          checks={turn.checks.answer}
        />
      )}
      {alone && <Answer title={t("The model without tools")} call={alone} checks={turn.checks.alone} />}
    </section>
  );
}

function Answer({ title, call, checks }: { title: string; call: ModelCall; checks: CheckResult[] }) {
  const [tokens, setTokens] = useState(false);
  return (
    <div class="gb-answer">
      <h3>{title}</h3>
      <p class="gb-answer-words" aria-live="polite">
        {writtenText(call)}
        {call.end === undefined && <span class="gb-ask-caret" aria-hidden="true" />}
      </p>
      {checks.map((check) => (
        <div key={`${check.verdict}:${check.statement}`}>
          <VerdictLine check={check} />
          {check.verdict !== "unchecked" && (
            <p class="gb-dim">{t("The answer says “{0}”.", check.statement)}</p>
          )}
        </div>
      ))}
      <LinkButton expanded={tokens} onClick={() => setTokens(!tokens)}>
        {tokens ? t("Hide the tokens") : t("Token by token")}
      </LinkButton>
      {tokens && (
        <ul class="gb-calls">
          <CallTokens call={call} title={title} />
        </ul>
      )}
    </div>
  );
}
