/** Server-sent events as they arrive: bytes in, the data of whole events out. Nothing grows beyond its limit. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";

/** Characters that one event may have. A token with twenty alternatives has about two thousand. */
export const LONGEST_EVENT = 2 ** 20;

/** Follows the WHATWG's "Server-sent events", of which only `data` fields matter here. */
export class EventStream {
  readonly #decoder = new TextDecoder();
  /** Pieces of the line that has not ended yet, and how long they are together. */
  #pieces: string[] = [];
  #length = 0;
  #data: string[] = [];
  #endedByCarriageReturn = false;

  /**
   * Takes what has come and answers the events that are complete.
   * @throws GlassboxError `server` when an event is longer than `LONGEST_EVENT`.
   */
  take(bytes: Uint8Array): string[] {
    const text = this.#decoder.decode(bytes, { stream: true });
    const events: string[] = [];
    let from = 0;
    for (let at = 0; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code !== LINE_FEED && code !== CARRIAGE_RETURN) {
        this.#endedByCarriageReturn = false;
        continue;
      }
      // The second half of a CRLF, perhaps in another chunk.
      if (code === LINE_FEED && this.#endedByCarriageReturn) {
        this.#endedByCarriageReturn = false;
        from = at + 1;
        continue;
      }
      this.#keep(text.slice(from, at));
      from = at + 1;
      this.#endedByCarriageReturn = code === CARRIAGE_RETURN;
      this.#endLine(events);
    }
    this.#keep(text.slice(from));
    return events;
  }

  #keep(piece: string): void {
    if (piece === "") return;
    this.#length += piece.length;
    if (this.#length > LONGEST_EVENT) {
      throw new GlassboxError(
        "server",
        t("The server sent an event of more than a million characters."),
        t("What answers there is probably no OpenAI-compatible server. Check the address."),
      );
    }
    this.#pieces.push(piece);
  }

  #endLine(events: string[]): void {
    const line = this.#pieces.join("");
    this.#pieces = [];
    if (line === "") {
      if (this.#data.length > 0) events.push(this.#data.join("\n"));
      this.#data = [];
      this.#length = 0;
    } else if (line.startsWith("data:")) {
      this.#data.push(line.slice(line[5] === " " ? 6 : 5));
    }
  }
}

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
