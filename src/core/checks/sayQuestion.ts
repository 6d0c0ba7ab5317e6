/** A question that a run decides, and its answers, in the reader's language. The model is asked `text`, in English. */

import { t } from "../../shared/l10n.js";
import type { PredictionQuestion } from "../../shared/panels/explain.js";

/** The how-manieth time, as far as questions go. */
const TIMES = [
  t({ message: "first", comment: "for the … time" }),
  t({ message: "second", comment: "for the … time" }),
  t({ message: "third", comment: "for the … time" }),
  t({ message: "fourth", comment: "for the … time" }),
  t({ message: "fifth", comment: "for the … time" }),
];

/** The question in words: "What does sum([3, 1, 2]) return?". */
export function sayQuestion(question: Omit<PredictionQuestion, "id">): string {
  const { kind, functionName, input, line, variable, form, options } = question;
  const call = `${functionName}(${input})`;
  const said = {
    call,
    line: (line ?? 0) + 1,
    name: variable?.name ?? "",
    time: TIMES[(variable?.visit ?? 1) - 1] ?? "",
    one: options[0] ?? "",
    other: options[1] ?? "",
  };
  switch (kind) {
    case "return-value":
      if (form === "choice") return t("What does {call} return, {one} or {other}?", said);
      if (form === "number") return t("Which number does {call} return?", said);
      if (form === "text") return t("Which text does {call} return?", said);
      return t("What does {call} return?", said);
    case "throws":
      return t("Does {call} throw an error?", said);
    case "complexity":
      return t("How does the number of lines that {0} runs grow with the size n of its input?", functionName);
    case "iterations":
      return t("In {call}, how many times does line {line} run, inside the loop?", said);
    case "variable":
      if (form === "choice")
        return t(
          "What is {name} in {call}, just before line {line} runs for the {time} time, {one} or {other}?",
          said,
        );
      if (form === "number")
        return t("Which number is {name} in {call}, just before line {line} runs for the {time} time?", said);
      if (form === "text")
        return t("Which text is {name} in {call}, just before line {line} runs for the {time} time?", said);
      return t("What is {name} in {call}, just before line {line} runs for the {time} time?", said);
  }
}

/** An answer as a reader knows it: the words among the options, anything else as it is written. */
export function sayAnswer({ kind }: Pick<PredictionQuestion, "kind">, answer: string): string {
  if (kind !== "throws") return answer;
  return answer === "yes" ? t("yes") : answer === "no" ? t("no") : answer;
}
