/** The exhibit of descent: a formula that the reader edits, its slopes by the chain rule, and steps downhill. */

import { useEffect, useMemo, useState } from "preact/hooks";
import {
  differentiate,
  type Expression,
  formulaName,
  namesOf,
  parseExpression,
  writeExpression,
} from "../../../src/core/lessons/expression.js";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedSteps } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { Button, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Curve } from "./Curve.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "gradient" }>;

const MOST_STEPS = 500;
const LARGEST_RATE = 1.2;
/** Where a name begins that the reader has brought in. */
const NEW_NAME = 1;

export function GradientExhibit({ config, covered, onInstrument }: ExhibitProps<Config>) {
  const [typed, setTyped] = useState(config.formula);
  const [rate, setRate] = useState(config.rate);
  const parsed = useMemo(() => read(typed), [typed]);
  const [path, setPath] = useState<ReadonlyMap<string, number>[]>([]);
  const { expression, fault } = parsed;
  const begun = useMemo(() => startOf(config, expression), [expression]);
  const walk = path.length > 0 ? path : [begun];
  const now = walk.at(-1) ?? begun;
  const found = expression ? differentiate(expression, now) : undefined;
  const length = found ? Math.hypot(...found.gradient.values()) : Number.NaN;
  const values = expression ? walk.map((point) => differentiate(expression, point).value) : [];
  const key = JSON.stringify([typed, rate, walk.length, [...now]]);

  useEffect(() => {
    onInstrument({
      text: key,
      readings:
        found && Number.isFinite(found.value)
          ? { value: found.value, steps: walk.length - 1, slope: Number.isFinite(length) ? length : 0, rate }
          : { steps: walk.length - 1, rate },
      setting: t("step size {0}", formatFixed(rate, 2)),
      guesses: {},
    });
  }, [key]);

  const step = (count: number) => {
    if (!expression) return;
    const next = [...walk];
    for (let taken = 0; taken < count && next.length <= MOST_STEPS; taken++) {
      const point = next.at(-1) ?? begun;
      const { gradient } = differentiate(expression, point);
      next.push(new Map([...point].map(([name, value]) => [name, value - rate * (gradient.get(name) ?? 0)])));
    }
    setPath(next);
  };
  return (
    <>
      <div class="lesson-sliders lesson-row">
        <TextField
          label={t("The formula to make small")}
          value={typed}
          onInput={(text) => {
            setTyped(text);
            setPath([]);
          }}
        />
        <Slider
          label={t("Step size")}
          min={0.01}
          max={LARGEST_RATE}
          step={0.01}
          value={rate}
          valueText={formatFixed(rate, 2)}
          onInput={setRate}
        />
      </div>
      {fault !== undefined && <p role="alert">{fault}</p>}
      <div class="gb-row">
        <Button appearance="primary" onClick={() => step(1)} disabled={!expression}>
          {t("One step")}
        </Button>
        <Button onClick={() => step(10)} disabled={!expression}>
          {t("Ten steps")}
        </Button>
        {walk.length > 1 && <LinkButton onClick={() => setPath([])}>{t("Back to the start")}</LinkButton>}
      </div>
      {!covered && found && (
        <Figure
          caption={t(
            "After {0} the value is {1}; the gradient is {2} long.",
            countedSteps(walk.length - 1),
            write(found.value),
            write(length),
          )}
          table={{
            columns: [t("Part of the formula"), t("Value"), t("Slope of the whole by it")],
            rows: () =>
              found.nodes.map(({ node, value, slope }) => [
                writeExpression(node),
                write(value),
                write(slope),
              ]),
          }}
        >
          <dl class="gb-facts">
            {[...now].map(([name, value]) => (
              <>
                <dt>
                  <code>{name}</code>
                </dt>
                <dd>{placeInWords(value, found.gradient.get(name) ?? 0, rate)}</dd>
              </>
            ))}
          </dl>
          {values.length > 1 && (
            <Curve
              xs={values.map((_, at) => at)}
              lines={[{ label: t("value"), ys: values }]}
              xLabel={t("steps")}
              writeX={(x) => String(Math.round(x))}
              writeY={write}
            />
          )}
        </Figure>
      )}
    </>
  );
}

function write(value: number): string {
  return formatReading(value, "number");
}

/** Where the walk stands in one of its names, and where the next step goes: against the slope. */
function placeInWords(value: number, slope: number, rate: number): string {
  const place = [write(value), write(slope), write(Math.abs(rate * slope))];
  if (slope < 0) return t("{0}, slope {1}: the next step goes up by {2}", ...place);
  return slope > 0
    ? t("{0}, slope {1}: the next step goes down by {2}", ...place)
    : t("{0}, slope {1}: the next step goes nowhere, by {2}", ...place);
}

function read(text: string): { expression: Expression | undefined; fault: string | undefined } {
  try {
    return { expression: parseExpression(text), fault: undefined };
  } catch (error) {
    return { expression: undefined, fault: GlassboxError.from(error).message };
  }
}

/** The lesson's values for its own names. */
function startOf(config: Config, expression: Expression | undefined): ReadonlyMap<string, number> {
  const given = new Map(config.start.map(({ id, value }) => [formulaName(id), value]));
  const names = expression ? namesOf(expression) : [];
  return new Map(names.map((name) => [name, given.get(name) ?? NEW_NAME]));
}
