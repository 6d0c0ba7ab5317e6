/** Two settings on the same prefix: one is kept as B, and what it would leave stands beside the other. */

import { useMemo, useState } from "preact/hooks";
import { presetOf } from "../../src/core/sampling/presets.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import { drawProbabilities, isOff, runStages, stagesOf } from "../../src/core/sampling/stages.js";
import { formatProbability, plural } from "../ui/format.js";
import { LinkButton } from "../ui/toolkit.js";
import type { SamplerChoice } from "./samplingState.js";
import type { Sampling } from "./useSampling.js";

export interface Comparison {
  choice: SamplerChoice;
  /** Probability of each token in a draw under B, index = id. */
  probabilities: Float64Array;
  survivors: number;
  entropy: number;
  best: number;
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
    const outcome = runStages(candidates, choice.settings, options).at(-1);
    const left = outcome?.survivors ?? candidates;
    return {
      choice,
      probabilities: drawProbabilities(candidates, choice.settings, options),
      survivors: left.ids.length,
      entropy: outcome?.entropy ?? 0,
      best: left.ids[0]!,
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
        <LinkButton onClick={() => onKeep({ settings, order })}>Keep these settings as B</LinkButton> to
        compare others with them.
      </p>
    );
  }
  return (
    <p class="gb-row" role="status">
      <span>
        <strong>B</strong> ({describeChoice(other.choice)}) leaves {plural(other.survivors, "token")} and{" "}
        {other.entropy.toFixed(2)} bits; {write(other.best)} holds{" "}
        {formatProbability(other.probabilities[other.best] ?? 0)} under it.
      </span>
      <LinkButton
        onClick={() => {
          onKeep({ settings, order });
          setChoice(other.choice);
        }}
      >
        Swap with B
      </LinkButton>
      <LinkButton onClick={() => onKeep(undefined)}>Leave B out</LinkButton>
    </p>
  );
}

/** The preset's name, or the stages that are on. */
function describeChoice({ settings, order }: SamplerChoice): string {
  const preset = presetOf(settings);
  if (preset) return preset.title.toLowerCase();
  const on = stagesOf(settings, order).filter((stage) => !isOff(stage, settings));
  return on.map((stage) => stageWithSetting(stage, settings)).join(", ");
}
