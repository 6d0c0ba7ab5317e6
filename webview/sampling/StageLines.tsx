/** One line a stage: how many tokens survive it, how much probability went, how uncertain the draw still is. */

import { entropyBits } from "../../src/core/sampling/candidates.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import type { StageOutcome } from "../../src/core/sampling/stages.js";
import type { SamplingSettings } from "../../src/shared/types.js";
import { formatCount, formatProbability } from "../ui/format.js";
import type { Prediction } from "./useSampling.js";

export function StageLines(props: {
  prediction: Prediction;
  outcomes: readonly StageOutcome[];
  settings: SamplingSettings;
}) {
  const { candidates } = props.prediction;
  return (
    <div class="sampling-stages">
      <table aria-label="What each stage does">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Tokens left</th>
            <th scope="col">Probability cut</th>
            <th scope="col">Entropy</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">the model</th>
            <td>{formatCount(candidates.ids.length)}</td>
            <td />
            <td>{bits(entropyBits(candidates.probabilities))}</td>
          </tr>
          {props.outcomes.map(({ stage, off, survivors, removed, removedMass, entropy }) => (
            <tr key={stage} class={off ? "gb-dim" : ""}>
              <th scope="row">
                {off ? `${stage} off` : stageWithSetting(stage, props.settings)}
                {stage === "greedy" && ", greedy"}
              </th>
              <td>{formatCount(survivors.ids.length)}</td>
              <td>{removed.length === 0 ? "–" : formatProbability(removedMass)}</td>
              <td>{bits(entropy)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {props.settings.temperature === 0 && (
        <p class="gb-dim">
          At temperature 0 the engine takes the most probable token and runs no other stage.
        </p>
      )}
    </div>
  );
}

function bits(entropy: number): string {
  return `${entropy.toFixed(2)} bits`;
}
