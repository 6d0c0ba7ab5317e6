/** Two settings on the same prefix: one is kept as B, and what it would leave stands beside the other. */

import { useMemo, useState } from "preact/hooks";
import { entropyBits } from "../../src/core/sampling/candidates.js";
import { presetOf } from "../../src/core/sampling/presets.js";
import { type Left, stageWithSetting, whatIsLeft } from "../../src/core/sampling/reading.js";
import {
  chanceOfXtc,
  drawProbabilities,
  isOff,
  runStages,
  stagesOf,
} from "../../src/core/sampling/stages.js";
import { formatFixed } from "../../src/shared/formatCount.js";
import { language, t } from "../../src/shared/l10n.js";
import { countedTokens } from "../ui/counted.js";
import { formatProbability } from "../ui/format.js";
import { sentence } from "../ui/sentence.js";
import { LinkButton } from "../ui/toolkit.js";
import type { SamplerChoice } from "./samplingState.js";
import type { Sampling } from "./useSampling.js";

export interface Comparison {
  choice: SamplerChoice;
  /** Probability of each token in a draw under B, index = id. */
  probabilities: Float64Array;
  left: Left;
  /** In bits. */
  entropy: number;
}

/** What B makes of the distribution on screen. */
export function useComparison(sampling: Sampling): {
  other: Comparison | undefined;
  keep(choice: SamplerChoice | undefined): void;
} {
  const { prediction, history } = sampling;
  const [choice, setChoice] = useState<SamplerChoice>();
  const other = useMemo(() => {
    if (!choice || !prediction) return undefined;
    const { candidates } = prediction;
    const options = { order: choice.order, history };
    const probabilities = drawProbabilities(candidates, choice.settings, options);
    const chance = chanceOfXtc(choice.settings);
    const outcomes = runStages(candidates, choice.settings, options);
    const mixed = chance > 0 && chance < 1 ? probabilities : undefined;
    return {
      choice,
      probabilities,
      left: whatIsLeft(candidates, outcomes, mixed),
      entropy: mixed ? entropyBits(mixed) : (outcomes.at(-1)?.entropy ?? 0),
    };
  }, [choice, prediction, history]);
  return { other, keep: setChoice };
}

export function ComparisonLine(props: {
  sampling: Sampling;
  other: Comparison | undefined;
  write(id: number): string;
  onKeep(choice: SamplerChoice | undefined): void;
}) {
  const { sampling, other, write, onKeep } = props;
  const { settings, order, setChoice } = sampling;
  if (!other) {
    return (
      <p class="gb-dim">
        {sentence("<0>Keep these settings as B</0> to compare others with them.", (words) => (
          <LinkButton onClick={() => onKeep({ settings, order })}>{words}</LinkButton>
        ))}
      </p>
    );
  }
  return (
    <p class="gb-row" role="status">
      <span>
        {sentence(
          "<0>B</0> ({1}) leaves {2} and {3} bits; {4} holds {5} under it.",
          (words) => (
            <strong>{words}</strong>
          ),
          describeChoice(other.choice),
          countedTokens(other.left.tokens),
          formatFixed(other.entropy, 2),
          write(other.left.best),
          formatProbability(other.left.probability),
        )}
      </span>
      <LinkButton
        onClick={() => {
          onKeep({ settings, order });
          setChoice(other.choice);
        }}
      >
        {t("Swap with B")}
      </LinkButton>
      <LinkButton onClick={() => onKeep(undefined)}>{t("Leave B out")}</LinkButton>
    </p>
  );
}

/** The preset's name, or the stages that are on. */
function describeChoice({ settings, order }: SamplerChoice): string {
  const preset = presetOf(settings);
  // Other languages have their own rules for capitals.
  if (preset) return language === "en" ? preset.title.toLowerCase() : preset.title;
  const on = stagesOf(settings, order).filter((stage) => !isOff(stage, settings));
  return on.map((stage) => stageWithSetting(stage, settings)).join(", ");
}
