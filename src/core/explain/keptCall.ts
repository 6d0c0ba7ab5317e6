/** What is kept of the call that "What Was Sent" shows while the window is closed, and what comes back of it. */

import { fromBytesJson, toBytesJson } from "../../shared/bytesJson.js";
import type { SentCall } from "../../shared/panels/sent.js";

/** Changes with the shape of the call: what another version has kept is not read. */
const VERSION = 1;
/** UTF-16 units: VS Code keeps such things in memory, and warns of more than half a million. */
const MOST_KEPT = 400_000;

/** The call as text; "" where it is too large. */
export function keptCall(call: SentCall, most = MOST_KEPT): string {
  const text = toBytesJson({ version: VERSION, call });
  return text.length <= most ? text : "";
}

/** The call that was kept; undefined where it is none of ours. */
export function returnedCall(text: string): SentCall | undefined {
  if (text === "") return undefined;
  const kept = fromBytesJson(text) as { version?: number; call?: SentCall };
  return kept.version === VERSION ? kept.call : undefined;
}
