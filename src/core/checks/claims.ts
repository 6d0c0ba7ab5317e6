/** Checks claims in a model's words against what really ran: `sum([3, 4, 5])` returns 12. */

import { t } from "../../shared/l10n.js";
import type { CheckResult } from "../../shared/types.js";
import type { FunctionRun } from "../../shared/workerProtocol.js";
import { evidenceIn } from "./evidenceIn.js";
import { sameLiteral } from "./literals.js";

const VERB =
  /^`?\s*(?:(?:would |will |should )?(?:(?:return|yield|equal)(?:s|ed)?|gives?|gave|evaluate[sd]? to)|is|=>|->|→|={1,3})\s*(?:the (?:value|number|string|result|array)\s*)?(?:of\s*)?`?/i;
/** What may follow a value; "returns 3 elements" says how many, not which. */
const VALUE_ENDS =
  /^[`*]*\s*(?:$|[.,;:!?)\]—–-]|(?:and|or|because|since|as|when|if|for|which|but|while|in)\b)/i;

/** A claim that a call gives a value. */
export interface ReturnClaim {
  /** The argument list as the model wrote it. */
  input: string;
  /** The value as the model wrote it. */
  value: string;
  /** The words of the claim. */
  words: string;
}

/**
 * Finds claims of the form `f(ARGUMENTS) returns VALUE` (also: returned, gives, is, equals, =>, ->). Only a
 * claim that names the call can be decided; "it returns 0" may be about any input.
 */
export function returnClaims(text: string, functionName: string): ReturnClaim[] {
  const claims: ReturnClaim[] = [];
  for (let at = text.indexOf(`${functionName}(`); at >= 0; at = text.indexOf(`${functionName}(`, at + 1)) {
    if (at > 0 && /[\w$.]/.test(text[at - 1]!)) continue;
    const open = at + functionName.length;
    const close = literalEnd(text, open);
    if (close === undefined) continue;
    const verb = VERB.exec(text.slice(close));
    if (!verb) continue;
    const start = close + verb[0].length;
    const value = literalAt(text, start);
    if (value === undefined || !VALUE_ENDS.test(text.slice(start + value.length))) continue;
    claims.push({
      input: text.slice(open + 1, close - 1),
      value,
      words: text.slice(at, start + value.length).replace(/\s+/g, " "),
    });
  }
  return claims;
}

/**
 * Decides the claims in a text for which the very input was run.
 * @param tool what ran it.
 * @returns one result a decided claim; claims about inputs that were not run are left out.
 */
export function checkReturnClaims(
  text: string,
  functionName: string,
  runs: readonly FunctionRun[],
  tool: string,
): CheckResult[] {
  return returnClaims(text, functionName).flatMap((claim): CheckResult[] => {
    const run = runs.find((candidate) => sameLiteral(candidate.input, claim.input));
    if (!run || run.outcome === "invalid-input") return [];
    const call = `${functionName}(${run.input})`;
    const right = run.outcome === "returned" && sameLiteral(run.value, claim.value);
    const told = run.outcome === "returned" ? `returned ${run.value}` : `${run.outcome}: ${run.value}`;
    const saw = run.outcome === "returned" ? t("{0} returned {1}", call, run.value) : `${call} ${told}`;
    return [
      {
        verdict: right ? "verified" : "contradicted",
        statement: claim.words,
        ...(right
          ? evidenceIn(saw, `${call} ${told}`)
          : evidenceIn(
              t("The model wrote {0}; {1}", claim.value, saw),
              `The model wrote ${claim.value}; ${call} ${told}`,
            )),
        tool,
      },
    ];
  });
}

const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

/** The offset behind the bracket that closes the one at `open`; undefined when none does. */
function literalEnd(text: string, open: number): number | undefined {
  const expected: string[] = [];
  for (let at = open; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"' || character === "'") {
      const end = text.indexOf(character, at + 1);
      if (end < 0) return undefined;
      at = end;
      continue;
    }
    const closer = CLOSERS[character];
    if (closer) expected.push(closer);
    else if (character === expected.at(-1)) {
      expected.pop();
      if (expected.length === 0) return at + 1;
    }
  }
  return undefined;
}

/** The literal that stands at an offset: a number, a string, an array, an object, or a word such as `true`. */
function literalAt(text: string, start: number): string | undefined {
  const rest = text.slice(start);
  if (/^[[{]/.test(rest)) {
    const end = literalEnd(text, start);
    return end === undefined ? undefined : text.slice(start, end);
  }
  return /^(?:-?(?:\d[\d_]*(?:\.\d+)?(?:e[+-]?\d+)?|Infinity)|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|true\b|false\b|null\b|undefined\b|NaN\b)/i.exec(
    rest,
  )?.[0];
}
