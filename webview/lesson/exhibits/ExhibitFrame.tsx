/** The frame of every exhibit: the text it runs on, where that comes from, and the cover before a guess. */

import { useState } from "preact/hooks";
import type { Readings } from "../../../src/core/lessons/judge.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import {
  type ExhibitBlock,
  type ExhibitConfig,
  type LessonSource,
  MOST_EXHIBIT_CHARACTERS,
} from "../../../src/shared/panels/lesson.js";
import type { ModelState } from "../../../src/shared/panels/panel.js";
import { formatLines } from "../../ui/format.js";
import { LinkButton } from "../../ui/toolkit.js";
import type { Instrument } from "../instruments.js";
import { Exhibit, type LessonHost } from "./registry.js";
import { useSettled } from "./useSettled.js";

/** Milliseconds of rest in the field before the exhibit follows. */
const REST_MS = 150;

export interface ExhibitFrameProps {
  block: ExhibitBlock;
  /** What the exhibit reads now, beside it for whoever looks at the page with a program. */
  readings: Readings | undefined;
  source: LessonSource | undefined;
  encoding: string;
  model: ModelState;
  host: LessonHost;
  covered: boolean;
  onUncover(): void;
  onInstrument(instrument: Instrument): void;
}

type Origin =
  | { kind: "lesson" }
  | { kind: "editor"; source: LessonSource }
  | { kind: "typed"; full: boolean };

/** What decides the text: the lesson's rule, or what the reader asked for. */
type Choice =
  | { kind: "rule" }
  | { kind: "editor" }
  | { kind: "lesson" }
  /** `left`: the reader is no longer in the field. */
  | { kind: "typed"; text: string; left: boolean };

/** An exhibit that runs on a text. */
type TextConfig = Extract<ExhibitConfig, { text: string }>;

export function ExhibitFrame(props: ExhibitFrameProps) {
  const { id, config } = props.block;
  // A calculator without a text of its own has none.
  if ("text" in config && config.text !== "") return <TextFrame {...props} config={config} />;
  return (
    <section
      class="lesson-exhibit"
      data-exhibit={id}
      data-readings={JSON.stringify(props.readings ?? {})}
      aria-label={t("Exhibit")}
    >
      {props.covered && <Cover onUncover={props.onUncover} />}
      <Exhibit {...props} id={id} config={config} text="" />
    </section>
  );
}

function TextFrame(props: ExhibitFrameProps & { config: TextConfig }) {
  const { block, source, covered, config } = props;
  const [choice, setChoice] = useState<Choice>({ kind: "rule" });
  const origin = originOf(choice, source, config.own);
  const text =
    choice.kind === "typed" ? choice.text : origin.kind === "editor" ? origin.source.text : config.text;
  const settled = useSettled(text, choice.kind === "typed" && !choice.left ? REST_MS : 0);
  return (
    <section
      class="lesson-exhibit"
      data-exhibit={block.id}
      data-readings={JSON.stringify(props.readings ?? {})}
      aria-label={t("Exhibit")}
    >
      <TextArea
        label={t("Text of the exhibit")}
        value={text}
        onInput={(typed) => setChoice({ kind: "typed", text: typed, left: false })}
        // A button that is pressed next is about the text as it stands.
        onLeave={() => setChoice((now) => (now.kind === "typed" ? { ...now, left: true } : now))}
      />
      <p class="lesson-origin gb-dim">
        {originInWords(origin, source !== undefined)}{" "}
        {origin.kind !== "editor" && source && (
          <LinkButton onClick={() => setChoice({ kind: "editor" })}>{t("Follow the editor")}</LinkButton>
        )}{" "}
        {origin.kind !== "lesson" && (
          <LinkButton onClick={() => setChoice({ kind: "lesson" })}>
            {t("Use the lesson’s example")}
          </LinkButton>
        )}
      </p>
      {covered && <Cover onUncover={props.onUncover} />}
      <Exhibit
        id={block.id}
        config={config}
        text={settled}
        encoding={props.encoding}
        model={props.model}
        host={props.host}
        covered={covered}
        onInstrument={props.onInstrument}
      />
    </section>
  );
}

function Cover({ onUncover }: { onUncover(): void }) {
  return (
    <div class="lesson-cover">
      <div>{t("Covered until you have made your guess below.")}</div>
      <LinkButton onClick={onUncover}>{t("Show it without guessing")}</LinkButton>
    </div>
  );
}

/** Where the text comes from. An exhibit that keeps its own gives it up for a selection, not for a mere line. */
function originOf(choice: Choice, source: LessonSource | undefined, own: boolean): Origin {
  if (choice.kind === "typed") {
    return { kind: "typed", full: choice.text.length >= MOST_EXHIBIT_CHARACTERS };
  }
  const follows =
    choice.kind === "editor" || (choice.kind === "rule" && (!own || source?.chosen === "selection"));
  return source && follows ? { kind: "editor", source } : { kind: "lesson" };
}

function originInWords(origin: Origin, canFollow: boolean): string {
  const most = formatCount(MOST_EXHIBIT_CHARACTERS);
  switch (origin.kind) {
    case "lesson":
      return canFollow
        ? t("The lesson’s example; change it here.")
        : t("The lesson’s example; change it here, or put the caret into a line of your own.");
    case "typed":
      return origin.full ? t("Your own words, at most {0} characters.", most) : t("Your own words.");
    case "editor": {
      const { fileName, firstLine, lastLine, chosen, cut } = origin.source;
      const follows = t("It follows your caret; change it here to try something.");
      const lines = formatLines(firstLine, lastLine);
      const from =
        chosen === "selection"
          ? cut
            ? t("From {0}, selection in {1}, cut at {2} characters.", fileName, lines, most)
            : t("From {0}, selection in {1}.", fileName, lines)
          : cut
            ? t("From {0}, {1}, cut at {2} characters.", fileName, lines, most)
            : t("From {0}, {1}.", fileName, lines);
      return `${from} ${follows}`;
    }
  }
}

function TextArea(props: { label: string; value: string; onInput(value: string): void; onLeave(): void }) {
  const rows = Math.min(6, Math.max(1, props.value.split("\n").length, Math.ceil(props.value.length / 70)));
  return (
    <textarea
      class="gb-text-area"
      aria-label={props.label}
      dir="auto"
      rows={rows}
      maxLength={MOST_EXHIBIT_CHARACTERS}
      spellcheck={false}
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
      onBlur={props.onLeave}
    />
  );
}
