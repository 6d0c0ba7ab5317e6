/** "What moves?": another text or another model runs beside the first; the same head in both, and the predictions. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ALONE, movedShare, squareDifference } from "../../src/core/lens/beside.js";
import { type AttentionSquare, formatWeight, setFirstAside } from "../../src/core/lens/describe.js";
import { meanOfHeads, unpackHead } from "../../src/core/lens/packedAttention.js";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount, formatFixed, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type {
  AttentionHost,
  AttentionLayer,
  BesideAsk,
  BesideProgress,
  BesideRun,
  CutEffect,
} from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import { tokenName } from "../../src/shared/tokenName.js";
import type { ModelInfo, ModelToken } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { countedLayers, countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { formatBytes, formatDuration } from "../ui/format.js";
import { HeatMap } from "../ui/HeatMap.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { Button } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { looksText, placeName } from "./AttentionMap.js";
import { LayerAndHead } from "./LayerAndHead.js";
import { PredictionChange } from "./PredictionChange.js";
import { ScaleChoice } from "./ScaleChoice.js";
import type { Look } from "./useView.js";

interface SideBySideProps {
  host: Caller<AttentionHost>;
  look: Look;
  run: LensRun | undefined;
}

export function SideBySide(props: SideBySideProps) {
  if (!props.run) return <EmptyNote text={t("Another can run beside it when all layers are computed.")} />;
  return <Both {...props} run={props.run} />;
}

/** A second run with what it was asked for. */
interface Second extends BesideRun {
  kind: BesideAsk["kind"];
  labels: readonly string[];
}

type State =
  | { kind: "none" }
  | { kind: "running"; progress: BesideProgress | undefined }
  /** The list of models was closed without a choice. */
  | { kind: "not chosen" }
  | { kind: "failed"; error: WireError };

function Both({ host, look, run }: SideBySideProps & { run: LensRun }) {
  const name = useUniqueId();
  const original = useMemo(() => textOf(look), [look.subject]);
  const [kind, setKind] = useState<BesideAsk["kind"]>("text");
  const [text, setText] = useState(original);
  const [state, setState] = useState<State>({ kind: "none" });
  const [second, setSecond] = useState<Second>();
  const abort = useRef(new AbortController());
  useEffect(() => {
    setState({ kind: "none" });
    setSecond(undefined);
    setText(original);
    return () => abort.current.abort();
  }, [run]);
  const take = (other: BesideAsk["kind"]) => {
    setKind(other);
    // What came of the one kind says nothing of the other.
    setState((before) => (before.kind === "running" ? before : { kind: "none" }));
  };
  const start = () => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setState({ kind: "running", progress: undefined });
    const ask: BesideAsk = kind === "text" ? { kind, text } : { kind };
    host
      .call(
        "beside",
        { ask, exact: run.exact },
        {
          signal,
          onEvent: (progress) => {
            if (signal.aborted) return;
            setState({ kind: "running", progress });
            // The one before is gone as soon as another is read.
            if (progress.kind === "reading") setSecond(undefined);
          },
        },
      )
      .then(
        (found) => {
          if (signal.aborted) return;
          if (found) setSecond({ ...found, kind, labels: found.tokens.map(tokenName) });
          setState({ kind: found ? "none" : "not chosen" });
        },
        (error: unknown) => {
          if (signal.aborted) return;
          setState(isCancelled(error) ? { kind: "none" } : { kind: "failed", error: toWireError(error) });
        },
      );
  };
  const stop = () => {
    abort.current.abort();
    setState({ kind: "none" });
  };
  return (
    <>
      <p class="gb-dim">
        {t(
          "The same head on two texts, or of two models: change a word, or take another quantisation, and see what moves.",
        )}
      </p>
      <fieldset class="att-cuts">
        <legend>{t("Beside this text and model")}</legend>
        <label>
          <input type="radio" name={name} checked={kind === "text"} onChange={() => take("text")} />{" "}
          {t("another text, with the same model")}
        </label>
        <label>
          <input type="radio" name={name} checked={kind === "model"} onChange={() => take("model")} />{" "}
          {t("another model or quantisation, on the same text")}
        </label>
      </fieldset>
      {kind === "text" && (
        <textarea
          class="gb-text-area"
          aria-label={t("The second text")}
          dir="auto"
          rows={Math.min(8, Math.max(2, text.split("\n").length))}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      <p class="gb-row">
        {state.kind === "running" ? (
          <Button onClick={stop}>{t("Stop")}</Button>
        ) : (
          <Button
            appearance="primary"
            disabled={kind === "text" && (text === original || text.trim() === "")}
            onClick={start}
          >
            {kind === "text" ? t("Run the second text") : t("Choose a model and run it")}
          </Button>
        )}
        {kind === "text" && text === original && <span class="gb-dim">{t("Change a word first.")}</span>}
      </p>
      {state.kind === "running" && state.progress && <Progress of={state.progress} />}
      {state.kind === "not chosen" && (
        <p class="gb-dim" role="status">
          {t("No second model was chosen.")}
        </p>
      )}
      {/* Another model is chosen by the button above. */}
      {state.kind === "failed" && (
        <ErrorNote error={state.error} retry={kind === "text" ? start : undefined} />
      )}
      {second && <Pair host={host} look={look} second={second} />}
    </>
  );
}

/** What is being done for the second run. */
function Progress({ of: progress }: { of: BesideProgress }) {
  switch (progress.kind) {
    case "choosing":
      return <p role="status">{t("Choose the second model in the list at the top of the window.")}</p>;
    case "reading":
      return progress.model === undefined ? (
        <LoadingNote text={t("Reading the second text as tokens …")} />
      ) : (
        <LoadingNote text={t("Reading the text as the tokens of {0} …", progress.model)} />
      );
    case "layer":
      return (
        <LoadingNote
          text={t("Computing the second: layer {0} of {1}.", progress.layer + 1, progress.layers)}
          fraction={(progress.layer + 1) / progress.layers}
        />
      );
  }
}

/** The text that the shown tokens stand for. */
function textOf({ subject }: Look): string {
  const bytes = subject.tokens.flatMap(({ bytes: own }) => [...own]);
  const text = new TextDecoder().decode(Uint8Array.from(bytes));
  const first = subject.tokens.find(({ bytes: own }) => own.length > 0);
  // A space that the tokenizer has put in front is not the reader's.
  const prefixed = first && first.end - first.start < new TextDecoder().decode(first.bytes).length;
  return prefixed ? text.slice(1) : text;
}

/** The layers of the second run, fetched when they are looked at. */
function useSecondLayer(host: Caller<AttentionHost>, second: Second, layer: number) {
  const [found, setFound] = useState<{ of: Second; layer: AttentionLayer }>();
  const [fault, setFault] = useState<WireError>();
  useEffect(() => {
    setFault(undefined);
    if (layer >= second.run.layerCount) return;
    const abort = new AbortController();
    host.call("besideLayer", { layer }, { signal: abort.signal }).then(
      (packed) => {
        if (!abort.signal.aborted) setFound({ of: second, layer: packed });
      },
      (error: unknown) => {
        if (!abort.signal.aborted) setFault(toWireError(error));
      },
    );
    return () => abort.abort();
  }, [host, second, layer]);
  const packed = found && found.of === second && found.layer.layer === layer ? found.layer : undefined;
  return { packed, fault };
}

function squareOf(layer: AttentionLayer, head: Look["head"], firstAside: boolean): AttentionSquare {
  const weights = head === "mean" ? meanOfHeads(layer) : unpackHead(layer, head);
  const square = { tokenCount: layer.tokenCount, weights };
  return firstAside ? setFirstAside(square) : square;
}

/** The second as sentences name it behind "with". */
function secondName({ kind, model }: Second): string {
  return kind === "text"
    ? t({ message: "the second text", comment: "behind “with”" })
    : `${model.name} ${model.quantisation}`;
}

/** How the tokens of the two belong together. */
function pairedText({ kind, model, tokens, cut, run, counterparts }: Second): string {
  const alone = counterparts.reduce((count, at) => count + (at === ALONE ? 1 : 0), 0);
  if (kind === "model") {
    const about = [model.name, model.quantisation, formatBytes(model.fileBytes), run.path] as const;
    const time = formatDuration(run.ms);
    return alone === 0
      ? t("{0} {1}, {2}, {3}, {4}; it has the same tokens.", ...about, time)
      : t("{0} {1}, {2}, {3}, {4}; it cuts {5} otherwise.", ...about, time, countedTokens(alone));
  }
  const length = cut
    ? t("The second text has {0} and more, which are left out", countedTokens(tokens.length))
    : t("The second text has {0}", countedTokens(tokens.length));
  const paired =
    alone === 0
      ? t("each token of the first has its counterpart")
      : alone === 1
        ? t("1 token of the first has no counterpart there")
        : t("{0} tokens of the first have no counterpart there", formatCount(alone));
  return `${length}; ${paired}.`;
}

/** Whether heads of one number are heads of one kind only by chance. A quantisation leaves all of this as it is. */
function builtOtherwise(first: ModelInfo, second: ModelInfo): boolean {
  return (
    first.architecture !== second.architecture ||
    first.layerCount !== second.layerCount ||
    first.headCount !== second.headCount
  );
}

function Pair({ host, look, second }: { host: Caller<AttentionHost>; look: Look; second: Second }) {
  const { layer, head, query, labels, square, firstAside, scale } = look;
  const { packed, fault } = useSecondLayer(host, second, layer);
  const other = useMemo(
    () =>
      packed && (head === "mean" || head < packed.headCount) ? squareOf(packed, head, firstAside) : undefined,
    [packed, head, firstAside],
  );
  const { counterparts } = second;
  const counterpart = counterparts[query] ?? ALONE;
  const difference = useMemo(
    () => square && other && squareDifference(square, other, counterparts),
    [square, other, counterparts],
  );
  const name = secondName(second);
  const exists = layer < second.run.layerCount && (head === "mean" || head < second.run.headCount);
  const data = useMemo(
    () =>
      other && { rowLabels: second.labels, columnLabels: second.labels, values: other.weights, causal: true },
    [other, second],
  );
  const first = useMemo(
    () => square && { rowLabels: labels, columnLabels: labels, values: square.weights, causal: true },
    [square, labels],
  );
  return (
    <>
      <p>{pairedText(second)}</p>
      {builtOtherwise(look.subject.model, second.model) && (
        <p class="gb-dim">
          {t(
            "The two models are built otherwise: a layer and a head of one number have nothing to do with each other in them. What can be compared is where each looks, and what each predicts.",
          )}
        </p>
      )}
      <LayerAndHead look={look} />
      <ScaleChoice look={look} />
      {fault && <ErrorNote error={fault} />}
      {!exists && (
        <p role="status">
          {t(
            "{0} has {1} of {2}: there is no layer {3}, head {4} in it.",
            name,
            countedLayers(second.run.layerCount),
            second.run.headCount === 1 ? t("1 head") : t("{0} heads", formatCount(second.run.headCount)),
            layer,
            head === "mean" ? t("mean") : head,
          )}
        </p>
      )}
      {exists && square && first && other && data && difference && (
        <div class="att-pair">
          <div>
            <h3 class="att-pair-title">
              {second.kind === "text"
                ? t("The first text")
                : `${look.subject.model.name} ${look.subject.model.quantisation}`}
            </h3>
            <HeatMap
              label={t("The head in the first run: rows look, columns are looked at")}
              data={first}
              scale={scale}
              chosenRow={query}
              describe={(of, key) => looksText(labels, of, key, first.values[of * labels.length + key] ?? 0)}
              formatValue={formatWeight}
              onChoose={(cell) => look.setQuery(cell.row, cell.column)}
            />
          </div>
          <div>
            <h3 class="att-pair-title">{second.kind === "text" ? t("The second text") : name}</h3>
            <HeatMap
              label={t("The same head in the second run: rows look, columns are looked at")}
              data={data}
              scale={scale}
              chosenRow={counterpart === ALONE ? undefined : counterpart}
              describe={(of, key) =>
                looksText(second.labels, of, key, data.values[of * second.labels.length + key] ?? 0)
              }
              formatValue={formatWeight}
              onChoose={(cell) => {
                const own = counterparts.indexOf(cell.row);
                if (own >= 0) look.setQuery(own);
              }}
            />
          </div>
          <div>
            <h3 class="att-pair-title">{t("How far each weight moved")}</h3>
            <Moved look={look} second={second} other={other} difference={difference} name={name} />
          </div>
        </div>
      )}
      <h2>{t("What each predicts")}</h2>
      <Prediction
        host={host}
        look={look}
        second={second}
        // Behind the ends of both there is always something to compare.
        counterpart={
          counterpart === ALONE && query === labels.length - 1 ? second.labels.length - 1 : counterpart
        }
        name={name}
      />
      <h2>{t("Which heads moved?")}</h2>
      <MovedHeads host={host} look={look} second={second} />
    </>
  );
}

/** The difference of the two maps, over the tokens that both have. */
function Moved(props: {
  look: Look;
  second: Second;
  other: AttentionSquare;
  difference: ReturnType<typeof squareDifference>;
  name: string;
}) {
  const { look, second, other, difference, name } = props;
  const { labels, query, square } = look;
  const { tokens, moved } = difference;
  const width = tokens.length;
  const data = useMemo(() => {
    const names = tokens.map((token) => {
      const its = second.labels[second.counterparts[token]!]!;
      return its === labels[token] ? its : `${labels[token]}/${its}`;
    });
    return { rowLabels: names, columnLabels: names, values: moved.map(Math.abs), causal: true };
  }, [difference]);
  if (width === 0) return <p>{t("The two have no token in common.")}</p>;
  let most = 0;
  for (let at = 1; at < moved.length; at++) if (Math.abs(moved[at]!) > Math.abs(moved[most]!)) most = at;
  const before = (of: number, key: number) =>
    square?.weights[tokens[of]! * square.tokenCount + tokens[key]!] ?? 0;
  const after = (of: number, key: number) =>
    other.weights[
      second.counterparts[tokens[of]!]! * other.tokenCount + second.counterparts[tokens[key]!]!
    ] ?? 0;
  const said = (of: number, key: number) =>
    t(
      "“{0}” on “{1}”: {2} → {3}",
      data.rowLabels[of] ?? "",
      data.columnLabels[key] ?? "",
      ...formatBoth(before(of, key), after(of, key)),
    );
  const share = square ? movedShare(square, other, second.counterparts) : 0;
  const where = placeName(look);
  return (
    <Figure
      name="moved"
      caption={t(
        "{0}, with {1}: {2} % of its attention lies elsewhere; most moves from {3}.",
        where,
        name,
        formatFixed(100 * share, share < 0.1 ? 1 : 0),
        said(Math.floor(most / width), most % width),
      )}
      table={{
        columns: ["query (looks)", "key (is looked at)", "first", "second", "moved"],
        heads: [
          t("query (looks)"),
          t("key (is looked at)"),
          t({ message: "first", comment: "of two runs" }),
          t({ message: "second", comment: "of two runs" }),
          t("moved"),
        ],
        rows: () => rows((value) => inLanguage(value.toPrecision(4))),
        exact: () => rows(String),
      }}
    >
      <HeatMap
        label={t("How far each weight of {0} moved: rows look, columns are looked at", where)}
        data={data}
        scale={look.scale}
        chosenRow={tokens.includes(query) ? tokens.indexOf(query) : undefined}
        describe={said}
        formatValue={formatWeight}
        onChoose={(cell) => look.setQuery(tokens[cell.row]!, tokens[cell.column]!)}
      />
    </Figure>
  );

  function rows(number: (value: number) => string): string[][] {
    return tokens.flatMap((_, of) =>
      Array.from({ length: of + 1 }, (__, key) => [
        `${tokens[of]} ${data.rowLabels[of]}`,
        `${tokens[key]} ${data.columnLabels[key]}`,
        number(before(of, key)),
        number(after(of, key)),
        number(moved[of * width + key]!),
      ]),
    );
  }
}

/** Two weights, with more digits where they would look the same: another quantisation moves little. */
function formatBoth(before: number, after: number): readonly [string, string] {
  const both = [formatWeight(before), formatWeight(after)] as const;
  return both[0] === both[1] && before !== after ? [formatFixed(before, 4), formatFixed(after, 4)] : both;
}

/** The distributions behind the chosen token in both runs. */
function Prediction(props: {
  host: Caller<AttentionHost>;
  look: Look;
  second: Second;
  counterpart: number;
  name: string;
}) {
  const { host, look, second, counterpart, name } = props;
  const { query, labels } = look;
  const [found, setFound] = useState<{
    effect: CutEffect;
    tokens: ReadonlyMap<number, ModelToken>;
    query: number;
  }>();
  const [fault, setFault] = useState<WireError>();
  const asked = second.sameVocabulary && counterpart !== ALONE;
  useEffect(() => {
    setFault(undefined);
    setFound(undefined);
    if (!asked) return;
    const abort = new AbortController();
    host.call("besideEffect", { position: query, other: counterpart }, { signal: abort.signal }).then(
      ({ effect, tokens }) => {
        if (abort.signal.aborted) return;
        setFound({ effect, query, tokens: new Map(tokens.map((token) => [token.id, token])) });
      },
      (error: unknown) => {
        if (!abort.signal.aborted && !isCancelled(error)) setFault(toWireError(error));
      },
    );
    return () => abort.abort();
  }, [host, second, query, counterpart]);
  if (!second.sameVocabulary) {
    return (
      <p>
        {t(
          "The two models have other vocabularies, so that their predictions are not over the same tokens. Glassbox: Show Surprisal compares such models by bits a byte.",
        )}
      </p>
    );
  }
  if (counterpart === ALONE) {
    return <p>{t("“{0}” has no counterpart in the other; choose another token.", labels[query] ?? "")}</p>;
  }
  if (fault) return <ErrorNote error={fault} />;
  if (!found) return <LoadingNote text={t("Comparing the predictions …")} />;
  return (
    <PredictionChange
      what={t("With {0}", name)}
      behind={labels[found.query] ?? ""}
      {...(second.counterparts[found.query] === ALONE ? { behindOther: second.labels[counterpart] } : {})}
      name="beside-prediction"
      effect={found.effect}
      tokens={found.tokens}
    />
  );
}

interface HeadMoves {
  layers: number;
  heads: number;
  /** (layer, head) share of attention that lies elsewhere; NaN where it has not been computed. */
  shares: Float32Array;
}

/** How far every head moved, computed from all layers of both runs when it is asked for. */
function MovedHeads({ host, look, second }: { host: Caller<AttentionHost>; look: Look; second: Second }) {
  const layers = Math.min(look.layerCount, second.run.layerCount);
  const [moves, setMoves] = useState<HeadMoves>();
  const [running, setRunning] = useState<number>();
  const [fault, setFault] = useState<WireError>();
  const abort = useRef(new AbortController());
  const stop = () => {
    abort.current.abort();
    setRunning(undefined);
  };
  useEffect(() => {
    setMoves(undefined);
    setFault(undefined);
    setRunning(undefined);
    return () => abort.current.abort();
  }, [second]);
  const start = () => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setFault(undefined);
    setMoves(undefined);
    const compute = async () => {
      let shares = new Float32Array(0);
      let heads = 0;
      for (let layer = 0; layer < layers; layer++) {
        setRunning(layer);
        const [one, two] = await Promise.all([
          host.call("layer", { layer }, { signal }),
          host.call("besideLayer", { layer }, { signal }),
        ]);
        if (signal.aborted) return;
        heads = Math.min(one.headCount, two.headCount);
        if (layer === 0) shares = new Float32Array(layers * heads).fill(Number.NaN);
        for (let head = 0; head < heads; head++) {
          const [first, other] = [squareOf(one, head, false), squareOf(two, head, false)];
          shares[layer * heads + head] = movedShare(first, other, second.counterparts);
        }
      }
      setMoves({ layers, heads, shares });
      setRunning(undefined);
    };
    compute().catch((error: unknown) => {
      if (signal.aborted || isCancelled(error)) return;
      setRunning(undefined);
      setFault(toWireError(error));
    });
  };
  return (
    <>
      {fault && <ErrorNote error={fault} retry={start} />}
      {running !== undefined && (
        <LoadingNote
          text={t("Comparing layer {0} of {1}.", running + 1, layers)}
          fraction={running / layers}
        />
      )}
      {moves && <MovesMap moves={moves} look={look} />}
      {/* One button throughout, so that who has pressed it by a key keeps the focus. */}
      <p class="gb-row">
        <Button onClick={running === undefined ? start : stop}>
          {running === undefined ? t("Compare every head") : t("Stop")}
        </Button>
      </p>
    </>
  );
}

function MovesMap({ moves, look }: { moves: HeadMoves; look: Look }) {
  const { layers, heads, shares } = moves;
  const data = useMemo(
    () => ({
      rowLabels: Array.from({ length: layers }, (_, layer) => `${layer}`),
      columnLabels: Array.from({ length: heads }, (_, head) => `${head}`),
      values: shares,
      causal: false,
    }),
    [moves],
  );
  const order = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!);
  const [most] = order;
  if (most === undefined) return null;
  const percent = (share: number) => `${formatFixed(100 * share, share < 0.1 ? 2 : 0)} %`;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return (
    <Figure
      name="moved-heads"
      caption={t(
        "Most of its attention moved in layer {0}, head {1}: {2} lies elsewhere; over all heads it is {3}.",
        Math.floor(most / heads),
        most % heads,
        percent(shares[most]!),
        percent(mean),
      )}
      table={{
        columns: ["layer", "head", "attention elsewhere"],
        heads: [t("layer"), t("head"), t("attention elsewhere")],
        rows: () =>
          order.map((at) => [
            `${Math.floor(at / heads)}`,
            `${at % heads}`,
            inLanguage(shares[at]!.toPrecision(4)),
          ]),
        exact: () => order.map((at) => [Math.floor(at / heads), at % heads, shares[at]!]),
      }}
    >
      <HeatMap
        label={t("How much of its attention each head has elsewhere: a row is a layer, a column a head")}
        data={data}
        scale={look.scale}
        chosenRow={undefined}
        choosing={t("Enter chooses the head")}
        describe={(row, column) =>
          t("Layer {0}, head {1}: {2}", row, column, percent(shares[row * heads + column] ?? 0))
        }
        formatValue={percent}
        onChoose={({ row, column }) => {
          look.setLayer(row);
          look.setHead(column);
        }}
      />
    </Figure>
  );
}
