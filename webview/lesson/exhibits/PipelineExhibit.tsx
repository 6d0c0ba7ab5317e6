/** The exhibit of the data pipeline: pages and the reader's own text through the stages, one at a time. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { languageName } from "../../../src/core/pipeline/language.js";
import {
  nearest,
  runPipeline,
  STAGES,
  type StageName,
  type StageResult,
} from "../../../src/core/pipeline/pipeline.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import {
  type ExhibitConfig,
  PAGE_LANGUAGES,
  type PageLanguage,
  type Passage,
} from "../../../src/shared/panels/lesson.js";
import { countedFiles, countedPages, countedWords } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote, LoadingNote } from "../../ui/notes.js";
import { withWholeNumbers } from "../../ui/sentence.js";
import { Button, Dropdown, LinkButton, Slider, TextField } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "pipeline" }>;

/** The address of the text in the field. */
const OWN_PAGE = t("your text");

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
  const next = STAGES[shown];

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
      setting: t(
        "{0}, similarity {1}",
        shown === 1 ? t("1 stage") : t("{0} stages", formatCount(shown)),
        formatReading(similarity, "probability"),
      ),
      guesses: {},
    });
  }, [run, shown]);

  if (error) return <ErrorNote error={error} retry={again} />;
  if (!run || !value) return <LoadingNote text={t("Reading the pages …")} />;
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
            {which === "sample" ? t("The sample crawl") : t("The files of this workspace")}
          </Button>
        ))}
        <span class="gb-dim">
          {value.left > 0
            ? t(
                "{0} and your text; {1} left out as too long, too many or no text",
                countedPages(value.pages.length),
                countedFiles(value.left),
              )
            : t("{0} and your text", countedPages(value.pages.length))}
        </span>
      </div>
      <div class="lesson-sliders lesson-row">
        <TextField label={t("Not in an address")} value={blocked} onInput={setBlocked} />
        <Dropdown
          label={t("Language")}
          value={language}
          options={PAGE_LANGUAGES.map((name) => ({ value: name, label: languageName(name) }))}
          onChange={(name) => setLanguage(PAGE_LANGUAGES.find((known) => known === name) ?? language)}
        />
        <Slider
          label={t("Words, at least")}
          min={0}
          max={200}
          step={5}
          value={fewestWords}
          valueText={String(fewestWords)}
          onInput={setFewestWords}
        />
        <Slider
          label={t("Alike from")}
          min={0.05}
          max={1}
          step={0.05}
          value={similarity}
          valueText={formatReading(similarity, "probability")}
          hint={t("The part of two signatures that must agree for the later page to go")}
          onInput={setSimilarity}
        />
      </div>
      {!covered && (
        <>
          <div class="gb-row lesson-row">
            <Button appearance="primary" onClick={() => setShown(shown + 1)} disabled={!next}>
              {next ? t("Stage {0}: {1}", shown + 1, stageInWords(next)) : t("All stages are done")}
            </Button>
            {next && <LinkButton onClick={() => setShown(STAGES.length)}>{t("All stages")}</LinkButton>}
            {shown > 0 && <LinkButton onClick={() => setShown(0)}>{t("From the start")}</LinkButton>}
          </div>
          <Figure
            caption={captionOf(run.pages, left, shown, ownFall)}
            table={{
              columns: [t("Page"), t("Fell at"), t("Why")],
              rows: () =>
                run.pages.map(({ id }) => {
                  const fall = fallOf(id, reached);
                  return [id, fall ? stageInWords(fall.stage) : "", fall?.why ?? ""];
                }),
            }}
          >
            <Bars
              bars={[
                { key: "all", label: t("at the start"), share: 1, value: countedPages(run.pages.length) },
                ...reached.map(({ stage, kept }) => ({
                  key: stage,
                  label: t("after {0}", stageInWords(stage)),
                  share: kept.length / run.pages.length,
                  value: countedPages(kept.length),
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

function stageInWords(stage: StageName): string {
  switch (stage) {
    case "addresses":
      return t("addresses");
    case "language":
      return t("language");
    case "quality":
      return t("quality");
    case "duplicates":
      return t("duplicates");
    case "personal data":
      return t("personal data");
  }
}

function Stage({ number, result }: { number: number; result: StageResult }) {
  const { stage, dropped, changed } = result;
  return (
    <section class="lesson-stage" aria-label={stageInWords(stage)}>
      <h3>
        {number}. {stageInWords(stage)}: {outcomeOf(result)}
      </h3>
      {[...dropped, ...changed].map(({ page, why }) => (
        <details key={page.id} class="lesson-details">
          <summary>
            <code>{page.id}</code> <span>{withWholeNumbers(why)}</span>
          </summary>
          <pre class="lesson-page">{result.kept.find(({ id }) => id === page.id)?.text ?? page.text}</pre>
        </details>
      ))}
    </section>
  );
}

function outcomeOf({ dropped, changed }: StageResult): string {
  const goes = dropped.length === 1 ? t("1 page goes") : t("{0} pages go", formatCount(dropped.length));
  const outcome = [dropped.length === 0 ? t("nothing goes") : goes];
  if (changed.length === 1) outcome.push(t("1 page changed"));
  else if (changed.length > 1) outcome.push(t("{0} pages changed", formatCount(changed.length)));
  return outcome.join(", ");
}

function fallOf(id: string, stages: readonly StageResult[]): { stage: StageName; why: string } | undefined {
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
  fall: { stage: StageName; why: string } | undefined,
): string {
  const own = fall
    ? t("Your text fell at {0}: {1}.", stageInWords(fall.stage), fall.why)
    : shown === 0
      ? t("Your text is among them.")
      : t("Your text is still there.");
  const [all, words] = [countedPages(pages.length), countedWords(wordsIn(pages))];
  if (shown === 0) return `${all}, ${words}. ${own}`;
  const rest = [formatCount(left.length), all, formatCount(wordsIn(left)), words] as const;
  const kept =
    shown === 1
      ? t("After 1 stage, {0} of {1} and {2} of {3} are left.", ...rest)
      : t("After {4} stages, {0} of {1} and {2} of {3} are left.", ...rest, formatCount(shown));
  return `${kept} ${own}`;
}
