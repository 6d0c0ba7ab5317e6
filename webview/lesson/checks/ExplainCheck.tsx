/** A check in which the reader explains something in a sentence or two, compared with key points that are then shown. */

import { useState } from "preact/hooks";
import { namedPoints } from "../../../src/core/lessons/judge.js";
import { t } from "../../../src/shared/l10n.js";
import type { CheckConfig } from "../../../src/shared/panels/lesson.js";
import { Button } from "../../ui/toolkit.js";
import { Words } from "../Prose.js";
import type { CheckProps } from "./Check.js";
import { CheckFrame, Verdict } from "./CheckFrame.js";

type Explain = Extract<CheckConfig, { type: "explain" }>;

const LONGEST = 600;

export function ExplainCheck(props: CheckProps & { config: Explain }) {
  const { config, progress, onAnswer } = props;
  const { points, need } = config;
  const [typed, setTyped] = useState(progress.answer ?? progress.wrong.at(-1) ?? "");
  const enough = (text: string) => namedPoints(text, points).filter(Boolean).length >= need;
  // An answer that was given in another language stays as it is: these points would not be found in it.
  const [said, setSaid] = useState(
    progress.done && enough(progress.answer ?? "") ? (progress.answer ?? "") : "",
  );
  const named = namedPoints(said, points);
  const count = named.filter(Boolean).length;
  const ready = typed.trim().length >= 10;

  const answer = () => {
    if (!ready) return;
    setSaid(typed);
    onAnswer(typed.trim(), enough(typed));
  };

  return (
    <CheckFrame {...props} kind={t("explain")}>
      <textarea
        class="gb-text-area lesson-explanation"
        aria-label={t("Your explanation, in a sentence or two")}
        rows={3}
        maxLength={LONGEST}
        value={typed}
        disabled={progress.done}
        onInput={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) answer();
        }}
      />
      {!progress.done && (
        <div class="gb-row">
          <Button appearance="primary" onClick={answer} disabled={!ready}>
            {t("Compare")}
          </Button>
          <span class="gb-dim">{t("Ctrl+Enter compares it with {0} key points.", points.length)}</span>
        </div>
      )}
      {said !== "" && (
        <>
          <Verdict right={count >= need}>
            {t("{0} of {1} key points named; {2} are asked for.", count, points.length, need)}
          </Verdict>
          <ul class="lesson-points">
            {points.map(({ text }, at) => (
              // A point that was not found is told only at the end: until then there is something to find.
              <li key={`point ${at + 1}`} data-named={named[at]}>
                <span class={named[at] ? "gb-verified" : "gb-unchecked"}>
                  <span aria-hidden="true">{named[at] ? "✓" : "○"}</span>
                  <span class="gb-visually-hidden">{named[at] ? t("named:") : t("not found:")} </span>
                </span>{" "}
                {named[at] || count >= need ? (
                  <Words text={text} />
                ) : (
                  <span class="gb-dim">{t("not found yet")}</span>
                )}
              </li>
            ))}
          </ul>
          <p class="gb-dim">
            {t("Compared by words, without understanding: read the points and judge for yourself.")}
          </p>
        </>
      )}
    </CheckFrame>
  );
}
