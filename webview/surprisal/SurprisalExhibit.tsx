/** The exhibit itself: the sums, the legend with how many tokens each level has, lines, and places to walk through. */

import { useMemo } from "preact/hooks";
import { SPECIMEN } from "../../src/core/surprisal/levels.js";
import {
  bitsOf,
  countLevels,
  figuresOf,
  levelWords,
  short,
  summaryOf,
} from "../../src/core/surprisal/summary.js";
import { surprisingPlaces } from "../../src/core/surprisal/sums.js";
import { formatCount, formatFixed, inLanguage } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { SurprisalState } from "../../src/shared/panels/surprisal.js";
import { countedTokens } from "../ui/counted.js";
import { Figure } from "../ui/Figure.js";
import { formatProbability } from "../ui/format.js";
import { sentence } from "../ui/sentence.js";
import { Track } from "../ui/Track.js";
import { colourOf, lookOf } from "./levelLook.js";
import { PlaceList } from "./PlaceList.js";
import "./surprisal.css";

/** Bars of the picture by lines: more lines share them. */
const MOST_BARS = 80;

export interface SurprisalExhibitProps {
  state: SurprisalState;
  /** @param token by its place in the tokens. */
  onReveal(token: number): void;
}

export function SurprisalExhibit({ state, onReveal }: SurprisalExhibitProps) {
  return (
    <div class="surprisal" data-phase={state.phase.kind}>
      <Sums state={state} />
      <Levels state={state} />
      <Lines state={state} onReveal={onReveal} />
      <Places state={state} onReveal={onReveal} />
    </div>
  );
}

function Sums({ state }: { state: SurprisalState }) {
  const figures = figuresOf(state);
  if (!figures) return null;
  const { sum, bitsPerToken, bitsPerByte, perplexity } = figures;
  const cells = [
    [t("bits a token"), formatFixed(bitsPerToken, 2)],
    [t("bits a byte"), bitsPerByte === undefined ? "–" : formatFixed(bitsPerByte, 2)],
    [t("perplexity"), short(perplexity)],
    [t("tokens read"), formatCount(sum.tokens)],
  ];
  return (
    <dl class="surprisal-sums">
      {cells.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The looks of a level as the editor has them. */
function Swatch({ level, state }: { level: number; state: SurprisalState }) {
  return (
    <span class="surprisal-swatch" aria-hidden="true" style={lookOf(state.palette, level)}>
      {SPECIMEN}
    </span>
  );
}

function Levels({ state }: { state: SurprisalState }) {
  const { tokens, thresholds } = state;
  const counts = countLevels(tokens, thresholds);
  const all = counts.reduce((sum, count) => sum + count.tokens, 0);
  const rows = (written: (number: string) => string) =>
    tokens.texts.map((text, token) => {
      const bits = tokens.bits[token]!;
      const place = [String(tokens.lines[token]! + 1), String(tokens.columns[token]! + 1), text];
      if (Number.isNaN(bits)) return [...place, "", "", "", "", "", "", ""];
      return [
        ...place,
        written(String(Number((2 ** -bits).toPrecision(6)))),
        written(bits.toFixed(3)),
        String(tokens.ranks[token]),
        written(tokens.entropies[token]!.toFixed(2)),
        written(tokens.entropiesWithin[token]!.toFixed(2)),
        tokens.bestTexts[token]!,
        written(String(Number(tokens.bestProbabilities[token]!.toPrecision(6)))),
      ];
    });
  return (
    <Figure
      name="tokens"
      caption={summaryOf(state)}
      table={{
        columns: [
          "Line",
          "Column",
          "Token",
          "Probability",
          "Bits",
          "Rank",
          "Entropy in bits",
          "within",
          "Most probable",
          "Its probability",
        ],
        heads: [
          t("Line"),
          t("Column"),
          t("Token"),
          t("Probability"),
          t("Bits"),
          t("Rank"),
          t("Entropy in bits"),
          t("within"),
          t("Most probable"),
          t("Its probability"),
        ],
        spare: ["Column", "Probability", "Entropy in bits", "within", "Its probability"],
        rows: () => rows(inLanguage),
        exact: () => rows(String),
      }}
    >
      <ol class="surprisal-levels" aria-label={t("Tokens by probability")}>
        {counts.map(({ level, tokens: count, share }) => (
          <li key={level}>
            <Swatch level={level} state={state} />
            <span class="surprisal-level-words">{levelWords(level, thresholds)}</span>
            <Track share={count / Math.max(1, all)} colour={colourOf(state.palette, level)} />
            <span class="surprisal-level-count">
              {countedTokens(count)}
              <span class="gb-dim"> · {t("{0} % of the bits", Math.round(100 * share))}</span>
            </span>
          </li>
        ))}
      </ol>
    </Figure>
  );
}

interface LineSum {
  line: number;
  /** The first token of the line. */
  token: number;
  tokens: number;
  bits: number;
}

function Lines({ state, onReveal }: SurprisalExhibitProps) {
  const { tokens } = state;
  const lines = useMemo(() => {
    const found: LineSum[] = [];
    tokens.bits.forEach((bits, token) => {
      if (Number.isNaN(bits)) return;
      const line = tokens.lines[token]!;
      const last = found.at(-1);
      if (last?.line === line) {
        last.tokens++;
        last.bits += bits;
      } else found.push({ line, token, tokens: 1, bits });
    });
    return found;
  }, [tokens]);
  if (lines.length < 2) return null;
  const bars: LineSum[] = [];
  const together = Math.ceil(lines.length / MOST_BARS);
  for (let at = 0; at < lines.length; at += together) {
    // The most surprising line stands for those that share its bar.
    bars.push(
      lines.slice(at, at + together).reduce((a, b) => (b.bits / b.tokens > a.bits / a.tokens ? b : a)),
    );
  }
  const most = bars.reduce((a, b) => (b.bits / b.tokens > a.bits / a.tokens ? b : a));
  const highest = most.bits / most.tokens;
  return (
    <>
      <h2>{t("By line")}</h2>
      <Figure
        name="lines"
        caption={
          together > 1
            ? t(
                "Line {0} surprised most, {1} bits a token; each bar is the most surprising of {2} lines.",
                most.line + 1,
                formatFixed(highest, 1),
                together,
              )
            : t("Line {0} surprised most, {1} bits a token.", most.line + 1, formatFixed(highest, 1))
        }
        table={{
          columns: ["Line", "Tokens", "Bits", "Bits a token"],
          heads: [t("Line"), t("Tokens"), t("Bits"), t("Bits a token")],
          rows: () =>
            lines.map(({ line, tokens: count, bits }) => [
              String(line + 1),
              String(count),
              formatFixed(bits, 2),
              formatFixed(bits / count, 2),
            ]),
          exact: () => lines.map(({ line, tokens: count, bits }) => [line + 1, count, bits, bits / count]),
        }}
      >
        <div class="surprisal-lines">
          {bars.map((bar) => (
            <button
              key={bar.line}
              type="button"
              // One stop for the tab key: the list below reaches every place.
              tabIndex={bar === most ? 0 : -1}
              title={t("Line {0}: {1} bits a token", bar.line + 1, formatFixed(bar.bits / bar.tokens, 1))}
              aria-label={t(
                "Line {0}, {1} bits a token",
                bar.line + 1,
                formatFixed(bar.bits / bar.tokens, 1),
              )}
              onKeyDown={(event) => {
                const step =
                  event.key === "ArrowRight"
                    ? "nextElementSibling"
                    : event.key === "ArrowLeft"
                      ? "previousElementSibling"
                      : undefined;
                const next = step && event.currentTarget[step];
                if (next instanceof HTMLElement) next.focus();
              }}
              onClick={() => onReveal(bar.token)}
            >
              <span style={{ height: `${(100 * bar.bits) / bar.tokens / highest}%` }} />
            </button>
          ))}
        </div>
      </Figure>
    </>
  );
}

function Places({ state, onReveal }: SurprisalExhibitProps) {
  const { tokens, thresholds } = state;
  const places = useMemo(() => surprisingPlaces(bitsOf(tokens), thresholds), [tokens, thresholds]);
  return (
    <>
      <h2>{t("Most surprising places")}</h2>
      {places.length === 0 ? (
        <p>{t("Nothing here surprised the model much.")}</p>
      ) : (
        <PlaceList
          places={places}
          text={(token) => tokens.texts[token]}
          line={(token) => tokens.lines[token]!}
          said={(token) => (
            <>
              {t("{0} bits", formatFixed(tokens.bits[token]!, 1))}
              <span class="gb-dim"> · {formatProbability(2 ** -tokens.bits[token]!)}</span>
            </>
          )}
          expected={(token) =>
            tokens.bestTexts[token] !== "" && (
              <span class="surprisal-expected gb-dim">
                {sentence(
                  "expected {0} {1}",
                  <span class="gb-code">{tokens.bestTexts[token]}</span>,
                  formatProbability(tokens.bestProbabilities[token]!),
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
