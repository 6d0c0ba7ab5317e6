/** "Does it matter?": something is taken out, the model runs again, and the prediction is compared with what it was. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { formatWeight } from "../../src/core/lens/describe.js";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost, Cut, CutEffect, HeadCut, RowPlace } from "../../src/shared/panels/attention.js";
import { quoted } from "../../src/shared/quoted.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelToken } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { Figure } from "../ui/Figure.js";
import { formatDuration, formatProbability } from "../ui/format.js";
import { HeatMap } from "../ui/HeatMap.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { Button, TextField } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { KeyChoice, LayerAndHead } from "./LayerAndHead.js";
import { onlyToken } from "./onlyToken.js";
import { BeforeAfter, formatBits, PredictionChange } from "./PredictionChange.js";
import { ScaleChoice } from "./ScaleChoice.js";
import type { Look } from "./useView.js";

type What = "edge" | "edges" | "head" | "token" | "swap";

interface CutProps {
  host: Caller<AttentionHost>;
  look: Look;
  run: LensRun | undefined;
}

export function CutView(props: CutProps) {
  const { look, run } = props;
  if (!run) return <EmptyNote text={t("Something can be cut when all layers are computed.")} />;
  return (
    <>
      <p class="gb-dim">
        {t(
          "A large weight shows where a head looks, not that the prediction depends on it. Take something out, and see what the model then says after the chosen token, “{0}”.",
          look.labels[look.query] ?? "",
        )}
      </p>
      <OneCut {...props} run={run} />
      <h2>{t("Every head in turn")}</h2>
      <AllHeads {...props} run={run} />
    </>
  );
}

/** What was cut, as it was when it was. */
interface Done {
  what: string;
  position: number;
  effect: CutEffect;
  tokens: ReadonlyMap<number, ModelToken>;
  /** Where the row stands that was handed out with it. */
  row: RowPlace | undefined;
}

type State<T> =
  | { kind: "none" }
  | { kind: "running" }
  | { kind: "done"; done: T }
  | { kind: "failed"; error: WireError };

function OneCut({ host, look, run }: CutProps & { run: LensRun }) {
  const name = useUniqueId();
  const [what, setWhat] = useState<What>("edge");
  const [word, setWord] = useState("");
  const [state, setState] = useState<State<Done>>({ kind: "none" });
  const abort = useAbort(run);
  useEffect(() => setState({ kind: "none" }), [run]);
  const { layer, head, query, key, keyName, labels, row } = look;
  const looker = quoted(labels[query] ?? "");
  const looked = labels[key] ?? "";
  const needsHead = what === "edge" || what === "head";
  const start = () => {
    const signal = abort();
    const number = head === "mean" ? 0 : head;
    const row = what === "swap" && head !== "mean" ? { layer, head: number, query } : undefined;
    const ask = async (): Promise<Done> => {
      const other =
        what === "swap" ? await onlyToken(host, word, signal, look.subject.tokens[key]) : undefined;
      const cut = cutOf(what, { layer, head: number, query, key }, other);
      const asked = { cuts: [cut], position: query, ...(row ? { row } : {}) };
      const { effect, tokens } = await host.call("cut", asked, { signal });
      const names = new Map(tokens.map((token) => [token.id, token]));
      return { what: cutText(cut, labels, other), position: query, effect, tokens: names, row };
    };
    setState({ kind: "running" });
    ask().then(
      (done) => {
        if (!signal.aborted) setState({ kind: "done", done });
      },
      (error: unknown) => {
        if (!signal.aborted)
          setState(isCancelled(error) ? { kind: "none" } : { kind: "failed", error: toWireError(error) });
      },
    );
  };
  const options: [What, string][] = [
    ["edge", t("that {0} looks at {1}, in one head", looker, keyName)],
    ["edges", t("that {0} looks at {1}, in every head of every layer", looker, keyName)],
    ["token", t("“{0}” for all tokens that come after it", looked)],
    ["head", t("one head’s whole answer")],
    ["swap", t("“{0}”, for another word in its place", looked)],
  ];
  return (
    <>
      <fieldset class="att-cuts">
        <legend>{t("Take out")}</legend>
        {options.map(([value, label]) => (
          <label key={value}>
            <input type="radio" name={name} checked={value === what} onChange={() => setWhat(value)} />{" "}
            {label}
          </label>
        ))}
      </fieldset>
      {(needsHead || what === "swap") && <LayerAndHead look={look} />}
      {what !== "head" && (
        <KeyChoice look={look} label={what === "swap" ? t("In place of") : t("What is looked at")} />
      )}
      {what === "swap" && (
        <TextField label={t("Other word")} size={12} value={word} onInput={setWord} onEnter={start} />
      )}
      {what === "edge" && head !== "mean" && (
        <p class="gb-dim">
          {look.firstAside
            ? t("Its weight is {0} of what the first token leaves.", formatWeight(row?.[key] ?? 0))
            : t("Its weight is {0}.", formatWeight(row?.[key] ?? 0))}
        </p>
      )}
      {what === "token" && key === query && (
        <p class="gb-dim">
          {t(
            "Only later tokens would miss it: what the model says after “{0}” itself cannot change.",
            looked,
          )}
        </p>
      )}
      <p class="gb-row">
        {state.kind === "running" ? (
          <Button
            onClick={() => {
              abort();
              setState({ kind: "none" });
            }}
          >
            {t("Stop")}
          </Button>
        ) : (
          <Button
            appearance="primary"
            disabled={(needsHead && head === "mean") || (what === "swap" && word.trim() === "")}
            onClick={start}
          >
            {what === "swap" ? t("Change it and run again") : t("Cut and run again")}
          </Button>
        )}
      </p>
      {state.kind === "running" && <LoadingNote text={t("Running the model again …")} />}
      {state.kind === "failed" && <ErrorNote error={state.error} retry={start} />}
      {state.kind === "done" && (
        <PredictionChange
          what={state.done.what}
          behind={labels[state.done.position] ?? ""}
          name="cut"
          effect={state.done.effect}
          tokens={state.done.tokens}
        />
      )}
      {state.kind === "done" && <RowMoved done={state.done} labels={labels} />}
    </>
  );
}

function cutOf(
  what: What,
  at: { layer: number; head: number; query: number; key: number },
  other: ModelToken | undefined,
): Cut {
  const { layer, head, query, key } = at;
  switch (what) {
    case "edge":
      return { kind: "edge", layer, head, query, key };
    case "edges":
      return { kind: "edge", query, key };
    case "token":
      return { kind: "token", token: key };
    case "head":
      return { kind: "head", layer, head };
    case "swap":
      return { kind: "swap", token: key, id: other?.id ?? 0 };
  }
}

function cutText(cut: Cut, labels: readonly string[], other: ModelToken | undefined): string {
  switch (cut.kind) {
    case "swap":
      return t(
        "With “{0}” in place of “{1}” (token {2})",
        tokenName(other),
        labels[cut.token] ?? "",
        cut.token,
      );
    case "head":
      return t("Without head {0} of layer {1}", cut.head, cut.layer);
    case "token":
      return t(
        "With “{0}” (token {1}) out of sight for all that come after it",
        labels[cut.token] ?? "",
        cut.token,
      );
    case "edge": {
      const looker = labels[cut.query] ?? "";
      const looked = cut.key === cut.query ? t("itself") : quoted(labels[cut.key] ?? "");
      return cut.layer === undefined || cut.head === undefined
        ? t("With “{0}” unable to look at {1} in every head", looker, looked)
        : t("With “{0}” unable to look at {1} in head {2} of layer {3}", looker, looked, cut.head, cut.layer);
    }
  }
}

/** Keys whose weights moved most. */
const MOVED_KEYS = 8;

/** The row of the chosen head in both texts. */
function RowMoved({ done, labels }: { done: Done; labels: readonly string[] }) {
  const { row: place, effect } = done;
  if (!place || !effect.row) return null;
  const { before, after } = effect.row;
  const keys = Array.from(before, (weight, key) => ({ key, before: weight, after: after[key] ?? 0 }));
  const moved = (cell: { before: number; after: number }) => Math.abs(cell.after - cell.before);
  const most = [...keys].sort((a, b) => moved(b) - moved(a)).slice(0, MOVED_KEYS);
  const [first] = most;
  if (!first) return null;
  const longest = Math.max(...most.map((cell) => Math.max(cell.before, cell.after)), Number.MIN_VALUE);
  return (
    <Figure
      name="row-moved"
      caption={t(
        "What “{0}” looks at in layer {1}, head {2}: its weight on “{3}” moves most, from {4} to {5}. Keys are named as in the text before.",
        labels[place.query] ?? "",
        place.layer,
        place.head,
        labels[first.key] ?? "",
        formatWeight(first.before),
        formatWeight(first.after),
      )}
      table={{
        columns: ["key", "before", "after"],
        heads: [t({ message: "key", comment: "of attention" }), t("before"), t("after")],
        rows: () =>
          keys.map((cell) => [
            `${cell.key} ${labels[cell.key]}`,
            formatWeight(cell.before),
            formatWeight(cell.after),
          ]),
        exact: () => keys.map((cell) => [`${cell.key} ${labels[cell.key]}`, cell.before, cell.after]),
      }}
    >
      <ul class="att-effect">
        {most.map((cell) => (
          <li key={cell.key}>
            <span class="gb-code">{labels[cell.key]}</span>
            <BeforeAfter {...cell} longest={longest} />
            <span>
              <span class="gb-dim">{formatWeight(cell.before)} →</span> {formatWeight(cell.after)}
            </span>
          </li>
        ))}
      </ul>
    </Figure>
  );
}

interface HeadMap {
  position: number;
  cuts: readonly HeadCut[];
  tokens: ReadonlyMap<number, ModelToken>;
}

function AllHeads({ host, look, run }: CutProps & { run: LensRun }) {
  const [state, setState] = useState<State<HeadMap>>({ kind: "none" });
  const [count, setCount] = useState(0);
  const abort = useAbort(run);
  useEffect(() => setState({ kind: "none" }), [run]);
  const total = run.layerCount * run.headCount;
  const { query, labels } = look;
  const start = () => {
    const signal = abort();
    const cuts: HeadCut[] = [];
    setCount(0);
    setState({ kind: "running" });
    const onEvent = (cut: HeadCut) => {
      cuts.push(cut);
      if (!signal.aborted) setCount(cuts.length);
    };
    host.call("cutEachHead", { position: query }, { signal, onEvent }).then(
      ({ tokens }) => {
        const names = new Map(tokens.map((token) => [token.id, token]));
        if (!signal.aborted) setState({ kind: "done", done: { position: query, cuts, tokens: names } });
      },
      (error: unknown) => {
        if (!signal.aborted)
          setState(isCancelled(error) ? { kind: "none" } : { kind: "failed", error: toWireError(error) });
      },
    );
  };
  const stop = () => {
    abort();
    setState({ kind: "none" });
  };
  const running = state.kind === "running";
  const ask = total === 1 ? t("Cut each of 1 head") : t("Cut each of {0} heads", formatCount(total));
  return (
    <>
      {running && <LoadingNote text={t("Cutting head {0} of {1}.", count, total)} fraction={count / total} />}
      {state.kind === "failed" && <ErrorNote error={state.error} retry={start} />}
      {state.kind === "done" && <HeadCutMap map={state.done} look={look} run={run} />}
      {/* One button throughout, so that who has pressed it by a key keeps the focus. */}
      <p class="gb-row">
        <Button onClick={running ? stop : start}>{running ? t("Stop") : ask}</Button>
        {state.kind === "done" && <ScaleChoice look={look} />}
        {!running && (
          <span class="gb-dim">
            {/* A cut begins at its own layer: half of the layers on average. */}
            {t("after “{0}”; takes at least {1}", labels[query] ?? "", formatDuration((total * run.ms) / 2))}
          </span>
        )}
      </p>
    </>
  );
}

function HeadCutMap({ map, look, run }: { map: HeadMap; look: Look; run: LensRun }) {
  const { cuts, tokens, position } = map;
  const data = useMemo(
    () => ({
      rowLabels: Array.from({ length: run.layerCount }, (_, layer) => `${layer}`),
      columnLabels: Array.from({ length: run.headCount }, (_, head) => `${head}`),
      values: Float32Array.from(cuts, ({ klBits }) => klBits),
      causal: false,
    }),
    [cuts],
  );
  const ranking = [...cuts].sort((a, b) => b.klBits - a.klBits);
  const [most] = ranking;
  if (!most) return null;
  const little = cuts.filter(({ klBits }) => klBits < 0.01).length;
  const after = look.labels[position] ?? "";
  const { head, layer, klBits } = most;
  const said = (cut: HeadCut | undefined) =>
    cut
      ? t(
          "Without layer {0}, head {1}: {2}, first “{3}” {4}",
          cut.layer,
          cut.head,
          formatBits(cut.klBits),
          tokenName(tokens.get(cut.top)),
          formatProbability(cut.topProbability),
        )
      : "";
  return (
    <Figure
      name="every-head-cut"
      caption={
        little === 0
          ? t(
              "After “{0}” the prediction moves most without head {1} of layer {2}, by {3}; every one of the {4} heads, cut alone, moves it by 0.01 bits or more.",
              after,
              head,
              layer,
              formatBits(klBits),
              cuts.length,
            )
          : t(
              "After “{0}” the prediction moves most without head {1} of layer {2}, by {3}; {4} of the {5} heads, each cut alone, move it by less than 0.01 bits.",
              after,
              head,
              layer,
              formatBits(klBits),
              little,
              cuts.length,
            )
      }
      table={{
        columns: ["layer", "head", "KL (bits)", "first after the cut", "its probability"],
        heads: [t("layer"), t("head"), t("KL (bits)"), t("first after the cut"), t("its probability")],
        rows: () =>
          ranking.map(({ layer, head, klBits, top, topProbability }) => [
            `${layer}`,
            `${head}`,
            inLanguage(klBits.toPrecision(4)),
            tokenName(tokens.get(top)),
            formatProbability(topProbability),
          ]),
        exact: () =>
          ranking.map(({ layer, head, klBits, top, topProbability }) => [
            layer,
            head,
            klBits,
            tokenName(tokens.get(top)),
            topProbability,
          ]),
      }}
    >
      <HeatMap
        label={t("How far the prediction moves without each head: a row is a layer, a column a head")}
        data={data}
        scale={look.scale}
        chosenRow={undefined}
        choosing={t("Enter chooses the head")}
        describe={(row, column) => said(cuts[row * run.headCount + column])}
        formatValue={(value) => formatBits(value)}
        onChoose={({ row, column }) => {
          look.setLayer(row);
          look.setHead(column);
        }}
      />
    </Figure>
  );
}

/** A way to give up what was asked before, and to begin anew; a new run gives it up too. */
function useAbort(run: LensRun): () => AbortSignal {
  const current = useRef(new AbortController());
  useEffect(() => () => current.current.abort(), [run]);
  return () => {
    current.current.abort();
    current.current = new AbortController();
    return current.current.signal;
  };
}
