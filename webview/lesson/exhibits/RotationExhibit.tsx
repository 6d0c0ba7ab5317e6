/** The exhibit of rotation: two rows of the model's own numbers, turned by their places, and beside them waves that are added. */

import { useEffect, useState } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import {
  addedScore,
  pairFrequency,
  scaledRow,
  turnedScore,
  waves,
} from "../../../src/core/lessons/turning.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { formatFixed, inLanguage } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig, ModelFacts } from "../../../src/shared/panels/lesson.js";
import type { PlacedModelToken } from "../../../src/shared/types.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { Slider } from "../../ui/toolkit.js";
import "./experiments.css";
import { Curve } from "./Curve.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "rotation" }>;

const FARTHEST = 64;
const FARTHEST_MOVE = 2000;
/** Pairs that are drawn as clocks, spread over all. */
const CLOCKS = 8;
/** Where the file does not say. */
const USUAL_BASE = 10_000;

interface Turning {
  tokens: PlacedModelToken[];
  /** (tokens) rows of `width` numbers, each as long as √width. */
  rows: number[][];
  width: number;
  base: number;
  model: string;
}

export function RotationExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const { value, current, error, again } = useAnswer(
    `${modelFile(model)}\n${text}`,
    async (signal): Promise<Turning> => {
      const facts = await host.call("modelFacts", {}, { signal });
      const { tokens: all } = await own.call("read", { text }, { signal });
      const tokens = all.filter(({ special }) => !special).slice(0, 24);
      if (tokens.length < 2) {
        throw new GlassboxError("invalid-request", t("It takes two tokens."), t("Take a longer text."));
      }
      const { width: whole, rows } = await own.call(
        "embeddings",
        { ids: tokens.map((token) => token.id) },
        { signal },
      );
      const width = Math.min(whole, turnedWidth(facts));
      return {
        tokens,
        rows: tokens.map((_, at) => scaledRow(rows.subarray(at * whole, at * whole + width))),
        width,
        base: numberOf(facts, "rope.freq_base") ?? USUAL_BASE,
        model: facts.name,
      };
    },
  );
  const [key, setKey] = useState<number>();
  const [distance, setDistance] = useState(3);
  const [move, setMove] = useState(0);
  const last = (value?.tokens.length ?? 1) - 1;
  const chosen = Math.min(key ?? last - 1, last);
  const scores = value && current ? scoresOf(value, last, chosen, distance, move) : undefined;

  useEffect(() => {
    onInstrument({
      text,
      readings: scores
        ? {
            distance,
            moved: move,
            score: scores.turned,
            "turned-change": Math.abs(scores.turnedMoved - scores.turned),
            "added-change": Math.abs(scores.addedMoved - scores.added),
          }
        : {},
      setting: t("distance {0}, both moved by {1}", distance, move),
      guesses: {},
    });
  }, [text, scores?.turned, scores?.turnedMoved, scores?.addedMoved, distance, move]);

  if (error || !value) {
    return (
      <ModelNote
        model={model}
        busy={t("Taking rows from the model’s table …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered || !scores) return null;
  const { tokens, width, base } = value;
  const pairs = clockPairs(width);
  const distances = Array.from({ length: FARTHEST + 1 }, (_, at) => at);
  const write = (score: number) => formatReading(score, "setting");
  return (
    <>
      <p class="gb-dim">
        {t(
          "The query is made of the last token’s row, the key of the token that you click: the first {0} numbers of each, as wide as a head of {1}.",
          width,
          value.model,
        )}
      </p>
      <p class="gb-row lesson-strip">
        {tokens.map((token, at) => (
          <TokenChip
            key={`${at} ${token.id}`}
            token={token}
            band={at}
            selected={at === chosen}
            onClick={() => setKey(at)}
          />
        ))}
      </p>
      <div class="lesson-sliders">
        <Slider
          label={t("Tokens from key to query")}
          min={0}
          max={FARTHEST}
          step={1}
          value={distance}
          valueText={String(distance)}
          onInput={setDistance}
        />
        <Slider
          label={t("Both moved on by")}
          min={0}
          max={FARTHEST_MOVE}
          step={10}
          value={move}
          valueText={String(move)}
          onInput={setMove}
        />
      </div>
      <Figure
        name="rotation"
        caption={
          move === 0
            ? t(
                "{0} apart, the turned rows score {1}, and rows with waves added {2}.",
                countedTokens(distance),
                write(scores.turned),
                write(scores.added),
              )
            : t(
                "{0} apart, the turned rows score {1}; moved on by {2}, {3}. With waves added: {4}, then {5}.",
                countedTokens(distance),
                write(scores.turned),
                move,
                write(scores.turnedMoved),
                write(scores.added),
                write(scores.addedMoved),
              )
        }
        table={{
          columns: [t("Pair"), t("Turns by (degrees a token)"), t("Key"), t("Query"), t("Between them")],
          rows: () =>
            Array.from({ length: width / 2 }, (_, pair) => {
              const step = degrees(pairFrequency(pair, width, base));
              return [
                String(pair + 1),
                inLanguage(step.toPrecision(3)),
                angleText(step * move),
                angleText(step * (move + distance)),
                angleText(step * distance),
              ];
            }),
        }}
      >
        <div class="lesson-clocks">
          {pairs.map((pair) => (
            <Clock
              key={pair}
              pair={pair}
              keyAngle={pairFrequency(pair, width, base) * move}
              queryAngle={pairFrequency(pair, width, base) * (move + distance)}
            />
          ))}
        </div>
        <p class="gb-dim">
          {t(
            "Pairs {0} of {1}: the thin hand is the key, the thick one the query. Only the angle between them counts.",
            pairs.map((pair) => pair + 1).join(", "),
            width / 2,
          )}
        </p>
        <Curve
          xs={distances}
          lines={[
            {
              label: t("score of the turned rows, by distance"),
              ys: distances.map((apart) => scoresOf(value, last, chosen, apart, move).turned),
            },
            {
              label: t("with waves added, at this place"),
              ys: distances.map((apart) => scoresOf(value, last, chosen, apart, move).addedMoved),
            },
          ]}
          at={distance}
          xLabel={t("tokens from key to query")}
          writeX={String}
          writeY={write}
        />
      </Figure>
      <Figure
        name="waves"
        caption={t(
          "Four of the {0} waves that the transformer of 2017 added to a row: at place {1} they are {2}.",
          width,
          distance,
          fourWaves(width)
            .map((at) => write(waves(distance, width)[at] ?? 0))
            .join(", "),
        )}
        table={{
          columns: [t("Place"), ...fourWaves(width).map((at) => t("number {0}", at + 1))],
          rows: () =>
            distances.map((place) => [
              String(place),
              ...fourWaves(width).map((at) => formatFixed(waves(place, width)[at] ?? 0, 3)),
            ]),
        }}
      >
        <Curve
          xs={distances}
          lines={fourWaves(width).map((at) => ({
            label: t("number {0}", at + 1),
            ys: distances.map((place) => waves(place, width)[at] ?? 0),
          }))}
          at={distance}
          xLabel={t("place in the text")}
          writeX={String}
          writeY={write}
        />
      </Figure>
    </>
  );
}

/** A circle with the two hands of a pair, from the right and counter-clockwise, as angles are counted. */
function Clock({ pair, keyAngle, queryAngle }: { pair: number; keyAngle: number; queryAngle: number }) {
  const hand = (angle: number, length: number) => ({
    x2: 20 + length * Math.cos(angle),
    y2: 20 - length * Math.sin(angle),
  });
  return (
    <svg viewBox="0 0 40 40" role="img" aria-label={t("pair {0}", pair + 1)}>
      <circle cx={20} cy={20} r={18} />
      <line class="lesson-clock-key" x1={20} y1={20} {...hand(keyAngle, 16)} />
      <line class="lesson-clock-query" x1={20} y1={20} {...hand(queryAngle, 16)} />
    </svg>
  );
}

function scoresOf({ rows, base }: Turning, query: number, key: number, distance: number, move: number) {
  const [q = [], k = []] = [rows[query], rows[key]];
  const at = (moved: number) => ({ query: moved + distance, key: moved });
  return {
    turned: turnedScore(q, k, at(0), base),
    turnedMoved: turnedScore(q, k, at(move), base),
    added: addedScore(q, k, at(0)),
    addedMoved: addedScore(q, k, at(move)),
  };
}

/** Numbers of a head that are turned; some models leave a part of them alone. */
function turnedWidth(facts: ModelFacts): number {
  const width = numberOf(facts, "rope.dimension_count") ?? facts.values["model-head-width"] ?? 64;
  return width - (width % 2);
}

function numberOf({ metadata }: ModelFacts, part: string): number | undefined {
  const found = Number(metadata.find(({ key }) => key.endsWith(`.${part}`))?.value);
  return Number.isFinite(found) && found > 0 ? found : undefined;
}

function clockPairs(width: number): number[] {
  const pairs = width / 2;
  const count = Math.min(CLOCKS, pairs);
  return Array.from({ length: count }, (_, at) => Math.round((at * (pairs - 1)) / Math.max(1, count - 1)));
}

/** A fast wave, a slow one, and two between. */
function fourWaves(width: number): number[] {
  return [0, 1, 2, 3].map((at) => 2 * Math.floor((at * width) / 12));
}

function degrees(angle: number): number {
  return (angle * 180) / Math.PI;
}

function angleText(angle: number): string {
  return `${formatFixed(angle % 360, 1)}°`;
}
