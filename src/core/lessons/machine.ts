/** The parts of a session as those of a machine: how full its memory is, and what that takes. */

import type { SessionUse } from "../../shared/panels/experiments.js";
import type { ModelFacts } from "../../shared/panels/lesson.js";

/** Bytes of a number in the cache: the engine keeps 16-bit floats. */
const CACHE_NUMBER_BYTES = 2;

export interface Machine {
  /** Tokens that the window has room for. */
  window: number;
  /** Tokens of the text with what its template adds, and their part of the window: above 1 it does not fit. */
  fill: number;
  share: number;
  /** Bytes of keys and values: of a token, of the text, and of a full window. */
  tokenBytes: number;
  fillBytes: number;
  windowBytes: number;
  diskBytes: number;
  /** All requests to processes and calls of tools in this session. */
  requests: number;
}

/** @param fill tokens of what is sent. @param window tokens of the context as it is allocated. */
export function machineOf(
  { values, fileBytes }: Pick<ModelFacts, "values" | "fileBytes">,
  { devices }: Pick<SessionUse, "devices">,
  fill: number,
  window: number,
): Machine {
  const { "model-layers": layers = 0, "model-kv-heads": heads = 0, "model-head-width": width = 0 } = values;
  // A key and a value for every head of every layer.
  const tokenBytes = 2 * layers * heads * width * CACHE_NUMBER_BYTES;
  return {
    window,
    fill,
    share: fill / Math.max(1, window),
    tokenBytes,
    fillBytes: Math.min(fill, window) * tokenBytes,
    windowBytes: window * tokenBytes,
    diskBytes: fileBytes,
    requests: devices.reduce(
      (sum, { requests }) => sum + requests.reduce((all, { count }) => all + count, 0),
      0,
    ),
  };
}

/** How often a device was used. */
export function usesOf({ devices }: Pick<SessionUse, "devices">, device: string): number {
  const found = devices.find((each) => each.device === device);
  return found?.requests.reduce((sum, { count }) => sum + count, 0) ?? 0;
}
