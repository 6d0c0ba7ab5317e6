/** The frame of every check: the question, what the reader tried, hints on request, and why the answer is right. */

import type { ComponentChildren } from "preact";
import { t } from "../../../src/shared/l10n.js";
import type { CheckBlock, CheckProgress } from "../../../src/shared/panels/lesson.js";
import { Button, LinkButton } from "../../ui/toolkit.js";
import { Words } from "../Prose.js";

export interface CheckFrameProps {
  check: CheckBlock;
  /** "Check 1 of 3". */
  place: string;
  progress: CheckProgress;
  onHint(): void;
  onAgain: (() => void) | undefined;
  /** What kind of question it is, in a word or two. */
  kind: string;
  children: ComponentChildren;
}

export function CheckFrame({ check, place, progress, onHint, onAgain, kind, children }: CheckFrameProps) {
  const shown = check.hints.slice(0, progress.hintsShown);
  const left = check.hints.length - shown.length;
  return (
    <section class="lesson-check" data-check={check.id} data-done={progress.done} aria-label={place}>
      <p class="lesson-check-head">
        <span class="gb-dim">
          {place} · {kind}
        </span>
        {progress.done && (
          <span class="gb-verified">
            <span aria-hidden="true">✓</span> {t({ message: "done", comment: "a check" })}
          </span>
        )}
      </p>
      <p class="lesson-question">
        <Words text={check.question} />
      </p>
      {children}
      {progress.done && check.because.length > 0 && (
        <p class="lesson-because">
          <Words text={check.because} />
        </p>
      )}
      {shown.length > 0 && (
        <ul class="lesson-hints" aria-label={t("Hints")}>
          {shown.map((hint, at) => (
            <li key={`hint ${at + 1}`}>
              <Words text={hint} />
            </li>
          ))}
        </ul>
      )}
      {!progress.done && left > 0 && (
        <LinkButton onClick={onHint}>
          {shown.length === 0 ? t("Give me a hint") : t("Another hint")}
        </LinkButton>
      )}
      {progress.done && progress.wrong.length > 0 && (
        <p class="gb-dim">
          {progress.wrong.length === 1
            ? t("Right after 1 other answer.")
            : t("Right after {0} other answers.", progress.wrong.length)}
        </p>
      )}
      {progress.done && onAgain && (
        <p class="gb-row lesson-again">
          <span>{t("You missed this one at first. Do you still know?")}</span>
          <Button onClick={onAgain}>{t("Try it again")}</Button>
        </p>
      )}
    </section>
  );
}

/** Right or not, with a sign and a word, and why. */
export function Verdict({ right, children }: { right: boolean; children: ComponentChildren }) {
  return (
    <p class="lesson-verdict" role="status">
      <span class={right ? "gb-verified" : "gb-contradicted"}>
        <span aria-hidden="true">{right ? "✓" : "✗"}</span>{" "}
        {right ? t({ message: "right", comment: "an answer" }) : t("not this")}
      </span>{" "}
      <span>{children}</span>
    </p>
  );
}
