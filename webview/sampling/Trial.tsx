/** "Draw 200 times": the same choice made again and again, counted beside the prediction while it grows. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { goodnessOfFit } from "../../src/core/sampling/goodnessOfFit.js";
import { drawProbabilities } from "../../src/core/sampling/stages.js";
import { countDraws, drawTrial } from "../../src/core/sampling/trial.js";
import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import { formatProbability } from "../ui/format.js";
import { Button, LinkButton } from "../ui/toolkit.js";
import type { Sampling } from "./useSampling.js";

const TRIAL_DRAWS = 200;
/** Frames until all are there: slow enough to see it grow, soon enough to wait for. */
const FRAMES = 80;
/** Below this the draws would speak against the prediction. */
const UNLIKELY = 0.001;

export interface Trial {
  seed: number;
  /** How many of the draws are counted so far, and how often each token came. */
  draws: number;
  counts: ReadonlyMap<number, number>;
  complete: boolean;
}

/** The trial on screen, which ends with anything that changes the distribution or the seed. */
export function useTrial(sampling: Sampling): { trial: Trial | undefined; start(): void; end(): void } {
  const { prediction, settings, order, history, seed } = sampling;
  const [running, setRunning] = useState<{ drawn: Uint32Array; seed: number }>();
  const [draws, setDraws] = useState(0);
  useEffect(() => setRunning(undefined), [prediction, settings, order, seed]);
  useEffect(() => {
    if (!running || draws >= TRIAL_DRAWS) return;
    const frame = requestAnimationFrame(() =>
      setDraws(Math.min(TRIAL_DRAWS, draws + Math.ceil(TRIAL_DRAWS / FRAMES))),
    );
    return () => cancelAnimationFrame(frame);
  }, [running, draws]);
  const start = () => {
    if (!prediction) return;
    const drawn = drawTrial(prediction.candidates, settings, { order, history }, seed, TRIAL_DRAWS);
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    setDraws(still ? TRIAL_DRAWS : 0);
    setRunning({ drawn, seed });
    void sampling.learnNames([...countDraws(drawn).keys()]);
  };
  const trial = running && {
    seed: running.seed,
    draws,
    counts: countDraws(running.drawn, draws),
    complete: draws === TRIAL_DRAWS,
  };
  return { trial, start, end: () => setRunning(undefined) };
}

export function TrialLine(props: {
  sampling: Sampling;
  trial: Trial | undefined;
  write(id: number): string;
  onStart(): void;
  onEnd(): void;
}) {
  const { trial, sampling, write } = props;
  return (
    <div class="gb-row sampling-trial">
      <Button onClick={props.onStart}>{t("Draw {0} times", TRIAL_DRAWS)}</Button>
      {trial ? (
        <span role="status">
          {trial.complete
            ? trialSentence(sampling, trial, write)
            : t("{0} draws with seed {1} …", trial.draws, trial.seed)}{" "}
          <LinkButton onClick={props.onEnd}>{t("Hide the draws")}</LinkButton>
        </span>
      ) : (
        <span class="gb-dim">
          {t("The same choice again and again: does what comes agree with the bars?")}
        </span>
      )}
    </div>
  );
}

function trialSentence(sampling: Sampling, trial: Trial, write: (id: number) => string): string {
  const { prediction, settings, order, history } = sampling;
  const [most] = [...trial.counts].sort(([, a], [, b]) => b - a);
  if (!prediction || !most) return "";
  const predicted = drawProbabilities(prediction.candidates, settings, { order, history });
  const [id, count] = most;
  const said = {
    seed: trial.seed,
    token: write(id),
    count: formatCount(count),
    all: trial.draws,
    share: formatProbability(count / trial.draws),
    predicted: formatProbability(predicted[id] ?? 0),
  };
  const came =
    count === 1
      ? t("With seed {seed}, {token} came {count} time of {all} ({share}; predicted {predicted}).", said)
      : t("With seed {seed}, {token} came {count} times of {all} ({share}; predicted {predicted}).", said);
  const { chiSquare, degreesOfFreedom, p } = goodnessOfFit(trial.counts, predicted);
  if (degreesOfFreedom === 0) return came;
  const square = formatFixed(chiSquare, 1);
  const fit =
    degreesOfFreedom === 1
      ? t("chi-square {0}, 1 degree of freedom", square)
      : t("chi-square {0}, {1} degrees of freedom", square, formatCount(degreesOfFreedom));
  const judged =
    p < UNLIKELY
      ? t("That is further off than chance explains ({0}).", fit)
      : t("Chance alone is as far off in {0} of such trials ({1}).", formatProbability(p), fit);
  return `${came} ${judged}`;
}

/** How often each token came, as a part of the draws so far. */
export function useShares(trial: Trial | undefined): ReadonlyMap<number, number> | undefined {
  return useMemo(() => {
    if (!trial || trial.draws === 0) return undefined;
    return new Map([...trial.counts].map(([id, count]) => [id, count / trial.draws]));
  }, [trial?.counts, trial?.draws]);
}
