/** The verdicts in words, the same on pages, in stages and in files. */

import { t } from "./l10n.js";
import type { Verdict } from "./types.js";

export const VERDICT_NAMES: Readonly<Record<Verdict, string>> = {
  verified: t("verified"),
  contradicted: t("contradicted"),
  unchecked: t("unchecked"),
};
