/** "How do you know?": everything that the numbers on screen came from. */

import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { GENERATOR_NAME } from "../../src/core/sampling/randomness.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import { formatCount } from "../../src/shared/formatCount.js";
import type { Provenance } from "../../src/shared/panels/panel.js";
import { formatDuration, plural } from "../ui/format.js";
import { ModelFacts } from "../ui/ModelFacts.js";
import { TokenStrip } from "./TokenTail.js";
import type { Sampling } from "./useSampling.js";

/** What decided the numbers on screen, for what is saved of them. */
export function aboutOf({ prompt, drawn, settings, order, seed }: Sampling): Provenance {
  const text = [...(prompt?.tokens ?? []), ...drawn.map(({ token }) => token)];
  return [
    ["Text", prompt?.source.fileName ?? ""],
    ["Prompt", JSON.stringify(textOfTokens(text))],
    ["Settings", JSON.stringify(settings)],
    ["Order of stages", order.join(", ")],
    ["Seed", `${seed} (${GENERATOR_NAME}), next is draw ${drawn.length + 1}`],
  ];
}

export function SamplingEvidence({ sampling }: { sampling: Sampling }) {
  const { prompt, prediction, outcomes, settings, drawn } = sampling;
  if (!prompt || !prediction) return null;
  const { model } = prompt;
  const sum = outcomes.at(-1)?.survivors.probabilities.reduce((total, p) => total + p, 0) ?? 1;
  const stages = outcomes.map(({ stage, off }) => (off ? `${stage} off` : stageWithSetting(stage, settings)));
  return (
    <>
      <dl>
        <ModelFacts model={model} engine={prompt.engine} />
        <dt>Numbers</dt>
        <dd>
          The logits of all {formatCount(prediction.candidates.ids.length)} tokens, read once from the engine
          in {formatDuration(prediction.ms)}. The stages are computed on this page from them; what is left
          sums to {sum.toFixed(6)}.
        </dd>
        <dt>Stages</dt>
        <dd>{stages.join(", then ")}, then the draw</dd>
        <dt>Randomness</dt>
        <dd>
          {GENERATOR_NAME}, seed {sampling.seed}, next is draw {drawn.length + 1}
        </dd>
        <dt>Prompt</dt>
        <dd>
          {plural(prompt.tokens.length, "token")}, exactly these
          {drawn.length > 0 && `, and ${drawn.length} drawn`}:
        </dd>
      </dl>
      <TokenStrip tokens={[...prompt.tokens, ...drawn.map(({ token }) => token)]} />
    </>
  );
}
