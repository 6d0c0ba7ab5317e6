/** A check in which the reader guesses what an exhibit is about to show, and is then shown it. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig } from "../../../src/shared/panels/lesson.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import { ErrorNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { Button, TextField } from "../../ui/toolkit.js";
import type { Guessing, Judgement } from "../instruments.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Guess = Extract<CheckConfig, { type: "guess" }>;

export function GuessCheck(props: CheckProps & { config: Guess }) {
  const { config, progress, instrument, revealed, onAnswer, onReveal } = props;
  const [judgement, setJudgement] = useState<Judgement & { text: string }>();
  const [error, setError] = useState<WireError>();
  const [judging, setJudging] = useState(false);
  const guessing = instrument?.guesses[config.about];

  async function judge(answer: string, judgeIt: () => Promise<Judgement> | Judgement): Promise<void> {
    if (!instrument || judging) return;
    setError(undefined);
    setJudging(true);
    try {
      const found = await judgeIt();
      setJudgement({ ...found, text: instrument.text });
      onReveal(instrument.text);
      onAnswer(answer, found.right);
    } catch (thrown) {
      setError(toWireError(thrown));
    } finally {
      setJudging(false);
    }
  }

  const open = !progress.done && !revealed;
  const shown = judgement?.text === instrument?.text ? judgement : undefined;
  return (
    <CheckFrame {...props} kind={t("guess, then see")}>
      {open && !guessing && <p class="gb-dim">{t("The exhibit has no result yet.")}</p>}
      {open && guessing && (
        <GuessForm guessing={guessing} within={config.within} judging={judging} onJudge={judge} />
      )}
      {error && <ErrorNote error={error} />}
      {shown && <Verdict right={shown.right}>{shown.explanation}</Verdict>}
      {!shown && progress.done && progress.answer !== undefined && (
        <p class="gb-dim">{t("Your answer: {0}", progress.answer)}</p>
      )}
      {!progress.done && revealed && (
        <p class="gb-dim">{t("You have seen this one. Change the text of the exhibit to guess again.")}</p>
      )}
    </CheckFrame>
  );
}

function GuessForm(props: {
  guessing: Guessing;
  within: number;
  judging: boolean;
  onJudge(answer: string, judgeIt: () => Promise<Judgement> | Judgement): Promise<void>;
}) {
  const { guessing, within, judging, onJudge } = props;
  const [typed, setTyped] = useState("");
  if (guessing.kind === "token") {
    return (
      <fieldset class="lesson-guess">
        <legend class="gb-dim">{guessing.label}</legend>
        <div class="gb-strip">
          {guessing.tokens.map((token, index) => (
            <TokenChip
              key={`${index} ${token.id}`}
              token={token}
              band={index}
              onClick={() => {
                void onJudge(`${index + 1}: ${tokenName(token)}`, () => guessing.judge(index, within));
              }}
            />
          ))}
        </div>
      </fieldset>
    );
  }
  const guess = () => {
    if (typed !== "") void onJudge(typed, () => guessing.judge(typed, within));
  };
  return (
    <div class="gb-row">
      <TextField
        label={guessing.label}
        labelHidden
        placeholder={guessing.label}
        size={28}
        value={typed}
        onInput={setTyped}
        onEnter={guess}
      />
      <Button appearance="primary" onClick={guess} disabled={typed === "" || judging}>
        {t("Guess")}
      </Button>
    </div>
  );
}
