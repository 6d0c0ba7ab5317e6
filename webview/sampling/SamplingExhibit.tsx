/** The sampling exhibit itself, for the panel and for lessons: text, draw, stages, bars. */

import { useState } from "preact/hooks";
import { barsOf, captionOf } from "../../src/core/sampling/reading.js";
import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { SamplingPrompt } from "../../src/shared/panels/sampling.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { ErrorNote } from "../ui/notes.js";
import { sentence } from "../ui/sentence.js";
import { Button, LinkButton, TextField } from "../ui/toolkit.js";
import { BesideRoads } from "./BesideRoads.js";
import { ComparisonLine, useComparison } from "./Comparison.js";
import { ProbabilityBars } from "./ProbabilityBars.js";
import { BAR_COUNT } from "./predictions.js";
import { Roads } from "./Roads.js";
import { StageTable } from "./StageTable.js";
import "./sampling.css";
import { isSeed } from "./samplingState.js";
import { stageName } from "./stageName.js";
import { describeDraw, TokenTail } from "./TokenTail.js";
import { TrialLine, useShares, useTrial } from "./Trial.js";
import type { Sampling } from "./useSampling.js";
import { BEAM_WIDTH, RUN_TOKENS } from "./walk.js";

export function SamplingExhibit({ sampling, onShowLog }: { sampling: Sampling; onShowLog?: () => void }) {
  const { phase, prompt, prediction, outcomes, settings, order, drawn, choosing } = sampling;
  const { trial, start, end } = useTrial(sampling);
  const shares = useShares(trial);
  const { other, keep } = useComparison(sampling);
  if (!prompt || !prediction) return null;
  const { candidates } = prediction;
  const bars = barsOf(candidates, outcomes, BAR_COUNT, choosing?.id, sampling.mixed);
  const shownIds = bars.bars.map(({ id }) => id);
  const restUnderB = other && 1 - shownIds.reduce((sum, id) => sum + (other.probabilities[id] ?? 0), 0);
  const restDrawn = trial && trial.draws - shownIds.reduce((sum, id) => sum + (trial.counts.get(id) ?? 0), 0);
  const write = (id: number) => {
    const token = sampling.name(id);
    if (!token) return t("token {0}", id);
    return token.bytes.length === 0 ? token.name : t("“{0}”", visibleText(token.bytes));
  };
  return (
    <div class="sampling" data-phase={phase.kind}>
      <TokenTail prompt={prompt} drawn={drawn} />
      {drawn.length === 0 && endsWithSpace(prompt) && (
        <p class="gb-dim">
          {t(
            "The text ends with a space. Most tokens bring a space of their own, so the guesses are better without it.",
          )}
        </p>
      )}
      <DrawLine sampling={sampling} write={write} />
      {phase.kind === "failed" && (
        <ErrorNote error={phase.error} retry={sampling.retry} showLog={onShowLog} />
      )}
      {phase.kind === "stopped" && (
        <p class="gb-row" role="status">
          {t("Stopped.")} <LinkButton onClick={sampling.retry}>{t("Go on")}</LinkButton>
        </p>
      )}
      <StageTable
        candidates={candidates}
        outcomes={outcomes}
        settings={settings}
        order={order}
        onChange={sampling.setChoice}
      />
      <ComparisonLine sampling={sampling} other={other} write={write} onKeep={keep} />
      <TrialLine sampling={sampling} trial={trial} write={write} onStart={start} onEnd={end} />
      <Figure
        caption={captionOf(candidates, outcomes, settings, write, formatProbability, sampling.mixed)}
        table={{
          columns: [
            ...["Rank", "Token", "Id", "Before", "After", "Cut by"],
            ...(other ? ["Under B"] : []),
            ...(trial ? ["Drawn"] : []),
          ],
          heads: [
            ...[t("Rank"), t("Token"), t("Id"), t("Before"), t("After"), t("Cut by")],
            ...(other ? [t("Under B")] : []),
            ...(trial ? [t("Drawn")] : []),
          ],
          spare: ["Rank", "Id"],
          rows: () => [
            ...bars.bars.map((bar) => [
              String(bar.rank + 1),
              write(bar.id),
              String(bar.id),
              formatProbability(bar.before),
              formatProbability(bar.after),
              bar.cutBy ? stageName(bar.cutBy) : "",
              ...(other ? [formatProbability(other.probabilities[bar.id] ?? 0)] : []),
              ...(trial ? [formatCount(trial.counts.get(bar.id) ?? 0)] : []),
            ]),
            [
              "",
              t("{0} more", formatCount(bars.rest.count)),
              "",
              formatProbability(bars.rest.before),
              formatProbability(bars.rest.after),
              t("{0} of them", formatCount(bars.rest.count - bars.rest.survivors)),
              ...(restUnderB === undefined ? [] : [formatProbability(Math.max(0, restUnderB))]),
              ...(restDrawn === undefined ? [] : [formatCount(restDrawn)]),
            ],
          ],
          exact: () => [
            ...bars.bars.map((bar) => [
              ...[bar.rank + 1, write(bar.id), bar.id, bar.before, bar.after, bar.cutBy ?? ""],
              ...(other ? [other.probabilities[bar.id] ?? 0] : []),
              ...(trial ? [trial.counts.get(bar.id) ?? 0] : []),
            ]),
            [
              ...["", t("{0} more", bars.rest.count), "", bars.rest.before, bars.rest.after, ""],
              ...(restUnderB === undefined ? [] : [restUnderB]),
              ...(restDrawn === undefined ? [] : [restDrawn]),
            ],
          ],
        }}
      >
        <ProbabilityBars
          bars={bars}
          name={sampling.name}
          chosen={choosing?.id}
          other={other?.probabilities}
          shares={shares}
          onTake={sampling.take}
        />
      </Figure>
      <p class="gb-dim sampling-hint">
        {sentence(
          "Press a token to go on with it, whatever the draw would say. <0>Go on in three ways</0>: greedy, by a beam of {1}, and drawn.",
          (words) => (
            <LinkButton onClick={sampling.layBeside}>{words}</LinkButton>
          ),
          BEAM_WIDTH,
        )}
        {phase.kind === "busy" && phase.progress && <span role="status"> {phase.text}</span>}
      </p>
      <BesideRoads sampling={sampling} />
      <Roads sampling={sampling} />
    </div>
  );
}

/** Draw, step back, the seed, and what the last draw was. */
function DrawLine({ sampling, write }: { sampling: Sampling; write(id: number): string }) {
  const { drawn, seed } = sampling;
  const [typed, setTyped] = useState<string>();
  const last = drawn.at(-1);
  const invalid = typed !== undefined && !isSeed(typed.trim() === "" ? Number.NaN : Number(typed));
  const setSeed = (text: string) => {
    const value = text.trim() === "" ? Number.NaN : Number(text);
    setTyped(isSeed(value) ? undefined : text);
    if (isSeed(value) && value !== seed) sampling.setSeed(value);
  };
  return (
    <>
      <div class="gb-row sampling-draw">
        <Button appearance="primary" onClick={sampling.draw} disabled={invalid}>
          {t({ message: "Draw", comment: "a button: one token is drawn" })}
        </Button>
        <Button
          onClick={sampling.run}
          disabled={invalid}
          label={t("Draw on until the text ends or {0} tokens are there", RUN_TOKENS)}
        >
          {t({ message: "Run", comment: "a button: token after token is drawn" })}
        </Button>
        <Button onClick={sampling.undo} disabled={drawn.length === 0} label={t("Undo the last token")}>
          {t("Undo")}
        </Button>
        <Button onClick={sampling.reset} disabled={drawn.length === 0} label={t("Back to the prompt")}>
          {t("Reset")}
        </Button>
        <span class="gb-field">
          <span aria-hidden="true">{t("Seed")}</span>
          <TextField label={t("Seed")} labelHidden size={6} value={typed ?? String(seed)} onInput={setSeed} />
        </span>
        <LinkButton onClick={() => setSeed(String(newSeed()))}>{t("New seed")}</LinkButton>
        <span class="gb-dim">{t("next is draw {0}", drawn.length + 1)}</span>
      </div>
      {invalid && (
        <p class="sampling-invalid" role="alert">
          {t("A seed is a whole number from 0 to {0}.", formatCount(Number.MAX_SAFE_INTEGER))}
        </p>
      )}
      <p class="sampling-last" role="status">
        {last && (
          <>
            {last.way === "drawn"
              ? t("Drew {0}: {1}.", write(last.id), describeDraw(last))
              : t("Went on with {0}: {1}.", write(last.id), describeDraw(last))}
            {last.token.special && (
              <> {t("With this token the model ends its text; what follows is off its road.")}</>
            )}
          </>
        )}
      </p>
    </>
  );
}

/** Whether the last token is one space and nothing else. */
function endsWithSpace({ tokens }: SamplingPrompt): boolean {
  const bytes = tokens.at(-1)?.bytes;
  return bytes?.length === 1 && bytes[0] === 0x20;
}

/** Six digits: enough to differ, short enough to tell somebody. */
function newSeed(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) % 1_000_000;
}
