/** A check with several answers to choose from; where it has facts, these are measured when the reader answers. */

import { useEffect, useState } from "preact/hooks";
import { isRight } from "../../../src/core/lessons/judge.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import { toWireError, type WireError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig, ChooseOption, Fact } from "../../../src/shared/panels/lesson.js";
import { ErrorNote } from "../../ui/notes.js";
import { sentence } from "../../ui/sentence.js";
import { Words } from "../Prose.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Choose = Extract<CheckConfig, { type: "choose" }>;

export function ChooseCheck(props: CheckProps & { config: Choose }) {
  const { config, progress, host, onAnswer } = props;
  const [picked, setPicked] = useState<string>();
  const [measured, setMeasured] = useState<number[]>();
  const [error, setError] = useState<WireError>();
  const answers = config.options.map(({ text }) => plainText(text));
  const chosen = picked ?? progress.answer;
  const option = config.options[answers.indexOf(chosen ?? "")];

  const measure = () =>
    config.facts.length > 0 ? host.call("measure", { facts: config.facts }) : Promise.resolve([]);

  useEffect(() => {
    // It was answered in another language, or before its words were changed: the right option is looked up.
    if (!progress.done || answers.includes(chosen ?? "")) return;
    measure().then(
      (values) => setPicked(answers[config.options.findIndex((other) => isRight(other, values))]),
      (thrown: unknown) => setError(toWireError(thrown)),
    );
  }, [progress.done, chosen]);

  async function choose(answer: ChooseOption, name: string): Promise<void> {
    setError(undefined);
    try {
      const values = await measure();
      setMeasured(values);
      setPicked(name);
      onAnswer(name, isRight(answer, values));
    } catch (thrown) {
      setError(toWireError(thrown));
    }
  }

  return (
    <CheckFrame {...props} kind={t("choose")}>
      <div class="lesson-options">
        {config.options.map((answer, at) => {
          const name = answers[at] ?? "";
          const right = progress.done && chosen === name;
          const wrong = progress.wrong.includes(name);
          return (
            <button
              key={name}
              type="button"
              class="lesson-option"
              data-state={right ? "right" : wrong ? "wrong" : "open"}
              aria-pressed={chosen === name}
              disabled={progress.done || wrong}
              onClick={() => void choose(answer, name)}
            >
              {(right || wrong) && <span aria-hidden="true">{right ? "✓ " : "✗ "}</span>}
              <Words text={answer.text} />
              {wrong && <span class="gb-visually-hidden"> {t("(tried, not right)")}</span>}
            </button>
          );
        })}
      </div>
      {error && <ErrorNote error={error} />}
      {option && (
        <Verdict right={progress.done}>
          <Words text={option.why} />
          {progress.done && measured && <Measured facts={config.facts} values={measured} />}
        </Verdict>
      )}
    </CheckFrame>
  );
}

/** What was measured, so that the answer need not be believed. */
function Measured({ facts, values }: { facts: Fact[]; values: number[] }) {
  if (facts.length === 0) return null;
  return (
    <span class="gb-dim">
      {" "}
      {sentence(
        "Measured just now: {0}.",
        facts.map((fact, at) => (
          <span key={JSON.stringify(fact)}>
            {at > 0 && ", "}
            <MeasuredFact fact={fact} value={values[at]} />
          </span>
        )),
      )}
    </span>
  );
}

function MeasuredFact({ fact, value }: { fact: Fact; value: number | undefined }) {
  const what = <code>{"text" in fact ? fact.text.replaceAll(" ", "·") : fact.expression}</code>;
  if ("encoding" in fact) return <>{sentence("{0} = {1} in {2}", what, value, fact.encoding)}</>;
  return (
    <>
      {what} = {value}
    </>
  );
}
