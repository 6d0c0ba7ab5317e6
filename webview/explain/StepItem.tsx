/** One step: its lines, its code, the facts and the model's words about it, and the questions that a run decides. */

import { kindName } from "../../src/core/explain/kindName.js";
import { t } from "../../src/shared/l10n.js";
import type { Answer, Fact, Prediction } from "../../src/shared/panels/explain.js";
import type { ExplanationStep } from "../../src/shared/types.js";
import { formatLines } from "../ui/format.js";
import { CheckDetails } from "../ui/notes.js";
import { LinkButton } from "../ui/toolkit.js";
import { AnswerView } from "./AnswerView.js";
import type { Ask } from "./Explain.js";
import { PredictionItem } from "./PredictionItem.js";

export interface StepItemProps {
  step: ExplanationStep;
  /** Where it stands now; 0-based, inclusive. */
  lines: { first: number; last: number };
  facts: readonly Fact[];
  answer: Answer | undefined;
  kept: readonly Answer[];
  predictions: readonly Prediction[];
  isOpen(prediction: Prediction): boolean;
  onShow(prediction: Prediction): void;
  coloured: boolean;
  /** The model is at work, and this step's turn will come. */
  asked: boolean;
  /** Nothing runs, so that a branch can be made. */
  free: boolean;
  lineAt(line: number): string | undefined;
  ask: Ask;
}

export function StepItem(props: StepItemProps) {
  const { step, lines, facts, answer, predictions, ask } = props;
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
        <LinkButton
          onClick={() => ask("goTo", { step: step.index })}
          label={t("Go to {0}: {1}", place, step.title)}
        >
          {place}
        </LinkButton>
        <span class="gb-dim">{kindName(step.kind)}</span>
      </div>
      <div class="gb-step-body">
        <code class="gb-step-title" title={step.title}>
          {step.title}
        </code>
        {facts.length > 0 && <FactList facts={facts} />}
        {!answer && props.asked && <p class="gb-dim">{t("waiting")}</p>}
        {answer && (
          <AnswerView
            target={step.index}
            answer={answer}
            kept={props.kept}
            coloured={props.coloured}
            free={props.free}
            unanswered={predictions
              .filter((prediction) => !props.isOpen(prediction))
              .map(({ question }) => question.text)}
            ask={ask}
          />
        )}
        {predictions.map((prediction) => (
          <PredictionItem
            key={prediction.question.id}
            prediction={prediction}
            shown={props.isOpen(prediction)}
            onShow={() => props.onShow(prediction)}
            lineAt={props.lineAt}
            ask={ask}
          />
        ))}
      </div>
    </li>
  );
}

/** What tools found out before the model spoke; each opens to its evidence. */
export function FactList({ facts }: { facts: readonly Fact[] }) {
  return (
    <div class="gb-gathered">
      {facts.map((fact, index) => (
        // Two tools may state the same.
        <CheckDetails key={`${index}:${fact.statement}`} check={fact} />
      ))}
    </div>
  );
}
