/** One row a stage, in the engine's order: its slider, how many tokens survive, what was cut, how open it stays. */

import { useMemo } from "preact/hooks";
import { entropyBits } from "../../src/core/sampling/candidates.js";
import { NEUTRAL_SETTINGS, type StageOutcome } from "../../src/core/sampling/stages.js";
import { formatCount } from "../../src/shared/formatCount.js";
import type { SamplingSettings } from "../../src/shared/types.js";
import { formatProbability } from "../ui/format.js";
import { LinkButton, Slider } from "../ui/toolkit.js";
import type { Prediction } from "./useSampling.js";

export interface StageTableProps {
  prediction: Prediction;
  outcomes: readonly StageOutcome[];
  settings: SamplingSettings;
  onChange(settings: SamplingSettings): void;
}

export function StageTable(props: StageTableProps) {
  const { outcomes, settings, onChange } = props;
  const { candidates } = props.prediction;
  const entropy = useMemo(() => entropyBits(candidates.probabilities), [candidates]);
  const neutral = (Object.keys(NEUTRAL_SETTINGS) as (keyof SamplingSettings)[]).every(
    (key) => settings[key] === NEUTRAL_SETTINGS[key],
  );
  const outcome = (stage: StageOutcome["stage"]) => outcomes.find((candidate) => candidate.stage === stage);
  return (
    <div class="sampling-stages">
      <table aria-label="The stages and what each of them does">
        <thead>
          <tr>
            <th scope="col">Stage</th>
            <th scope="col">Tokens left</th>
            <th scope="col">Cut</th>
            <th scope="col">Entropy</th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">The model</th>
            <td>{formatCount(candidates.ids.length)}</td>
            <td />
            <td>{bits(entropy)}</td>
          </tr>
          <Row outcome={outcome("top-k")}>
            <TopK {...props} />
          </Row>
          <Row outcome={outcome("top-p")}>
            <Slider
              label="Top-p"
              min={0.01}
              max={1}
              step={0.01}
              value={settings.topP}
              valueText={settings.topP === 1 ? "off" : settings.topP.toFixed(2)}
              hint="Keeps the fewest most probable tokens that together hold at least p."
              onInput={(value) => onChange({ ...settings, topP: Math.round(value * 100) / 100 })}
            />
          </Row>
          <Row outcome={outcome("min-p")}>
            <Slider
              label="Min-p"
              min={0}
              max={0.5}
              step={0.005}
              value={settings.minP}
              valueText={settings.minP === 0 ? "off" : settings.minP.toFixed(3)}
              hint="Keeps the tokens that are at least p times as probable as the best one."
              onInput={(value) => onChange({ ...settings, minP: Math.round(value * 1000) / 1000 })}
            />
          </Row>
          <Row outcome={outcome("temperature") ?? outcome("greedy")}>
            <Slider
              label="Temperature"
              min={0}
              max={2}
              step={0.05}
              value={settings.temperature}
              valueText={temperatureText(settings.temperature)}
              hint="Divides the logits: below 1 the best tokens gain, above 1 the others do. 0 always takes the best."
              onInput={(value) => onChange({ ...settings, temperature: Math.round(value * 100) / 100 })}
            />
          </Row>
        </tbody>
      </table>
      <p class="gb-dim">
        {settings.temperature === 0
          ? "At temperature 0 llama.cpp takes the most probable token and runs no other stage."
          : "In the order in which llama.cpp applies them: temperature comes last."}{" "}
        {!neutral && (
          <LinkButton onClick={() => onChange({ ...NEUTRAL_SETTINGS })}>Turn all of them off</LinkButton>
        )}
      </p>
    </div>
  );
}

/** A stage that is not run, as all but the greedy one at temperature 0, has no numbers. */
function Row(props: { outcome: StageOutcome | undefined; children: preact.ComponentChildren }) {
  const { outcome } = props;
  return (
    <tr class={outcome && !outcome.off ? "" : "sampling-off"}>
      <th scope="row">{props.children}</th>
      {outcome ? (
        <>
          <td>{formatCount(outcome.survivors.ids.length)}</td>
          <td>{outcome.removed.length === 0 ? "–" : formatProbability(outcome.removedMass)}</td>
          <td>{bits(outcome.entropy)}</td>
        </>
      ) : (
        <td colSpan={3}>not run</td>
      )}
    </tr>
  );
}

function TopK({ prediction, settings, onChange }: StageTableProps) {
  const vocabularySize = prediction.candidates.ids.length;
  const places = useMemo(() => topKPlaces(vocabularySize), [vocabularySize]);
  const nearest = places.findIndex((k) => k >= settings.topK);
  return (
    <Slider
      label="Top-k"
      min={0}
      max={places.length}
      step={1}
      value={settings.topK === 0 || nearest < 0 ? places.length : nearest}
      valueText={settings.topK === 0 ? "off" : formatCount(settings.topK)}
      hint="Keeps the k most probable tokens. The slider is logarithmic."
      onInput={(place) => onChange({ ...settings, topK: places[place] ?? 0 })}
    />
  );
}

/** Places of the top-k slider: the same ratio from place to place, as near as whole numbers allow. */
function topKPlaces(vocabularySize: number): number[] {
  const places: number[] = [];
  for (let step = 0; ; step++) {
    const k = Math.round(10 ** (step / 10));
    if (k >= vocabularySize) return places;
    if (k !== places.at(-1)) places.push(k);
  }
}

function temperatureText(temperature: number): string {
  if (temperature === 0) return "greedy";
  return temperature === 1 ? "1, off" : temperature.toFixed(2);
}

function bits(entropy: number): string {
  return `${entropy.toFixed(2)} bits`;
}
