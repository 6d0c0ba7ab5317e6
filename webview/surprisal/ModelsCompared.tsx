/** Two models on the text of the panel: the text coloured by how far they are apart, their figures, and the places. */

import { useMemo, useRef, useState } from "preact/hooks";
import {
  comparisonSummary,
  differenceLevel,
  differencesOf,
  differenceWords,
  figuresOfModel,
  labelsOf,
  limitsOf,
  mostDifferent,
  smallBits,
} from "../../src/core/surprisal/comparison.js";
import { SPECIMEN } from "../../src/core/surprisal/levels.js";
import { isCancelled, toWireError, type WireError } from "../../src/shared/errors.js";
import { formatCount, formatFixed, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, Provenance } from "../../src/shared/panels/panel.js";
import type {
  ComparedModel,
  ComparisonProgress,
  ShownComparison,
  SurprisalHost,
  SurprisalState,
} from "../../src/shared/panels/surprisal.js";
import type { Caller } from "../../src/shared/rpc.js";
import { Figure } from "../ui/Figure.js";
import { formatBytes, formatLines } from "../ui/format.js";
import { itemByKey } from "../ui/itemByKey.js";
import { ErrorNote, LoadingNote } from "../ui/notes.js";
import { SavingContext } from "../ui/Saving.js";
import { sentence } from "../ui/sentence.js";
import { Button } from "../ui/toolkit.js";
import { lookOf } from "./levelLook.js";
import { PlaceList } from "./PlaceList.js";
import "./surprisal.css";

type Palette = SurprisalState["palette"];

export interface ModelsComparedProps {
  host: Caller<SurprisalHost & CommonHostProtocol>;
  palette: Palette;
}

type Phase =
  | { kind: "none" }
  | { kind: "running"; progress: ComparisonProgress | undefined }
  | { kind: "failed"; error: WireError };

export function ModelsCompared({ host, palette }: ModelsComparedProps) {
  const [phase, setPhase] = useState<Phase>({ kind: "none" });
  const [shown, setShown] = useState<ShownComparison>();
  const abort = useRef(new AbortController());
  const start = () => {
    abort.current.abort();
    abort.current = new AbortController();
    const { signal } = abort.current;
    setPhase({ kind: "running", progress: undefined });
    const onEvent = (progress: ComparisonProgress) => {
      if (!signal.aborted) setPhase({ kind: "running", progress });
    };
    host.call("compare", {}, { signal, onEvent }).then(
      (found) => {
        if (signal.aborted) return;
        if (found) setShown(found);
        setPhase({ kind: "none" });
      },
      (error: unknown) => {
        if (signal.aborted) return;
        setPhase(isCancelled(error) ? { kind: "none" } : { kind: "failed", error: toWireError(error) });
      },
    );
  };
  const reveal = (place: number) => {
    if (!shown) return;
    const { starts, ends } = shown.comparison;
    host
      .call("reveal", { start: starts[place]!, end: ends[place]! })
      .catch((error: unknown) => setPhase({ kind: "failed", error: toWireError(error) }));
  };
  return (
    <section class="surprisal-models" data-phase={phase.kind}>
      <h2>{t("Two models")}</h2>
      {!shown && phase.kind === "none" && (
        <p>
          {t(
            "Another model, or another quantisation of this one, reads the same text: where do they expect something else, and what does it cost?",
          )}
        </p>
      )}
      {phase.kind === "running" && (
        <>
          <LoadingNote
            text={progressWords(phase.progress)}
            {...(phase.progress ? { fraction: phase.progress.fraction } : {})}
          />
          <Button
            onClick={() => {
              abort.current.abort();
              setPhase({ kind: "none" });
            }}
          >
            {t("Stop")}
          </Button>
        </>
      )}
      {phase.kind === "failed" && <ErrorNote error={phase.error} retry={start} />}
      {shown && (
        <SavingContext.Provider
          value={{
            host,
            name: "two-models",
            about: async () => aboutOf(shown, await host.call("comparedHashes", {})),
          }}
        >
          <Compared shown={shown} palette={palette} onReveal={reveal} />
        </SavingContext.Provider>
      )}
      {phase.kind !== "running" && (
        <p class="gb-row">
          <Button onClick={start}>
            {shown ? t("Compare with another") : t("Compare with another model")}
          </Button>
        </p>
      )}
    </section>
  );
}

function progressWords(progress: ComparisonProgress | undefined): string {
  switch (progress?.stage) {
    case undefined:
      return t("Choose the second model.");
    case "reading":
      return t("{0} reads the text.", progress.model);
    case "loading":
      return t("Loading the second model.");
    case "returning":
      return t("Loading {0} again.", progress.model);
  }
}

function aboutOf(
  { comparison, source, engine }: ShownComparison,
  [firstHash, secondHash]: readonly [string, string],
): Provenance {
  const { first, second, firstBits, secondBits, bytes } = comparison;
  const speeds = [figuresOfModel(first, firstBits, bytes), figuresOfModel(second, secondBits, bytes)];
  return [
    ["Text", `${source.fileName}, ${formatLines(source.firstLine, source.lastLine)}`],
    ["First model", `${first.info.name} ${first.info.quantisation}, ${first.info.path}`],
    ["SHA-256 of the first", firstHash],
    ["Second model", `${second.info.name} ${second.info.quantisation}, ${second.info.path}`],
    ["SHA-256 of the second", secondHash],
    ["Tokens a second", speeds.map(({ tokensPerSecond }) => tokensPerSecond.toFixed(1)).join(" and ")],
    ["Memory of the process", `${first.residentBytes} and ${second.residentBytes} bytes`],
    [
      "Divergence",
      comparison.byToken
        ? "of the second model from the first, over the whole vocabulary, in bits"
        : "none: the models have other tokens; bits of the stretches that both end a token with",
    ],
    ["Engine of both", engine],
  ];
}

interface ComparedProps {
  shown: ShownComparison;
  palette: Palette;
  onReveal(place: number): void;
}

function Compared({ shown, palette, onReveal }: ComparedProps) {
  const { comparison, cut, source, lines } = shown;
  const labels = labelsOf(comparison);
  const differences = useMemo(() => differencesOf(comparison), [comparison]);
  const order = useMemo(() => mostDifferent(comparison), [comparison]);
  const limits = limitsOf(comparison);
  return (
    <>
      <Figures shown={shown} labels={labels} />
      <Figure
        caption={comparisonSummary(comparison)}
        name={comparison.byToken ? "tokens" : "stretches"}
        table={tableOf(shown, labels)}
      >
        <CompareStrip
          shown={shown}
          labels={labels}
          palette={palette}
          differences={differences}
          limits={limits}
          first={order[0] ?? 0}
          onReveal={onReveal}
        />
        <ul class="surprisal-legend" aria-label={t("Levels of difference")}>
          {Array.from({ length: limits.length + 1 }, (_, level) => (
            <li key={limits[level] ?? "most"}>
              <span class="surprisal-swatch" aria-hidden="true" style={lookOf(palette, level)}>
                {SPECIMEN}
              </span>{" "}
              {differenceWords(level, limits)}
            </li>
          ))}
          {comparison.byToken && (
            <li>
              <span class="surprisal-flip" aria-hidden="true">
                ≠
              </span>{" "}
              {t("other favourites")}
            </li>
          )}
        </ul>
      </Figure>
      {cut && (
        <p class="gb-dim">
          {t(
            "Only the first {0} places of {1} were compared: whole distributions take time and room.",
            formatCount(comparison.texts.length),
            source.fileName,
          )}
        </p>
      )}
      <DifferentPlaces
        shown={shown}
        order={order}
        differences={differences}
        lines={lines}
        limits={limits}
        onReveal={onReveal}
      />
    </>
  );
}

/** What each of the two costs and needs. */
function Figures({ shown, labels }: { shown: ShownComparison; labels: [string, string] }) {
  const { comparison } = shown;
  const { first, second, bytes, firstBits, secondBits } = comparison;
  const columns: [string, ComparedModel, Float64Array][] = [
    [labels[0], first, firstBits],
    [labels[1], second, secondBits],
  ];
  const figures = columns.map(([, model, bits]) => figuresOfModel(model, bits, bytes));
  const rows: [string, (at: number) => string][] = [
    [t("bits a token"), (at) => formatFixed(figures[at]!.bitsPerToken, 3)],
    [t("bits a byte"), (at) => formatFixed(figures[at]!.bitsPerByte, 3)],
    [t("tokens"), (at) => formatCount(columns[at]![1].tokens)],
    [t("tokens a second"), (at) => formatCount(Math.round(figures[at]!.tokensPerSecond))],
    [t("file"), (at) => formatBytes(columns[at]![1].info.fileBytes)],
    [t("memory of the process"), (at) => formatBytes(columns[at]![1].residentBytes)],
  ];
  return (
    <div class="gb-table surprisal-figures">
      <table aria-label={t("The two models")}>
        <thead>
          <tr>
            <th scope="col" aria-label={t({ message: "Figure", comment: "a number" })} />
            {labels.map((label) => (
              <th key={label} scope="col">
                {label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={name}>
              <th scope="row">{name}</th>
              <td>{value(0)}</td>
              <td>{value(1)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p class="gb-dim">
        {t(
          "Speed is that of plain evaluation of the first {0} tokens, read a second time; memory is all that the model process holds, what is mapped of the file among it.",
          formatCount(first.timedTokens),
        )}
      </p>
    </div>
  );
}

function tableOf({ comparison, lines }: ShownComparison, [one, two]: [string, string]) {
  const { texts, firstBits, secondBits, byToken } = comparison;
  const always = ["Line", byToken ? "Token" : "Text", `Bits, ${one}`, `Bits, ${two}`];
  const more = byToken
    ? [
        "KL",
        "KL the other way",
        `Favourite, ${one}`,
        `Favourite, ${two}`,
        `Entropy, ${one}`,
        `Entropy, ${two}`,
      ]
    : ["Difference"];
  const heads = [
    t("Line"),
    byToken ? t("Token") : t("Text"),
    t("Bits, {0}", one),
    t("Bits, {0}", two),
    ...(byToken
      ? [
          t("KL"),
          t("KL the other way"),
          t("Favourite, {0}", one),
          t("Favourite, {0}", two),
          t("Entropy, {0}", one),
          t("Entropy, {0}", two),
        ]
      : [t("Difference")]),
  ];
  const row = (at: number, number: (value: number) => string) => [
    String(lines[at]! + 1),
    texts[at]!,
    number(firstBits[at]!),
    number(secondBits[at]!),
    ...(byToken
      ? [
          number(byToken.forward[at]!),
          number(byToken.backward[at]!),
          byToken.firstTops[at]!,
          byToken.secondTops[at]!,
          number(byToken.firstEntropies[at]!),
          number(byToken.secondEntropies[at]!),
        ]
      : [number(secondBits[at]! - firstBits[at]!)]),
  ];
  return {
    columns: [...always, ...more],
    heads,
    spare: ["Line", "KL the other way", `Entropy, ${one}`, `Entropy, ${two}`],
    rows: () => texts.map((_, at) => row(at, (value) => formatFixed(value, 3))),
    exact: () => texts.map((_, at) => row(at, String)),
  };
}

/** One place in words, for pointers and screen readers. */
function placeWords({ comparison }: ShownComparison, at: number, [one, two]: [string, string]): string {
  const { texts, firstBits, secondBits, byToken } = comparison;
  const bits = [
    texts[at]!,
    one,
    formatFixed(firstBits[at]!, 2),
    two,
    formatFixed(secondBits[at]!, 2),
  ] as const;
  if (!byToken) return t("“{0}”: {1} {2} bits, {3} {4}", ...bits);
  const apart = smallBits(byToken.forward[at]!);
  const [first, second] = [byToken.firstTops[at]!, byToken.secondTops[at]!];
  return byToken.flips[at] === 1
    ? t("“{0}”: {1} {2} bits, {3} {4}; {5} apart; favourites “{6}” and “{7}”", ...bits, apart, first, second)
    : t("“{0}”: {1} {2} bits, {3} {4}; {5} apart; favourite of both “{6}”", ...bits, apart, first);
}

function CompareStrip(
  props: ComparedProps & {
    labels: [string, string];
    differences: Float64Array;
    limits: readonly number[];
    /** The place that the tab key reaches; arrow keys reach the others. */
    first: number;
  },
) {
  const { shown, labels, palette, differences, limits, first, onReveal } = props;
  const { texts, byToken } = shown.comparison;
  const strip = useRef<HTMLDivElement>(null);
  const [focused, setFocused] = useState(first);
  const onKeyDown = (event: KeyboardEvent) => {
    const to = itemByKey(event.key, focused, texts.length);
    if (to === undefined) return;
    event.preventDefault();
    setFocused(to);
    strip.current?.querySelectorAll<HTMLElement>("button")[to]?.focus();
  };
  return (
    <div
      ref={strip}
      class="surprisal-strip"
      role="toolbar"
      aria-label={t("The text, by how far the models are apart")}
      onKeyDown={onKeyDown}
    >
      {texts.map((text, at) => {
        const words = placeWords(shown, at, labels);
        return (
          <button
            // A place has no identity but its number.
            key={`${at}:${text}`}
            type="button"
            tabIndex={at === focused ? 0 : -1}
            title={words}
            aria-label={words}
            style={lookOf(palette, differenceLevel(differences[at]!, limits))}
            onFocus={() => setFocused(at)}
            onClick={() => onReveal(at)}
          >
            {text}
            {byToken?.flips[at] === 1 && <span class="surprisal-flip">≠</span>}
          </button>
        );
      })}
    </div>
  );
}

function DifferentPlaces(props: {
  shown: ShownComparison;
  order: readonly number[];
  differences: Float64Array;
  lines: Uint32Array;
  limits: readonly number[];
  onReveal(place: number): void;
}) {
  const { shown, order, differences, lines, limits, onReveal } = props;
  const { texts, firstBits, secondBits, byToken } = shown.comparison;
  const places = order.filter((at) => differences[at]! >= limits[0]! || byToken?.flips[at] === 1);
  return (
    <>
      <h2>{t("Where they differ")}</h2>
      {places.length === 0 ? (
        <p>{t("Nowhere by {0} bits or more.", inLanguage(String(limits[0])))}</p>
      ) : (
        <PlaceList
          places={places}
          text={(at) => texts[at]}
          line={(at) => lines[at]!}
          said={(at) => (
            <>
              {t("{0} apart", smallBits(differences[at]!))}
              <span class="gb-dim">
                {" "}
                · {t("{0} and {1}", formatFixed(firstBits[at]!, 1), formatFixed(secondBits[at]!, 1))}
              </span>
            </>
          )}
          expected={(at) =>
            byToken?.flips[at] === 1 && (
              <span class="surprisal-expected gb-dim">
                {sentence(
                  "expected {0} and {1}",
                  <span class="gb-code">{byToken.firstTops[at]}</span>,
                  <span class="gb-code">{byToken.secondTops[at]}</span>,
                )}
              </span>
            )
          }
          onReveal={onReveal}
        />
      )}
    </>
  );
}
