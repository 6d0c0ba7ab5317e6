/** What the stages are called on the page: in English by the names that they have in code and settings. */

import type { StageName } from "../../src/core/sampling/stages.js";
import { t } from "../../src/shared/l10n.js";

const NAMES: Readonly<Record<StageName, string>> = {
  penalties: t("penalties"),
  "top-k": "top-k",
  "typical-p": "typical-p",
  "top-p": "top-p",
  "min-p": "min-p",
  xtc: "xtc",
  temperature: t("temperature"),
  greedy: t("greedy"),
};

export function stageName(stage: StageName): string {
  return NAMES[stage];
}
