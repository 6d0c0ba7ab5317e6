/** The exhibit of attention: the attention panel's own map, the habits of the head that is shown, and the sink. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { attentionRow, formatWeight, headScores } from "../../../src/core/lens/describe.js";
import { meanOfHeads, unpackHead } from "../../../src/core/lens/packedAttention.js";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type {
  AttentionHost,
  AttentionLayer,
  AttentionSubject,
} from "../../../src/shared/panels/attention.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { Caller } from "../../../src/shared/rpc.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import { AttentionExhibit, type AttentionView } from "../../attention/AttentionExhibit.js";
import { useAttention } from "../../attention/useAttention.js";
import { ErrorNote } from "../../ui/notes.js";
import type { Guessing, Judgement } from "../instruments.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "attention-map" }>;

/** Which head of which layer, and its layer's weights. */
interface Looked {
  subject: AttentionSubject;
  layer: AttentionLayer;
}

export function AttentionMapExhibit(props: ExhibitProps<Config>) {
  const { id, text, model, host, onInstrument } = props;
  const own = useMemo(() => embeddedHost<AttentionHost>(host, id, text), [host, id, text]);
  const attention = useAttention(own, `${modelFile(model)}\n${text}`);
  const { phase, subject, run } = attention;
  const [view, setView] = useState<Pick<AttentionView, "layer" | "head">>();
  const [looked, setLooked] = useState<Looked>();
  const [means, setMeans] = useState<{ subject: AttentionSubject; row: Float32Array }>();
  const [fault, setFault] = useState<WireError>();
  const onFault = (error: unknown) => {
    if (!isCancelled(error)) setFault(toWireError(error));
  };

  // The whole layer of the head that is shown, as the reader's answer is judged on its numbers.
  const layer = view?.layer;
  useEffect(() => {
    if (!subject || !run || layer === undefined) return;
    const abort = new AbortController();
    own
      .call("layer", { layer }, { signal: abort.signal })
      .then((answer) => setLooked({ subject, layer: answer }), onFault);
    return () => abort.abort();
  }, [own, subject, run, layer]);

  useEffect(() => {
    if (!subject || !run) return;
    const abort = new AbortController();
    lastRowMean(own, subject, abort.signal).then((row) => setMeans({ subject, row }), onFault);
    return () => abort.abort();
  }, [own, subject, run]);

  useEffect(() => {
    const guesses: Record<string, Guessing> = {};
    if (subject && means?.subject === subject) {
      guesses["last-token-target"] = {
        kind: "token",
        label: t("Your guess for “{0}”, the last token:", tokenName(subject.tokens.at(-1))),
        tokens: subject.tokens,
        judge: (index, within) => judgeTarget(subject, means.row, index, within),
      };
    }
    const fits = looked && looked.subject === subject && looked.layer.layer === layer;
    onInstrument({
      text,
      readings: fits && typeof view?.head === "number" ? habits(looked, view.head) : {},
      setting: view ? nameOfHead(view) : "",
      guesses,
    });
  }, [text, subject, means, looked, layer, view?.head]);

  const problem = fault ?? attention.fault;
  return (
    <>
      {problem && <ErrorNote error={problem} />}
      {phase.kind !== "done" && (
        <ModelNote
          model={model}
          busy={busyText(phase.kind, attention.layers, subject)}
          error={phase.kind === "failed" ? phase.error : undefined}
          retry={attention.again}
          host={host}
        />
      )}
      {!props.covered && (
        <AttentionExhibit
          attention={attention}
          host={own}
          onFault={onFault}
          onView={({ layer: at, head }) =>
            // The exhibit tells what it shows after each drawing; only a change may draw anew.
            setView((now) => (now?.layer === at && now.head === head ? now : { layer: at, head }))
          }
        />
      )}
    </>
  );
}

function busyText(
  phase: ReturnType<typeof useAttention>["phase"]["kind"],
  layers: number,
  subject: AttentionSubject | undefined,
): string | undefined {
  if (phase === "stopped") return undefined;
  if (phase === "running" && subject) {
    return t("Computing attention: layer {0} of {1} …", layers, subject.model.layerCount);
  }
  return t("Reading the text as the model’s tokens …");
}

function nameOfHead({ layer, head }: Pick<AttentionView, "layer" | "head">): string {
  return head === "mean"
    ? t("layer {0}, the mean of all heads: choose one", layer)
    : t("layer {0}, head {1}", layer, head);
}

/** What the chosen head does on this text, by the attention panel's own scores. */
function habits({ subject, layer }: Looked, head: number): Record<string, number> {
  const square = { tokenCount: layer.tokenCount, weights: unpackHead(layer, head) };
  const tokens = subject.tokens.map((token) => ({ id: token.id, label: tokenName(token) }));
  const readings: Record<string, number> = {};
  for (const { habit, score } of headScores(square, tokens)) {
    if (habit === "previous") readings["previous-token"] = score;
    if (habit === "first") readings["first-token"] = score;
  }
  return readings;
}

/** Where the last token looks, as the mean over all heads of all layers: (key), sums to 1. */
async function lastRowMean(
  host: Caller<AttentionHost>,
  { model, tokens }: AttentionSubject,
  signal: AbortSignal,
): Promise<Float32Array> {
  const sum = new Float32Array(tokens.length);
  for (let layer = 0; layer < model.layerCount; layer++) {
    const packed = await host.call("layer", { layer }, { signal });
    const square = { tokenCount: packed.tokenCount, weights: meanOfHeads(packed) };
    for (const [key, weight] of attentionRow(square, tokens.length - 1).entries()) {
      sum[key] = (sum[key] ?? 0) + weight / model.layerCount;
    }
  }
  return sum;
}

function judgeTarget(subject: AttentionSubject, row: Float32Array, guess: number, within: number): Judgement {
  const { model, tokens } = subject;
  const ranking = Array.from(row.keys()).sort((a, b) => (row[b] ?? 0) - (row[a] ?? 0));
  const rank = ranking.indexOf(guess);
  const top = ranking[0] ?? 0;
  const heads = formatCount(model.layerCount * model.headCount);
  const last = tokenName(tokens.at(-1));
  const most =
    top === 0
      ? t(
          "Over all {0} heads, “{1}” looks most at the first token of all, “{2}”: {3}.",
          heads,
          last,
          tokenName(subject.tokens[top]),
          formatWeight(row[top] ?? 0),
        )
      : t(
          "Over all {0} heads, “{1}” looks most at “{2}”: {3}.",
          heads,
          last,
          tokenName(subject.tokens[top]),
          formatWeight(row[top] ?? 0),
        );
  if (rank === 0) return { right: rank < within, explanation: most };
  const yours = t("“{0}” gets {1}.", tokenName(subject.tokens[guess]), formatWeight(row[guess] ?? 0));
  return { right: rank < within, explanation: `${most} ${yours}` };
}
