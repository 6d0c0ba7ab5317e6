/** The exhibit of the next token: the sampling panel's own picture, and guesses judged by the model's ranking. */

import { useEffect, useMemo } from "preact/hooks";
import { ENGINE_ORDER, NEUTRAL_SETTINGS } from "../../../src/core/sampling/stages.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { SamplingHost, SamplingPrompt } from "../../../src/shared/panels/sampling.js";
import type { Caller } from "../../../src/shared/rpc.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import type { ModelToken } from "../../../src/shared/types.js";
import type { Prediction } from "../../sampling/predictions.js";
import { SamplingExhibit } from "../../sampling/SamplingExhibit.js";
import { type Sampling, useSampling } from "../../sampling/useSampling.js";
import { formatProbability } from "../../ui/format.js";
import type { Judgement } from "../instruments.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "next-token" }>;

const BEGIN = { settings: { ...NEUTRAL_SETTINGS }, order: ENGINE_ORDER, seed: 1 };

export function NextTokenExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, onInstrument } = props;
  const own = useMemo(() => embeddedHost<SamplingHost>(host, id, text), [host, id, text]);
  const sampling = useSampling(own, `${modelFile(model)}\n${text}`, BEGIN, () => {});
  const { prompt, prediction, outcomes, settings, phase, drawn } = sampling;
  const roads = sampling.tree.leaves().length;

  useEffect(() => {
    const survivors = outcomes.at(-1)?.survivors;
    const guesses: Record<
      string,
      { kind: "text"; label: string; judge: (answer: string, within: number) => Promise<Judgement> }
    > = {};
    if (prompt && prediction && phase.kind === "ready") {
      guesses["next-token"] = {
        kind: "text",
        label: t("The next word, or a piece of it"),
        judge: (answer, within) =>
          judgeGuess(host, id, text, answer, within, prompt, prediction, sampling.name),
      };
    }
    onInstrument({
      text,
      readings: survivors
        ? {
            temperature: settings.temperature,
            "top-probability": survivors.probabilities[0] ?? 0,
            survivors: survivors.ids.length,
            drawn: drawn.length,
            roads,
          }
        : {},
      setting: t("“{0}”, temperature {1}", text, formatFixed(settings.temperature, 2)),
      guesses,
    });
  }, [text, prompt, prediction, outcomes, phase.kind, drawn.length, roads]);

  const waiting = !prediction || phase.kind === "failed";
  return (
    <>
      {waiting && (
        <ModelNote
          model={model}
          busy={phase.kind === "busy" ? phase.text : undefined}
          error={phase.kind === "failed" ? phase.error : undefined}
          retry={sampling.retry}
          host={host}
        />
      )}
      {!props.covered && !waiting && <SamplingExhibit sampling={sampling} />}
    </>
  );
}

/**
 * Ranks the first token of a guess. What the guess's tokens are depends on the text before it, so that they are read
 * with it; typed with and without a space in front, the more probable reading counts.
 */
async function judgeGuess(
  host: ExhibitProps<Config>["host"],
  exhibitId: string,
  text: string,
  answer: string,
  within: number,
  prompt: SamplingPrompt,
  { candidates }: Prediction,
  name: Sampling["name"],
): Promise<Judgement> {
  const guess = answer.replaceAll("\\n", "\n").replaceAll("⏎", "\n");
  const readings = new Set(
    [guess, guess.trimStart(), ` ${guess.trimStart()}`].filter((reading) => reading !== ""),
  );
  let best: { token: ModelToken; rank: number } | undefined;
  for (const reading of readings) {
    const token = await firstToken(embeddedHost<SamplingHost>(host, exhibitId, text + reading), prompt);
    const rank = token ? candidates.ids.indexOf(token.id) : -1;
    if (token && rank >= 0 && (!best || rank < best.rank)) best = { token, rank };
  }
  if (!best) {
    throw new GlassboxError(
      "invalid-request",
      t("Your guess runs together with the end of the text into other tokens."),
      t("End the text behind a whole word, without a space, and guess again."),
    );
  }
  const probability = (rank: number) => formatProbability(candidates.probabilities[rank] ?? 0);
  const yours = t(
    "Your guess begins with the token “{0}”: rank {1} of {2}, probability {3}.",
    tokenName(best.token),
    formatCount(best.rank + 1),
    formatCount(candidates.ids.length),
    probability(best.rank),
  );
  const first = name(candidates.ids[0] ?? -1);
  if (best.rank === 0 || !first) return { right: best.rank < within, explanation: yours };
  const theirs = t("The model put “{0}” first, with {1}.", tokenName(first), probability(0));
  return { right: best.rank < within, explanation: `${yours} ${theirs}` };
}

/** The token that follows the prompt's own when the text goes on; undefined where the two melt together. */
async function firstToken(
  host: Caller<SamplingHost>,
  prompt: SamplingPrompt,
): Promise<ModelToken | undefined> {
  const answer = await host.call("prompt", {});
  if (answer.kind !== "prompt") return undefined;
  const { tokens } = answer.prompt;
  const same = prompt.tokens.every((token, at) => tokens[at]?.id === token.id);
  return same ? tokens[prompt.tokens.length] : undefined;
}
