/** The tool `calculate`: exact arithmetic and comparisons. */

import { t } from "../../shared/l10n.js";
import { type Evaluation, evaluate, formatRational, ROOT_DIGITS } from "./arithmetic.js";
import type { Tool, ToolResult } from "./tool.js";

/** Longer numbers are cut in what people read, not in what the model reads. */
const LONGEST_SHOWN = 120;
const WORDS = { "<": "is less than", ">": "is greater than", "=": "equals" } as const;

export const calculate: Tool = {
  name: "calculate",
  title: t("Calculate"),
  description:
    "Evaluates arithmetic exactly: integers of any size and decimals, + - * / % ^, brackets, gcd(a, b), abs(a), " +
    `sqrt(a, digits) (${ROOT_DIGITS} digits unless told), and one comparison such as 9.11 > 9.9. Use it for every calculation and ` +
    "comparison of numbers.",
  schema: {
    type: "object",
    properties: {
      expression: {
        type: "string",
        description: "The arithmetic, such as 3847 * 291 or 9.11 > 9.9.",
        maxLength: 10_000,
      },
    },
    required: ["expression"],
    additionalProperties: false,
  },
  async run({ expression }) {
    return resultOf(evaluate(String(expression)));
  },
};

function resultOf({ expression, value, comparison }: Evaluation): ToolResult {
  if (comparison) {
    const { left, right, order, holds } = comparison;
    const [a, b] = [formatRational(left), formatRational(right)];
    const fact = `${a} ${order} ${b}`;
    return {
      ok: true,
      text: `${expression} is ${holds}: ${a} ${WORDS[order]} ${b}.`,
      evidence: holds
        ? t("{0} is true: {1}", shortened(expression), shortened(fact))
        : t("{0} is false: {1}", shortened(expression), shortened(fact)),
      value: fact,
    };
  }
  const result = value ? formatRational(value) : "";
  return {
    ok: true,
    text: `${expression} = ${result}`,
    evidence: `${shortened(expression)} = ${shortened(result)}`,
    value: result,
  };
}

function shortened(text: string): string {
  return text.length <= LONGEST_SHOWN
    ? text
    : t("{0} … {1} ({2} digits and signs)", text.slice(0, LONGEST_SHOWN / 2), text.slice(-20), text.length);
}
