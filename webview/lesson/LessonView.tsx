/** One lesson: its head, prose, exhibits and checks, and the way to its neighbours. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { exhibitOf } from "../../src/core/lessons/exhibits.js";
import { checkProgress, isDue } from "../../src/core/lessons/progress.js";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type {
  CheckBlock,
  ExhibitBlock,
  ExhibitConfig,
  LessonBlock,
  LessonLink,
  LessonPage,
  LessonProgress,
  LinkTarget,
} from "../../src/shared/panels/lesson.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { ErrorNote } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";
import { sentence } from "../ui/sentence.js";
import { Button, LinkButton } from "../ui/toolkit.js";
import { CourseEnd } from "./CourseEnd.js";
import { Check } from "./checks/Check.js";
import { ExhibitFrame } from "./exhibits/ExhibitFrame.js";
import type { LessonHost } from "./exhibits/registry.js";
import type { Instrument } from "./instruments.js";
import "./lesson.css";
import { FollowLink, Glossary, Places, Prose, Words } from "./Prose.js";

export function LessonView({ page, model, host }: { page: LessonPage; model: ModelState; host: LessonHost }) {
  const { lesson } = page;
  const [progress, setProgress] = useState(page.progress);
  const [instruments, setInstruments] = useState<Record<string, Instrument>>({});
  // The text of an exhibit as it was seen last, by the check that covers it.
  const [seen, setSeen] = useState<Record<string, string>>({});
  // How often each check was asked again, while the page is open.
  const [begun, setBegun] = useState<Record<string, number>>({});
  const [fault, setFault] = useState<WireError>();
  useEffect(() => setProgress(page.progress), [page.progress]);

  const checks = lesson.blocks.filter((block) => block.kind === "check");
  const exhibits = lesson.blocks.filter((block) => block.kind === "exhibit");
  const done = checks.filter((check) => checkProgress(progress, check.id).done).length;
  const onFault = (error: unknown) => setFault(toWireError(error));
  const record = (recorded: Promise<LessonProgress>) => void recorded.then(setProgress, onFault);
  const openLesson = ({ id }: LessonLink | { id: string }) =>
    void host.call("openLesson", { id }).catch(onFault);

  const follow = (target: LinkTarget) => {
    switch (target.kind) {
      case "web":
        return void host.call("openLink", { url: target.url }).catch(onFault);
      case "lesson":
        return openLesson(target);
      case "code":
        return void host.call("revealCode", { id: target.id }).catch(onFault);
      case "command":
        return void host.call("runCommand", { command: target.command }).catch(onFault);
    }
  };

  const terms = useMemo(() => new Map(page.terms.map((term) => [term.id, term])), [page.terms]);
  const isRevealed = (check: CheckBlock) => {
    const about = exhibitOf(check.config) ?? exhibits.find(({ coveredBy }) => coveredBy === check.id)?.id;
    const text = about === undefined ? undefined : instruments[about]?.text;
    return text !== undefined && seen[check.id] === text;
  };
  const coverOf = (exhibit: ExhibitBlock): CheckBlock | undefined => {
    const check = checks.find(({ id }) => id === exhibit.coveredBy);
    return check && !checkProgress(progress, check.id).done && !isRevealed(check) ? check : undefined;
  };
  const see = (checkId: string, text: string) => setSeen((before) => ({ ...before, [checkId]: text }));

  const placeOf = (check: CheckBlock) => t("Check {0} of {1}", checks.indexOf(check) + 1, checks.length);
  const dueHere = checks.filter(({ id }) => isDue(checkProgress(progress, id), Date.now()));
  const renderBlock = (block: LessonBlock) => {
    if (block.kind === "exhibit") {
      const cover = coverOf(block);
      return (
        <ExhibitFrame
          key={block.id}
          block={block}
          readings={instruments[block.id]?.readings}
          source={page.source}
          encoding={page.encoding}
          model={model}
          host={host}
          covered={cover !== undefined}
          onUncover={() => cover && see(cover.id, instruments[block.id]?.text ?? textOf(block.config))}
          onInstrument={(instrument) => setInstruments((before) => ({ ...before, [block.id]: instrument }))}
        />
      );
    }
    if (block.kind !== "check") return <Prose key={lesson.blocks.indexOf(block)} block={block} />;
    const about = exhibitOf(block.config);
    const exhibit = about === undefined ? exhibits[0] : exhibits.find(({ id }) => id === about);
    const past = checkProgress(progress, block.id);
    const again = () =>
      void host.call("tryAgain", { lessonId: lesson.id, checkId: block.id }).then((after) => {
        setProgress(after);
        setBegun((before) => ({ ...before, [block.id]: (before[block.id] ?? 0) + 1 }));
        // What covers the exhibit does so again.
        setSeen(({ [block.id]: _, ...others }) => others);
      }, onFault);
    // The parser has made sure of it.
    if (!exhibit) return null;
    return (
      <Check
        // Asked again, it begins anew.
        key={`${block.id} ${begun[block.id] ?? 0}`}
        check={block}
        place={placeOf(block)}
        progress={past}
        host={host}
        instrument={instruments[exhibit.id]}
        exhibit={exhibit}
        revealed={isRevealed(block)}
        covered={coverOf(exhibit) !== undefined}
        onAnswer={(answer, right, points) => {
          const score = points === undefined ? {} : { points };
          record(host.call("answered", { lessonId: lesson.id, checkId: block.id, answer, right, ...score }));
        }}
        onHint={() => record(host.call("hintShown", { lessonId: lesson.id, checkId: block.id }))}
        onReveal={(text) => see(block.id, text)}
        onAgain={isDue(past, Date.now()) ? again : undefined}
      />
    );
  };

  return (
    <FollowLink.Provider value={follow}>
      <Glossary.Provider value={terms}>
        <Places.Provider value={page.places}>
          <PanelHead
            title={lesson.title}
            subject={t("chapter {0}, {1} · {2} min", lesson.chapter, page.chapterTitle, lesson.minutes)}
            {...(lesson.needs === "none" ? {} : { model })}
            onChooseModel={() => void host.call("chooseModel", {}).catch(onFault)}
            status={
              done === checks.length ? t("all checks done") : t("{0} of {1} checks done", done, checks.length)
            }
            evidence={<Evidence page={page} model={model} />}
          />
          {fault && <ErrorNote error={fault} showLog={() => void host.call("showLog", {}).catch(onFault)} />}
          {lesson.needs === "chat" && model.kind === "ready" && !model.info.chat && (
            <p class="gb-row" role="status">
              <span>
                {t(
                  "This lesson needs a model with a chat template; {0} has none and only continues text.",
                  model.info.name,
                )}
              </span>
              <Button onClick={() => void host.call("chooseModel", {}).catch(onFault)}>
                {t("Choose a chat model")}
              </Button>
            </p>
          )}
          {dueHere.length > 0 && (
            <p class="lesson-due gb-row">
              <span class="gb-dim">{t("Missed some time ago, to be tried again here:")}</span>
              {dueHere.map((check) => (
                <LinkButton key={check.id} onClick={() => goToCheck(check.id)}>
                  {placeOf(check)}
                </LinkButton>
              ))}
            </p>
          )}
          <article class="lesson" data-lesson={lesson.id}>
            {lesson.blocks.map(renderBlock)}
          </article>
          {lesson.sources.length > 0 && (
            <section class="lesson-sources gb-dim" aria-label={t("Sources")}>
              <h2>{t("Where the numbers come from")}</h2>
              <ul>
                {lesson.sources.map((source, at) => (
                  <li key={`source ${at + 1}`}>
                    <Words text={source} />
                  </li>
                ))}
              </ul>
            </section>
          )}
          {page.due.length > 0 && (
            <p class="lesson-due gb-row">
              <span class="gb-dim">{t("Missed some time ago, due again:")}</span>
              {page.due.map((link) => (
                <LinkButton key={link.id} onClick={() => openLesson(link)}>
                  {link.title}
                </LinkButton>
              ))}
            </p>
          )}
          {page.last && (
            <CourseEnd id={lesson.id} progress={progress} host={host} onOpen={openLesson} onFault={onFault} />
          )}
          <nav class="lesson-nav" aria-label={t("Lessons")}>
            {page.previous && <Neighbour way="back" lesson={page.previous} onOpen={openLesson} />}
            <span class="gb-spread" />
            {page.next && <Neighbour way="next" lesson={page.next} onOpen={openLesson} />}
          </nav>
        </Places.Provider>
      </Glossary.Provider>
    </FollowLink.Provider>
  );
}

/** Brings a check that is due into sight, with the focus on what opens it again. */
function goToCheck(id: string): void {
  const check = document.querySelector(`[data-check="${CSS.escape(id)}"]`);
  check?.scrollIntoView({ block: "center" });
  check?.querySelector<HTMLElement>(".lesson-again vscode-button")?.focus({ preventScroll: true });
}

function Neighbour(props: { way: "back" | "next"; lesson: LessonLink; onOpen(lesson: LessonLink): void }) {
  const { way, lesson, onOpen } = props;
  return (
    <Button appearance={way === "next" ? "primary" : "secondary"} onClick={() => onOpen(lesson)}>
      {way === "next" ? t("Next: {0}", lesson.title) : t("Back: {0}", lesson.title)}
    </Button>
  );
}

/** Where the numbers of a lesson come from. */
function Evidence({ page, model }: { page: LessonPage; model: ModelState }) {
  const { lesson, encoding } = page;
  return (
    <dl>
      <dt>{t("Exhibits")}</dt>
      <dd>
        {t(
          "Computed while you look, from the text in their field. Nothing in them is stored with the lesson.",
        )}
      </dd>
      <dt>{t("Answers")}</dt>
      <dd>
        {t(
          "Judged on the same numbers, not on the opinion of a model. Where an answer is stated by the lesson itself, it says why it is right.",
        )}
      </dd>
      <dt>{t("Tokenizer")}</dt>
      <dd>
        {t(
          "{0}; the setting is Glassbox › Tokens: Tokenizer. The encodings carry the vocabularies that js-tiktoken publishes.",
          encoding,
        )}
      </dd>
      {lesson.needs !== "none" && (
        <>
          <dt>{t("Model")}</dt>
          <dd>{model.kind === "ready" ? `${model.info.name}, ${model.info.path}` : t("none is loaded")}</dd>
        </>
      )}
      <dt>{t("Source")}</dt>
      <dd>{sentence("Lesson {0}, a Markdown file of this extension.", <code>{lesson.id}</code>)}</dd>
    </dl>
  );
}

/** The text that an exhibit begins with; one with sentences of its own has none. */
function textOf(config: ExhibitConfig): string {
  return "text" in config ? config.text : "";
}
