/** "What moves?": another text or another model runs beside the first; the same head in both, and the predictions. */

import { useEffect, useMemo, useRef, useState } from "preact/hooks";
import { ALONE, movedShare, squareDifference } from "../../src/core/lens/beside.js";
import { type AttentionSquare, formatWeight, setFirstAside } from "../../src/core/lens/describe.js";
import { meanOfHeads, unpackHead } from "../../src/core/lens/packedAttention.js";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import type {
  AttentionHost,
  AttentionLayer,
  BesideAsk,
  BesideRun,
  CutEffect,
} from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { ModelToken } from "../../src/shared/types.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import { Figure } from "../ui/Figure.js";
import { formatBytes, formatDuration, plural } from "../ui/format.js";
import { HeatMap } from "../ui/HeatMap.js";
import { EmptyNote, ErrorNote, LoadingNote } from "../ui/notes.js";
import { Button } from "../ui/toolkit.js";
import { useUniqueId } from "../ui/uniqueId.js";
import { LayerAndHead } from "./LayerAndHead.js";
import { PredictionChange } from "./PredictionChange.js";
import { ScaleChoice } from "./ScaleChoice.js";
import { tokenName } from "./tokenName.js";
import type { Look } from "./useView.js";

interface SideBySideProps {
  host: Caller<AttentionHost>;
  look: Look;
  run: LensRun | undefined;
}

export function SideBySide(props: SideBySideProps) {
  if (!props.run) return <EmptyNote text="Another can run beside it when all layers are computed." />;
  return <Both {...props} run={props.run} />;
}

/** A second run with what it was asked for. */
interface Second extends BesideRun {
  kind: BesideAsk["kind"];
  labels: readonly string[];
}

type State =
  | { kind: "none" }
  | { kind: "running"; layers: number; of: number }
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
  const start = () => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setState({ kind: "running", layers: 0, of: 0 });
    const ask: BesideAsk = kind === "text" ? { kind, text } : { kind };
    host
      .call(
        "beside",
        { ask, exact: run.exact },
        {
          signal,
          onEvent: ({ layer, layers }) => {
            if (!signal.aborted) setState({ kind: "running", layers: layer + 1, of: layers });
          },
        },
      )
      .then(
        (found) => {
          if (signal.aborted) return;
          if (found) setSecond({ ...found, kind, labels: found.tokens.map(tokenName) });
          setState({ kind: "none" });
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
        The same head on two texts, or of two models: change a word, or take another quantisation, and see
        what moves.
      </p>
      <fieldset class="att-cuts">
        <legend>Beside this text and model</legend>
        <label>
          <input type="radio" name={name} checked={kind === "text"} onChange={() => setKind("text")} />{" "}
          another text, with the same model
        </label>
        <label>
          <input type="radio" name={name} checked={kind === "model"} onChange={() => setKind("model")} />{" "}
          another model or quantisation, on the same text
        </label>
      </fieldset>
      {kind === "text" && (
        <textarea
          class="gb-text-area"
          aria-label="The second text"
          dir="auto"
          rows={Math.min(8, Math.max(2, text.split("\n").length))}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      )}
      <p class="gb-row">
        {state.kind === "running" ? (
          <Button onClick={stop}>Stop</Button>
        ) : (
          <Button
            appearance="primary"
            disabled={kind === "text" && (text === original || text.trim() === "")}
            onClick={start}
          >
            {kind === "text" ? "Run the second text" : "Choose a model and run it"}
          </Button>
        )}
        {kind === "text" && text === original && <span class="gb-dim">Change a word first.</span>}
      </p>
      {state.kind === "running" && (
        <LoadingNote
          text={
            state.of > 0
              ? `Computing the second: layer ${state.layers} of ${state.of}.`
              : "Reading the second …"
          }
          {...(state.of > 0 ? { fraction: state.layers / state.of } : {})}
        />
      )}
      {state.kind === "failed" && <ErrorNote error={state.error} retry={start} />}
      {second && <Pair host={host} look={look} second={second} />}
    </>
  );
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

function secondName({ kind, model }: Second): string {
  return kind === "text" ? "the second text" : `${model.name} ${model.quantisation}`;
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
  const alone = counterparts.reduce((count, at) => count + (at === ALONE ? 1 : 0), 0);
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
      <p>
        {second.kind === "text"
          ? `The second text has ${plural(second.tokens.length, "token")}${second.cut ? " and more, which are left out" : ""}; ${alone === 0 ? "each token of the first has its counterpart" : `${plural(alone, "token")} of the first ${alone === 1 ? "has" : "have"} no counterpart there`}.`
          : `${name}, ${formatBytes(second.model.fileBytes)}, ${second.run.path}, ${formatDuration(second.run.ms)}; ${alone === 0 ? "it has the same tokens" : `it cuts ${plural(alone, "token")} otherwise`}.`}
      </p>
      <LayerAndHead look={look} />
      <ScaleChoice look={look} />
      {fault && <ErrorNote error={fault} />}
      {!exists && (
        <p role="status">
          {name} has {plural(second.run.layerCount, "layer")} of {plural(second.run.headCount, "head")}: there
          is no layer {layer}, head {String(head)} in it.
        </p>
      )}
      {exists && square && first && other && data && difference && (
        <>
          <Moved look={look} second={second} other={other} difference={difference} name={name} />
          <div class="att-pair">
            <div>
              <h3 class="att-pair-title">
                {second.kind === "text"
                  ? "The first text"
                  : `${look.subject.model.name} ${look.subject.model.quantisation}`}
              </h3>
              <HeatMap
                label="The head in the first run: rows look, columns are looked at"
                data={first}
                scale={scale}
                chosenRow={query}
                describe={(of, key) =>
                  `“${labels[of]}” looks at “${labels[key]}”: ${formatWeight(first.values[of * labels.length + key] ?? 0)}`
                }
                formatValue={formatWeight}
                onChoose={(cell) => look.setQuery(cell.row, cell.column)}
              />
            </div>
            <div>
              <h3 class="att-pair-title">{second.kind === "text" ? "The second text" : name}</h3>
              <HeatMap
                label="The same head in the second run: rows look, columns are looked at"
                data={data}
                scale={scale}
                chosenRow={counterpart === ALONE ? undefined : counterpart}
                describe={(of, key) =>
                  `“${second.labels[of]}” looks at “${second.labels[key]}”: ${formatWeight(data.values[of * second.labels.length + key] ?? 0)}`
                }
                formatValue={formatWeight}
                onChoose={(cell) => {
                  const own = counterparts.indexOf(cell.row);
                  if (own >= 0) look.setQuery(own);
                }}
              />
            </div>
          </div>
        </>
      )}
      <h2>What each predicts</h2>
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
      <h2>Which heads moved?</h2>
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
  const { labels, query, layer, head, square } = look;
  const { tokens, moved } = difference;
  const width = tokens.length;
  const data = useMemo(() => {
    const names = tokens.map((token) => {
      const its = second.labels[second.counterparts[token]!]!;
      return its === labels[token] ? its : `${labels[token]}/${its}`;
    });
    return { rowLabels: names, columnLabels: names, values: moved.map(Math.abs), causal: true };
  }, [difference]);
  if (width === 0) return <p>The two have no token in common.</p>;
  let most = 0;
  for (let at = 1; at < moved.length; at++) if (Math.abs(moved[at]!) > Math.abs(moved[most]!)) most = at;
  const before = (of: number, key: number) =>
    square?.weights[tokens[of]! * square.tokenCount + tokens[key]!] ?? 0;
  const after = (of: number, key: number) =>
    other.weights[
      second.counterparts[tokens[of]!]! * other.tokenCount + second.counterparts[tokens[key]!]!
    ] ?? 0;
  const said = (of: number, key: number) =>
    `“${data.rowLabels[of]}” on “${data.columnLabels[key]}”: ${formatWeight(before(of, key))} → ${formatWeight(after(of, key))}`;
  const share = square ? movedShare(square, other, second.counterparts) : 0;
  const where = `Layer ${layer}, ${head === "mean" ? "mean of all heads" : `head ${head}`}`;
  return (
    <Figure
      name="moved"
      caption={`${where}, with ${name}: ${(100 * share).toFixed(share < 0.1 ? 1 : 0)} % of its attention lies elsewhere; most moves from ${said(Math.floor(most / width), most % width)}.`}
      table={{
        columns: ["query (looks)", "key (is looked at)", "first", "second", "moved"],
        rows: () => rows((value) => value.toPrecision(4)),
        exact: () => rows(String),
      }}
    >
      <HeatMap
        label={`How far each weight of ${where} moved: rows look, columns are looked at`}
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
        The two models have other vocabularies, so that their predictions are not over the same tokens.
        Glassbox: Show Surprisal compares such models by bits a byte.
      </p>
    );
  }
  if (counterpart === ALONE) {
    return <p>“{labels[query]}” has no counterpart in the other; choose another token.</p>;
  }
  if (fault) return <ErrorNote error={fault} />;
  if (!found) return <LoadingNote text="Comparing the predictions …" />;
  return (
    <PredictionChange
      what={`With ${name}`}
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
        <>
          <LoadingNote text={`Comparing layer ${running + 1} of ${layers}.`} fraction={running / layers} />
          <Button onClick={stop}>Stop</Button>
        </>
      )}
      {moves && <MovesMap moves={moves} look={look} />}
      {running === undefined && !moves && (
        <p class="gb-row">
          <Button onClick={start}>Compare every head</Button>
        </p>
      )}
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
  const percent = (share: number) => `${(100 * share).toFixed(share < 0.1 ? 2 : 0)} %`;
  const place = (at: number) => `layer ${Math.floor(at / heads)}, head ${at % heads}`;
  const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length;
  return (
    <Figure
      name="moved-heads"
      caption={`Most of its attention moved in ${place(most)}: ${percent(shares[most]!)} lies elsewhere; over all heads it is ${percent(mean)}.`}
      table={{
        columns: ["layer", "head", "attention elsewhere"],
        rows: () =>
          order.map((at) => [`${Math.floor(at / heads)}`, `${at % heads}`, shares[at]!.toPrecision(4)]),
      }}
    >
      <HeatMap
        label="How much of its attention each head has elsewhere: a row is a layer, a column a head"
        data={data}
        scale={look.scale}
        chosenRow={undefined}
        choosing="Enter chooses the head"
        describe={(row, column) =>
          `Layer ${row}, head ${column}: ${percent(shares[row * heads + column] ?? 0)}`
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
