/** Puts a layer of the lens together from the pieces in which its process sends it. */

import type { AttentionLayer } from "../../shared/panels/attention.js";
import type { Caller } from "../../shared/rpc.js";
import type { LensProtocol } from "../../shared/workerProtocol.js";
import { triangle } from "./packedAttention.js";

export async function fetchLayer(
  lens: Caller<LensProtocol>,
  asked: LensProtocol["layer"]["params"],
  signal?: AbortSignal,
): Promise<AttentionLayer> {
  const pieces: Uint16Array[] = [];
  const onEvent = (piece: Uint16Array) => void pieces.push(piece);
  const about = await lens.call("layer", asked, { onEvent, ...(signal ? { signal } : {}) });
  const halves = new Uint16Array(about.headCount * triangle(about.tokenCount));
  let at = 0;
  for (const piece of pieces) {
    halves.set(piece, at);
    at += piece.length;
  }
  if (at !== halves.length) throw new RangeError(`Expected ${halves.length} weights, found ${at}.`);
  return { ...about, halves };
}
