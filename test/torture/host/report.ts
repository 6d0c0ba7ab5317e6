/** What the torture asks of its part in the extension host, and what that answers; both as JSON files. */

import type { TorturePlan } from "../trials.js";

export interface HostPlan extends TorturePlan {
  /** The root of the project, which holds the tokenizer's tables. */
  root: string;
  /** A plain text of 10 MB, and a small file of code. */
  largeFile: string;
  smallFile: string;
  resultFile: string;
}

export interface HostReport {
  tried: number;
  survived: number;
  failures: string[];
  /** What was measured, a line each. */
  notes: string[];
}
