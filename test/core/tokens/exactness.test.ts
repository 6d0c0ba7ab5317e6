/** A share of `npm run exactness -- tokens`: ids and spans are js-tiktoken's in every encoding, also after edits. */

import { ENCODING_NAMES } from "../../../src/core/tokens/encodings.js";
import { checkEdits, checkTexts } from "./exactness.js";

/** Changes from day to day, and is told where a check fails. */
const seed = Math.floor(Date.now() / 86_400_000);

for (const name of ENCODING_NAMES) {
  describe(`exactness, ${name}`, () => {
    it("holds for any text", () => checkTexts(name, 1000, seed));
    it("holds after any edit", () => checkEdits(name, 1500, seed));
  });
}
