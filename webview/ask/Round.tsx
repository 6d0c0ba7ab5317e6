/** One round of think, act, observe: who chose the tool, the call, the result, and the tokens of it all. */

import { useState } from "preact/hooks";
import { writtenText } from "../../src/core/explain/textOfTokens.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { AskStep, CallPurpose, ModelCall } from "../../src/shared/panels/ask.js";
import { countedCharacters } from "../ui/counted.js";
import { formatDuration } from "../ui/format.js";
import { LinkButton } from "../ui/toolkit.js";
import { CallTokens } from "./CallTokens.js";

export interface RoundProps {
  step: AskStep;
  calls: readonly ModelCall[];
  /** Whether this round is still going on. */
  asking: boolean;
}

export function Round({ step, calls, asking }: RoundProps) {
  const [tokens, setTokens] = useState(false);
  const [read, setRead] = useState(false);
  const thought = calls.find(({ purpose }) => purpose.kind === "thought");
  const { outcome, toolName } = step;
  return (
    <li class="gb-round">
      <p class="gb-round-head">
        <strong>{titleOf(step, asking)}</strong>
        <span class={step.rule === undefined ? "gb-chooser" : "gb-chooser gb-chooser-rule"}>
          {step.rule === undefined ? t("chosen by the model") : t("chosen by a rule, not by the model")}
        </span>
      </p>
      {step.rule !== undefined && <p class="gb-dim">{step.rule}</p>}
      {thought && thought.tokens.length > 0 && (
        <div class="gb-act">
          <span class="gb-stage">{t("think")}</span>
          <p class="gb-thought">{writtenText(thought)}</p>
        </div>
      )}
      {step.written !== undefined && (
        <div class="gb-act">
          <span class="gb-stage">{t("write")}</span>
          <pre class="gb-call">{step.written}</pre>
        </div>
      )}
      {toolName !== undefined && toolName !== "answer" && (
        <div class="gb-act">
          <span class="gb-stage">{t("act")}</span>
          <pre class="gb-call">
            {JSON.stringify({ tool: toolName, arguments: shortened(step.input) }, null, 2)}
          </pre>
        </div>
      )}
      {outcome && (
        <div class="gb-observe">
          <span class="gb-stage">{t("observe")}</span>
          <div>
            <p class={outcome.ok ? "gb-outcome" : "gb-outcome gb-contradicted"}>
              <span aria-hidden="true">{outcome.ok ? "✓" : "✗"}</span> {outcome.evidence}
              <span class="gb-dim"> · {formatDuration(step.ms)}</span>
            </p>
            <LinkButton expanded={read} onClick={() => setRead(!read)}>
              {read ? t("Hide what the model reads") : t("What the model reads")}
            </LinkButton>
            {read && <pre class="gb-read">{outcome.text}</pre>}
            {outcome.quotes && read && (
              <p class="gb-dim">
                {t(
                  "These words come from files or from output. They are put into the prompt of the answer only, where no tool can be called any more.",
                )}
              </p>
            )}
          </div>
        </div>
      )}
      {calls.length > 0 && (
        <LinkButton expanded={tokens} onClick={() => setTokens(!tokens)}>
          {tokens ? t("Hide the tokens") : callsNote(calls.length)}
        </LinkButton>
      )}
      {tokens && (
        <ol class="gb-calls">
          {calls.map((call) => (
            <CallTokens key={call.id} call={call} title={purposeOf(call.purpose)} />
          ))}
        </ol>
      )}
      {step.rule !== undefined && <p class="gb-dim">{t("No token was written for this call.")}</p>}
    </li>
  );
}

function callsNote(count: number): string {
  return count === 1
    ? t("{0} call to the model, token by token", count)
    : t("{0} calls to the model, token by token", formatCount(count));
}

function titleOf({ toolName, outcome }: AskStep, asking: boolean): string {
  if (toolName === undefined && outcome !== undefined) return t("A call that cannot be read");
  if (toolName === undefined) return asking ? t("Choosing a tool …") : t("No tool was chosen");
  return toolName === "answer" ? t("No further tool") : toolName;
}

function purposeOf(purpose: CallPurpose): string {
  switch (purpose.kind) {
    case "thought":
      return t("The thought");
    case "call":
      return t("The call, as the model was trained to write it");
    case "tool":
      return t("The tool's name");
    case "argument":
      return t("The argument “{0}”", purpose.name);
    case "answer":
      return t("The answer");
    case "alone":
      return t("The answer without tools");
  }
}

/** Long texts would hide the call. */
function shortened(input: AskStep["input"]): AskStep["input"] {
  return Object.fromEntries(
    Object.entries(input).map(([name, value]) => [
      name,
      typeof value === "string" && value.length > 400
        ? `${value.slice(0, 400)} … (${countedCharacters(value.length)})`
        : value,
    ]),
  );
}
