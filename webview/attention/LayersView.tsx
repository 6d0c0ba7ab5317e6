/** "What does each layer say?": the prediction as it grows from layer to layer, and the sizes of what is passed on. */

import { useMemo, useState } from "preact/hooks";
import { formatCount, formatFixed, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CacheSize, StreamReading } from "../../src/shared/panels/attention.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";
import { countedLayers, countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { formatBytes, formatProbability } from "../ui/format.js";
import { HeatMap } from "../ui/HeatMap.js";
import { ErrorNote, LoadingNote } from "../ui/notes.js";
import { sentence } from "../ui/sentence.js";
import { TokenChip } from "../ui/TokenChip.js";
import { Track } from "../ui/Track.js";
import { Dropdown } from "../ui/toolkit.js";
import { ScaleChoice } from "./ScaleChoice.js";
import type { Streams } from "./useStreams.js";
import type { Look } from "./useView.js";

/** llama.cpp keeps keys and values as 16-bit floats unless it is told otherwise. */
const CACHE_BYTES = 2;

export function LayersView({ streams, look }: { streams: Streams; look: Look }) {
  const { readings, complete, error } = streams;
  if (error) return <ErrorNote error={error} />;
  if (!complete) {
    return (
      <LoadingNote
        text={t("Asking each layer for its prediction: {0} of {1}.", readings.length, look.layerCount + 1)}
        fraction={readings.length / (look.layerCount + 1)}
      />
    );
  }
  const named = (id: number) => complete.tokens.get(id);
  return (
    <>
      <p class="gb-dim">
        {t(
          "The logit lens: what the model would predict if it ended early, its last norm and classifier put on the residual stream after each layer. Earlier layers were not trained for this, so theirs are guesses.",
        )}
      </p>
      <PredictionByLayer readings={readings} named={named} look={look} />
      <LayerMap readings={readings} named={named} look={look} />
      <EntropyByLayer readings={readings} look={look} />
      <Cache cache={complete.cache} look={look} />
    </>
  );
}

interface Parts {
  readings: readonly StreamReading[];
  named(id: number): ModelToken | undefined;
  look: Look;
}

function placeOf(layer: number): string {
  return layer === 0 ? t("embeddings") : t("after layer {0}", layer - 1);
}

/** One position through all layers. */
function PredictionByLayer({ readings, named, look }: Parts) {
  const { labels, query, subject } = look;
  const end = readings.at(-1);
  if (!end) return null;
  const final = tokenName(named(end.top[query]!));
  const next = subject.tokens[query + 1];
  const columns = ["place", "first", "its probability", `rank of “${final}”`, `probability of “${final}”`];
  const heads = [
    t("place"),
    t("first"),
    t("its probability"),
    t("rank of “{0}”", final),
    t("probability of “{0}”", final),
  ];
  if (next) {
    columns.push(`rank of what follows, “${labels[query + 1]}”`, "probability of what follows");
    heads.push(t("rank of what follows, “{0}”", labels[query + 1] ?? ""), t("its probability"));
  }
  columns.push("size (RMS)");
  heads.push(t("size (RMS)"));
  type Written = (value: number) => string;
  const rows = (rankOf: Written, probability: Written, size: Written) =>
    readings.map((reading) => [
      placeOf(reading.layer),
      tokenName(named(reading.top[query]!)),
      probability(reading.topProbability[query]!),
      rankOf(reading.finalRank[query]!),
      probability(reading.finalProbability[query]!),
      ...(next ? [rankOf(reading.nextRank[query]!), probability(reading.nextProbability[query]!)] : []),
      size(reading.norm[query]!),
    ]);
  return (
    <Figure
      name="logit-lens"
      caption={growthText(readings, look, final)}
      table={{
        columns,
        heads,
        rows: () => rows(formatCount, formatProbability, (size) => inLanguage(size.toPrecision(3))),
        exact: () => rows(String, String, String),
      }}
    >
      <p class="gb-dim">
        {t(
          "At each place the token that would be first; behind it, the rank there of what is first in the end, “{0}”.",
          final,
        )}
      </p>
      <ol class="att-layers">
        {readings.map((reading) => {
          const token = named(reading.top[query]!);
          const probability = reading.topProbability[query]!;
          return (
            <li key={reading.layer}>
              <span class="gb-dim">{placeOf(reading.layer)}</span>
              <span>{token && <TokenChip token={token} probability={probability} />}</span>
              <Track share={probability} />
              <span>{formatProbability(probability)}</span>
              <span class="gb-dim">
                {reading.finalRank[query] === 1 ? "" : t("no. {0}", formatCount(reading.finalRank[query]!))}
              </span>
            </li>
          );
        })}
      </ol>
    </Figure>
  );
}

function growthText(readings: readonly StreamReading[], { labels, query }: Look, final: string): string {
  const end = readings.at(-1)!;
  const first = readings.findIndex((_, index) =>
    readings.slice(index).every((reading) => reading.finalRank[query] === 1),
  );
  const start = readings[0]!;
  const said = [labels[query] ?? "", final, formatProbability(end.topProbability[query]!)] as const;
  return first <= 0
    ? t("After “{0}” the model puts “{1}” first, with {2}: it is first from the embeddings on.", ...said)
    : t(
        "After “{0}” the model puts “{1}” first, with {2}: it is first for good {3}, and number {4} at the embeddings.",
        ...said,
        placeOf(readings[first]!.layer),
        formatCount(start.finalRank[query]!),
      );
}

type Measure = "final" | "next" | "norm";

/** As files name them. */
const COLUMNS: Record<Measure, string> = {
  final: "Probability of what the model says in the end",
  next: "Probability of the token that really follows",
  norm: "Size of the residual stream (RMS)",
};

const MEASURES: Record<Measure, string> = {
  final: t("Probability of what the model says in the end"),
  next: t("Probability of the token that really follows"),
  norm: t("Size of the residual stream (RMS)"),
};

/** All positions through all layers. */
function LayerMap({ readings, named, look }: Parts) {
  const [measure, setMeasure] = useState<Measure>("final");
  const { labels, subject } = look;
  const tokens = subject.tokens.length;
  const data = useMemo(
    () => ({
      rowLabels: readings.map(({ layer }) => (layer === 0 ? t("emb.") : `${layer - 1}`)),
      columnLabels: labels,
      values: Float32Array.from({ length: readings.length * tokens }, (_, at) =>
        numberAt(readings[Math.floor(at / tokens)]!, measure, at % tokens),
      ),
      causal: false,
    }),
    [readings, labels, measure],
  );
  const format = measure === "norm" ? (value: number) => inLanguage(value.toPrecision(2)) : formatProbability;
  const rows = (written: (value: number) => string) =>
    readings.flatMap((reading) =>
      subject.tokens.map((_, position) => [
        placeOf(reading.layer),
        `${position} ${labels[position]}`,
        written(numberAt(reading, measure, position)),
        tokenName(named(reading.top[position]!)),
      ]),
    );
  const describe = (row: number, position: number) => {
    const reading = readings[row]!;
    const value = format(numberAt(reading, measure, position));
    return t(
      "{0}, at “{1}”: {2}, first “{3}”",
      placeOf(reading.layer),
      labels[position] ?? "",
      value,
      tokenName(named(reading.top[position]!)),
    );
  };
  return (
    <>
      <Dropdown
        label={t("All positions")}
        value={measure}
        options={Object.entries(MEASURES).map(([value, label]) => ({ value, label }))}
        onChange={(value) => setMeasure(value as Measure)}
      />
      <ScaleChoice look={look} />
      <Figure
        name="layers"
        caption={mapText(readings, measure, tokens)}
        table={{
          columns: ["place", "position", COLUMNS[measure], "first"],
          heads: [t("place"), t("position"), MEASURES[measure], t("first")],
          rows: () => rows(format),
          exact: () => rows(String),
        }}
      >
        <HeatMap
          label={t("{0}: rows are layers, columns positions", MEASURES[measure])}
          data={data}
          scale={look.scale}
          chosenRow={undefined}
          choosing={t("Enter chooses the token")}
          describe={describe}
          formatValue={format}
          onChoose={({ column }) => look.setQuery(column)}
          onCell={(cell) => look.setPointed(cell?.column)}
        />
      </Figure>
    </>
  );
}

function numberAt(reading: StreamReading, measure: Measure, position: number): number {
  if (measure === "norm") return reading.norm[position]!;
  return measure === "final" ? reading.finalProbability[position]! : reading.nextProbability[position]!;
}

function mapText(readings: readonly StreamReading[], measure: Measure, tokens: number): string {
  const end = readings.at(-1)!;
  const start = readings[0]!;
  const mean = (values: Float32Array, count: number) =>
    values.subarray(0, count).reduce((sum, value) => sum + value, 0) / Math.max(1, count);
  if (measure === "norm") {
    return t(
      "From the embeddings to the end the residual stream grows from {0} to {1}, as each layer adds to it (root mean square, mean over the positions).",
      inLanguage(mean(start.norm, tokens).toPrecision(2)),
      inLanguage(mean(end.norm, tokens).toPrecision(2)),
    );
  }
  if (measure === "next") {
    return t(
      "In the end the model gives the token that really follows {0} on average; at the embeddings it would be {1}.",
      formatProbability(mean(end.nextProbability, tokens - 1)),
      formatProbability(mean(start.nextProbability, tokens - 1)),
    );
  }
  // The end agrees with itself.
  const early = readings.slice(0, -1);
  const at = early.find(({ finalRank }) => share(finalRank) >= 0.5) ?? early.at(-1) ?? end;
  const percent = (reading: StreamReading) => `${formatFixed(share(reading.finalRank) * 100, 0)} %`;
  return t(
    "What the model says in the end is in first place at {0} of the positions at the embeddings, and at {1} {2}.",
    percent(start),
    percent(at),
    placeOf(at.layer),
  );
}

function share(ranks: Uint32Array): number {
  return ranks.reduce((count, rank) => count + (rank === 1 ? 1 : 0), 0) / ranks.length;
}

function EntropyByLayer({ readings, look }: { readings: readonly StreamReading[]; look: Look }) {
  const layers = readings.flatMap(({ layer, attentionEntropy }) =>
    attentionEntropy === undefined ? [] : [{ layer, bits: attentionEntropy }],
  );
  const tokens = look.subject.tokens.length;
  if (layers.length === 0 || tokens < 2) return null;
  const even =
    Array.from({ length: tokens - 1 }, (_, index) => Math.log2(index + 2)).reduce(
      (sum, bits) => sum + bits,
      0,
    ) /
    (tokens - 1);
  const ordered = [...layers].sort((a, b) => a.bits - b.bits);
  const [narrowest, widest] = [ordered[0]!, ordered.at(-1)!];
  return (
    <>
      <h2>{t("How widely each layer looks")}</h2>
      <Figure
        name="entropy"
        caption={t(
          "Layer {0} looks most narrowly, {1} bits, layer {2} most widely, {3} bits; looking at all tokens evenly would be {4} bits (entropy of attention, mean over heads and tokens).",
          narrowest.layer,
          formatFixed(narrowest.bits, 2),
          widest.layer,
          formatFixed(widest.bits, 2),
          formatFixed(even, 2),
        )}
        table={{
          columns: ["layer", "entropy (bits)", "even (bits)"],
          heads: [t("layer"), t("entropy (bits)"), t("even (bits)")],
          rows: () =>
            layers.map(({ layer, bits }) => [`${layer}`, formatFixed(bits, 3), formatFixed(even, 3)]),
          exact: () => layers.map(({ layer, bits }) => [layer, bits, even]),
        }}
      >
        <ul class="att-bars">
          {layers.map(({ layer, bits }) => (
            <li key={layer}>
              <span>{t("layer {0}", layer)}</span>
              <Track share={bits / even} />
              <span>{t("{0} bits", formatFixed(bits, 2))}</span>
            </li>
          ))}
        </ul>
      </Figure>
    </>
  );
}

function Cache({ cache, look }: { cache: CacheSize; look: Look }) {
  const { model, tokens } = look.subject;
  const { kvHeads, headDim, numbers, numbersOfContext } = cache;
  const whole = tokens.length * model.layerCount * kvHeads * headDim * 2;
  const said = [
    countedTokens(tokens.length),
    countedLayers(model.layerCount),
    kvHeads === 1 ? t("1 key head") : t("{0} key heads", formatCount(kvHeads)),
    headDim,
    CACHE_BYTES,
    <b key="bytes">{formatBytes(numbers * CACHE_BYTES)}</b>,
  ];
  return (
    <>
      <h2>{t("What the engine keeps of this text")}</h2>
      <p>
        {numbers < whole
          ? sentence(
              "The KV cache: {0} × {1} × {2} × {3} numbers, for keys and for values, at {4} bytes each: {5}, as layers with a window keep no more than that.",
              ...said,
            )
          : sentence(
              "The KV cache: {0} × {1} × {2} × {3} numbers, for keys and for values, at {4} bytes each: {5}.",
              ...said,
            )}{" "}
        {t(
          "The context of {0} tokens that is allocated takes {1}.",
          formatCount(model.contextSize),
          formatBytes(numbersOfContext * CACHE_BYTES),
        )}
      </p>
    </>
  );
}
