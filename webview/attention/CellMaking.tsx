/** "How is one weight made?": query · key, scale, mask, softmax and weighted values of one row, with its true numbers. */

import { useMemo } from "preact/hooks";
import { formatWeight } from "../../src/core/lens/describe.js";
import { type CellStep, type MadeCell, makeCell } from "../../src/core/lens/makeCell.js";
import { formatCount, formatFixed, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost, CellParts } from "../../src/shared/panels/attention.js";
import { quoted } from "../../src/shared/quoted.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { sentence } from "../ui/sentence.js";
import { Track } from "../ui/Track.js";
import { LinkButton } from "../ui/toolkit.js";
import { formatDifference } from "./AgreementLine.js";
import { KeyChoice, LayerAndHead } from "./LayerAndHead.js";
import { NumberStrip } from "./NumberStrip.js";
import { useAsked } from "./useAsked.js";
import type { Look } from "./useView.js";

const QUERY = t({ message: "query", comment: "of attention" });
const KEY = t({ message: "key", comment: "of attention" });
const VALUE = t({ message: "value", comment: "of attention" });

/** Keys that have a row of their own in the picture; the table has all. */
const SHOWN_KEYS = 8;

export function CellMaking(props: {
  host: Caller<AttentionHost>;
  look: Look;
  /** The finished run; undefined while nobody looks or there is none. */
  run: LensRun | undefined;
}) {
  const { host, look, run } = props;
  const { layer, head, query } = look;
  const question =
    run === undefined || head === "mean" ? undefined : JSON.stringify([run.run, layer, head, query]);
  const { asked, again } = useAsked(question, (signal) =>
    host.call("cell", { layer, head: head === "mean" ? 0 : head, query }, { signal }),
  );
  return (
    <>
      <LayerAndHead look={look} />
      {head === "mean" && (
        <EmptyNote
          text={t("The mean of all heads is computed from their weights, not made by itself. Choose a head.")}
        />
      )}
      {asked.kind === "asking" && <LoadingNote text={t("Running up to this layer again …")} />}
      {asked.kind === "failed" && <ErrorNote error={asked.error} retry={again} />}
      {asked.kind === "answered" && <Making parts={asked.answer} look={look} />}
    </>
  );
}

function Making({ parts, look }: { parts: CellParts; look: Look }) {
  const made = useMemo(() => makeCell(parts), [parts]);
  const { labels, query } = look;
  const key = Math.max(parts.firstKey, look.key);
  const step = made.steps[key - parts.firstKey];
  if (!step) return null;
  const headDim = parts.q.length;
  const index = key - parts.firstKey;
  const k = parts.keys.subarray(index * headDim, (index + 1) * headDim);
  const v = parts.values.subarray(index * headDim, (index + 1) * headDim);
  const products = Array.from(parts.q, (value, i) => value * k[i]!);
  const looker = quoted(labels[query] ?? "");
  // A token that looks at itself still has two different vectors.
  const looked = key === query ? t("“{0}” itself", labels[key] ?? "") : quoted(labels[key] ?? "");
  return (
    <>
      <KeyChoice look={look} label={t("What {0} looks at", looker)} />
      <ol class="att-making">
        <li>
          <h3>{t("Query · key")}</h3>
          <p>
            {sentence(
              "The query of {0} and the key of {1} are {2} numbers each. Multiplied pair by pair and added up they give {3}.",
              looker,
              looked,
              headDim,
              <b>{number(step.product)}</b>,
            )}
          </p>
          <Figure
            name="query-key"
            caption={productText(products, step.product)}
            table={{
              columns: ["number", "query", "key", "product"],
              heads: [t("number"), QUERY, KEY, t("product")],
              rows: () =>
                products.map((product, i) => [`${i}`, number(parts.q[i]!), number(k[i]!), number(product)]),
              exact: () => products.map((product, i) => [i, parts.q[i]!, k[i]!, product]),
            }}
          >
            <dl class="att-vectors">
              <dt>{QUERY}</dt>
              <dd>
                <NumberStrip label={t("The query of {0}: {1} numbers", looker, headDim)} values={parts.q} />
              </dd>
              <dt>{KEY}</dt>
              <dd>
                <NumberStrip label={t("The key of {0}: {1} numbers", looked, headDim)} values={k} />
              </dd>
              <dt>{t("products")}</dt>
              <dd>
                <NumberStrip
                  label={t("Their products, which add up to {0}", number(step.product))}
                  values={products}
                />
              </dd>
            </dl>
          </Figure>
        </li>
        <li>
          <h3>{t("Scale")}</h3>
          <p>
            {parts.cap === undefined
              ? sentence(
                  "{0} × {1} = {2}",
                  number(step.product),
                  number(parts.scale),
                  <b>{number(step.score)}</b>,
                )
              : sentence(
                  "{0} × {1}, capped to {2} · tanh(… / {2}), = {3}",
                  number(step.product),
                  number(parts.scale),
                  number(parts.cap),
                  <b>{number(step.score)}</b>,
                )}
          </p>
        </li>
        <li>
          <h3>{t("Mask")}</h3>
          <p>{maskText(parts, look)}</p>
        </li>
        <li>
          <h3>{t("Softmax")}</h3>
          <p>
            {sentence(
              "e^({0} − {1}) = {2}, over the sum of {3}, {4}: the weight is {5}.",
              number(step.score),
              number(made.largest),
              number(step.exponential),
              countedKeys(made.steps.length),
              number(made.sum),
              <b>{formatWeight(step.weight)}</b>,
            )}
          </p>
          <Row made={made} look={look} chosen={key} />
        </li>
        <li>
          <h3>{t("Weighted values")}</h3>
          <p>
            {t(
              "The value of {0}, {1} numbers of length {2}, is multiplied with {3} and added to those of all other keys: that is what the head answers.",
              looked,
              headDim,
              number(step.valueLength),
              formatWeight(step.weight),
            )}
          </p>
          <Figure
            name="values"
            caption={shareText(parts, made, index, looked)}
            table={{
              columns: ["number", "value", "value × weight", "sum of all"],
              heads: [t("number"), VALUE, t("value × weight"), t("sum of all")],
              rows: () =>
                Array.from(v, (value, i) => [
                  `${i}`,
                  number(value),
                  number(value * step.weight),
                  number(made.mixed[i]!),
                ]),
              exact: () => Array.from(v, (value, i) => [i, value, value * step.weight, made.mixed[i]!]),
            }}
          >
            <dl class="att-vectors">
              <dt>{t("value × weight")}</dt>
              <dd>
                <NumberStrip
                  label={t("The value of {0} times its weight", looked)}
                  values={v.map((value) => value * step.weight)}
                  largest={Math.max(...made.mixed.map(Math.abs), Number.MIN_VALUE)}
                />
              </dd>
              <dt>{t("sum of all")}</dt>
              <dd>
                <NumberStrip
                  label={t("The head’s answer: the weighted values of all keys added up")}
                  values={made.mixed}
                />
              </dd>
            </dl>
          </Figure>
        </li>
      </ol>
      <p class="gb-dim">
        <span class={made.weightDifference < 1e-4 ? "gb-verified" : "gb-contradicted"} aria-hidden="true">
          {made.weightDifference < 1e-4 ? "✓" : "✗"}
        </span>{" "}
        {t(
          "Computed here in 64-bit floats from the queries, keys and values that the lens used; its own weights differ from these by {0} at most, its own sum of values by {1}.",
          formatDifference(made.weightDifference),
          formatDifference(made.mixedDifference),
        )}
      </p>
    </>
  );
}

/** The row of the query: the keys with the largest weights, each with its numbers on the way. */
function Row({ made, look, chosen }: { made: MadeCell; look: Look; chosen: number }) {
  const { labels, query } = look;
  const byWeight = [...made.steps].sort((a, b) => b.weight - a.weight);
  const most = byWeight.slice(0, SHOWN_KEYS);
  const own = made.steps.find(({ key }) => key === chosen);
  const shown = own && !most.includes(own) ? [...most, own] : most;
  const rest = made.steps.length - shown.length;
  const left = 1 - shown.reduce((sum, { weight }) => sum + weight, 0);
  const [top] = byWeight;
  const cells = (step: CellStep) => [
    `${step.key} ${labels[step.key]}`,
    number(step.product),
    number(step.score),
    number(step.exponential),
    formatWeight(step.weight),
    number(step.weightedLength),
  ];
  const columns = ["key", "query · key", "scaled", "e^(… − largest)", "weight", "length of weighted value"];
  const heads = [
    KEY,
    t("query · key"),
    t("scaled"),
    t("e^(… − largest)"),
    t("weight"),
    t("length of weighted value"),
  ];
  return (
    <Figure
      name="row"
      caption={rowText(made, labels, query, top)}
      table={{
        columns,
        heads,
        rows: () => made.steps.map(cells),
        exact: () =>
          made.steps.map((step) => [
            `${step.key} ${labels[step.key]}`,
            step.product,
            step.score,
            step.exponential,
            step.weight,
            step.weightedLength,
          ]),
      }}
    >
      <ul class="att-bars">
        {shown.map((step) => (
          <li key={step.key} class={step.key === chosen ? "att-bar-chosen" : ""}>
            <LinkButton onClick={() => look.setQuery(query, step.key)}>{labels[step.key]}</LinkButton>
            <Track share={step.weight} />
            <span>
              {formatWeight(step.weight)}{" "}
              <span class="gb-dim">
                {t(
                  { message: "from {0}", comment: "the score that a weight is made of" },
                  number(step.score),
                )}
              </span>
            </span>
          </li>
        ))}
        {rest > 0 && (
          <li class="gb-dim">
            <span>{rest === 1 ? t("1 other key") : t("{0} other keys", formatCount(rest))}</span>
            <Track share={left} />
            <span>{formatWeight(Math.max(0, left))}</span>
          </li>
        )}
      </ul>
    </Figure>
  );
}

/** Which key has the most of a row. */
function rowText(
  { steps }: MadeCell,
  labels: readonly string[],
  query: number,
  top: CellStep | undefined,
): string {
  const looker = labels[query] ?? "";
  const numbers = [number(top?.score ?? 0), formatWeight(top?.weight ?? 0)] as const;
  return top?.key === query
    ? t(
        "Of {0} that “{1}” may look at, itself has the largest score, {2}, and so the largest weight, {3}.",
        countedKeys(steps.length),
        looker,
        ...numbers,
      )
    : t(
        "Of {0} that “{1}” may look at, “{2}” has the largest score, {3}, and so the largest weight, {4}.",
        countedKeys(steps.length),
        looker,
        labels[top?.key ?? 0] ?? "",
        ...numbers,
      );
}

function countedKeys(count: number): string {
  return count === 1 ? t("1 key") : t("{0} keys", formatCount(count));
}

function maskText({ firstKey }: CellParts, { subject, query }: Look): string {
  const later = subject.tokens.length - query - 1;
  const ahead =
    later === 0
      ? t("Nothing comes after this token, so nothing is masked.")
      : t(
          "The {0} that come after it are masked: their scores count as −∞, so their weights are 0.",
          countedTokens(later),
        );
  return firstKey === 0
    ? ahead
    : [
        ahead,
        t("So are the first {0}, which are outside the window of this layer.", countedTokens(firstKey)),
      ].join(" ");
}

/** Which of the products counts most. */
function productText(products: readonly number[], sum: number): string {
  const most = products.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(products[best]!) ? i : best),
    0,
  );
  return t(
    "Number {0} of the {1} counts most: its product is {2}, and all together make {3}.",
    most,
    products.length,
    number(products[most]!),
    number(sum),
  );
}

/** How much of the answer one value makes up: its share along the answer's own direction. */
function shareText({ values }: CellParts, { mixed, steps }: MadeCell, index: number, looked: string): string {
  const headDim = mixed.length;
  let along = 0;
  let whole = 0;
  for (let i = 0; i < headDim; i++) {
    along += steps[index]!.weight * values[index * headDim + i]! * mixed[i]!;
    whole += mixed[i]! * mixed[i]!;
  }
  if (whole === 0) return t("The head’s answer is zero.");
  const share = along / whole;
  const percent = formatFixed(share * 100, 0);
  return share < 0
    ? t(
        "Of the head’s answer, in its own direction, {0} makes up {1} %: it points the other way.",
        looked,
        percent,
      )
    : t("Of the head’s answer, in its own direction, {0} makes up {1} %.", looked, percent);
}

/** Four digits: 12.34, 0.001235, 1.2e-7. */
function number(value: number): string {
  if (value === 0) return "0";
  return inLanguage(Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(4))));
}
