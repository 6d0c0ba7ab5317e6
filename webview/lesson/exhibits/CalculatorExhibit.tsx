/** The exhibit of sliders: inputs of the reader, of their text or of the loaded model, and what follows from them. */

import { useEffect, useState } from "preact/hooks";
import { calculate, curveOf, placeOf, rounded, valueAt } from "../../../src/core/lessons/calculator.js";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { tokenReadings } from "../../../src/core/lessons/tokenReadings.js";
import { t } from "../../../src/shared/l10n.js";
import type {
  CalculatorInput,
  ExhibitConfig,
  InputSource,
  NumberFormat,
} from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote } from "../../ui/notes.js";
import { LinkButton, Slider } from "../../ui/toolkit.js";
import { type Bar, Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "calculator" }>;

/** Places of a slider that has no step of its own. */
const PLACES = 1000;
/** How many times as large another may be for both to be seen as bars. */
const MOST_TIMES = 500;

export function CalculatorExhibit(props: ExhibitProps<Config>) {
  const { config, text, encoding, model, host, covered, onInstrument } = props;
  const [own, setOwn] = useState<Record<string, number>>({});
  const [asked, setAsked] = useState(false);
  const asks = (kind: string) => config.inputs.some(({ from }) => from?.startsWith(kind));
  const ofText = useAnswer(asks("text") ? `${encoding}\n${text}` : undefined, async (signal) =>
    tokenReadings((await host.call("encode", { text, encoding }, { signal })).map(({ bytes }) => bytes)),
  );
  const wantsModel = (asks("model") || asks("machine")) && (asked || model.kind === "ready");
  const ofModel = useAnswer(wantsModel ? modelFile(model) : undefined, (signal) =>
    host.call("modelFacts", {}, { signal }),
  );
  const found: Partial<Record<InputSource, number>> = {
    ...ofModel.value?.values,
    ...(ofText.value && {
      "text-tokens": ofText.value.tokens ?? 0,
      "text-characters": ofText.value.characters ?? 0,
      "text-bytes": ofText.value.bytes ?? 0,
    }),
  };
  const sourceOf = (input: CalculatorInput): "yours" | "found" | "lesson" =>
    own[input.id] !== undefined
      ? "yours"
      : input.from && found[input.from] !== undefined
        ? "found"
        : "lesson";
  // Moved by hand, a slider no longer shows the model's number.
  const showsModel = config.inputs.some(
    (input) => input.from?.startsWith("model") && sourceOf(input) === "found",
  );
  // What is found may lie beyond the slider: it counts all the same.
  const values = Object.fromEntries(
    config.inputs.map((input) => [
      input.id,
      own[input.id] ?? (input.from && found[input.from]) ?? input.value,
    ]),
  );
  const all = calculate(config, values);
  const key = JSON.stringify(all);

  useEffect(() => {
    onInstrument({
      text: key,
      readings: Object.fromEntries(Object.entries(all).filter(([, value]) => Number.isFinite(value))),
      setting: config.inputs
        .map(({ id, label, format }) => `${label} ${formatReading(all[id] ?? 0, format)}`)
        .join(", "),
      guesses: {},
    });
  }, [key]);

  const curve = covered ? undefined : curveOf(config, values);
  const along = config.inputs.find(({ id }) => id === config.curve?.along);
  const shown = config.outputs.filter(({ id }) => config.curve?.outputs.includes(id));
  const error = ofText.error ?? ofModel.error;
  const needsOffer = (asks("model") || asks("machine")) && !wantsModel;
  return (
    <>
      <div class="lesson-sliders">
        {config.inputs.map((input) => (
          <InputSlider
            key={input.id}
            input={input}
            value={values[input.id] ?? input.value}
            source={sourceOf(input)}
            onInput={(value) => setOwn({ ...own, [input.id]: value })}
          />
        ))}
      </div>
      <p class="gb-row">
        {Object.keys(own).length > 0 && (
          <LinkButton onClick={() => setOwn({})}>{t("Back to where it began")}</LinkButton>
        )}
        {needsOffer && (
          <LinkButton onClick={() => setAsked(true)}>
            {t("Take the numbers of the loaded model and this machine")}
          </LinkButton>
        )}
        {ofModel.value && showsModel && (
          <span class="gb-dim">{t("Numbers of the model: {0}.", ofModel.value.name)}</span>
        )}
      </p>
      {error && <ErrorNote error={error} retry={ofModel.again} />}
      {!covered && (
        <Figure
          caption={captionOf(config, all)}
          table={{
            columns: ["", t("Value"), t("Formula")],
            rows: () =>
              config.outputs.map(({ id, label, formula, format }) => [
                label,
                formatReading(all[id] ?? Number.NaN, format),
                formula,
              ]),
          }}
        >
          <Bars bars={barsOf(config, all)} />
          {curve && along && (
            <Curve
              xs={curve.xs}
              lines={shown.map(({ label }, at) => ({ label, ys: curve.ys[at] ?? [] }))}
              at={Math.min(along.max, Math.max(along.min, values[along.id] ?? along.value))}
              logX={along.scale === "log"}
              xLabel={along.scale === "log" ? t("{0}, on a log scale", along.label) : along.label}
              writeX={(x) => formatReading(x, along.format)}
              writeY={(y) => formatReading(y, formatOfAll(shown))}
            />
          )}
        </Figure>
      )}
    </>
  );
}

function InputSlider(props: {
  input: CalculatorInput;
  value: number;
  source: "yours" | "found" | "lesson";
  onInput(value: number): void;
}) {
  const { input, value, source, onInput } = props;
  const written = formatReading(value, input.format);
  const linear = input.scale === "linear" && input.step > 0;
  const foundIn = source === "found" ? input.from : undefined;
  return (
    <Slider
      label={input.label}
      min={linear ? input.min : 0}
      max={linear ? input.max : PLACES}
      step={linear ? input.step : 1}
      value={linear ? value : Math.round(placeOf(input, value) * PLACES)}
      valueText={foundIn ? withOrigin(written, foundIn) : written}
      onInput={(moved) => onInput(rounded(input, linear ? moved : valueAt(input, moved / PLACES)))}
    />
  );
}

function withOrigin(written: string, from: InputSource): string {
  if (from.startsWith("text")) return t("{0} (your text)", written);
  return from.startsWith("model") ? t("{0} (this model)", written) : t("{0} (this machine)", written);
}

/**
 * Probabilities are drawn as parts of 1; sizes, prices and numbers that count the same beside their largest. What has
 * nothing to be compared with, or is below 0, is only written.
 */
function barsOf({ outputs, alike }: Config, all: Record<string, number>): Bar[] {
  const found = (id: string) => all[id] ?? Number.NaN;
  const wholeOf = (format: NumberFormat, value: number): number | undefined => {
    if (format === "probability") return 1;
    if (!alike && format !== "bytes" && format !== "dollars") return undefined;
    const values = outputs
      .filter((output) => output.format === format)
      .map(({ id }) => found(id))
      // Beside a year, the cost of one request would be no bar at all.
      .filter((other) => alike || (other <= value * MOST_TIMES && value <= other * MOST_TIMES));
    return values.length > 1 && values.every((value) => value >= 0) ? Math.max(...values) : undefined;
  };
  return outputs.map(({ id, label, format }) => {
    const [value, whole] = [found(id), wholeOf(format, found(id))];
    const share = whole === undefined ? undefined : value / whole;
    return { key: id, label, share, value: formatReading(value, format) };
  });
}

/** What lines of one picture are written as: a share only where all of them are shares. */
function formatOfAll(outputs: readonly { format: NumberFormat }[]): NumberFormat {
  return (outputs.find(({ format }) => format !== "probability") ?? outputs[0])?.format ?? "number";
}

function captionOf(config: Config, all: Record<string, number>): string {
  const last = config.outputs.at(-1);
  if (!last) return "";
  const { label, format, id } = last;
  return t(
    "{0}: {1}. The formulas stand in the table.",
    label.charAt(0).toLocaleUpperCase() + label.slice(1),
    formatReading(all[id] ?? Number.NaN, format),
  );
}
