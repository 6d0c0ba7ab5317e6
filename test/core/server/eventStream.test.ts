/** Server-sent events: any cut of the bytes gives the same events, and nothing grows without limit. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { EventStream, LONGEST_EVENT } from "../../../src/core/server/eventStream.js";

const bytes = (text: string) => new TextEncoder().encode(text);
const eventsOf = (...pieces: Uint8Array[]) => {
  const stream = new EventStream();
  return pieces.flatMap((piece) => stream.take(piece));
};

describe("events of a server", () => {
  it("reads data after any line end, joins lines, and passes by comments and other fields", () => {
    assert.deepEqual(eventsOf(bytes("data: a\n\ndata:b\r\n\r\ndata: c\r\r")), ["a", "b", "c"]);
    assert.deepEqual(eventsOf(bytes("data: one\ndata: two\n\n")), ["one\ntwo"]);
    assert.deepEqual(eventsOf(bytes(":ping\n\nevent: x\nid: 3\ndata:  y\n\n")), [" y"]);
    assert.deepEqual(eventsOf(bytes("\ufeffdata: a\n\n")), ["a"]);
  });

  it("keeps what has not ended", () => {
    assert.deepEqual(eventsOf(bytes("data: a\n\ndata: half")), ["a"]);
  });

  it("gives the same events however the bytes are cut", () => {
    const text = fc.stringMatching(/^[^\r\n]*$/u);
    const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
    fc.assert(
      fc.property(
        fc.array(text, { minLength: 1 }),
        lineEnd,
        fc.array(fc.nat({ max: 400 })),
        (events, end, cuts) => {
          const whole = bytes(events.map((event) => `data: ${event}${end}${end}`).join(""));
          const places = [...new Set([0, ...cuts.map((cut) => cut % (whole.length + 1)), whole.length])];
          places.sort((a, b) => a - b);
          const pieces = places.slice(1).map((to, index) => whole.subarray(places[index], to));
          assert.deepEqual(eventsOf(...pieces), eventsOf(whole));
          assert.equal(eventsOf(whole).length, events.length);
        },
      ),
    );
  });

  it("refuses an event without end, whether in one line or in many", () => {
    const flood = bytes("x".repeat(2 ** 16));
    const endless = (piece: Uint8Array) => () => {
      const stream = new EventStream();
      for (let sent = 0; sent <= LONGEST_EVENT + 2 ** 17; sent += piece.length) stream.take(piece);
    };
    assert.throws(endless(flood), { code: "server" });
    assert.throws(endless(bytes(`data: ${"x".repeat(1000)}\n`)), { code: "server" });
  });
});
