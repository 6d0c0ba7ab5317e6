/** The tool `run_code`: a piece of code in the sandbox, and what it printed and came to. */

import { t } from "../../shared/l10n.js";
import { given, type Tool } from "./tool.js";

const LONGEST_EVIDENCE = 160;

const OUTCOMES = {
  returned: "It ended.",
  threw: "It threw an error.",
  "timed-out": "It did not end in time.",
  "out-of-memory": "It ran out of memory.",
  "invalid-input": "It could not be run.",
} as const;

export const runCode: Tool = {
  name: "run_code",
  title: t("Run code"),
  description:
    "Runs a short piece of JavaScript, TypeScript or Python in a sandbox without files, network or timers, and answers what " +
    "it printed and the value of its last expression. Use it for what the other tools cannot compute.",
  schema: {
    type: "object",
    properties: {
      language: {
        type: "string",
        description: "The language of the code.",
        enum: ["javascript", "typescript", "python"],
      },
      code: { type: "string", description: "The code, which prints what it finds.", maxLength: 20_000 },
    },
    required: ["language", "code"],
    additionalProperties: false,
  },
  async run(input, context, signal) {
    const run = given(context.runCode?.bind(context), "Running code");
    const code = String(input.code);
    const { outcome, value, printed, ms } = await run(code, String(input.language), signal);
    const ok = outcome === "returned";
    const parts = [
      OUTCOMES[outcome],
      ...(printed === "" ? [] : [`Printed:\n${printed.trimEnd()}`]),
      ...(value === "" || (ok && value === "undefined") ? [] : [ok ? `Last value: ${value}` : value]),
    ];
    const shown = (printed.trim() || value).replace(/\s+/g, " ");
    return {
      ok,
      text: parts.join("\n"),
      evidence: ranFor(code.split("\n").length, Math.round(ms), shown),
      ...(ok ? { value: printed.trim() || value } : {}),
      quotes: true,
    };
  },
};

/** @param shown what came of it; empty where nothing was printed. */
function ranFor(lines: number, ms: number, shown: string): string {
  const result = shown.length > LONGEST_EVIDENCE ? `${shown.slice(0, LONGEST_EVIDENCE)} …` : shown;
  const said = { lines, ms, result: result || t("printed nothing") };
  return lines === 1
    ? t("1 line ran {ms} ms: {result}", said)
    : t("{lines} lines ran {ms} ms: {result}", said);
}
