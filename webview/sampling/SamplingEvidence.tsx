/** "How do you know?": everything that the numbers on screen came from. */

import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { GENERATOR_NAME } from "../../src/core/sampling/randomness.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { Provenance } from "../../src/shared/panels/panel.js";
import { countedTokens } from "../ui/counted.js";
import { formatDuration } from "../ui/format.js";
import { ModelFacts } from "../ui/ModelFacts.js";
import { stageName } from "./stageName.js";
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
  const stages = outcomes.map(({ stage, off }) =>
    off ? t("{0} off", stageName(stage)) : stageWithSetting(stage, settings),
  );
  return (
    <>
      <dl>
        <ModelFacts model={model} engine={prompt.engine} />
        <dt>{t("Numbers")}</dt>
        <dd>
          {t(
            "The logits of all {0} tokens, read once from the engine in {1}. The stages are computed on this page from them; what is left sums to {2}.",
            formatCount(prediction.candidates.ids.length),
            formatDuration(prediction.ms),
            formatFixed(sum, 6),
          )}
        </dd>
        <dt>{t("Stages")}</dt>
        <dd>{[...stages, t("the draw")].reduce((before, stage) => t("{0}, then {1}", before, stage))}</dd>
        <dt>{t("Randomness")}</dt>
        <dd>{t("{0}, seed {1}, next is draw {2}", GENERATOR_NAME, sampling.seed, drawn.length + 1)}</dd>
        <dt>{t("Prompt")}</dt>
        <dd>
          {drawn.length > 0
            ? t("{0}, exactly these, and {1} drawn:", countedTokens(prompt.tokens.length), drawn.length)
            : t("{0}, exactly these:", countedTokens(prompt.tokens.length))}
        </dd>
      </dl>
      <TokenStrip tokens={[...prompt.tokens, ...drawn.map(({ token }) => token)]} />
    </>
  );
}
