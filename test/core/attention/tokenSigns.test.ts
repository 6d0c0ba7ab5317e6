/** What is shown in a text for tokens of which it shows nothing itself. */

import assert from "node:assert/strict";
import { tokenSigns } from "../../../src/core/lens/tokenSigns.js";
import type { PlacedModelToken } from "../../../src/shared/types.js";

/** Tokens one behind the other, after one that stands nowhere. */
function tokensOf(...texts: string[]): PlacedModelToken[] {
  let start = 0;
  const placed = texts.map((text, index): PlacedModelToken => {
    const bytes = new TextEncoder().encode(text);
    const token = { id: index + 1, bytes, name: text, special: false, start, end: start + text.length };
    start += text.length;
    return { ...token, startsInside: false, endsInside: false };
  });
  const bos = { id: 0, bytes: new Uint8Array(0), name: "<s>", special: true, start: 0, end: 0 };
  return [{ ...bos, startsInside: false, endsInside: false }, ...placed];
}

const signsOf = (...texts: string[]) => tokenSigns(tokensOf(...texts), texts.join(""));

describe("tokenSigns", () => {
  it("names what stands nowhere where it would stand, and shows nothing of what can be seen", () => {
    assert.deepEqual(signsOf("let", " x", "\t"), [{ token: 0, offset: 0, sign: "<s>", side: "before" }]);
    const space = { ...tokensOf(" ")[1]!, end: 0 };
    assert.deepEqual(tokenSigns([space], "x"), [{ token: 0, offset: 0, sign: "·", side: "before" }]);
  });

  it("shows every line break at the end of its line, however the lines end and the tokens are cut", () => {
    const broken = (...texts: string[]) => signsOf(...texts).slice(1);
    assert.deepEqual(broken("a", "\n", "b"), [{ token: 2, offset: 1, sign: "⏎", side: "after" }]);
    assert.deepEqual(broken("a;\n\n  ", "b"), [
      { token: 1, offset: 2, sign: "⏎", side: "after" },
      { token: 1, offset: 3, sign: "⏎", side: "after" },
    ]);
    assert.deepEqual(broken("a", "\r\n"), [{ token: 2, offset: 1, sign: "␍⏎", side: "after" }]);
    assert.deepEqual(broken("a", "\r", "\n"), [
      { token: 2, offset: 1, sign: "␍", side: "after" },
      { token: 3, offset: 2, sign: "⏎", side: "after" },
    ]);
  });
});
