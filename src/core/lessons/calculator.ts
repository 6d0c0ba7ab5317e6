/** A calculator of a lesson: the values of its outputs, and of its curve. */

import type { CalculatorInput, CalculatorOutput, ExhibitConfig } from "../../shared/panels/lesson.js";
import { type Expression, evaluateAt, formulaName, parseExpression } from "./expression.js";

export type CalculatorConfig = Extract<ExhibitConfig, { type: "calculator" }>;

const POINTS = 61;

/** Formulas are parsed once for each lesson. */
const parsed = new WeakMap<CalculatorOutput, Expression>();

function expressionOf(output: CalculatorOutput): Expression {
  let expression = parsed.get(output);
  if (!expression) {
    expression = parseExpression(output.formula);
    parsed.set(output, expression);
  }
  return expression;
}

/** All values by id, inputs and outputs. */
export function calculate(
  { inputs, outputs }: Pick<CalculatorConfig, "inputs" | "outputs">,
  values: Readonly<Record<string, number>>,
): Record<string, number> {
  const known = new Map<string, number>();
  const all: Record<string, number> = {};
  const put = (id: string, value: number) => {
    known.set(formulaName(id), value);
    all[id] = value;
  };
  for (const { id, value } of inputs) put(id, values[id] ?? value);
  for (const output of outputs) put(output.id, evaluateAt(expressionOf(output), known));
  return all;
}

/** The outputs of the curve while its input walks: one list of y for each output, beside the list of x. */
export function curveOf(
  config: CalculatorConfig,
  values: Readonly<Record<string, number>>,
): { xs: number[]; ys: number[][] } | undefined {
  const { curve } = config;
  const input = config.inputs.find(({ id }) => id === curve?.along);
  if (!curve || !input) return undefined;
  const xs = Array.from({ length: POINTS }, (_, at) => valueAt(input, at / (POINTS - 1)));
  const rows = xs.map((x) => calculate(config, { ...values, [input.id]: x }));
  return { xs, ys: curve.outputs.map((id) => rows.map((row) => row[id] ?? Number.NaN)) };
}

/** The value at a place of the slider, 0 to 1. */
export function valueAt({ min, max, scale }: CalculatorInput, place: number): number {
  return scale === "log" ? min * (max / min) ** place : min + (max - min) * place;
}

/** The place of a value on the slider, 0 to 1. */
export function placeOf({ min, max, scale }: CalculatorInput, value: number): number {
  const place = scale === "log" ? Math.log(value / min) / Math.log(max / min) : (value - min) / (max - min);
  return Math.min(1, Math.max(0, place));
}

/** Rounds to the input's step; on a log scale, to three digits. */
export function rounded({ step, scale, min, max }: CalculatorInput, value: number): number {
  const even =
    step > 0 ? Math.round(value / step) * step : scale === "log" ? Number(value.toPrecision(3)) : value;
  return Math.min(max, Math.max(min, Number(even.toPrecision(12))));
}
