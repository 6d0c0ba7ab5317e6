/**
 * The attention exhibit: token strip, pickers, map and sentence. Everything on it is computed from the layer that
 * the lens has handed out; the panel and the lessons embed the same.
 */

import { formatCount } from "../../src/shared/formatCount.js";
import "./attention.css";
import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type AttentionSquare,
  attentionRow,
  describeHead,
  describeRow,
  formatWeight,
  type HeadScore,
  headScores,
  type NamedToken,
  setFirstAside,
} from "../../src/core/lens/describe.js";
import { meanOfHeads, unpackHead } from "../../src/core/lens/packedAttention.js";
import type { AttentionHost, AttentionLayer, AttentionSubject } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import { visibleText } from "../../src/shared/visibleText.js";
import { Figure } from "../ui/Figure.js";
import { HeatMap } from "../ui/HeatMap.js";
import { type HeatScale, heatPosition } from "../ui/heatScale.js";
import { Checkbox, Slider } from "../ui/toolkit.js";
import { AgreementLine } from "./AgreementLine.js";
import { type HeadChoice, HeadPicker } from "./HeadPicker.js";
import { TokenStrip } from "./TokenStrip.js";
import type { Attention } from "./useAttention.js";

/** What the reader looks at, for the evidence and for a lesson's checks. */
export interface AttentionView {
  layer: number;
  head: HeadChoice;
  query: number;
  firstAside: boolean;
  scale: HeatScale;
  /** The weights of the chosen token over all tokens, as they are shown. */
  row: Float32Array;
}

export interface AttentionExhibitProps {
  attention: Attention;
  host: Caller<AttentionHost>;
  /** A request that has nothing to do with a run failed. */
  onFault(error: unknown): void;
  onView?(view: AttentionView): void;
}

export function AttentionExhibit(props: AttentionExhibitProps) {
  const { attention } = props;
  const { subject } = attention;
  if (!subject) return null;
  return <Exhibit {...props} subject={subject} />;
}

function Exhibit(props: AttentionExhibitProps & { subject: AttentionSubject }) {
  const { attention, host, subject, onFault, onView } = props;
  const { tokens } = subject;
  const layerCount = subject.model.layerCount;
  const [chosenLayer, setChosenLayer] = useState<number>();
  const [chosenHead, setChosenHead] = useState<HeadChoice>();
  const [chosenQuery, setChosenQuery] = useState<{ of: AttentionSubject; token: number }>();
  const [firstAside, setAside] = useState(false);
  const [scale, setScale] = useState<HeatScale>("linear");
  const [pointed, setPointed] = useState<number>();

  // Until the reader chooses, the picture follows the layers as they are finished, up to the middle of the model.
  const following = Math.min(Math.max(0, attention.layers - 1), Math.floor(layerCount / 2));
  const layer = Math.min(chosenLayer ?? following, layerCount - 1);
  const arrived = attention.layer(layer);
  // The last picture stays until the next one is here.
  const last = useRef<{ of: AttentionSubject; layer: AttentionLayer }>(undefined);
  if (arrived) last.current = { of: subject, layer: arrived };
  const shown = last.current?.of === subject ? last.current.layer : undefined;

  const named = useMemo(() => tokens.map(nameOf), [tokens]);
  const labels = useMemo(() => named.map((token) => token.label), [named]);
  const plain = useMemo(() => shown && squares(shown), [shown]);
  const scores = useMemo(() => plain?.heads.map((square) => headScores(square, named)), [plain, named]);
  const view = useMemo(
    () =>
      plain && firstAside
        ? { heads: plain.heads.map(setFirstAside), mean: setFirstAside(plain.mean) }
        : plain,
    [plain, firstAside],
  );
  const head = headFor(chosenHead, scores);
  const query = chosenQuery?.of === subject ? chosenQuery.token : tokens.length - 1;
  const square = head === "mean" ? view?.mean : view?.heads[head];
  const row = useMemo(() => square && attentionRow(square, query), [square, query]);
  // One object for one square, or the map would be drawn anew whenever the page is.
  const data = useMemo(
    () => square && { size: square.tokenCount, values: square.weights, labels, causal: true },
    [square, labels],
  );
  const strengths = useMemo(() => row && strengthsOf(row, scale), [row, scale]);

  useEffect(() => {
    if (strengths) host.call("light", { query, strengths }).catch(onFault);
  }, [host, strengths, query]);
  useEffect(() => () => void host.call("light", null).catch(onFault), [host]);
  const shownIndex = shown?.layer ?? layer;
  useEffect(() => {
    if (row) onView?.({ layer: shownIndex, head, query, firstAside, scale, row });
  }, [row, shownIndex, head, query, firstAside, scale]);

  const point = (token: number | undefined) => {
    setPointed(token);
    host.call("point", token === undefined ? null : { token }).catch(onFault);
  };
  const choose = (token: number) => {
    setChosenQuery({ of: subject, token });
    host.call("reveal", { token }).catch(onFault);
  };
  const cellText = (of: number, key: number) =>
    `“${labels[of]}” looks at “${labels[key]}”: ${formatWeight(square?.weights[of * tokens.length + key] ?? 0)}`;
  const where = `Layer ${shownIndex}, ${head === "mean" ? "mean of all heads" : `head ${head}`}`;

  return (
    <div class="att">
      <TextNotes subject={subject} />
      <TokenStrip
        tokens={tokens}
        query={query}
        strengths={strengths}
        pointed={pointed}
        hiddenTokens={subject.totalTokens - tokens.length}
        hiddenIsLowerBound={subject.totalIsLowerBound}
        onChoose={choose}
        onPoint={point}
      />
      {view && square && data && scores && (
        <div class="att-body">
          <div class="att-map">
            <Figure
              caption={`${where}: ${describeRow(square, named, query, firstAside)}`}
              table={{
                columns: ["query (looks)", "key (is looked at)", "weight"],
                rows: () => tableRows(square, labels, query),
              }}
            >
              <HeatMap
                label={`Attention, ${where}: rows look, columns are looked at`}
                data={data}
                scale={scale}
                chosenRow={query}
                describe={cellText}
                formatValue={formatWeight}
                onChooseRow={choose}
                onCell={(cell) => setPointed(cell?.column)}
              />
            </Figure>
            <AgreementLine attention={attention} total={tokens.length} />
          </div>
          <div class="att-pick">
            <Slider
              label="Layer"
              min={0}
              max={Math.max(0, layerCount - 1)}
              step={1}
              value={layer}
              valueText={`${layer} of 0–${layerCount - 1}`}
              onInput={setChosenLayer}
              hint="Layers near the input look at words and places, later ones at what the layers before have found."
            />
            {layer >= attention.layers && attention.phase.kind === "running" && (
              <p class="gb-dim">Layer {layer} is still being computed.</p>
            )}
            <HeadPicker
              layer={shownIndex}
              heads={view.heads}
              mean={view.mean}
              scores={scores}
              chosen={head}
              scale={scale}
              onChoose={setChosenHead}
            />
            <p class="att-habit">
              {head === "mean"
                ? "The mean of all heads hides what single heads do."
                : describeHead(scores[head] ?? [])}
            </p>
            <Checkbox label="Set the first token aside" checked={firstAside} onChange={setAside} />
            <p class="gb-dim">
              Heads that find nothing to look at rest on the first token. Without it, each row is shared out
              anew among the other tokens.
            </p>
            <Checkbox
              label="Logarithmic scale"
              checked={scale === "log"}
              onChange={(log) => setScale(log ? "log" : "linear")}
            />
          </div>
        </div>
      )}
    </div>
  );
}

/** What was taken and what was left out, where that is not plain. */
function TextNotes({ subject }: { subject: AttentionSubject }) {
  const { source, tokens, totalTokens, totalIsLowerBound, limitedBy, limit } = subject;
  return (
    <>
      {source.chosen === "paragraph" && (
        <p class="gb-dim">Nothing was selected, so the lines around the caret were taken.</p>
      )}
      {(totalTokens > tokens.length || totalIsLowerBound) && (
        <p class="att-cut-note">
          The first {formatCount(tokens.length)} of {totalIsLowerBound ? "more than " : ""}
          {formatCount(totalTokens)} tokens are shown:{" "}
          {limitedBy === "context"
            ? `this model's context holds ${formatCount(limit)}.`
            : `a map of more than ${formatCount(limit)} could not be read.`}
        </p>
      )}
    </>
  );
}

function nameOf(token: AttentionSubject["tokens"][number]): NamedToken {
  return { id: token.id, label: token.bytes.length === 0 ? token.name : visibleText(token.bytes) };
}

function squares(layer: AttentionLayer): { heads: AttentionSquare[]; mean: AttentionSquare } {
  const { tokenCount, headCount } = layer;
  return {
    heads: Array.from({ length: headCount }, (_, head) => ({ tokenCount, weights: unpackHead(layer, head) })),
    mean: { tokenCount, weights: meanOfHeads(layer) },
  };
}

/** The reader's head; before a choice, the one with the strongest habit other than resting on the first token. */
function headFor(chosen: HeadChoice | undefined, scores: readonly HeadScore[][] | undefined): HeadChoice {
  if (chosen === "mean" || !scores || scores.length === 0) return "mean";
  if (chosen !== undefined) return Math.min(chosen, scores.length - 1);
  const telling = (head: number) =>
    Math.max(
      0,
      ...(scores[head] ?? [])
        .filter(({ habit }) => habit !== "first" && habit !== "self")
        .map((s) => s.score),
    );
  return scores.reduce((best, _, head) => (telling(head) > telling(best) ? head : best), 0);
}

/** How strongly each token is lit: the row's largest weight is 1. */
function strengthsOf(row: Float32Array, scale: HeatScale): number[] {
  const max = Math.max(...row);
  return Array.from(row, (weight) => heatPosition(weight, max, scale));
}

/** Every cell as a row of text: the chosen query first, strongest first; then the others in text order. */
function tableRows(square: AttentionSquare, labels: readonly string[], query: number): string[][] {
  const cells = (of: number) =>
    Array.from({ length: of + 1 }, (_, key) => ({ key, weight: attentionRow(square, of)[key] ?? 0 }));
  const line = (of: number) => (cell: { key: number; weight: number }) => [
    `${of} ${labels[of]}`,
    `${cell.key} ${labels[cell.key]}`,
    cell.weight.toPrecision(4),
  ];
  const chosen = cells(query).sort((a, b) => b.weight - a.weight);
  const others = Array.from({ length: square.tokenCount }, (_, of) => of).filter((of) => of !== query);
  return [...chosen.map(line(query)), ...others.flatMap((of) => cells(of).map(line(of)))];
}
