/** What the reader looks at in a text's attention: layer, head, token, scale; and the numbers that belong to it. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import {
  type AttentionSquare,
  attentionRow,
  headScores,
  type NamedToken,
  setFirstAside,
} from "../../src/core/lens/describe.js";
import { meanOfHeads, unpackHead } from "../../src/core/lens/packedAttention.js";
import { t } from "../../src/shared/l10n.js";
import type {
  AttentionHost,
  AttentionLayer,
  AttentionSubject,
  HeadScore,
} from "../../src/shared/panels/attention.js";
import { quoted } from "../../src/shared/quoted.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import { type HeatScale, heatPosition } from "../ui/heatScale.js";
import { type ChosenView, NOTHING_CHOSEN } from "./attentionState.js";
import type { HeadChoice } from "./HeadPicker.js";
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

/** The weights of the layer that is shown, as they are shown. */
export interface ShownLayer {
  heads: AttentionSquare[];
  mean: AttentionSquare;
  /** Of each head, with no token set aside. */
  scores: HeadScore[][];
}

export interface Look {
  subject: AttentionSubject;
  named: readonly NamedToken[];
  labels: readonly string[];
  layerCount: number;
  /** The layer that is asked for; the one whose numbers are here may be another for a moment. */
  wantedLayer: number;
  layer: number;
  head: HeadChoice;
  /** The token that looks. */
  query: number;
  /** The token that is looked at, for what is said of one weight: the reader's, or the one with the largest weight. */
  key: number;
  firstAside: boolean;
  scale: HeatScale;
  /** Undefined until the first layer is here. */
  shown: ShownLayer | undefined;
  square: AttentionSquare | undefined;
  /** The key in a sentence about the query: its label in quotes, or "itself". */
  keyName: string;
  /** The row of the query in `square`. */
  row: Float32Array | undefined;
  /** How strongly each token is lit. */
  strengths: number[] | undefined;
  /** A token that the pointer is over, anywhere on the page. */
  pointed: number | undefined;
  setLayer(layer: number): void;
  setHead(head: HeadChoice): void;
  /** @param key the reader's choice where there is one. */
  setQuery(token: number, key?: number): void;
  setAside(aside: boolean): void;
  setScale(scale: HeatScale): void;
  setPointed(token: number | undefined): void;
}

export function useView(
  attention: Attention,
  subject: AttentionSubject,
  host: Caller<AttentionHost>,
  onFault: (error: unknown) => void,
  onView: ((view: AttentionView) => void) | undefined,
  chosen: ChosenView = NOTHING_CHOSEN,
  onChosen?: (chosen: ChosenView) => void,
): Look {
  const { tokens } = subject;
  const layerCount = subject.model.layerCount;
  const [chosenLayer, setLayer] = useState(chosen.layer);
  const [chosenHead, setHead] = useState(chosen.head);
  const [chosenQuery, setChosenQuery] = useState<
    | {
        of: AttentionSubject;
        token: number;
        key: number | undefined;
      }
    | undefined
  >(() => (chosen.query === undefined ? undefined : { of: subject, token: chosen.query, key: undefined }));
  const [firstAside, setAside] = useState(chosen.firstAside);
  const [scale, setScale] = useState(chosen.scale);
  const [pointed, setPointed] = useState<number>();

  // Until the reader chooses, the picture follows the layers as they are finished, up to the middle of the model.
  const following = Math.min(Math.max(0, attention.layers - 1), Math.floor(layerCount / 2));
  const wantedLayer = Math.min(chosenLayer ?? following, layerCount - 1);
  const arrived = attention.layer(wantedLayer);
  // The last picture stays until the next one is here.
  const last = useRef<{ of: AttentionSubject; layer: AttentionLayer }>(undefined);
  if (arrived) last.current = { of: subject, layer: arrived };
  const packed = last.current?.of === subject ? last.current.layer : undefined;
  const layer = packed?.layer ?? wantedLayer;

  const named = useMemo(() => tokens.map((token) => ({ id: token.id, label: tokenName(token) })), [tokens]);
  const labels = useMemo(() => named.map((token) => token.label), [named]);
  const plain = useMemo(() => packed && squares(packed), [packed]);
  const scores = useMemo(() => plain?.heads.map((square) => headScores(square, tokens)), [plain, tokens]);
  const shown = useMemo(() => {
    if (!plain || !scores) return undefined;
    if (!firstAside) return { ...plain, scores };
    return {
      heads: plain.heads.map((square) => setFirstAside(square)),
      mean: setFirstAside(plain.mean),
      scores,
    };
  }, [plain, scores, firstAside]);
  const head = headFor(chosenHead, scores);
  const query =
    chosenQuery?.of === subject ? Math.min(chosenQuery.token, tokens.length - 1) : tokens.length - 1;
  const square = head === "mean" ? shown?.mean : shown?.heads[head];
  const row = useMemo(() => square && attentionRow(square, query), [square, query]);
  const chosenKey = chosenQuery?.of === subject ? chosenQuery.key : undefined;
  const key = chosenKey !== undefined && chosenKey <= query ? chosenKey : row ? largestAt(row) : query;
  const strengths = useMemo(() => row && strengthsOf(row, scale), [row, scale]);

  useEffect(() => {
    if (strengths) host.call("light", { query, strengths }).catch(onFault);
  }, [host, strengths, query]);
  useEffect(() => () => void host.call("light", null).catch(onFault), [host]);
  useEffect(() => {
    if (row) onView?.({ layer, head, query, firstAside, scale, row });
  }, [row, layer, head, query, firstAside, scale]);
  useEffect(() => {
    onChosen?.({
      layer: chosenLayer,
      head: chosenHead,
      query: chosenQuery?.of === subject ? chosenQuery.token : undefined,
      firstAside,
      scale,
    });
  }, [chosenLayer, chosenHead, chosenQuery, firstAside, scale]);

  return {
    subject,
    named,
    labels,
    layerCount,
    wantedLayer,
    layer,
    head,
    query,
    key,
    keyName: key === query ? t("itself") : quoted(labels[key] ?? ""),
    firstAside,
    scale,
    shown,
    square,
    row,
    strengths,
    pointed,
    setLayer,
    setHead,
    setQuery: (token, chosen) => setChosenQuery({ of: subject, token, key: chosen }),
    setAside,
    setScale,
    setPointed,
  };
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
        .filter(({ habit, score, even }) => habit !== "first" && habit !== "self" && score >= 2 * even)
        .map((s) => s.score),
    );
  return scores.reduce((best, _, head) => (telling(head) > telling(best) ? head : best), 0);
}

function largestAt(row: Float32Array): number {
  return row.reduce((best, weight, key) => (weight > row[best]! ? key : best), 0);
}

/** How strongly each token is lit: the row's largest weight is 1. */
function strengthsOf(row: Float32Array, scale: HeatScale): number[] {
  const max = Math.max(...row);
  return Array.from(row, (weight) => heatPosition(weight, max, scale));
}
