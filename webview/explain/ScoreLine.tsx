/** How the reader's and the model's predictions have come out so far, on the same terms. */

import { scoreOf } from "../../src/core/explain/explanationState.js";
import type { Prediction } from "../../src/shared/panels/explain.js";
import { plural } from "../ui/format.js";
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
          ? `${plural(predictions.length, "question")} that a run decides: say first what you expect.`
          : `You: ${say(open, "reader")}. The model: ${say(open, "model")}.`}
      </span>
      {closed > 0 && (
        <>
          {open.length > 0 && <span class="gb-dim">{plural(closed, "question")} to go.</span>}
          <LinkButton onClick={onShowAll}>Show all answers</LinkButton>
        </>
      )}
    </p>
  );
}

function say(predictions: readonly Prediction[], who: "reader" | "model"): string {
  const { verified, contradicted, unchecked } = scoreOf(predictions, who);
  if (verified + contradicted + unchecked === 0) return who === "reader" ? "no guess yet" : "not asked yet";
  const open = unchecked > 0 ? `, ${unchecked} unchecked` : "";
  return `${verified} of ${verified + contradicted} right${open}`;
}
