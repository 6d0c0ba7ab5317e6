/** The exhibit of odds: prompts that may be rewritten, and how probable the loaded model finds given answers after each. */

import { useEffect, useState } from "preact/hooks";
import { oddsReading, sentencesReading } from "../../../src/core/lessons/exhibits.js";
import { type AnswerOdds, answerOdds, countSentences, scoreOf } from "../../../src/core/lessons/odds.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { LinkButton } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import { oddsModel } from "./oddsModel.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";
import { useSettled } from "./useSettled.js";

type Config = Extract<ExhibitConfig, { type: "odds" }>;

/** Milliseconds of rest before the model is asked again. */
const REST_MS = 500;
const LONGEST_PROMPT = 2000;

export function OddsExhibit(props: ExhibitProps<Config>) {
  const { id, config, model, host, covered, onInstrument } = props;
  const begun = config.prompts.map(({ text }) => text);
  const [texts, setTexts] = useState(begun);
  const settled = useSettled(
    JSON.stringify(texts),
    JSON.stringify(texts) === JSON.stringify(begun) ? 0 : REST_MS,
  );
  const answersOf = (at: number) => config.prompts[at]?.answers ?? config.answers;
  const { value, current, error, again } = useAnswer(`${modelFile(model)}\n${settled}`, async (signal) => {
    const rows: AnswerOdds[][] = [];
    const asked = oddsModel(host, id, signal);
    for (const [at, text] of (JSON.parse(settled) as string[]).entries()) {
      rows.push(await answerOdds(asked, text, answersOf(at)));
    }
    return { key: settled, rows };
  });

  useEffect(() => {
    const readings: Record<string, number> = {};
    const read = JSON.parse(settled) as string[];
    const prompts = Object.fromEntries(config.prompts.map(({ id: name }, at) => [name, read[at] ?? ""]));
    if (value && current) {
      readings.score = scoreOf(value.rows);
      for (const [at, row] of value.rows.entries()) {
        const prompt = config.prompts[at]?.id ?? "";
        readings[sentencesReading(prompt)] = countSentences(prompts[prompt] ?? "");
        for (const [index, { probability }] of row.entries()) {
          readings[oddsReading(prompt, index)] = probability;
        }
      }
    }
    onInstrument({ text: settled, prompts, readings, setting: "", guesses: {} });
  }, [value, current, settled]);

  const changed = texts.some((text, at) => text !== begun[at]);
  return (
    <>
      {config.prompts.map((prompt, at) => (
        <div key={prompt.id} class="lesson-prompt">
          <label>
            <span class="gb-dim">{prompt.label}</span>
            <textarea
              class="gb-text-area"
              dir="auto"
              rows={Math.min(8, Math.max(1, Math.ceil((texts[at] ?? "").length / 70)))}
              maxLength={LONGEST_PROMPT}
              spellcheck={false}
              value={texts[at] ?? ""}
              onInput={(event) => {
                const typed = event.currentTarget.value;
                setTexts((before) => before.map((text, other) => (other === at ? typed : text)));
              }}
            />
          </label>
          {!covered && value?.rows[at] && <OddsBars row={value.rows[at]} />}
        </div>
      ))}
      <p class="gb-row">
        {changed && <LinkButton onClick={() => setTexts(begun)}>{t("Use the lesson’s prompts")}</LinkButton>}
        {!current && value && !error && <span class="gb-dim">{t("The model is reading …")}</span>}
      </p>
      {(error || !value) && (
        <ModelNote
          model={model}
          busy={t("The model reads the prompts …")}
          error={error}
          retry={again}
          host={host}
        />
      )}
      {!covered && value && (
        <Figure
          caption={captionOf(config, value.rows)}
          table={{
            columns: [t("Prompt"), t("Answer"), t("Tokens"), t("Probability")],
            rows: () =>
              value.rows.flatMap((row, at) =>
                row.map(({ answer, tokens, probability }) => [
                  config.prompts[at]?.label ?? "",
                  answer.trim(),
                  String(tokens),
                  formatProbability(probability),
                ]),
              ),
          }}
        >
          {null}
        </Figure>
      )}
    </>
  );
}

function OddsBars({ row }: { row: AnswerOdds[] }) {
  const most = Math.max(...row.map(({ probability }) => probability));
  return (
    <Bars
      bars={row.map(({ answer, probability }) => ({
        key: answer,
        label: <code>{answer.trim()}</code>,
        share: probability,
        value: formatProbability(probability),
        strong: row.length > 1 && probability === most,
      }))}
    />
  );
}

function captionOf({ prompts }: Config, rows: AnswerOdds[][]): string {
  if (rows.every((row) => row.length > 1)) {
    return prompts.length === 1
      ? t("The first answer is the more probable after {0} of 1 prompt.", scoreOf(rows))
      : t("The first answer is the more probable after {0} of {1} prompts.", scoreOf(rows), prompts.length);
  }
  const firsts = rows.map((row, at) => ({ label: prompts[at]?.label ?? "", odds: row[0] }));
  const best = firsts.toSorted((a, b) => (b.odds?.probability ?? 0) - (a.odds?.probability ?? 0))[0];
  return t(
    "“{0}” is most probable after “{1}”: {2}.",
    // The bars show the answer as it is; here its own quotation mark would double the one around it.
    best?.odds?.answer.trim().replace(/^["“„]/, "") ?? "",
    best?.label.replace(/\.$/, "") ?? "",
    formatProbability(best?.odds?.probability ?? 0),
  );
}
