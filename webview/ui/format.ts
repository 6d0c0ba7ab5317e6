/** How numbers and models are written, the same in all panels. */

import { formatCount, formatFixed } from "../../src/shared/formatCount.js";
import { language, t } from "../../src/shared/l10n.js";
import type { ModelInfo, SamplingSettings } from "../../src/shared/types.js";

/** A probability as a percentage with as many digits as it deserves: 98.3 %, 1.4 %, 0.025 %, <0.001 %. */
export function formatProbability(probability: number): string {
  const percent = probability * 100;
  if (percent === 0) return "0 %";
  if (percent < 0.001) return `<${formatFixed(0.001, 3)} %`;
  if (percent < 0.1) return `${formatFixed(percent, 3)} %`;
  if (percent < 1) return `${formatFixed(percent, 2)} %`;
  return `${formatFixed(percent, 1)} %`;
}

/** The probability of a whole text: a percentage, or one in how many where it is small. */
export function describeProbability(probability: number): string {
  if (probability >= 0.01) return formatProbability(probability);
  const odds = 1 / probability;
  if (odds >= 1e9) return t("1 in {0}", `10^${formatFixed(Math.log10(odds), 1)}`);
  return t("1 in {0}", formatCount(Number(odds.toPrecision(2))));
}

/** How the tokens of an answer were drawn. */
export function describeSampling({ temperature, topK, topP, minP }: SamplingSettings): string {
  return t(
    "temperature {0}, top-k {1}, top-p {2}, min-p {3}",
    formatCount(temperature),
    formatCount(topK),
    formatCount(topP),
    formatCount(minP),
  );
}

/** Bytes in decimal units, as file managers and registries count them. */
export function formatBytes(bytes: number): string {
  if (bytes < 1e3) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1e3).toFixed(0)} kB`;
  if (bytes < 1e9) return `${(bytes / 1e6).toFixed(0)} MB`;
  return `${formatFixed(bytes / 1e9, 1)} GB`;
}

/** What runs: name, size and file of a model on this machine; name and host of one on a server. */
export function describeModel(model: ModelInfo): string {
  if (model.server !== undefined) return t("{0}, on the server at {1}", model.name, model.server);
  const { name, parameterCount, quantisation, fileBytes } = model;
  return t(
    "{0}, {1} parameters, {2}, {3}",
    name,
    formatCount(parameterCount),
    quantisation,
    formatBytes(fileBytes),
  );
}

/** Milliseconds as a person reads them: 16 ms, 1.2 s. */
export function formatDuration(ms: number): string {
  return ms < 1000 ? `${Math.round(ms)} ms` : `${formatFixed(ms / 1000, 1)} s`;
}

/** A day of this year or the next: November 24, in German 24. November. @param time milliseconds since 1970. */
export function formatDay(time: number): string {
  return new Date(time).toLocaleDateString(language, { day: "numeric", month: "long" });
}

/** "line 4" or "lines 4–9", from 0-based line numbers. */
export function formatLines(firstLine: number, lastLine: number): string {
  return firstLine === lastLine
    ? t("line {0}", firstLine + 1)
    : t("lines {0}–{1}", firstLine + 1, lastLine + 1);
}
