/** The frame of every check: the question, what the reader tried, hints on request, and why the answer is right. */

import type { ComponentChildren } from "preact";
import type { CheckBlock, CheckProgress } from "../../../src/shared/panels/lesson.js";
import { plural } from "../../ui/format.js";
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
            <span aria-hidden="true">✓</span> done
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
        <ul class="lesson-hints" aria-label="Hints">
          {shown.map((hint, at) => (
            <li key={`hint ${at + 1}`}>
              <Words text={hint} />
            </li>
          ))}
        </ul>
      )}
      {!progress.done && left > 0 && (
        <LinkButton onClick={onHint}>{shown.length === 0 ? "Give me a hint" : "Another hint"}</LinkButton>
      )}
      {progress.done && progress.wrong.length > 0 && (
        <p class="gb-dim">Right after {plural(progress.wrong.length, "other answer")}.</p>
      )}
      {progress.done && onAgain && (
        <p class="gb-row">
          <span>You missed this one at first. Do you still know?</span>
          <Button onClick={onAgain}>Try it again</Button>
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
        <span aria-hidden="true">{right ? "✓" : "✗"}</span> {right ? "right" : "not this"}
      </span>{" "}
      <span>{children}</span>
    </p>
  );
}
