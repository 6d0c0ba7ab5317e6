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
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
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
      setting: `step size ${rate.toFixed(2)}`,
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
  const write = (value: number) => formatReading(value, "number");
  return (
    <>
      <TextField
        label="The formula to make small"
        size={40}
        value={typed}
        onInput={(text) => {
          setTyped(text);
          setPath([]);
        }}
      />
      {fault !== undefined && <p role="alert">{fault}</p>}
      <Slider
        label="Step size"
        min={0.01}
        max={LARGEST_RATE}
        step={0.01}
        value={rate}
        valueText={rate.toFixed(2)}
        onInput={setRate}
      />
      <div class="gb-row">
        <Button appearance="primary" onClick={() => step(1)} disabled={!expression}>
          One step
        </Button>
        <Button onClick={() => step(10)} disabled={!expression}>
          Ten steps
        </Button>
        {walk.length > 1 && <LinkButton onClick={() => setPath([])}>Back to the start</LinkButton>}
      </div>
      {!covered && found && (
        <Figure
          caption={`After ${plural(walk.length - 1, "step")} the value is ${write(found.value)}; the gradient is ${write(length)} long.`}
          table={{
            columns: ["Part of the formula", "Value", "Slope of the whole by it"],
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
                <dd>
                  {write(value)}, slope {write(found.gradient.get(name) ?? 0)}: the next step goes{" "}
                  {direction(-(found.gradient.get(name) ?? 0))} by{" "}
                  {write(Math.abs(rate * (found.gradient.get(name) ?? 0)))}
                </dd>
              </>
            ))}
          </dl>
          {values.length > 1 && (
            <Curve
              xs={values.map((_, at) => at)}
              lines={[{ label: "value", ys: values }]}
              xLabel="steps"
              writeX={(x) => String(Math.round(x))}
              writeY={write}
            />
          )}
        </Figure>
      )}
    </>
  );
}

function direction(by: number): string {
  return by > 0 ? "up" : by < 0 ? "down" : "nowhere,";
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
