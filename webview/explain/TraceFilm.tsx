/** A recorded run, scrubbed like a film: the code with the line of the moment, and what the variables hold there. */

import { formatCount } from "../../src/shared/formatCount.js";
import "./traceFilm.css";
import { useEffect, useMemo, useState } from "preact/hooks";
import { t } from "../../src/shared/l10n.js";
import type { SourceExcerpt } from "../../src/shared/panels/explain.js";
import type { FunctionTrace, TraceStep } from "../../src/shared/workerProtocol.js";
import { countedCharacters, countedLines } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { itemByKey } from "../ui/itemByKey.js";
import { sentence } from "../ui/sentence.js";
import { Button, Slider } from "../ui/toolkit.js";
import {
  captionOf,
  countMoments,
  type FilmVariable,
  filmLines,
  linesInSight,
  nextAtLine,
  openCalls,
  printedAt,
  printedBehind,
  reachedUpTo,
  sayMoment,
  screenOf,
  variablesAt,
} from "./film.js";
import { Printed } from "./Printed.js";

export interface TraceFilmProps {
  trace: FunctionTrace;
  functionName: string;
  /** The document's line (0-based) at which the traced source begins. */
  firstLine: number;
  /** The document's text of a line of the document, 0-based; undefined where the page does not have it. */
  lineAt(line: number): string | undefined;
  /** What the run reached beside that text. */
  beside: readonly SourceExcerpt[];
  /** The moment to begin with; the first unless told. */
  startAt?: number | undefined;
  /** The moment that is shown now; undefined when the film is put away. */
  onMoment(moment: number | undefined): void;
}

/** Milliseconds that a moment stands while the film plays; long films play faster. */
const MOMENT_MS = 700;
const LEAST_MOMENT_MS = 80;
const WHOLE_FILM_MS = 30_000;
/** The editor follows the pointer, but not at every pixel. */
const SETTLE_MS = 40;

/** Give it a key that changes with the trace. */
export function TraceFilm(props: TraceFilmProps) {
  const { trace, functionName, firstLine, onMoment } = props;
  const { steps, run } = trace;
  const last = Math.max(0, steps.length - 1);
  const [chosen, setChosen] = useState(props.startAt ?? 0);
  const [playing, setPlaying] = useState(false);
  // Said to screen readers when a button or key moved the film; the slider says its own value.
  const [said, setSaid] = useState("");
  const at = Math.min(chosen, last);

  useEffect(() => {
    if (!playing) return;
    const pace = Math.max(LEAST_MOMENT_MS, Math.min(MOMENT_MS, WHOLE_FILM_MS / (last + 1)));
    const timer = setTimeout(() => {
      setChosen(at + 1);
      if (at + 1 >= last) setPlaying(false);
    }, pace);
    return () => clearTimeout(timer);
  }, [playing, at, last]);

  useEffect(() => {
    const timer = setTimeout(() => onMoment(at), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [at]);
  useEffect(() => () => onMoment(undefined), []);

  const goTo = (moment: number, speak: boolean) => {
    const wanted = Math.max(0, Math.min(last, moment));
    setPlaying(false);
    setChosen(wanted);
    setSaid(speak ? sayMoment(trace, wanted, firstLine) : "");
  };
  const play = () => {
    if (at === last) setChosen(0);
    setPlaying(!playing);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const target = event.target as HTMLElement;
    // Sliders and fields have keys of their own.
    if (target.tagName === "INPUT" || event.altKey || event.ctrlKey || event.metaKey) return;
    const wanted = itemByKey(event.key, at, last + 1);
    if (wanted === undefined) return;
    event.preventDefault();
    goTo(wanted, true);
  };

  const call = `${functionName}(${run.input})`;
  const step = steps[at];
  // The page is drawn anew with every token of the model; a run may have thousands of moments.
  const caption = useMemo(() => captionOf(trace, call, firstLine), [trace, call, firstLine]);
  return (
    <Figure
      caption={caption}
      table={{
        columns: ["Moment", "Line", "In", "What", "Variables", ...(run.printed === "" ? [] : ["Printed"])],
        heads: [
          t("Moment"),
          t("Line"),
          t({ message: "In", comment: "column: which function" }),
          t("What"),
          t("Variables"),
          ...(run.printed === "" ? [] : [t("Printed")]),
        ],
        rows: () =>
          steps.map((each, index) => [
            ...tableRow(each, index, firstLine),
            ...(run.printed === "" ? [] : [printedAt(trace, index).fresh.trimEnd()]),
          ]),
      }}
    >
      <section class="film" aria-label={t("The run of {0}, moment by moment", call)} onKeyDown={onKeyDown}>
        {step && (
          <>
            <div class="film-stage">
              <FilmCode {...props} at={at} onLine={(line) => goTo(nextAtLine(steps, at, line) ?? at, true)} />
              <div>
                <FilmVariables steps={steps} at={at} />
                {run.printed !== "" && <PrintedSoFar {...screenOf(printedAt(trace, at))} />}
              </div>
            </div>
            <p class="film-said">{sayMoment(trace, at, firstLine)}</p>
            <p class="gb-visually-hidden" role="status">
              {said}
            </p>
          </>
        )}
        {last > 0 && (
          <div class="film-controls">
            <Button onClick={() => goTo(at - 1, true)} disabled={at === 0} label={t("One moment back")}>
              {t("Back")}
            </Button>
            <Button
              onClick={play}
              appearance="primary"
              label={playing ? t("Stop playing") : t("Play the run")}
            >
              {playing ? t("Pause") : t("Play")}
            </Button>
            <Button onClick={() => goTo(at + 1, true)} disabled={at === last} label={t("One moment on")}>
              {t({ message: "Step", comment: "button: one moment on" })}
            </Button>
            <div class="film-time">
              <LinesOverTime steps={steps} at={at} />
              <Slider
                label={t("Moment")}
                min={0}
                max={last}
                step={1}
                value={at}
                valueText={t("{0} of {1}", formatCount(at + 1), formatCount(last + 1))}
                spokenText={`${t("{0} of {1}", at + 1, last + 1)}. ${sayMoment(trace, at, firstLine)}`}
                onInput={(moment) => goTo(moment, false)}
              />
            </div>
          </div>
        )}
        <FilmEnd trace={trace} />
      </section>
    </Figure>
  );
}

/** The function's code: the line of the moment marked, and how often each line has been reached. */
function FilmCode(props: TraceFilmProps & { at: number; onLine(line: number): void }) {
  const { trace, functionName, firstLine, at } = props;
  const { steps } = trace;
  const step = steps[at]!;
  const selected = (line: number) => props.lineAt(line + firstLine);
  const outside = selected(step.line) === undefined;
  const excerpt = outside ? excerptAt(props.beside, step.line + firstLine) : undefined;
  const lineAt = excerpt ? (line: number) => excerpt.lines[line + firstLine - excerpt.firstLine] : selected;
  const range = filmLines(trace, excerpt ? step.functionName : functionName, lineAt);
  const shown = !outside || excerpt !== undefined;
  const counts = useMemo(() => reachedUpTo(steps, at), [steps, at]);
  const inAll = useMemo(() => reachedUpTo(steps, steps.length), [steps]);
  const calls = openCalls(steps, at);
  return (
    <div class="film-code">
      {calls.length > 1 && (
        <p class="film-calls">
          {calls.length > 5 && <span class="gb-dim">{callsAbove(calls.length - 5)} </span>}
          {calls.slice(-5).map(({ functionName: name, line }, index, shown) => (
            // The same function may be open several times.
            <span key={`${calls.length}:${index}`}>
              <code>{name}</code> <span class="gb-dim">{t("line {0}", line + firstLine + 1)}</span>
              {index < shown.length - 1 && <span class="gb-dim"> › </span>}
            </span>
          ))}
        </p>
      )}
      {outside && (
        <p class="gb-dim">
          {excerpt
            ? sentence(
                "The run is in {0}, line {1}, which does not belong to the selection.",
                <code>{step.functionName}</code>,
                step.line + firstLine + 1,
              )
            : sentence(
                "The run is in {0}, line {1}, which does not belong to the selection; the editor shows it.",
                <code>{step.functionName}</code>,
                step.line + firstLine + 1,
              )}
        </p>
      )}
      {range && (
        <Listing
          lines={linesInSight(range, shown ? step.line : range.first)}
          range={range}
          now={shown ? step : undefined}
          {...{ lineAt, firstLine, counts, inAll }}
          onLine={props.onLine}
        />
      )}
    </div>
  );
}

function callsAbove(count: number): string {
  return count === 1 ? t("{0} call above ›", count) : t("{0} calls above ›", formatCount(count));
}

function excerptAt(excerpts: readonly SourceExcerpt[], line: number): SourceExcerpt | undefined {
  return excerpts.find(({ firstLine, lines }) => firstLine <= line && line < firstLine + lines.length);
}

function Listing(props: {
  lines: { first: number; last: number };
  range: { first: number; last: number };
  now: TraceStep | undefined;
  lineAt(line: number): string | undefined;
  firstLine: number;
  counts: ReadonlyMap<number, number>;
  inAll: ReadonlyMap<number, number>;
  onLine(line: number): void;
}) {
  const { lines, range, now, firstLine, counts, inAll } = props;
  const numbers = Array.from({ length: lines.last - lines.first + 1 }, (_, index) => lines.first + index);
  const texts = numbers.map((line) => (props.lineAt(line) ?? "").replaceAll("\t", "    "));
  const indents = texts
    .filter((text) => text.trim() !== "")
    .map((text) => text.length - text.trimStart().length);
  const shared = indents.length > 0 ? Math.min(...indents) : 0;
  const above = lines.first - range.first;
  const below = range.last - lines.last;
  return (
    <>
      {above > 0 && <p class="film-more gb-dim">{t("{0} above", countedLines(above))}</p>}
      <ol class="film-lines" aria-label={t("The code; a line leads to its next moment")}>
        {numbers.map((line, index) => {
          const count = counts.get(line) ?? 0;
          const whole = inAll.get(line) ?? 0;
          const isNow = now?.line === line;
          return (
            <li
              key={line}
              class={`film-line${isNow ? ` film-now film-now-${now.kind}` : ""}${whole === 0 ? " film-unreached" : ""}`}
              {...(isNow ? { "aria-current": "step" as const } : {})}
            >
              <span class="film-arrow" aria-hidden="true">
                {isNow ? SIGNS[now.kind] : ""}
              </span>
              <span class="film-number">{line + firstLine + 1}</span>
              {whole > 0 ? (
                // For the pointer; the keyboard has the slider, which reaches every moment.
                <button
                  type="button"
                  class="film-text"
                  tabIndex={-1}
                  title={
                    whole === 1
                      ? t("Reached {0} of {1} time", count, whole)
                      : t("Reached {0} of {1} times", count, formatCount(whole))
                  }
                  onClick={() => props.onLine(line)}
                >
                  {texts[index]!.slice(shared) || " "}
                </button>
              ) : (
                <span class="film-text">{texts[index]!.slice(shared) || " "}</span>
              )}
              <span
                class="film-count"
                {...(count > 0 ? { title: t("Reached {0} of {1}", count, whole) } : {})}
              >
                {count > 0 ? `${formatCount(count)}×` : ""}
              </span>
            </li>
          );
        })}
      </ol>
      {below > 0 && <p class="film-more gb-dim">{t("{0} below", countedLines(below))}</p>}
    </>
  );
}

const SIGNS: Record<TraceStep["kind"], string> = { line: "▶", return: "↩", throw: "✗" };

function FilmVariables({ steps, at }: { steps: readonly TraceStep[]; at: number }) {
  const variables = variablesAt(steps, at);
  const step = steps[at]!;
  return (
    <div class="film-variables">
      <table aria-label={t("Variables of {0} at this moment", step.functionName)}>
        <thead>
          <tr>
            <th scope="col">{t("variable")}</th>
            <th scope="col">{t("holds")}</th>
          </tr>
        </thead>
        <tbody>
          {variables.map((variable) => (
            <Variable key={variable.name} variable={variable} />
          ))}
          {step.kind !== "line" && step.value !== undefined && (
            <tr class={`film-left-${step.kind}`}>
              <th scope="row">{step.kind === "return" ? t("returns") : t("throws")}</th>
              <td>
                <code>{step.value}</code>
              </td>
            </tr>
          )}
        </tbody>
      </table>
      {variables.length === 0 && <p class="gb-dim">{t("No variables yet.")}</p>}
    </div>
  );
}

function Variable({ variable: { name, value, changed, before } }: { variable: FilmVariable }) {
  return (
    <tr class={changed ? "film-changed" : ""}>
      <th scope="row">
        <span class="film-dot" aria-hidden="true">
          {changed ? "●" : ""}
        </span>
        <code>{name}</code>
      </th>
      <td>
        <code>{value}</code>
        {changed && (
          <span class="gb-dim">
            {" "}
            {before === undefined ? t("new") : sentence("was {0}", <code>{before}</code>)}
          </span>
        )}
      </td>
    </tr>
  );
}

/** The line of each moment from left to right: a loop draws teeth. The table holds the same numbers. */
function LinesOverTime({ steps, at }: { steps: readonly TraceStep[]; at: number }) {
  const width = Math.max(1, steps.length - 1);
  const path = useMemo(() => {
    const lines = steps.map(({ line }) => line);
    const top = lines.reduce((least, line) => Math.min(least, line), Number.POSITIVE_INFINITY);
    const bottom = lines.reduce((most, line) => Math.max(most, line), 0);
    const height = Math.max(1, bottom - top);
    return lines
      .map((line, index) => {
        const [x, y] = [(index / width) * 1000, ((line - top) / height) * 100];
        return `${index === 0 ? "M" : "L"}${x.toFixed(2)} ${y.toFixed(2)}`;
      })
      .join("");
  }, [steps, width]);
  return (
    <svg class="film-curve" viewBox="0 -6 1000 112" preserveAspectRatio="none" aria-hidden="true">
      <path d={path} />
      <line x1={(at / width) * 1000} x2={(at / width) * 1000} y1="-6" y2="106" />
    </svg>
  );
}

/** The run's own screen: what has been printed so far, and of that what is new at this moment. */
function PrintedSoFar({ before, fresh, above }: ReturnType<typeof screenOf>) {
  return (
    <section class="film-printed" aria-label={t("Printed so far")}>
      <p class="gb-dim">
        {above > 0 ? t("printed so far, without {0} above", countedCharacters(above)) : t("printed so far")}
      </p>
      {before + fresh === "" ? (
        <p class="gb-dim">{t("Nothing yet.")}</p>
      ) : (
        <pre>
          {before}
          {fresh !== "" && <mark>{fresh}</mark>}
        </pre>
      )}
    </section>
  );
}

/** What the moments do not show: that there were more, and what was printed behind them. */
function FilmEnd({ trace }: { trace: FunctionTrace }) {
  const { truncated, steps } = trace;
  const behind = printedBehind(trace);
  return (
    <>
      {truncated && (
        <p class="film-cut">
          {t(
            "The run went on: only its first {0} are kept. What it came to is from the whole run.",
            countMoments(steps.length),
          )}
        </p>
      )}
      {behind !== "" && <Printed when={t("printed after the last of these moments")} text={behind} />}
    </>
  );
}

function tableRow(step: TraceStep, index: number, firstLine: number): string[] {
  return [
    String(index + 1),
    String(step.line + firstLine + 1),
    `${"  ".repeat(step.depth)}${step.functionName}`,
    sayStep(step),
    step.variables
      .map(({ name, value, changed }) =>
        changed ? t("{0} (changed)", `${name} = ${value}`) : `${name} = ${value}`,
      )
      .join("\n"),
  ];
}

function sayStep({ kind, value }: TraceStep): string {
  switch (kind) {
    case "line":
      return t("runs next");
    case "return":
      return value === undefined ? t("returns") : t("returns {0}", value);
    case "throw":
      return value === undefined ? t("throws") : t("throws {0}", value);
  }
}
