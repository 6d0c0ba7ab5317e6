/** A check of any kind, by its type. */

import type { CheckBlock, CheckProgress, ExhibitType } from "../../../src/shared/panels/lesson.js";
import type { LessonHost } from "../exhibits/registry.js";
import type { Instrument } from "../instruments.js";
import { ChooseCheck } from "./ChooseCheck.js";
import { GuessCheck } from "./GuessCheck.js";
import { UntilCheck } from "./UntilCheck.js";

export interface CheckProps {
  check: CheckBlock;
  place: string;
  progress: CheckProgress;
  host: LessonHost;
  /** The exhibit that the check is about, once it has spoken. */
  instrument: Instrument | undefined;
  exhibitType: ExhibitType;
  /** Whether the exhibit has been seen on the text that it has now. */
  revealed: boolean;
  onAnswer(answer: string, right: boolean): void;
  onHint(): void;
  onReveal(text: string): void;
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
  }
}
