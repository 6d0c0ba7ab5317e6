/** The exhibit of positions: the words in another order, read by the loaded model with its positions and with all equal. */

import { useEffect, useState } from "preact/hooks";
import { type OrderEffect, orderEffect, shuffledOrder } from "../../../src/core/lessons/wordOrder.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExperimentHost, LookBack } from "../../../src/shared/panels/experiments.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import type { PlacedModelToken } from "../../../src/shared/types.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { type ChipToken, TokenChip } from "../../ui/TokenChip.js";
import { Button, Checkbox } from "../../ui/toolkit.js";
import "./experiments.css";
import { Bars } from "./Bars.js";
import { Curve } from "./Curve.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "positions" }>;

/** More tokens make the strips long and the lens slow. */
const MOST_TOKENS = 48;

interface Reading {
  tokens: PlacedModelToken[];
  order: number[];
  /** Both orders, with positions and with all equal. */
  counted: Pair;
  equal: Pair;
  names: Map<number, string>;
}

interface Pair {
  written: LookBack;
  shuffled: LookBack;
  effect: OrderEffect;
}

export function PositionsExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, covered, onInstrument } = props;
  const [seed, setSeed] = useState(1);
  const [showEqual, setShowEqual] = useState(false);
  const own = embeddedHost<ExperimentHost>(host, id, text);
  const { value, current, error, again } = useAnswer(
    `${modelFile(model)}\n${seed}\n${text}`,
    async (signal): Promise<Reading> => {
      const { tokens: all } = await own.call("read", { text }, { signal });
      const tokens = all.slice(0, MOST_TOKENS);
      const order = shuffledOrder(tokens, seed);
      if (!order) {
        throw new GlassboxError(
          "invalid-request",
          t("There are too few words to shuffle."),
          t("Take three or more."),
        );
      }
      const ids = tokens.map((token) => token.id);
      const pass = (tokenIds: number[], equalPositions: boolean) =>
        own.call("lookBack", { tokenIds, equalPositions }, { signal });
      const pair = async (equalPositions: boolean): Promise<Pair> => {
        const written = await pass(ids, equalPositions);
        const shuffled = await pass(
          order.map((old) => ids[old] ?? 0),
          equalPositions,
        );
        return { written, shuffled, effect: orderEffect(written, shuffled, order) };
      };
      const [counted, equal] = [await pair(false), await pair(true)];
      const named = [counted, equal].flatMap(({ effect }) => [effect.before.id, effect.after.id]);
      const names = await own.call("nameTokens", { ids: named }, { signal });
      return {
        tokens,
        order,
        counted,
        equal,
        names: new Map(names.map(({ id: token, text: name }) => [token, name])),
      };
    },
  );

  useEffect(() => {
    const readings: Record<string, number> = {};
    if (value && current) {
      readings["first-layer"] = value.counted.effect.attention[0] ?? 0;
      readings["first-layer-equal"] = value.equal.effect.attention[0] ?? 0;
      readings["last-layer-equal"] = value.equal.effect.attention.at(-1) ?? 0;
      readings.prediction = value.counted.effect.prediction;
      readings["prediction-equal"] = value.equal.effect.prediction;
    }
    onInstrument({ text, readings, setting: t("order {0}", seed), guesses: {} });
  }, [value, current, text]);

  if (error || !value) {
    return (
      <ModelNote
        model={model}
        busy={t("The lens reads the text four times …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered) return null;
  const pair = showEqual ? value.equal : value.counted;
  return (
    <>
      <div class="gb-row">
        <Button onClick={() => setSeed(seed + 1)} disabled={!current}>
          {t("Another order")}
        </Button>
        <Checkbox label={t("all positions equal")} checked={showEqual} onChange={setShowEqual} />
        {!current && <span class="gb-dim">{t("The lens reads the text four times …")}</span>}
      </div>
      <Figure
        caption={captionOf(value)}
        table={{
          columns: [
            t("Token"),
            t("As written"),
            t("Shuffled"),
            t("As written, positions equal"),
            t("Shuffled, positions equal"),
          ],
          rows: () => rowsOf(value),
        }}
      >
        <Strip
          label={t("As it is written")}
          tokens={value.tokens}
          look={pair.written}
          next={chipOf(pair.effect.before.id, value.names)}
          probability={pair.effect.before.probability}
        />
        <Strip
          label={t("Shuffled")}
          tokens={value.order.flatMap((old) => value.tokens[old] ?? [])}
          look={pair.shuffled}
          next={chipOf(pair.effect.after.id, value.names)}
          probability={pair.effect.after.probability}
        />
        <h3>{t("What the other order changes for the last token")}</h3>
        <Bars
          bars={[
            bar("counted", t("attention in the first layer"), value.counted.effect.attention[0] ?? 0),
            bar("equal", t("the same, positions all equal"), value.equal.effect.attention[0] ?? 0),
            bar("prediction", t("probabilities of the next token"), value.counted.effect.prediction),
            bar("without", t("the same, positions all equal"), value.equal.effect.prediction),
          ]}
        />
        <Curve
          xs={value.counted.effect.attention.map((_, layer) => layer + 1)}
          lines={[
            { label: t("attention that moves, with positions"), ys: value.counted.effect.attention },
            { label: t("with all positions equal"), ys: value.equal.effect.attention },
          ]}
          xLabel={t("layer")}
          writeX={(x) => String(Math.round(x))}
          writeY={formatProbability}
        />
      </Figure>
    </>
  );
}

function chipOf(id: number, names: ReadonlyMap<number, string>): ChipToken {
  const name = names.get(id) ?? "";
  return { id, name, bytes: new TextEncoder().encode(name), special: false };
}

function bar(key: string, label: string, share: number) {
  return { key, label, share, value: formatProbability(share) };
}

/** Tokens lit by what the last of them takes from each in the first layer, and what would come next. */
function Strip(props: {
  label: string;
  tokens: PlacedModelToken[];
  look: LookBack;
  next: ChipToken;
  probability: number;
}) {
  const { tokens, look } = props;
  const most = Math.max(...look.attention.subarray(0, tokens.length));
  return (
    <div class="lesson-reading">
      <p class="gb-dim">{props.label}</p>
      <p class="gb-row lesson-strip">
        {tokens.map((token, at) => (
          <TokenChip
            // Places have no identity beside their order.
            key={`${at} ${token.id}`}
            token={token}
            strength={(look.attention[at] ?? 0) / (most || 1)}
            probability={look.attention[at] ?? 0}
          />
        ))}
        <span class="gb-whole">
          → <TokenChip token={props.next} probability={props.probability} />{" "}
          <span class="gb-dim">{formatProbability(props.probability)}</span>
        </span>
      </p>
    </div>
  );
}

function rowsOf({ tokens, order, counted, equal }: Reading): string[][] {
  return tokens.map((token, old) => {
    const place = order.indexOf(old);
    const share = (look: LookBack, at: number) => formatProbability(look.attention[at] ?? 0);
    return [
      tokenName(token),
      share(counted.written, old),
      share(counted.shuffled, place),
      share(equal.written, old),
      share(equal.shuffled, place),
    ];
  });
}

function captionOf({ counted, equal, tokens }: Reading): string {
  const [first = 0, firstEqual = 0] = [counted.effect.attention[0], equal.effect.attention[0]];
  const last = equal.effect.attention.at(-1) ?? 0;
  return t(
    "Shuffling moves {0} of what the last of {1} tokens looks at in the first layer; with all positions equal {2}, and in the last layer {3}.",
    formatProbability(first),
    tokens.length,
    formatProbability(firstEqual),
    formatProbability(last),
  );
}
