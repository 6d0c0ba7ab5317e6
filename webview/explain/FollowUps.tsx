/** Questions of the reader's about what was explained, with the model's answers, and the field for the next one. */

import { useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import type { ExplainState } from "../../src/shared/panels/explain.js";
import { Button, TextField } from "../ui/toolkit.js";
import { AnswerView } from "./AnswerView.js";
import type { Ask } from "./Explain.js";

export interface FollowUpsProps {
  state: ExplainState;
  coloured: boolean;
  free: boolean;
  ask: Ask;
}

export function FollowUps({ state, coloured, free, ask }: FollowUpsProps) {
  const [text, setText] = useState("");
  const send = () => {
    const question = text.trim();
    if (question === "" || !free) return;
    ask("ask", { text: question });
    setText("");
  };
  return (
    <section class="gb-follow-ups">
      <h2>{t("Ask further")}</h2>
      <ol class="gb-conversation">
        {state.followUps.map((followUp) => {
          const target = `follow-up-${followUp.id}` as const;
          const answer = state.answers[target];
          return (
            <li key={followUp.id}>
              <p class="gb-asked">{followUp.text}</p>
              {answer ? (
                <AnswerView
                  target={target}
                  answer={answer}
                  kept={state.kept[target] ?? []}
                  coloured={coloured}
                  free={free}
                  ask={ask}
                />
              ) : (
                <p class="gb-dim">{free ? t("not answered") : t("waiting")}</p>
              )}
            </li>
          );
        })}
      </ol>
      <div class="gb-row gb-ask">
        <TextField
          label={t("A question about this text")}
          labelHidden
          value={text}
          placeholder={state.followUps.length === 0 ? t("Why is it done like this?") : t("And then?")}
          onInput={setText}
          onEnter={send}
        />
        <Button onClick={send} disabled={!free || text.trim() === ""}>
          {t("Ask")}
        </Button>
      </div>
    </section>
  );
}
