/** One row a stage, in the order in which they are run: its knobs, what it does, how many tokens survive, how open it stays. */

import type { ComponentChildren } from "preact";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { type Candidates, entropyBits } from "../../src/core/sampling/candidates.js";
import { PRESETS, presetOf } from "../../src/core/sampling/presets.js";
import { stageWithSetting } from "../../src/core/sampling/reading.js";
import {
  chanceOfXtc,
  ENGINE_ORDER,
  isOff,
  NEUTRAL_SETTINGS,
  NOT_IN_ENGINE,
  type OrderedStage,
  type StageOutcome,
  stagesOf,
} from "../../src/core/sampling/stages.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplerSettings } from "../../src/shared/types.js";
import { countedTokens } from "../ui/counted.js";
import type { TableData } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { SaveLinks } from "../ui/Saving.js";
import { Dropdown, LinkButton, Slider } from "../ui/toolkit.js";
import { StageStrip } from "./StageStrip.js";
import type { SamplerChoice } from "./samplingState.js";
import { stageName } from "./stageName.js";

export interface StageTableProps extends SamplerChoice {
  candidates: Candidates;
  outcomes: readonly StageOutcome[];
  onChange(choice: SamplerChoice): void;
}

/** Stages that most programs leave off: their rows are shown when they are on, or asked for. */
const SELDOM: ReadonlySet<OrderedStage> = new Set(["penalties", "typical-p", "xtc"]);

/** Where the pictures have no room for a column of their own, they stand below the knobs; as `sampling.css` has it. */
const NARROW = "(max-width: 680px)";

function useNarrow(): boolean {
  const [narrow, setNarrow] = useState(() => matchMedia(NARROW).matches);
  useEffect(() => {
    const width = matchMedia(NARROW);
    const follow = () => setNarrow(width.matches);
    follow();
    width.addEventListener("change", follow);
    return () => width.removeEventListener("change", follow);
  }, []);
  return narrow;
}

export function StageTable(props: StageTableProps) {
  const { candidates, outcomes, settings, order, onChange } = props;
  const [all, setAll] = useState(false);
  const [moving, setMoving] = useState(false);
  const narrow = useNarrow();
  const entropy = useMemo(() => entropyBits(candidates.probabilities), [candidates]);
  const picture = useRef<HTMLTableElement>(null);
  const caption = captionOf(candidates.ids.length, entropy, outcomes, settings);
  const shown = order.filter((stage) => all || moving || !SELDOM.has(stage) || !isOff(stage, settings));
  const engines = order.every((stage, place) => stage === ENGINE_ORDER[place]);
  const move = (stage: OrderedStage, by: -1 | 1) => {
    const from = order.indexOf(stage);
    const next = order.filter((other) => other !== stage);
    next.splice(from + by, 0, stage);
    onChange({ settings, order: next });
  };
  return (
    <div class="sampling-stages">
      <PresetLine {...props} />
      <table ref={picture} aria-label={t("The stages and what each of them does")}>
        <thead>
          <tr>
            <th scope="col">{t("Stage")}</th>
            <th scope="col" class="sampling-picture">
              {t("Before and after")}
            </th>
            <th scope="col">{t("Tokens left")}</th>
            <th scope="col">{t("Cut")}</th>
            <th
              scope="col"
              title={t("Entropy, and how many equally probable tokens would have it: the perplexity.")}
            >
              {t("Entropy")}
            </th>
          </tr>
        </thead>
        <tbody>
          <tr>
            <th scope="row">{t("The model")}</th>
            <td class="sampling-picture" />
            <td>{formatCount(candidates.ids.length)}</td>
            <td />
            <Openness entropy={entropy} />
          </tr>
          {shown.map((stage) => {
            const greedy = stage === "temperature" && settings.temperature === 0;
            const at = outcomes.findIndex((outcome) => outcome.stage === (greedy ? "greedy" : stage));
            return (
              <Row
                key={stage}
                outcome={outcomes[at]}
                before={outcomes[at - 1]?.survivors ?? candidates}
                narrow={narrow}
                note={stage === "xtc" ? chanceNote(settings) : undefined}
              >
                {moving && (
                  <Movers
                    stage={stage}
                    first={order[0] === stage}
                    last={order.at(-1) === stage}
                    onMove={(by) => move(stage, by)}
                  />
                )}
                <Knobs stage={stage} {...props} />
              </Row>
            );
          })}
        </tbody>
      </table>
      <p class="gb-row gb-dim">
        <span>
          {caption}{" "}
          {orderSentence(
            settings,
            engines,
            shown.some((stage) => NOT_IN_ENGINE.has(stage)),
          )}
        </span>
        <LinkButton onClick={() => setMoving(!moving)} expanded={moving}>
          {moving ? t("Keep this order") : t("Change the order")}
        </LinkButton>
        {!engines && (
          <LinkButton onClick={() => onChange({ settings, order: ENGINE_ORDER })}>
            {t("The engine's order")}
          </LinkButton>
        )}
        {!moving && (
          <LinkButton onClick={() => setAll(!all)} expanded={all}>
            {all ? t("Hide stages that are off") : t("Penalties, typical-p, XTC")}
          </LinkButton>
        )}
        <SaveLinks
          picture={picture}
          name="stages"
          caption={caption}
          table={tableOf(candidates.ids.length, entropy, outcomes, settings)}
        />
      </p>
    </div>
  );
}

/** What comes into the stages and what goes out, where XTC strikes if that is a matter of chance. */
function captionOf(
  vocabularySize: number,
  entropy: number,
  outcomes: readonly StageOutcome[],
  settings: SamplerSettings,
): string {
  const last = outcomes.at(-1);
  const figures = [
    countedTokens(vocabularySize),
    formatFixed(entropy, 2),
    countedTokens(last?.survivors.ids.length ?? vocabularySize),
    formatFixed(last?.entropy ?? entropy, 2),
  ] as const;
  const chance = chanceOfXtc(settings);
  return chance > 0 && chance < 1
    ? t("Where XTC strikes, {0} and {1} bits of entropy become {2} and {3} bits.", ...figures)
    : t("{0} and {1} bits of entropy become {2} and {3} bits.", ...figures);
}

/** A row for each stage that is run, those that are off among them. */
function tableOf(
  vocabularySize: number,
  entropy: number,
  outcomes: readonly StageOutcome[],
  settings: SamplerSettings,
): TableData {
  const exact = () => [
    ["The model", "", vocabularySize, 0, entropy, 2 ** entropy],
    ...outcomes.map(({ stage, off, survivors, removedMass, entropy: bits }) => [
      ...[stage, off ? "off" : stageWithSetting(stage, settings)],
      ...[survivors.ids.length, removedMass, bits, 2 ** bits],
    ]),
  ];
  return {
    columns: ["Stage", "Setting", "Tokens left", "Cut", "Entropy in bits", "Perplexity"],
    rows: () => exact().map((row) => row.map(String)),
    exact,
  };
}

function orderSentence(settings: SamplerSettings, engines: boolean, typical: boolean): string {
  if (settings.temperature === 0) {
    const [first = "penalties", second = "xtc"] = stagesOf(settings);
    return t(
      "At temperature 0 llama.cpp takes the most probable token; only {0} and {1} come before.",
      stageName(first),
      stageName(second),
    );
  }
  if (!engines) return t("In an order of your own: the same settings can leave other tokens.");
  const sentence = t("In the order in which llama.cpp applies them: temperature comes last.");
  return typical ? `${sentence} ${t("node-llama-cpp itself has no typical-p.")}` : sentence;
}

function PresetLine({ settings, order, onChange }: StageTableProps) {
  const preset = presetOf(settings);
  const own = { value: "own", label: t("Settings of your own") };
  return (
    <div class="gb-row sampling-preset">
      <Dropdown
        label={t("Preset")}
        value={preset?.id ?? own.value}
        options={[...PRESETS.map(({ id, title }) => ({ value: id, label: title })), ...(preset ? [] : [own])]}
        onChange={(id) => {
          const chosen = PRESETS.find((candidate) => candidate.id === id);
          if (chosen) onChange({ settings: { ...chosen.settings }, order });
        }}
      />
      <span class="gb-dim">{preset?.purpose ?? t("Differs from every preset.")}</span>
    </div>
  );
}

/** A stage that is not run, as most are at temperature 0, has no numbers. */
function Row(props: {
  outcome: StageOutcome | undefined;
  before: Candidates;
  narrow: boolean;
  note: string | undefined;
  children: ComponentChildren;
}) {
  const { outcome, before, narrow, note } = props;
  const strip = outcome && !outcome.off && <StageStrip before={before} outcome={outcome} />;
  return (
    <tr class={outcome && !outcome.off ? "" : "sampling-off"}>
      <th scope="row">
        {props.children}
        {narrow && strip}
      </th>
      {outcome ? (
        <>
          <td class="sampling-picture">{!narrow && strip}</td>
          <td>{formatCount(outcome.survivors.ids.length)}</td>
          <td>
            {outcome.removed.length === 0 ? "–" : formatProbability(outcome.removedMass)}
            {note && !outcome.off && <small class="gb-dim">{note}</small>}
          </td>
          <Openness entropy={outcome.entropy} />
        </>
      ) : (
        <td colSpan={4}>{t("not run")}</td>
      )}
    </tr>
  );
}

/** Entropy, and the perplexity that it comes to: 2^entropy. */
function Openness({ entropy }: { entropy: number }) {
  const like = 2 ** entropy;
  return (
    <td>
      {t("{0} bits", formatFixed(entropy, 2))}
      <small class="gb-dim">
        {t("like {0} tokens", like < 100 ? formatFixed(like, 1) : formatCount(Math.round(like)))}
      </small>
    </td>
  );
}

function chanceNote({ xtcProbability }: SamplerSettings): string | undefined {
  return xtcProbability < 1 ? t("at {0} % of draws", Math.round(xtcProbability * 100)) : undefined;
}

function Movers(props: { stage: OrderedStage; first: boolean; last: boolean; onMove(by: -1 | 1): void }) {
  return (
    <span class="sampling-movers">
      {!props.first && (
        <LinkButton onClick={() => props.onMove(-1)} label={t("Run {0} earlier", stageName(props.stage))}>
          ↑
        </LinkButton>
      )}
      {!props.last && (
        <LinkButton onClick={() => props.onMove(1)} label={t("Run {0} later", stageName(props.stage))}>
          ↓
        </LinkButton>
      )}
    </span>
  );
}

/** The knobs of one stage. */
function Knobs(props: StageTableProps & { stage: OrderedStage }) {
  const { stage, settings, order, onChange } = props;
  const set = (change: Partial<SamplerSettings>) => onChange({ settings: { ...settings, ...change }, order });
  const knob = (
    key: Exclude<keyof SamplerSettings, "topK">,
    label: string,
    range: readonly [min: number, max: number, step: number],
    hint: string,
    valueText = (value: number) =>
      value === NEUTRAL_SETTINGS[key] ? t("off") : formatFixed(value, decimalsOf(range[2])),
  ) => (
    <Slider
      label={label}
      min={range[0]}
      max={range[1]}
      step={range[2]}
      value={settings[key]}
      valueText={valueText(settings[key])}
      hint={hint}
      onInput={(value) => set({ [key]: Number(value.toFixed(decimalsOf(range[2]))) })}
    />
  );
  switch (stage) {
    case "penalties":
      return (
        <>
          {knob(
            "repeatPenalty",
            t("Repeat"),
            [1, 2, 0.05],
            t(
              "Tokens that stand in the text: their logit is divided by this, or multiplied where it is negative.",
            ),
          )}
          {knob(
            "frequencyPenalty",
            t("Frequency"),
            [0, 2, 0.05],
            t("Taken from a token's logit once for each time that it stands in the text."),
          )}
          {knob(
            "presencePenalty",
            t("Presence"),
            [0, 2, 0.05],
            t("Taken from the logit of each token in the text, once."),
          )}
          {knob(
            "penaltyTokens",
            t("Look back"),
            [1, 256, 1],
            t("How many tokens back the penalties look."),
            (value) => `${value}`,
          )}
        </>
      );
    case "top-k":
      return <TopK {...props} />;
    case "typical-p":
      return knob(
        "typicalP",
        t("Typical-p"),
        [0.01, 1, 0.01],
        t(
          "Keeps the tokens whose surprisal is nearest to the entropy, until they hold more than p together.",
        ),
      );
    case "top-p":
      return knob(
        "topP",
        t("Top-p"),
        [0.01, 1, 0.01],
        t("Keeps the fewest most probable tokens that together hold at least p."),
      );
    case "min-p":
      return knob(
        "minP",
        t("Min-p"),
        [0, 0.5, 0.005],
        t("Keeps the tokens that are at least p times as probable as the best one."),
      );
    case "xtc":
      return (
        <>
          {knob(
            "xtcProbability",
            t("XTC chance"),
            [0, 1, 0.05],
            t("How often all top choices but the least probable one are left out."),
          )}
          {knob(
            "xtcThreshold",
            t("XTC from"),
            [0.01, 0.5, 0.01],
            t("From which probability on a token is a top choice."),
            (value) => formatFixed(value, 2),
          )}
        </>
      );
    case "temperature":
      return knob(
        "temperature",
        t("Temperature"),
        [0, 2, 0.05],
        t(
          "Divides the logits: below 1 the best tokens gain, above 1 the others do. 0 always takes the best.",
        ),
        temperatureText,
      );
  }
}

/** As many decimals as the step has. */
function decimalsOf(step: number): number {
  return Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
}

function TopK({ candidates, settings, order, onChange }: StageTableProps) {
  const vocabularySize = candidates.ids.length;
  const places = useMemo(() => topKPlaces(vocabularySize), [vocabularySize]);
  const nearest = places.findIndex((k) => k >= settings.topK);
  return (
    <Slider
      label={t("Top-k")}
      min={0}
      max={places.length}
      step={1}
      value={settings.topK === 0 || nearest < 0 ? places.length : nearest}
      valueText={settings.topK === 0 ? t("off") : formatCount(settings.topK)}
      hint={t("Keeps the k most probable tokens. The slider is logarithmic.")}
      onInput={(place) => onChange({ settings: { ...settings, topK: places[place] ?? 0 }, order })}
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
  if (temperature === 0) return t("greedy");
  return temperature === 1 ? t("1, off") : formatFixed(temperature, 2);
}
