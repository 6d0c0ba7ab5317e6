/** The exhibits of layers and of embeddings: views of the attention panel on the lesson's text, with their readings. */

import { useEffect, useMemo, useState } from "preact/hooks";
import { isCancelled, toWireError, type WireError } from "../../../src/shared/errors.js";
import { t } from "../../../src/shared/l10n.js";
import type { AttentionHost, AttentionSubject, StreamReading } from "../../../src/shared/panels/attention.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { Caller } from "../../../src/shared/rpc.js";
import type { LensRun } from "../../../src/shared/workerProtocol.js";
import "../../attention/attention.css";
import { EmbeddingsView } from "../../attention/EmbeddingsView.js";
import { LayersView } from "../../attention/LayersView.js";
import { TokenStrip } from "../../attention/TokenStrip.js";
import { type Attention, useAttention } from "../../attention/useAttention.js";
import { useStreams } from "../../attention/useStreams.js";
import { type Look, useView } from "../../attention/useView.js";
import { ErrorNote } from "../../ui/notes.js";
import type { Instrument } from "../instruments.js";
import { embeddedHost } from "./embeddedHost.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "layers" | "embeddings" }>;

/** What a view of a finished run is given. */
interface ViewProps {
  host: Caller<AttentionHost>;
  look: Look;
  run: LensRun | undefined;
  onReadings(readings: Instrument["readings"]): void;
}

export function LayersExhibit(props: ExhibitProps<Config>) {
  return <LensExhibit {...props} view={(given) => <Layers {...given} />} />;
}

export function EmbeddingsExhibit(props: ExhibitProps<Config>) {
  return <LensExhibit {...props} view={(given) => <Embeddings {...given} />} />;
}

/** The text as tokens, one of them chosen, and below it the view. */
function LensExhibit(props: ExhibitProps<Config> & { view(given: ViewProps): preact.ComponentChild }) {
  const { id, text, model, host, covered, onInstrument, view } = props;
  const own = useMemo(() => embeddedHost<AttentionHost>(host, id, text), [host, id, text]);
  const attention = useAttention(own, `${modelFile(model)}\n${text}`);
  const { phase, subject } = attention;
  const [fault, setFault] = useState<WireError>();
  const onFault = (error: unknown) => {
    if (!isCancelled(error)) setFault(toWireError(error));
  };
  const onReadings = (readings: Instrument["readings"]) =>
    onInstrument({ text, readings, setting: text, guesses: {} });
  useEffect(() => onReadings({}), [text]);
  const problem = fault ?? attention.fault;
  return (
    <>
      {problem && <ErrorNote error={problem} />}
      {phase.kind !== "done" && (
        <ModelNote
          model={model}
          busy={phase.kind === "stopped" ? undefined : t("The lens reads the text …")}
          error={phase.kind === "failed" ? phase.error : undefined}
          retry={attention.again}
          host={host}
        />
      )}
      {subject && (
        <Viewed attention={attention} subject={subject} host={own} onFault={onFault} covered={covered}>
          {(look) => view({ host: own, look, run: attention.run, onReadings })}
        </Viewed>
      )}
    </>
  );
}

function Viewed(props: {
  attention: Attention;
  subject: AttentionSubject;
  host: Caller<AttentionHost>;
  covered: boolean;
  onFault(error: unknown): void;
  children(look: Look): preact.ComponentChild;
}) {
  const { attention, subject, host, onFault, covered } = props;
  const look = useView(attention, subject, host, onFault, undefined);
  return (
    <div class="att" hidden={covered}>
      <TokenStrip
        tokens={subject.tokens}
        query={look.query}
        strengths={undefined}
        pointed={look.pointed}
        hiddenTokens={subject.totalTokens - subject.tokens.length}
        hiddenIsLowerBound={subject.totalIsLowerBound}
        onChoose={(token) => look.setQuery(token)}
        onPoint={look.setPointed}
      />
      {props.children(look)}
    </div>
  );
}

function Layers({ host, look, run, onReadings }: ViewProps) {
  const streams = useStreams(host, run);
  const { complete, readings } = streams;
  const { query } = look;
  useEffect(() => {
    if (complete) onReadings(growth(readings, query));
  }, [complete, query]);
  return <LayersView streams={streams} look={look} />;
}

/** How the answer at a position comes to be: from where on it is first, where it began, how sure it is. */
function growth(readings: readonly StreamReading[], query: number): Instrument["readings"] {
  const settled = readings.findIndex((_, at) =>
    readings.slice(at).every((reading) => reading.finalRank[query] === 1),
  );
  return {
    layers: readings.length - 1,
    settled,
    "start-rank": readings[0]?.finalRank[query] ?? 0,
    "end-probability": readings.at(-1)?.topProbability[query] ?? 0,
  };
}

function Embeddings({ host, look, run, onReadings }: ViewProps) {
  const id = look.subject.tokens[look.query]?.id ?? 0;
  const { value } = useAnswer(run && `${run.run} ${id}`, (signal) =>
    host.call("neighbours", { plus: [id], minus: [] }, { signal }),
  );
  useEffect(() => {
    if (!value) return;
    onReadings({ nearest: value.nearest[0]?.cosine ?? 0, fifth: value.nearest[4]?.cosine ?? 0 });
  }, [value]);
  return <EmbeddingsView host={host} look={look} run={run} />;
}
