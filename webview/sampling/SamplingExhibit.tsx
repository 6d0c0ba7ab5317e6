/** The sampling exhibit itself, for the panel and for lessons: text, draw, stages, bars. */

import { useState } from "preact/hooks";
import { barsOf, captionOf } from "../../src/core/sampling/reading.js";
import { formatCount } from "../../src/shared/formatCount.js";
import type { SamplingPrompt } from "../../src/shared/panels/sampling.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { ErrorNote } from "../ui/notes.js";
import { Button, LinkButton, TextField } from "../ui/toolkit.js";
import { BesideRoads } from "./BesideRoads.js";
import { ComparisonLine, useComparison } from "./Comparison.js";
import { ProbabilityBars } from "./ProbabilityBars.js";
import { Roads } from "./Roads.js";
import { StageTable } from "./StageTable.js";
import "./sampling.css";
import { isSeed } from "./samplingState.js";
import { describeDraw, TokenTail } from "./TokenTail.js";
import { TrialLine, useShares, useTrial } from "./Trial.js";
import { BAR_COUNT, BEAM_WIDTH, type Sampling } from "./useSampling.js";

export function SamplingExhibit({ sampling, onShowLog }: { sampling: Sampling; onShowLog?: () => void }) {
  const { phase, prompt, prediction, outcomes, settings, order, drawn, choosing } = sampling;
  const { trial, start, end } = useTrial(sampling);
  const shares = useShares(trial);
  const { other, keep } = useComparison(sampling);
  if (!prompt || !prediction) return null;
  const { candidates } = prediction;
  const bars = barsOf(candidates, outcomes, BAR_COUNT, choosing?.id, sampling.mixed);
  const write = (id: number) => {
    const token = sampling.name(id);
    if (!token) return `token ${id}`;
    return token.bytes.length === 0 ? token.name : `“${visibleText(token.bytes)}”`;
  };
  return (
    <div class="sampling" data-phase={phase.kind}>
      <TokenTail prompt={prompt} drawn={drawn} />
      {drawn.length === 0 && endsWithSpace(prompt) && (
        <p class="gb-dim">
          The text ends with a space. Most tokens bring a space of their own, so the guesses are better
          without it.
        </p>
      )}
      <DrawLine sampling={sampling} write={write} />
      {phase.kind === "failed" && (
        <ErrorNote error={phase.error} retry={sampling.retry} showLog={onShowLog} />
      )}
      {phase.kind === "stopped" && (
        <p class="gb-row" role="status">
          Stopped. <LinkButton onClick={sampling.retry}>Go on</LinkButton>
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
        caption={captionOf(candidates, outcomes, settings, write, formatProbability)}
        table={{
          columns: [
            ...["Rank", "Token", "Id", "Before", "After", "Cut by"],
            ...(other ? ["Under B"] : []),
            ...(trial ? ["Drawn"] : []),
          ],
          rows: () => [
            ...bars.bars.map((bar) => [
              String(bar.rank + 1),
              write(bar.id),
              String(bar.id),
              formatProbability(bar.before),
              formatProbability(bar.after),
              bar.cutBy ?? "",
              ...(other ? [formatProbability(other.probabilities[bar.id] ?? 0)] : []),
              ...(trial ? [formatCount(trial.counts.get(bar.id) ?? 0)] : []),
            ]),
            [
              "",
              `${formatCount(bars.rest.count)} more`,
              "",
              formatProbability(bars.rest.before),
              formatProbability(bars.rest.after),
              `${formatCount(bars.rest.count - bars.rest.survivors)} of them`,
              ...(other || trial ? [""] : []),
              ...(other && trial ? [""] : []),
            ],
          ],
          exact: () => [
            ...bars.bars.map((bar) => [
              ...[bar.rank + 1, write(bar.id), bar.id, bar.before, bar.after, bar.cutBy ?? ""],
              ...(other ? [other.probabilities[bar.id] ?? 0] : []),
              ...(trial ? [trial.counts.get(bar.id) ?? 0] : []),
            ]),
            ["", `${bars.rest.count} more`, "", bars.rest.before, bars.rest.after, ""],
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
        Press a token to go on with it, whatever the draw would say.{" "}
        <LinkButton onClick={sampling.layBeside}>Go on in three ways</LinkButton>: greedy, by a beam of{" "}
        {BEAM_WIDTH}, and drawn.
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
          Draw
        </Button>
        <Button
          onClick={sampling.run}
          disabled={invalid}
          label="Draw on until the text ends or 16 tokens are there"
        >
          Run
        </Button>
        <Button onClick={sampling.undo} disabled={drawn.length === 0} label="Undo the last token">
          Undo
        </Button>
        <Button onClick={sampling.reset} disabled={drawn.length === 0} label="Back to the prompt">
          Reset
        </Button>
        <span class="gb-field">
          <span aria-hidden="true">Seed</span>
          <TextField label="Seed" labelHidden size={6} value={typed ?? String(seed)} onInput={setSeed} />
        </span>
        <LinkButton onClick={() => setSeed(String(newSeed()))}>New seed</LinkButton>
        <span class="gb-dim">next is draw {drawn.length + 1}</span>
      </div>
      {invalid && (
        <p class="sampling-invalid" role="alert">
          A seed is a whole number from 0 to {formatCount(Number.MAX_SAFE_INTEGER)}.
        </p>
      )}
      <p class="sampling-last" role="status">
        {last && (
          <>
            {last.way === "drawn" ? "Drew" : "Went on with"} {write(last.id)}: {describeDraw(last)}.
            {last.token.special && " With this token the model ends its text; what follows is off its road."}
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
