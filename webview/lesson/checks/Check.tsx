/** A check of any kind, by its type. */

import type { CheckBlock, CheckProgress, ExhibitBlock } from "../../../src/shared/panels/lesson.js";
import type { LessonHost } from "../exhibits/registry.js";
import type { Instrument } from "../instruments.js";
import { ChooseCheck } from "./ChooseCheck.js";
import { EstimateCheck } from "./EstimateCheck.js";
import { ExplainCheck } from "./ExplainCheck.js";
import { GuessCheck } from "./GuessCheck.js";
import { OrderCheck } from "./OrderCheck.js";
import { PromptCheck } from "./PromptCheck.js";
import { UntilCheck } from "./UntilCheck.js";

export interface CheckProps {
  check: CheckBlock;
  place: string;
  progress: CheckProgress;
  host: LessonHost;
  /** The exhibit that the check is about, once it has spoken. */
  instrument: Instrument | undefined;
  exhibit: ExhibitBlock;
  /** Whether the exhibit has been seen on the text that it has now. */
  revealed: boolean;
  /** Whether the exhibit is covered until a guess is made, here or in another check. */
  covered: boolean;
  /** @param points of 100, of an estimate. */
  onAnswer(answer: string, right: boolean, points?: number): void;
  onHint(): void;
  onReveal(text: string): void;
  /** Opens the check again; undefined where it is not due. */
  onAgain: (() => void) | undefined;
}

export function Check(props: CheckProps) {
  const { config } = props.check;
  switch (config.type) {
    case "choose":
      return <ChooseCheck {...props} config={config} />;
    case "until":
      return <UntilCheck {...props} config={config} />;
    case "guess":
      return <GuessCheck {...props} config={config} />;
    case "estimate":
      return <EstimateCheck {...props} config={config} />;
    case "order":
      return <OrderCheck {...props} config={config} />;
    case "explain":
      return <ExplainCheck {...props} config={config} />;
    case "prompt":
      return <PromptCheck {...props} config={config} />;
  }
}
