/** "How is one weight made?": query · key, scale, mask, softmax and weighted values of one row, with its true numbers. */

import { useMemo } from "preact/hooks";
import { formatWeight } from "../../src/core/lens/describe.js";
import { type CellStep, type MadeCell, makeCell } from "../../src/core/lens/makeCell.js";
import type { AttentionHost, CellParts } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { Figure } from "../ui/Figure.js";
import { plural } from "../ui/format.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { LinkButton } from "../ui/toolkit.js";
import { formatDifference } from "./AgreementLine.js";
import { KeyChoice, LayerAndHead } from "./LayerAndHead.js";
import { NumberStrip } from "./NumberStrip.js";
import { useAsked } from "./useAsked.js";
import type { Look } from "./useView.js";

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
        <EmptyNote text="The mean of all heads is computed from their weights, not made by itself. Choose a head." />
      )}
      {asked.kind === "asking" && <LoadingNote text="Running up to this layer again …" />}
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
  const looker = `“${labels[query]}”`;
  // A token that looks at itself still has two different vectors.
  const looked = `“${labels[key]}”${key === query ? " itself" : ""}`;
  return (
    <>
      <KeyChoice look={look} label={`What ${looker} looks at`} />
      <ol class="att-making">
        <li>
          <h3>Query · key</h3>
          <p>
            The query of {looker} and the key of {looked} are {headDim} numbers each. Multiplied pair by pair
            and added up they give <b>{number(step.product)}</b>.
          </p>
          <Figure
            name="query-key"
            caption={productText(products, step.product)}
            table={{
              columns: ["number", "query", "key", "product"],
              rows: () =>
                products.map((product, i) => [`${i}`, number(parts.q[i]!), number(k[i]!), number(product)]),
            }}
          >
            <dl class="att-vectors">
              <dt>query</dt>
              <dd>
                <NumberStrip label={`The query of ${looker}: ${headDim} numbers`} values={parts.q} />
              </dd>
              <dt>key</dt>
              <dd>
                <NumberStrip label={`The key of ${looked}: ${headDim} numbers`} values={k} />
              </dd>
              <dt>products</dt>
              <dd>
                <NumberStrip
                  label={`Their products, which add up to ${number(step.product)}`}
                  values={products}
                />
              </dd>
            </dl>
          </Figure>
        </li>
        <li>
          <h3>Scale</h3>
          <p>
            {number(step.product)} × {number(parts.scale)}
            {parts.cap === undefined ? "" : `, capped to ${parts.cap} · tanh(… / ${parts.cap}),`} ={" "}
            <b>{number(step.score)}</b>
          </p>
        </li>
        <li>
          <h3>Mask</h3>
          <p>{maskText(parts, look)}</p>
        </li>
        <li>
          <h3>Softmax</h3>
          <p>
            e^({number(step.score)} − {number(made.largest)}) = {number(step.exponential)}, over the sum of{" "}
            {plural(made.steps.length, "key")}, {number(made.sum)}: the weight is{" "}
            <b>{formatWeight(step.weight)}</b>.
          </p>
          <Row made={made} look={look} chosen={key} />
        </li>
        <li>
          <h3>Weighted values</h3>
          <p>
            The value of {looked}, {headDim} numbers of length {number(step.valueLength)}, is multiplied with{" "}
            {formatWeight(step.weight)} and added to those of all other keys: that is what the head answers.
          </p>
          <Figure
            name="values"
            caption={shareText(parts, made, index, looked)}
            table={{
              columns: ["number", "value", "value × weight", "sum of all"],
              rows: () =>
                Array.from(v, (value, i) => [
                  `${i}`,
                  number(value),
                  number(value * step.weight),
                  number(made.mixed[i]!),
                ]),
            }}
          >
            <dl class="att-vectors">
              <dt>value × weight</dt>
              <dd>
                <NumberStrip
                  label={`The value of ${looked} times its weight`}
                  values={v.map((value) => value * step.weight)}
                  largest={Math.max(...made.mixed.map(Math.abs), Number.MIN_VALUE)}
                />
              </dd>
              <dt>sum of all</dt>
              <dd>
                <NumberStrip
                  label="The head’s answer: the weighted values of all keys added up"
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
        Computed here in 64-bit floats from the queries, keys and values that the lens used; its own weights
        differ from these by {formatDifference(made.weightDifference)} at most, its own sum of values by{" "}
        {formatDifference(made.mixedDifference)}.
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
  return (
    <Figure
      name="row"
      caption={`Of ${plural(made.steps.length, "key")} that “${labels[query]}” may look at, ${top?.key === query ? "itself" : `“${labels[top?.key ?? 0]}”`} has the largest score, ${number(top?.score ?? 0)}, and so the largest weight, ${formatWeight(top?.weight ?? 0)}.`}
      table={{ columns, rows: () => made.steps.map(cells) }}
    >
      <ul class="att-bars">
        {shown.map((step) => (
          <li key={step.key} class={step.key === chosen ? "att-bar-chosen" : ""}>
            <LinkButton onClick={() => look.setQuery(query, step.key)}>{labels[step.key]}</LinkButton>
            <span class="att-bar">
              <span style={{ width: `${step.weight * 100}%` }} />
            </span>
            <span>
              {formatWeight(step.weight)} <span class="gb-dim">from {number(step.score)}</span>
            </span>
          </li>
        ))}
        {rest > 0 && (
          <li class="gb-dim">
            <span>{plural(rest, "other key")}</span>
            <span class="att-bar">
              <span style={{ width: `${Math.max(0, left) * 100}%` }} />
            </span>
            <span>{formatWeight(Math.max(0, left))}</span>
          </li>
        )}
      </ul>
    </Figure>
  );
}

function maskText({ firstKey }: CellParts, { subject, query }: Look): string {
  const later = subject.tokens.length - query - 1;
  const ahead =
    later === 0
      ? "Nothing comes after this token, so nothing is masked."
      : `The ${plural(later, "token")} that come after it are masked: their scores count as −∞, so their weights are 0.`;
  return firstKey === 0
    ? ahead
    : `${ahead} So are the first ${plural(firstKey, "token")}, which are outside the window of this layer.`;
}

/** Which of the products counts most. */
function productText(products: readonly number[], sum: number): string {
  const most = products.reduce(
    (best, value, i) => (Math.abs(value) > Math.abs(products[best]!) ? i : best),
    0,
  );
  return `Number ${most} of the ${products.length} counts most: its product is ${number(products[most]!)}, and all together make ${number(sum)}.`;
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
  if (whole === 0) return "The head’s answer is zero.";
  const share = along / whole;
  return `Of the head’s answer, in its own direction, ${looked} makes up ${(share * 100).toFixed(0)} %${share < 0 ? ": it points the other way" : ""}.`;
}

/** Four digits: 12.34, 0.001235, 1.2e-7. */
function number(value: number): string {
  if (value === 0) return "0";
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(4)));
}
