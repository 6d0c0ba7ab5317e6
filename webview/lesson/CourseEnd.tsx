/** The end of the course, below its last lesson: what is done, what is open, what comes back, and where to go on. */

import type { ComponentChildren } from "preact";
import { useEffect, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import type {
  CourseSoFar,
  LessonCommand,
  LessonLink,
  LessonProgress,
} from "../../src/shared/panels/lesson.js";
import { formatDay } from "../ui/format.js";
import { sentence } from "../ui/sentence.js";
import { LinkButton } from "../ui/toolkit.js";
import "./courseEnd.css";
import type { LessonHost } from "./exhibits/registry.js";

export interface CourseEndProps {
  /** The lesson above. */
  id: string;
  /** In that lesson: whatever changes there counts here. */
  progress: LessonProgress;
  host: LessonHost;
  onOpen(lesson: LessonLink): void;
  onFault(error: unknown): void;
}

export function CourseEnd({ id, progress, host, onOpen, onFault }: CourseEndProps) {
  const [soFar, setSoFar] = useState<CourseSoFar>();
  useEffect(() => void host.call("soFar", {}).then(setSoFar, onFault), [progress]);
  if (!soFar) return null;
  const { lessons, checks, estimates, open, again } = soFar;
  const whole = lessons.done === lessons.of;
  // The lesson above is no place to go to.
  const elsewhere = open.filter((lesson) => lesson.id !== id);
  const more = lessons.of - lessons.done - open.length;
  const run = (command: LessonCommand) => (words: ComponentChildren) => (
    <LinkButton onClick={() => void host.call("runCommand", { command }).catch(onFault)}>{words}</LinkButton>
  );
  return (
    <section class="lesson-end" aria-label={t("The end of the course")}>
      <h2>{whole ? t("This was the whole course") : t("Here the course ends")}</h2>
      <p>
        {whole
          ? t(
              "You have done all {0} lessons with their {1} checks, {2} of them at the first answer. Every number on the way was computed in front of you, or told you where it is from.",
              lessons.of,
              checks.of,
              checks.atOnce,
            )
          : t(
              "You have done {0} of {1} lessons, and {2} of {3} checks, {4} of them at the first answer.",
              lessons.done,
              lessons.of,
              checks.done,
              checks.of,
              checks.atOnce,
            )}{" "}
        {estimates.done > 0 &&
          t("What you estimated came to {0} points of 100 on average.", Math.round(estimates.points))}
      </p>
      {!whole && elsewhere.length === 0 && <p>{t("Only the checks above are still open.")}</p>}
      {elsewhere.length > 0 && (
        <div>
          <p>{t("Still open, in the order of the course:")}</p>
          <ul>
            {elsewhere.map((lesson) => (
              <li key={lesson.id}>
                <LinkButton onClick={() => onOpen(lesson)}>{lesson.title}</LinkButton>
              </li>
            ))}
            {more > 0 && <li class="gb-dim">{t("and {0} more", more)}</li>}
          </ul>
        </div>
      )}
      {comingBack(again).map((line) => (
        <p key={line}>{line}</p>
      ))}
      <p>
        {sentence(
          "What you have tried on examples works on anything you read or write: <0>let a selection be explained</0>, <1>see where its tokens look</1>, or <2>what would have come next</2>.",
          run("glassbox.explainSelection"),
          run("glassbox.showAttention"),
          run("glassbox.showSampling"),
        )}
      </p>
      <p>
        {t(
          "The models will change. Four questions stay: what went in, what came out, how likely was it, and how do you know?",
        )}
      </p>
    </section>
  );
}

/** What is to be asked again, now and later. */
function comingBack({ now, later, next }: CourseSoFar["again"]): string[] {
  const lines: string[] = [];
  if (now === 1) lines.push(t("1 check that you missed at first is there to be tried again."));
  if (now > 1) lines.push(t("{0} checks that you missed at first are there to be tried again.", now));
  if (next !== undefined) {
    lines.push(
      later === 1
        ? t("1 check that took you more than one answer comes back on {0}.", formatDay(next))
        : t(
            "{0} checks that took you more than one answer come back, the first on {1}.",
            later,
            formatDay(next),
          ),
    );
  }
  return lines;
}
