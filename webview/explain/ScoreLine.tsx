/** How the reader's and the model's predictions have come out so far, on the same terms. */

import { scoreOf } from "../../src/core/explain/explanationState.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { Prediction } from "../../src/shared/panels/explain.js";
import { LinkButton } from "../ui/toolkit.js";

export interface ScoreLineProps {
  predictions: readonly Prediction[];
  /** Whose answer may be seen. */
  isOpen(prediction: Prediction): boolean;
  onShowAll(): void;
}

export function ScoreLine({ predictions, isOpen, onShowAll }: ScoreLineProps) {
  if (predictions.length === 0) return null;
  const open = predictions.filter(isOpen);
  const closed = predictions.length - open.length;
  return (
    <p class="gb-row gb-score">
      <span role="status">
        {open.length === 0
          ? invitation(predictions.length)
          : t("You: {0}. The model: {1}.", say(open, "reader"), say(open, "model"))}
      </span>
      {closed > 0 && (
        <>
          {open.length > 0 && <span class="gb-dim">{toGo(closed)}</span>}
          <LinkButton onClick={onShowAll}>{t("Show all answers")}</LinkButton>
        </>
      )}
    </p>
  );
}

function invitation(questions: number): string {
  return questions === 1
    ? t("{0} question that a run decides: say first what you expect.", formatCount(questions))
    : t("{0} questions that a run decides: say first what you expect.", formatCount(questions));
}

function toGo(questions: number): string {
  return questions === 1
    ? t("{0} question to go.", formatCount(questions))
    : t("{0} questions to go.", formatCount(questions));
}

function say(predictions: readonly Prediction[], who: "reader" | "model"): string {
  const { verified, contradicted, unchecked } = scoreOf(predictions, who);
  if (verified + contradicted + unchecked === 0)
    return who === "reader" ? t("no guess yet") : t("not asked yet");
  const decided = verified + contradicted;
  return unchecked > 0
    ? t("{0} of {1} right, {2} unchecked", verified, decided, unchecked)
    : t("{0} of {1} right", verified, decided);
}
