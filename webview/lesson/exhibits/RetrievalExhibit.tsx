/** The exhibit of retrieval: passages ranked for the question by BM25, and the prompt that the best of them make. */

import { useEffect, useState } from "preact/hooks";
import { promptWith, type RankedPassage, rankPassages } from "../../../src/core/lessons/ranking.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import type { ExhibitConfig, Passage } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { ErrorNote, LoadingNote } from "../../ui/notes.js";
import { LinkButton } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "retrieval" }>;

/** Passages that get a bar. */
const MOST_SHOWN = 6;

export function RetrievalExhibit(props: ExhibitProps<Config>) {
  const { config, text, host, covered, onInstrument } = props;
  const [ofWorkspace, setOfWorkspace] = useState(false);
  const workspace = useAnswer(ofWorkspace ? "workspace" : undefined, (signal) =>
    host.call("passages", {}, { signal }),
  );
  const passages: Passage[] = ofWorkspace ? (workspace.value?.passages ?? []) : config.passages;
  const ranked = rankPassages(text, passages);
  const found = ranked.filter(({ score }) => score > 0);
  const chosen = found.slice(0, config.most);
  const prompt = promptWith(text.trim(), chosen);
  const encoding = props.encoding;
  const counted = useAnswer(`${encoding}\n${prompt}`, async (signal) => {
    const [tokens = 0] = await host.call(
      "measure",
      { facts: [{ fact: "token-count", text: prompt, encoding }] },
      { signal },
    );
    return { text, tokens };
  });
  const key = JSON.stringify([text, passages.length, counted.value]);

  useEffect(() => {
    const ranks = Object.fromEntries(
      config.passages.flatMap(({ id }) => {
        const at = ranked.findIndex(({ passage, score }) => passage.id === id && score > 0);
        return at < 0 ? [] : [[`rank-${id}`, at + 1]];
      }),
    );
    onInstrument({
      text,
      readings: {
        found: found.length,
        "top-score": found[0]?.score ?? 0,
        ...ranks,
        ...(counted.value && { "prompt-tokens": counted.value.tokens }),
      },
      setting: text,
      guesses: {},
    });
  }, [key]);

  return (
    <>
      <p class="gb-row">
        <LinkButton onClick={() => setOfWorkspace(!ofWorkspace)}>
          {ofWorkspace ? "Search the lesson’s passages" : "Search the files of my workspace"}
        </LinkButton>
        {ofWorkspace && workspace.value && (
          <span class="gb-dim">
            {plural(workspace.value.passages.length, "passage")} of {plural(workspace.value.files, "file")}
          </span>
        )}
      </p>
      {workspace.error && <ErrorNote error={workspace.error} retry={workspace.again} />}
      {ofWorkspace && !workspace.value && !workspace.error && <LoadingNote text="Reading the workspace …" />}
      {!covered && (
        <>
          <Figure
            caption={captionOf(found, passages.length)}
            table={{
              columns: ["Rank", "Passage", "Score", "Words found"],
              rows: () =>
                found.map(({ passage, score, words }, at) => [
                  String(at + 1),
                  passage.id,
                  score.toFixed(2),
                  words.map(({ word, score: part }) => `${word} ${part.toFixed(2)}`).join(", "),
                ]),
            }}
          >
            <Bars
              bars={found.slice(0, MOST_SHOWN).map(({ passage, score, words }, at) => ({
                key: passage.id,
                label: passage.id,
                share: score / (found[0]?.score || 1),
                value: `${score.toFixed(2)}: ${words.map(({ word }) => word).join(", ")}`,
                strong: at < config.most,
              }))}
            />
          </Figure>
          <details class="lesson-details">
            <summary>
              The prompt that a model would be sent
              {counted.value && `, ${formatCount(counted.value.tokens)} tokens in ${encoding}`}
            </summary>
            <pre class="lesson-call">{prompt}</pre>
          </details>
        </>
      )}
    </>
  );
}

function captionOf(found: readonly RankedPassage[], passages: number): string {
  const [best] = found;
  if (!best) return `None of ${plural(passages, "passage")} has a word of the question.`;
  const rarest = best.words.toSorted((a, b) => b.score - a.score)[0];
  return `${found.length} of ${plural(passages, "passage")} share a word with the question; “${best.passage.id}” is first, mostly for “${rarest?.word}”.`;
}
