/** The four sliders of the stages, in the order in which the engine applies them. */

import { NEUTRAL_SETTINGS } from "../../src/core/sampling/stages.js";
import type { SamplingSettings } from "../../src/shared/types.js";
import { formatCount } from "../ui/format.js";
import { LinkButton, Slider } from "../ui/toolkit.js";

/** Places of the top-k slider: the same ratio from place to place, as near as whole numbers allow. */
function topKPlaces(vocabularySize: number): number[] {
  const places: number[] = [];
  for (let step = 0; ; step++) {
    const k = Math.round(10 ** (step / 10));
    if (k >= vocabularySize) break;
    if (k !== places.at(-1)) places.push(k);
  }
  return places;
}

export function SamplingControls(props: {
  settings: SamplingSettings;
  vocabularySize: number;
  onChange(settings: SamplingSettings): void;
}) {
  const { settings, onChange } = props;
  const { topK, topP, minP, temperature } = settings;
  const places = topKPlaces(props.vocabularySize);
  const nearest = places.findIndex((k) => k >= topK);
  const neutral = (Object.keys(NEUTRAL_SETTINGS) as (keyof SamplingSettings)[]).every(
    (key) => settings[key] === NEUTRAL_SETTINGS[key],
  );
  return (
    <div class="sampling-controls">
      <Slider
        label="Top-k"
        min={0}
        max={places.length}
        step={1}
        value={topK === 0 || nearest < 0 ? places.length : nearest}
        valueText={topK === 0 ? "off" : formatCount(topK)}
        hint="Keeps the k most probable tokens. The slider is logarithmic."
        onInput={(place) => onChange({ ...settings, topK: places[place] ?? 0 })}
      />
      <Slider
        label="Top-p"
        min={0.01}
        max={1}
        step={0.01}
        value={topP}
        valueText={topP === 1 ? "off" : topP.toFixed(2)}
        hint="Keeps the fewest most probable tokens that together hold at least p."
        onInput={(value) => onChange({ ...settings, topP: Math.round(value * 100) / 100 })}
      />
      <Slider
        label="Min-p"
        min={0}
        max={0.5}
        step={0.005}
        value={minP}
        valueText={minP === 0 ? "off" : minP.toFixed(3)}
        hint="Keeps the tokens that are at least p times as probable as the best one."
        onInput={(value) => onChange({ ...settings, minP: Math.round(value * 1000) / 1000 })}
      />
      <Slider
        label="Temperature"
        min={0}
        max={2}
        step={0.05}
        value={temperature}
        valueText={temperature === 0 ? "0, greedy" : temperature === 1 ? "1.00, off" : temperature.toFixed(2)}
        hint="Divides the logits: below 1 the best tokens gain, above 1 the others do. 0 always takes the best."
        onInput={(value) => onChange({ ...settings, temperature: Math.round(value * 100) / 100 })}
      />
      <p class="sampling-order gb-dim">
        In the order in which llama.cpp applies them.{" "}
        {!neutral && (
          <LinkButton onClick={() => onChange({ ...NEUTRAL_SETTINGS })}>Turn all of them off</LinkButton>
        )}
      </p>
    </div>
  );
}
