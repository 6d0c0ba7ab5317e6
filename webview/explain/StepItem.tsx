/** One step: its lines, its code, the model's words about it, and what a tool found about them. */

import type { Answer, AnswerEnd } from "../../src/shared/panels/explain.js";
import type { CheckResult, ExplanationStep } from "../../src/shared/types.js";
import { formatLines } from "../ui/format.js";
import { VerdictLine } from "../ui/notes.js";
import { LinkButton } from "../ui/toolkit.js";
import type { Ask } from "./Explain.js";
import { Words } from "./Words.js";

export interface StepItemProps {
  step: ExplanationStep;
  /** Where it stands now; 0-based, inclusive. */
  lines: { first: number; last: number };
  answer: Answer | undefined;
  coloured: boolean;
  /** The model is at work, and this step's turn will come. */
  asked: boolean;
  ask: Ask;
}

export function StepItem({ step, lines, answer, coloured, asked, ask }: StepItemProps) {
  const place = formatLines(lines.first, lines.last);
  const light = (on: boolean) => ask("highlight", { step: on ? step.index : null });
  return (
    <li
      class="gb-step"
      onMouseEnter={() => light(true)}
      onMouseLeave={() => light(false)}
      onFocusIn={() => light(true)}
      onFocusOut={() => light(false)}
    >
      <div class="gb-step-place">
        <LinkButton onClick={() => ask("goTo", { step: step.index })} label={`Go to ${place}: ${step.title}`}>
          {place}
        </LinkButton>
        <span class="gb-dim">{step.kind}</span>
      </div>
      <div class="gb-step-body">
        <code class="gb-step-title" title={step.title}>
          {step.title}
        </code>
        {!answer && asked && <p class="gb-dim">waiting</p>}
        {answer && answer.tokens.length > 0 && (
          <Words tokens={answer.tokens} coloured={coloured} writing={answer.phase === "writing"} />
        )}
        {answer?.phase === "reading" && answer.tokens.length === 0 && <p class="gb-dim">reading …</p>}
        {answer?.phase === "ended" && <StepEnd answer={answer} ask={ask} />}
      </div>
    </li>
  );
}

function StepEnd({ answer, ask }: { answer: Answer; ask: Ask }) {
  const { end, checks, sentLines } = answer;
  const note = end && endNote(end);
  return (
    <>
      {checks.map((check) => (
        <VerdictLine key={check.statement} check={check} />
      ))}
      {checks.length === 0 && end !== "stopped" && end !== "failed" && <VerdictLine check={UNDECIDED} />}
      <p class="gb-row gb-step-links">
        {note && <span class="gb-dim">{note}</span>}
        {sentLines && (
          <span class="gb-dim">
            Only {formatLines(sentLines.first, sentLines.last)} fitted into the question.
          </span>
        )}
        <LinkButton onClick={() => ask("showSent", { call: answer.call })}>Show what was sent</LinkButton>
      </p>
    </>
  );
}

const UNDECIDED: CheckResult = {
  verdict: "unchecked",
  statement: "the model’s words",
  evidence: "the model’s words; no tool here can decide them",
  tool: "none",
};

/** Why the words end where they end, where that is not the model's own choice. */
function endNote(end: AnswerEnd): string | undefined {
  switch (end) {
    case "stopped":
      return "Stopped.";
    case "max-tokens":
      return "Cut here: an answer may have 80 tokens.";
    case "context-full":
      return "Cut here: the model’s context is full.";
    default:
      return undefined;
  }
}
