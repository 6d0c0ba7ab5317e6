/** The exhibit of the KV cache: milliseconds for one more token with the keys and values kept, and without. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { SamplingHost } from "../../../src/shared/panels/sampling.js";
import type { Caller } from "../../../src/shared/rpc.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { EmptyNote } from "../../ui/notes.js";
import { Button } from "../../ui/toolkit.js";
import { Bars } from "./Bars.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "cache-timing" }>;

/** Each is measured so often, in turns; the median counts. */
const ROUNDS = 3;
const FEWEST_TOKENS = 4;

export function CacheTimingExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const [round, setRound] = useState(0);
  const { value, current, error, again } = useAnswer(
    `${modelFile(model)}\n${round}\n${text}`,
    async (signal) => ({
      text,
      ...(await timing(embeddedHost<SamplingHost>(host, id, text), signal)),
    }),
  );

  useEffect(() => {
    if (!value || value.tokens < FEWEST_TOKENS) return;
    const { tokens, kept, anew } = value;
    onInstrument({
      text: value.text,
      readings: { tokens, with: kept, without: anew, ratio: anew / Math.max(kept, 0.001) },
      setting: countedTokens(tokens),
      guesses: {},
    });
  }, [value]);

  if (error || !value) {
    return <ModelNote model={model} busy={t("Timing the model …")} error={error} retry={again} host={host} />;
  }
  if (covered) return null;
  const { tokens, kept, anew } = value;
  if (tokens < FEWEST_TOKENS)
    return <EmptyNote text={t("A few more words, so that there is something to keep.")} />;
  const write = (ms: number) => `${formatReading(ms, "number")} ms`;
  return (
    <>
      <Figure
        caption={t(
          "After {0}, one more takes {1} with the cache and {2} without it: {3} times as long.",
          countedTokens(tokens - 1),
          write(kept),
          write(anew),
          formatReading(anew / Math.max(kept, 0.001), "number"),
        )}
        table={{
          columns: ["", t("Median of {0}", ROUNDS)],
          rows: () => [
            [t("with the cache"), write(kept)],
            [t("without"), write(anew)],
          ],
        }}
      >
        <Bars
          bars={[
            {
              key: "with",
              label: t("with the cache"),
              share: kept / Math.max(kept, anew),
              value: write(kept),
            },
            {
              key: "without",
              label: t("everything again"),
              share: anew / Math.max(kept, anew),
              value: write(anew),
            },
          ]}
        />
      </Figure>
      <div class="gb-row">
        <Button onClick={() => setRound(round + 1)} disabled={!current}>
          {t("Measure again")}
        </Button>
      </div>
    </>
  );
}

/** The engine keeps the keys and values of the sequence that it saw last, as far as the next one begins the same. */
async function timing(
  host: Caller<SamplingHost>,
  signal: AbortSignal,
): Promise<{ tokens: number; kept: number; anew: number }> {
  const answer = await host.call("prompt", {}, { signal });
  if (answer.kind !== "prompt") throw new GlassboxError("invalid-request", "There is no text to read.");
  const ids = answer.prompt.tokens.map(({ id }) => id);
  if (ids.length < FEWEST_TOKENS) return { tokens: ids.length, kept: 0, anew: 0 };
  const other = [...ids.slice(0, 1), ...ids.slice(1).reverse()];
  const next = async (tokenIds: number[]) => (await host.call("next", { tokenIds }, { signal })).ms;
  const [kept, anew]: [number[], number[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    await next(ids.slice(0, -1));
    kept.push(await next(ids));
    await next(other);
    anew.push(await next(ids));
  }
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? 0;
  return { tokens: ids.length, kept: median(kept), anew: median(anew) };
}
