/** The exhibit of a judge that only counts: its reward beside the surprise of a real model, and a button that games it. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { meanSurprise } from "../../../src/core/lessons/odds.js";
import { improve, judgeText } from "../../../src/core/lessons/toyJudge.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { countedSteps } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { Button, LinkButton } from "../../ui/toolkit.js";
import { Curve } from "./Curve.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import { oddsModel } from "./oddsModel.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "toy-judge" }>;

/** Tokens that the model is asked about: an answer within a moment. */
const MOST_TOKENS = 48;

interface Step {
  text: string;
  reward: number;
  surprise: number;
}

export function ToyJudgeExhibit(props: ExhibitProps<Config>) {
  const { id, config, text: given, model, host, covered, onInstrument } = props;
  const [changed, setChanged] = useState<{ from: string; text: string }>();
  const [steps, setSteps] = useState<Step[]>([]);
  const text = changed?.from === given ? changed.text : given;
  const { reward, counts } = judgeText(text, config);
  const { value, current, error, again } = useAnswer(`${modelFile(model)}\n${text}`, async (signal) => ({
    text,
    surprise: await meanSurprise(oddsModel(host, id, signal), text, MOST_TOKENS),
  }));

  useEffect(() => {
    if (!value || !current) return;
    onInstrument({ text, readings: { reward, surprise: value.surprise }, setting: text, guesses: {} });
    setSteps((before) => {
      const kept = changed?.from === given ? before.filter((step) => step.text !== text) : [];
      return [...kept, { text, reward, surprise: value.surprise }];
    });
  }, [value, current]);

  const better = improve(text, config);
  const words = config.words.map((word, at) => `${t("“{0}”", word)} ${counts[at] ?? 0}`).join(", ");
  const write = (number: number) => formatReading(number, "number");
  return (
    <>
      <div class="gb-row">
        <Button
          appearance="primary"
          onClick={() => setChanged({ from: given, text: better })}
          disabled={better === text || !current}
        >
          {t("One step towards more reward")}
        </Button>
        {changed && (
          <LinkButton onClick={() => setChanged(undefined)}>{t("Back to the text above")}</LinkButton>
        )}
      </div>
      <blockquote class="lesson-judged">{text}</blockquote>
      {(error || !value) && (
        <ModelNote
          model={model}
          busy={t("The model reads the text …")}
          error={error}
          retry={again}
          host={host}
        />
      )}
      {!covered && value && (
        <Figure
          caption={t(
            "The judge counts {0} and gives {1}; to the model each token is a surprise of {2} bits.",
            words,
            write(reward),
            write(value.surprise),
          )}
          table={{
            columns: [t("Step"), t("Reward"), t("Bits a token"), t("Text")],
            rows: () =>
              steps.map((step, at) => [String(at), write(step.reward), write(step.surprise), step.text]),
          }}
        >
          {steps.length > 1 ? (
            <Curve
              xs={steps.map((_, at) => at)}
              lines={[
                { label: t("reward of the judge"), ys: steps.map((step) => step.reward) },
                { label: t("surprise of the model, bits a token"), ys: steps.map((step) => step.surprise) },
              ]}
              xLabel={countedSteps(steps.length - 1)}
              writeX={(x) => String(x)}
              writeY={write}
            />
          ) : null}
        </Figure>
      )}
    </>
  );
}
