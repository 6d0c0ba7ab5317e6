/** The exhibit of a constitution: the loaded model drafts, criticises, revises, and judges its own two answers. */

import { useEffect, useState } from "preact/hooks";
import {
  critiqueTurns,
  draftTurns,
  judgeTurns,
  preference,
  readRules,
  revisionTurns,
  wordsGone,
} from "../../../src/core/lessons/constitution.js";
import { wordsOf } from "../../../src/core/lessons/ranking.js";
import { t } from "../../../src/shared/l10n.js";
import type { DialogTurn, ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { SamplingHost } from "../../../src/shared/panels/sampling.js";
import { countedTokens, countedWords } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { LoadingNote } from "../../ui/notes.js";
import { Button } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import { oddsModel } from "./oddsModel.js";
import type { ExhibitProps, LessonHost } from "./registry.js";
import { useTask } from "./useTask.js";

type Config = Extract<ExhibitConfig, { type: "constitution" }>;

const MOST_TOKENS = { draft: 80, critique: 60, revision: 80 };
const TEMPERATURE = 0.7;
const LONGEST_RULES = 1000;

const STAGES = ["draft", "critique", "revision"] as const;
type Stage = (typeof STAGES)[number];

const NAMES: Record<Stage, string> = {
  draft: t("draft"),
  critique: t("critique"),
  revision: t("revision"),
};
const TITLES: Record<Stage, string> = {
  draft: t("The draft"),
  critique: t("The critique"),
  revision: t("The revision"),
};

interface Said {
  text: string;
  /** The prompt as it went to the model. */
  sent: string;
  tokens: number;
}

interface Verdict {
  /** Probabilities of the letters, with the revision as A, and as B. */
  first: { a: number; b: number };
  second: { a: number; b: number };
}

interface Round {
  said: Partial<Record<Stage, Said>>;
  /** What is being written now. */
  writing: { stage: Stage; text: string } | undefined;
  verdict: Verdict | undefined;
}

export function ConstitutionExhibit(props: ExhibitProps<Config>) {
  const { id, config, text: question, model, host, covered, onInstrument } = props;
  const [written, setWritten] = useState(config.rules.join("\n"));
  const [seed, setSeed] = useState(1);
  const rules = readRules(written);
  const task = useTask<Round>(`${modelFile(model)}\n${question}\n${written}`);
  const round = task.value;
  const { draft, revision } = round?.said ?? {};
  const verdict = round?.verdict;
  const changed = draft && revision ? wordsGone(draft.text, revision.text) : undefined;
  const first = verdict && preference(verdict.first.a, verdict.first.b);
  const second = verdict && preference(verdict.second.b, verdict.second.a);
  const consistent = first !== undefined && second !== undefined && first > 0.5 === second > 0.5;

  useEffect(() => {
    onInstrument({
      text: `${question}\n${written}`,
      readings: {
        // While it is written, as far as it has come.
        ...(round && {
          rules: rules.length,
          "draft-words": wordsOf(draft?.text ?? round.writing?.text ?? "").length,
        }),
        ...(revision && { "revised-words": wordsOf(revision.text).length }),
        ...(changed !== undefined && { changed }),
        ...(first !== undefined && second !== undefined && { first, second, consistent: consistent ? 1 : 0 }),
      },
      setting: rules.length === 1 ? t("1 rule") : t("{0} rules", rules.length),
      guesses: {},
    });
  }, [round, question, written]);

  const run = (seed: number) => {
    setSeed(seed);
    task.begin(async (signal, show) => {
      const said: Round["said"] = {};
      for (const stage of STAGES) {
        const turns = turnsOf(stage, question, said, rules);
        said[stage] = await say(host, stage, turns, { seed, signal }, (text) =>
          show({ said: { ...said }, writing: { stage, text }, verdict: undefined }),
        );
      }
      show({ said: { ...said }, writing: undefined, verdict: undefined });
      const [a, b] = [said.revision?.text ?? "", said.draft?.text ?? ""];
      const judge = (one: string, other: string) =>
        letterOdds(host, id, judgeTurns(question, one, other, rules), signal);
      const verdict = { first: await judge(a, b), second: await judge(b, a) };
      show({ said: { ...said }, writing: undefined, verdict });
    });
  };

  return (
    <>
      <label class="lesson-prompt lesson-field">
        <span class="gb-dim">{t("The rules, one a line")}</span>
        <textarea
          class="gb-text-area"
          dir="auto"
          rows={Math.max(2, written.split("\n").length)}
          maxLength={LONGEST_RULES}
          spellcheck={false}
          value={written}
          onInput={(event) => setWritten(event.currentTarget.value)}
        />
      </label>
      <div class="gb-row lesson-row">
        {task.running ? (
          <Button onClick={task.stop}>{t("Stop")}</Button>
        ) : (
          <Button appearance="primary" onClick={() => run(seed)} disabled={rules.length === 0}>
            {t("Draft, criticise, revise")}
          </Button>
        )}
        {revision && !task.running && <Button onClick={() => run(seed + 1)}>{t("Another draft")}</Button>}
      </div>
      {task.error && (
        <ModelNote model={model} busy="" error={task.error} retry={() => run(seed)} host={host} />
      )}
      {task.running && !round && <LoadingNote text={t("The model reads the question …")} />}
      {!covered && round && (
        <div class="lesson-drafts">
          {STAGES.map((stage) => {
            const done = round.said[stage];
            const writing = round.writing?.stage === stage ? round.writing.text : undefined;
            if (!done && writing === undefined) return null;
            return (
              <section key={stage} class="lesson-stage" aria-label={NAMES[stage]}>
                <h3>
                  {TITLES[stage]}
                  {done && <span class="gb-dim"> · {countedTokens(done.tokens)}</span>}
                </h3>
                <blockquote class="lesson-judged">{done?.text.trim() ?? (writing || "…")}</blockquote>
                {done && (
                  <details class="lesson-details">
                    <summary>{t("What the model was sent")}</summary>
                    <pre class="lesson-page">{done.sent}</pre>
                  </details>
                )}
              </section>
            );
          })}
        </div>
      )}
      {!covered && task.running && revision && !verdict && (
        <LoadingNote text={t("The model judges its two answers …")} />
      )}
      {!covered && draft && revision && changed !== undefined && (
        <Figure
          caption={captionOf(draft.text, revision.text, changed, first, second)}
          table={{
            columns: ["", t("Words"), t("Tokens"), t("Preferred when first"), t("Preferred when second")],
            rows: () => [
              [
                NAMES.draft,
                String(wordsOf(draft.text).length),
                String(draft.tokens),
                second === undefined ? "" : formatProbability(1 - second),
                first === undefined ? "" : formatProbability(1 - first),
              ],
              [
                NAMES.revision,
                String(wordsOf(revision.text).length),
                String(revision.tokens),
                first === undefined ? "" : formatProbability(first),
                second === undefined ? "" : formatProbability(second),
              ],
            ],
          }}
        >
          {first !== undefined && second !== undefined ? (
            <Bars
              bars={[
                {
                  key: "first",
                  label: t("for the revision, standing first (A)"),
                  share: first,
                  value: formatProbability(first),
                  strong: first > 0.5,
                },
                {
                  key: "second",
                  label: t("for the revision, standing second (B)"),
                  share: second,
                  value: formatProbability(second),
                  strong: second > 0.5,
                },
              ]}
            />
          ) : null}
        </Figure>
      )}
    </>
  );
}

function turnsOf(
  stage: Stage,
  question: string,
  said: Round["said"],
  rules: readonly string[],
): DialogTurn[] {
  const draft = said.draft?.text.trim() ?? "";
  switch (stage) {
    case "draft":
      return draftTurns(question);
    case "critique":
      return critiqueTurns(question, draft, rules);
    case "revision":
      return revisionTurns(question, draft, said.critique?.text.trim() ?? "", rules);
  }
}

async function say(
  host: LessonHost,
  stage: Stage,
  prompt: DialogTurn[],
  { seed, signal }: { seed: number; signal: AbortSignal },
  onText: (text: string) => void,
): Promise<Said> {
  const decoder = new TextDecoder();
  let text = "";
  onText(text);
  const written = await host.call(
    "write",
    { prompt, maxTokens: MOST_TOKENS[stage], temperature: TEMPERATURE, seed, stopTexts: [] },
    {
      signal,
      onEvent: ({ token }) => {
        text += decoder.decode(token.bytes, { stream: true });
        onText(text);
      },
    },
  );
  return { text: written.text, sent: written.sent, tokens: written.tokens.length };
}

/** How probable the model finds the letters A and B as the first of its answer, with or without a space before them. */
async function letterOdds(
  host: LessonHost,
  exhibitId: string,
  turns: DialogTurn[],
  signal: AbortSignal,
): Promise<{ a: number; b: number }> {
  const { tokens } = await host.call("renderChat", { turns }, { signal });
  const { logits } = await embeddedHost<SamplingHost>(host, exhibitId, "").call(
    "next",
    { tokenIds: tokens.map(({ id }) => id) },
    { signal },
  );
  const model = oddsModel(host, exhibitId, signal);
  const odds = async (letter: string) => {
    const ways = [letter, `\n${letter}`, `x ${letter}`];
    const ids = new Set<number>();
    for (const way of ways) ids.add((await model.tokenize(way)).at(-1) ?? -1);
    return [...ids].reduce((sum, each) => sum + Math.exp(logits[each] ?? Number.NEGATIVE_INFINITY), 0);
  };
  return { a: await odds("A"), b: await odds("B") };
}

function captionOf(
  draft: string,
  revision: string,
  changed: number,
  first: number | undefined,
  second: number | undefined,
): string {
  const words = t(
    "The draft has {0}, the revision {1}; {2} of the draft’s words are gone.",
    countedWords(wordsOf(draft).length),
    wordsOf(revision).length,
    formatProbability(changed),
  );
  if (first === undefined || second === undefined) return words;
  const [before, behind] = [formatProbability(first), formatProbability(second)];
  const preferred =
    first > 0.5 === second > 0.5
      ? t(
          "Asked which keeps the rules better, the model prefers the revision with {0} where it stands first and {1} where it stands second: the same answer both times.",
          before,
          behind,
        )
      : t(
          "Asked which keeps the rules better, the model prefers the revision with {0} where it stands first and {1} where it stands second: it prefers a place, not an answer.",
          before,
          behind,
        );
  return `${words} ${preferred}`;
}
