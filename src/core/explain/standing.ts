/** How the words and predictions of an explanation stand against what tools have found. */

import { t } from "../../shared/l10n.js";
import type { AnswerTarget, ExplainState } from "../../shared/panels/explain.js";
import type { CheckResult, Verdict } from "../../shared/types.js";
import { checkReturnClaims } from "../checks/claims.js";
import { sandboxName } from "../checks/predictions.js";
import { sayAnswer, sayQuestion } from "../checks/sayQuestion.js";
import { writtenText } from "./textOfTokens.js";

/** What tools find about the claims in the words of a target. */
export function checksOfWords(state: ExplainState, target: AnswerTarget): CheckResult[] {
  const { answers, facts, functions, subject, predictions } = state;
  const answer = answers[target];
  if (!answer || !facts || !functions.some(({ name }) => name === facts.functionName)) return [];
  const deciding = predictions.flatMap(({ question, outcome }) =>
    question.functionName === facts.functionName && outcome?.trace ? [outcome.trace.run] : [],
  );
  const runs = [...facts.runs, ...deciding];
  return checkReturnClaims(writtenText(answer), facts.functionName, runs, sandboxName(subject.languageId));
}

/** What tools have found against the shown words of a step and the model's predictions on it. */
export function contradictions({ answers, predictions }: ExplainState, step: number): CheckResult[] {
  const against = answers[step]?.checks.filter(({ verdict }) => verdict === "contradicted") ?? [];
  const wrong = predictions.flatMap(({ question, model, outcome }): CheckResult[] =>
    question.step === step && model?.verdict === "contradicted" && outcome
      ? [
          {
            verdict: "contradicted",
            statement: `${sayQuestion(question)} ${sayAnswer(question, model.answer)}`,
            evidence: outcome.evidence,
            ...(outcome.told === undefined ? {} : { told: outcome.told }),
            tool: outcome.tool,
          },
        ]
      : [],
  );
  return [...against, ...wrong];
}

/** What stands of a step in the end: "2 verified, 0 contradicted, 1 unchecked". */
export function standing({ answers, predictions }: ExplainState, step: number): string {
  const verdicts = [
    ...(answers[step]?.checks ?? []).map(({ verdict }) => verdict),
    ...predictions.flatMap(({ question, model }) => (question.step === step && model ? [model.verdict] : [])),
  ];
  if (verdicts.length === 0) return t("nothing here that a tool can decide");
  const of = (verdict: Verdict) => verdicts.filter((other) => other === verdict).length;
  return t(
    "{0} verified, {1} contradicted, {2} unchecked",
    of("verified"),
    of("contradicted"),
    of("unchecked"),
  );
}
