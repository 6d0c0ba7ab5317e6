/** The frame of every exhibit: the text it runs on, where that comes from, and the cover before a guess. */

import { useEffect, useRef, useState } from "preact/hooks";
import type { ExhibitBlock, LessonSource } from "../../../src/shared/panels/lesson.js";
import type { ModelState } from "../../../src/shared/panels/panel.js";
import { formatLines } from "../../ui/format.js";
import { LinkButton } from "../../ui/toolkit.js";
import type { Instrument } from "../instruments.js";
import { Exhibit, type LessonHost } from "./registry.js";

/** Milliseconds of rest in the field before the exhibit follows. */
const REST_MS = 150;

export interface ExhibitFrameProps {
  block: ExhibitBlock;
  source: LessonSource | undefined;
  encoding: string;
  model: ModelState;
  host: LessonHost;
  covered: boolean;
  onUncover(): void;
  onInstrument(instrument: Instrument): void;
}

type Origin = { kind: "lesson" } | { kind: "editor"; source: LessonSource } | { kind: "typed" };

export function ExhibitFrame(props: ExhibitFrameProps) {
  const { block, source, covered } = props;
  const { config } = block;
  // Undefined: the text is the editor's, or the lesson's own where there is none.
  const [typed, setTyped] = useState<string>();
  const [keepsOwn, setKeepsOwn] = useState(config.own);
  const origin: Origin =
    typed !== undefined
      ? { kind: "typed" }
      : source && !keepsOwn
        ? { kind: "editor", source }
        : { kind: "lesson" };
  const text = typed ?? (origin.kind === "editor" ? origin.source.text : config.text);
  const settled = useSettled(text, typed === undefined ? 0 : REST_MS);
  const followEditor = () => {
    setTyped(undefined);
    setKeepsOwn(false);
  };
  const useLessonText = () => {
    setTyped(undefined);
    setKeepsOwn(true);
  };
  return (
    <section class="lesson-exhibit" data-exhibit={block.id} aria-label="Exhibit">
      <TextArea label="Text of the exhibit" value={text} onInput={setTyped} />
      <p class="lesson-origin gb-dim">
        <OriginLine origin={origin} />{" "}
        {origin.kind !== "editor" && source && (
          <LinkButton onClick={followEditor}>Follow the editor</LinkButton>
        )}
        {origin.kind !== "lesson" && (
          <LinkButton onClick={useLessonText}>Use the lesson’s example</LinkButton>
        )}
      </p>
      {covered && (
        <div class="lesson-cover">
          <div>Covered until you have made your guess below.</div>
          <LinkButton onClick={props.onUncover}>Show it without guessing</LinkButton>
        </div>
      )}
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

function OriginLine({ origin }: { origin: Origin }) {
  switch (origin.kind) {
    case "lesson":
      return <>The lesson’s example. Change it here, or put the caret into a line of your own.</>;
    case "typed":
      return <>Your own words.</>;
    case "editor": {
      const { fileName, firstLine, lastLine, chosen, cut } = origin.source;
      return (
        <>
          From {fileName}, {chosen === "selection" ? "selection in " : ""}
          {formatLines(firstLine, lastLine)}
          {cut ? ", cut at 1,000 characters" : ""}. It follows your caret; change it here to try something.
        </>
      );
    }
  }
}

function TextArea(props: { label: string; value: string; onInput(value: string): void }) {
  const rows = Math.min(6, Math.max(1, props.value.split("\n").length, Math.ceil(props.value.length / 70)));
  return (
    <textarea
      class="lesson-text"
      aria-label={props.label}
      dir="auto"
      rows={rows}
      spellcheck={false}
      value={props.value}
      onInput={(event) => props.onInput(event.currentTarget.value)}
    />
  );
}

/** The value once it has rested for a while; at once with `ms` 0. */
function useSettled(value: string, ms: number): string {
  const [settled, setSettled] = useState(value);
  const timer = useRef<number>(undefined);
  useEffect(() => {
    clearTimeout(timer.current);
    if (ms === 0) setSettled(value);
    else timer.current = window.setTimeout(() => setSettled(value), ms);
    return () => clearTimeout(timer.current);
  }, [value, ms]);
  return settled;
}
