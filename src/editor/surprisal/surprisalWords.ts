/** How numbers of surprise are written in the editor: hovers, lenses, lists and the status item. */

import * as vscode from "vscode";
import { bitsPerToken, perplexity, type SurprisalSum } from "../../core/surprisal/sums.js";
import { formatCount, formatFixed } from "../../shared/formatCount.js";

/** 62 %, 1.4 %, 0.025 %, "under 0.001 %". */
export function percent(probability: number): string {
  const value = probability * 100;
  if (value < 0.001) return vscode.l10n.t("under 0.001 %");
  if (value < 0.1) return `${formatFixed(value, 3)} %`;
  if (value < 1) return `${formatFixed(value, 2)} %`;
  return `${formatFixed(value, 1)} %`;
}

/** "3.41 bits a token · perplexity 10.6 · 120 tokens"; undefined of nothing. */
export function sumWords(sum: SurprisalSum): string | undefined {
  const mean = bitsPerToken(sum);
  const even = perplexity(sum);
  if (mean === undefined || even === undefined) return undefined;
  return vscode.l10n.t(
    "{0} bits a token · perplexity {1} · {2}",
    formatFixed(mean, 2),
    even < 100 ? formatFixed(even, 1) : formatCount(Math.round(even)),
    sum.tokens === 1 ? vscode.l10n.t("1 token") : vscode.l10n.t("{0} tokens", formatCount(sum.tokens)),
  );
}
