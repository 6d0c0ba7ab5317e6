/** What the benchmark of the extension host asks of its probe, and what the probe answers; both as JSON files. */

export interface HostPlan {
  smallFile: string;
  /** Files of plain text, each with the place where it is edited. */
  files: { name: string; path: string; line: number; character: number }[];
  /** How often each file is opened. */
  openings: number;
  /** How often each action is done. */
  times: number;
  /** Milliseconds that the event loop is watched after an opening, and after any other action. */
  openMs: number;
  actionMs: number;
  resultFile: string;
}

/** How the event loop was held from an action on. */
export interface Held {
  /** The longest turn. */
  longestMs: number;
  /** What turns took beyond a frame, in all. */
  blockedMs: number;
  /** All turns but idle ones. */
  totalMs: number;
}

export interface HostReport {
  /** Whether Glassbox was there. */
  glassbox: boolean;
  open: Held[];
  /** Megabytes that the first document added, after a full collection. */
  memory: { rss: number; heap: number };
  /** By the name of the file: a character typed, the caret moved, a line break typed. */
  scenes: Record<string, { typed: Held[]; moved: Held[]; lines: Held[] }>;
}
