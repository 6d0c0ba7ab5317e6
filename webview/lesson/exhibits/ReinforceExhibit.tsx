/** The exhibit of reinforcement: the model's own next tokens, tried and rewarded by the reader's wish, until they change. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { expectedReward, softmax, tryAndLearn } from "../../../src/core/lessons/reinforcement.js";
import { candidatesOf } from "../../../src/core/sampling/candidates.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { Track } from "../../ui/Track.js";
import { Button, LinkButton } from "../../ui/toolkit.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";
import "./experiments.css";

type Config = Extract<ExhibitConfig, { type: "reinforce" }>;

const SHOWN = 12;
const RATE = 2;
const ROUND = 20;
const SEED = 1;

interface Learnt {
  key: string;
  scores: number[];
  counts: number[];
  tries: number;
  rewarded: number;
}

export function ReinforceExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const { value, current, error, again } = useAnswer(`${modelFile(model)}\n${text}`, async (signal) => {
    const { tokens } = await own.call("read", { text }, { signal });
    const { logits } = await own.call("next", { tokenIds: tokens.map((token) => token.id) }, { signal });
    const { ids, probabilities } = candidatesOf(logits);
    const best = Array.from(ids.subarray(0, SHOWN));
    const names = await own.call("nameTokens", { ids: best }, { signal });
    return {
      key: text,
      options: best.map((token, at) => ({
        id: token,
        name: names[at]?.text ?? "",
        score: Math.log(probabilities[at] ?? 1),
      })),
      share: probabilities.subarray(0, SHOWN).reduce((sum, each) => sum + each, 0),
    };
  });
  const [wanted, setWanted] = useState<{ key: string; ids: number[] }>({ key: "", ids: [] });
  const [state, setState] = useState<Learnt>();
  const options = value?.options ?? [];
  const start = useMemo(() => options.map(({ score }) => score), [value]);
  const ids = wanted.key === value?.key ? wanted.ids : [];
  const learnt: Learnt =
    state && state.key === value?.key
      ? state
      : { key: value?.key ?? "", scores: start, counts: start.map(() => 0), tries: 0, rewarded: 0 };
  const rewards = options.map((option) => Number(ids.includes(option.id)));
  const before = options.length > 0 ? expectedReward(start, rewards) : 0;
  const now = options.length > 0 ? expectedReward(learnt.scores, rewards) : 0;

  useEffect(() => {
    onInstrument({
      text,
      readings:
        value && current ? { before, reward: now, tries: learnt.tries, rewarded: learnt.rewarded } : {},
      setting: t("after {0} tries", formatCount(learnt.tries)),
      guesses: {},
    });
  }, [text, value, current, before, now, learnt.tries]);

  if (error || !value) {
    return (
      <ModelNote
        model={model}
        busy={t("The model reads the text …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered) return null;
  const learn = (rounds: number) => {
    let next = learnt;
    for (let round = 0; round < rounds; round++) {
      const coin = seededCoin(SEED, next.tries);
      const { scores, counts, rewarded } = tryAndLearn(next.scores, rewards, {
        tries: ROUND,
        rate: RATE,
        coin,
      });
      next = {
        key: value.key,
        scores,
        counts: next.counts.map((count, at) => count + (counts[at] ?? 0)),
        tries: next.tries + ROUND,
        rewarded: next.rewarded + rewarded,
      };
    }
    setState(next);
  };
  const probabilities = softmax(learnt.scores);
  const first = softmax(start);
  return (
    <>
      <p class="gb-dim">
        {t(
          "The {0} likeliest tokens after your text, {1} of all. Click those that are to be rewarded; then let the model try.",
          SHOWN,
          formatProbability(value.share),
        )}
      </p>
      <div class="gb-row">
        <Button appearance="primary" onClick={() => learn(1)} disabled={ids.length === 0}>
          {t("Try {0} times", ROUND)}
        </Button>
        <Button onClick={() => learn(20)} disabled={ids.length === 0}>
          {t("Try {0} times", formatCount(20 * ROUND))}
        </Button>
        {learnt.tries > 0 && <LinkButton onClick={() => setState(undefined)}>{t("Start again")}</LinkButton>}
      </div>
      <Figure
        caption={captionOf(learnt, before, now, ids.length)}
        table={{
          columns: [t("Token"), t("Rewarded"), t("At first"), t("Now"), t("Tried")],
          rows: () =>
            options.map((option, at) => [
              option.name,
              ids.includes(option.id) ? t("yes") : t("no"),
              formatProbability(first[at] ?? 0),
              formatProbability(probabilities[at] ?? 0),
              String(learnt.counts[at] ?? 0),
            ]),
        }}
      >
        <div class="lesson-bars">
          {options.map((option, at) => {
            const on = ids.includes(option.id);
            return (
              <div key={option.id} class="lesson-bar" data-strong={on}>
                <button
                  type="button"
                  class="lesson-option lesson-pick"
                  aria-pressed={on}
                  onClick={() =>
                    setWanted({
                      key: value.key,
                      ids: on ? ids.filter((other) => other !== option.id) : [...ids, option.id],
                    })
                  }
                >
                  <span aria-hidden="true">{on ? "★" : "☆"}</span> <code>{option.name.trim() || "·"}</code>
                </button>
                <Track share={probabilities[at] ?? 0} />
                <span class="lesson-bar-value">
                  {t(
                    "{0}, at first {1}",
                    formatProbability(probabilities[at] ?? 0),
                    formatProbability(first[at] ?? 0),
                  )}
                </span>
              </div>
            );
          })}
        </div>
      </Figure>
    </>
  );
}

function captionOf({ tries, rewarded }: Learnt, before: number, now: number, wanted: number): string {
  if (wanted === 0) return t("Nothing is rewarded yet: these are the probabilities of the loaded model.");
  if (tries === 0)
    return t("As the model is, {0} of its tries would be rewarded.", formatProbability(before));
  return t(
    "{0} tries, {1} of them rewarded: what is rewarded went from {2} to {3}.",
    formatCount(tries),
    formatCount(rewarded),
    formatProbability(before),
    formatProbability(now),
  );
}
