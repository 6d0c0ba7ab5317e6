/** The exhibit of the data pipeline: pages and the reader's own text through the stages, one at a time. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { nearest, runPipeline, STAGES, type StageResult } from "../../../src/core/pipeline/pipeline.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import {
  type ExhibitConfig,
  PAGE_LANGUAGES,
  type PageLanguage,
  type Passage,
} from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { ErrorNote, LoadingNote } from "../../ui/notes.js";
import { Button, Dropdown, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "pipeline" }>;

/** The address of the text in the field. */
const OWN_PAGE = "your text";

export function PipelineExhibit(props: ExhibitProps<Config>) {
  const { config, text, host, covered, onInstrument } = props;
  const [from, setFrom] = useState<"sample" | "workspace">("sample");
  const [blocked, setBlocked] = useState(config.blocked.join(", "));
  const [language, setLanguage] = useState<PageLanguage>(config.language);
  const [fewestWords, setFewestWords] = useState(config.fewestWords);
  const [similarity, setSimilarity] = useState(config.similarity);
  const [shown, setShown] = useState(0);
  const { value, error, again } = useAnswer(from, (signal) => host.call("pages", { from }, { signal }));

  const run = useMemo(() => {
    if (!value) return undefined;
    const pages = [...value.pages, { id: OWN_PAGE, text }];
    const words = blocked.split(",").map((word) => word.trim());
    const rules = { blocked: words.filter((word) => word !== ""), language, fewestWords, similarity };
    return { pages, stages: runPipeline(pages, rules), near: nearest(text, value.pages) };
  }, [value, text, blocked, language, fewestWords, similarity]);

  const reached = run?.stages.slice(0, shown) ?? [];
  const left = reached.at(-1)?.kept ?? run?.pages ?? [];
  const ownFall = fallOf(OWN_PAGE, reached);
  const all = shown === STAGES.length;

  useEffect(() => {
    if (!run) return;
    onInstrument({
      text: JSON.stringify([from, text]),
      readings: {
        pages: run.pages.length,
        stages: shown,
        kept: left.length,
        "kept-share": left.length / run.pages.length,
        "words-share": wordsIn(left) / Math.max(1, wordsIn(run.pages)),
        similarity,
        nearest: run.near,
        // Known at once, whichever stages have been looked at.
        survives: fallOf(OWN_PAGE, run.stages) ? 0 : 1,
      },
      setting: `${plural(shown, "stage")}, similarity ${formatReading(similarity, "probability")}`,
      guesses: {},
    });
  }, [run, shown]);

  if (error) return <ErrorNote error={error} retry={again} />;
  if (!run || !value) return <LoadingNote text="Reading the pages …" />;
  return (
    <>
      <div class="gb-row">
        {(["sample", "workspace"] as const).map((which) => (
          <Button
            key={which}
            pressed={from === which}
            appearance={from === which ? "primary" : "secondary"}
            onClick={() => setFrom(which)}
          >
            {which === "sample" ? "The sample crawl" : "The files of this workspace"}
          </Button>
        ))}
        <span class="gb-dim">
          {plural(value.pages.length, "page")} and your text
          {value.left > 0 ? `; ${plural(value.left, "file")} left out as too long, too many or no text` : ""}
        </span>
      </div>
      <div class="lesson-sliders lesson-row">
        <TextField label="Not in an address" value={blocked} onInput={setBlocked} />
        <Dropdown
          label="Language"
          value={language}
          options={PAGE_LANGUAGES.map((name) => ({ value: name, label: name }))}
          onChange={(name) => setLanguage(PAGE_LANGUAGES.find((known) => known === name) ?? language)}
        />
        <Slider
          label="Words, at least"
          min={0}
          max={200}
          step={5}
          value={fewestWords}
          valueText={String(fewestWords)}
          onInput={setFewestWords}
        />
        <Slider
          label="Alike from"
          min={0.05}
          max={1}
          step={0.05}
          value={similarity}
          valueText={formatReading(similarity, "probability")}
          hint="The part of two signatures that must agree for the later page to go"
          onInput={setSimilarity}
        />
      </div>
      {!covered && (
        <>
          <div class="gb-row lesson-row">
            <Button appearance="primary" onClick={() => setShown(shown + 1)} disabled={all}>
              {all ? "All stages are done" : `Stage ${shown + 1}: ${STAGES[shown]}`}
            </Button>
            {!all && <LinkButton onClick={() => setShown(STAGES.length)}>All stages</LinkButton>}
            {shown > 0 && <LinkButton onClick={() => setShown(0)}>From the start</LinkButton>}
          </div>
          <Figure
            caption={captionOf(run.pages, left, shown, ownFall)}
            table={{
              columns: ["Page", "Fell at", "Why"],
              rows: () =>
                run.pages.map(({ id }) => {
                  const fall = fallOf(id, reached);
                  return [id, fall?.stage ?? "", fall?.why ?? ""];
                }),
            }}
          >
            <Bars
              bars={[
                { key: "all", label: "at the start", share: 1, value: plural(run.pages.length, "page") },
                ...reached.map(({ stage, kept }) => ({
                  key: stage,
                  label: `after ${stage}`,
                  share: kept.length / run.pages.length,
                  value: plural(kept.length, "page"),
                  strong: kept.some(({ id }) => id === OWN_PAGE),
                })),
              ]}
            />
          </Figure>
          {reached.map((result, at) => (
            <Stage key={result.stage} number={at + 1} result={result} />
          ))}
        </>
      )}
    </>
  );
}

function Stage({ number, result }: { number: number; result: StageResult }) {
  const { stage, dropped, changed } = result;
  return (
    <section class="lesson-stage" aria-label={stage}>
      <h3>
        {number}. {stage}:{" "}
        {dropped.length === 0
          ? "nothing goes"
          : `${plural(dropped.length, "page")} go${dropped.length === 1 ? "es" : ""}`}
        {changed.length > 0 && `, ${plural(changed.length, "page")} changed`}
      </h3>
      {[...dropped, ...changed].map(({ page, why }) => (
        <details key={page.id} class="lesson-details">
          <summary>
            <code>{page.id}</code> <span>{why}</span>
          </summary>
          <pre class="lesson-page">{result.kept.find(({ id }) => id === page.id)?.text ?? page.text}</pre>
        </details>
      ))}
    </section>
  );
}

function fallOf(id: string, stages: readonly StageResult[]): { stage: string; why: string } | undefined {
  for (const { stage, dropped } of stages) {
    const found = dropped.find(({ page }) => page.id === id);
    if (found) return { stage, why: found.why };
  }
  return undefined;
}

function wordsIn(pages: readonly Passage[]): number {
  return pages.reduce((sum, { text }) => sum + (text.match(/\S+/g)?.length ?? 0), 0);
}

function captionOf(
  pages: readonly Passage[],
  left: readonly Passage[],
  shown: number,
  fall: { stage: string; why: string } | undefined,
): string {
  const own = fall
    ? `Your text fell at ${fall.stage}: ${fall.why}.`
    : shown === 0
      ? "Your text is among them."
      : "Your text is still there.";
  if (shown === 0) return `${plural(pages.length, "page")}, ${plural(wordsIn(pages), "word")}. ${own}`;
  return `After ${plural(shown, "stage")}, ${formatCount(left.length)} of ${plural(pages.length, "page")} and ${formatCount(wordsIn(left))} of ${plural(wordsIn(pages), "word")} are left. ${own}`;
}
