/** Speaks another panel's protocol through the lesson's host, for an exhibit that is embedded in a lesson. */

import type { Caller, ProtocolOf } from "../../../src/shared/rpc.js";
import type { LessonHost } from "./registry.js";

/** The host of the exhibit's own panel, asked about `text`. */
export function embeddedHost<P extends ProtocolOf<P>>(
  host: LessonHost,
  exhibitId: string,
  text: string,
): Caller<P> {
  return {
    call: (method, params, options) => host.call("exhibit", { exhibitId, text, method, params }, options),
  } as Caller<P>;
}
