/** Holds the block of every architecture against the plain f64 reference, attention cell by cell. */

import assert from "node:assert/strict";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { FEED_BLOCK } from "../../../src/core/lens/run.js";
import type { LayerAttention } from "../../../src/shared/types.js";
import { buildCase, CASES, type ConformanceCase } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { seededRandom } from "./randomModel.js";
import { plainWeights, referenceForward } from "./referenceForward.js";

const TOKENS = 40;
const CONTEXT = 64;
/** More than go through the feed-forward part at once. */
const MANY_TOKENS = FEED_BLOCK + 10;

async function isAsThePlainReference(each: ConformanceCase, tokens: number, contextSize: number) {
  const { file } = buildCase(each, "F32", 3);
  const lens = openOnOneThread(memorySource("case.gguf", file), kernelModule(), async () => {});
  const random = seededRandom(4);
  const ids = Array.from({ length: tokens }, () => 259 + Math.floor(random() * 40));
  const expected = referenceForward(lens.shape, plainWeights(file), ids, { logits: true, contextSize });
  const maps: LayerAttention[] = [];
  await lens.attend(ids, { contextSize, onWeights: (layer) => maps.push(layer) });
  assert.equal(maps.length, lens.shape.layers);
  for (const { layer, weights } of maps) {
    for (const [i, weight] of weights.entries()) {
      const reference = expected.attention[layer]![i]!;
      assert.ok(Math.abs(weight - reference) < 1e-4, `layer ${layer}, cell ${i}: ${weight} for ${reference}`);
    }
  }
  for (let position = 0; position < tokens; position++) {
    for (const [id, logit] of (await lens.logitsAt(position)).entries()) {
      const reference = expected.logits[position * lens.shape.vocabulary + id]!;
      assert.ok(Math.abs(logit - reference) < 1e-3, `position ${position}: ${logit} for ${reference}`);
    }
  }
}

describe("the blocks of the architectures", function () {
  this.timeout(30_000);

  for (const each of CASES.filter(({ sizes }) => (sizes.layers ?? 0) < 10)) {
    it(`are computed as the plain reference computes them: ${each.architecture}, ${each.variant}`, () =>
      isAsThePlainReference(each, TOKENS, CONTEXT));
  }

  for (const architecture of ["llama", "gpt2", "phi3"]) {
    it(`take a text in pieces through the feed-forward part: ${architecture}`, async () => {
      const each = CASES.find((other) => other.architecture === architecture);
      assert.ok(each);
      const sizes = { ...each.sizes, context: MANY_TOKENS };
      await isAsThePlainReference({ ...each, sizes }, MANY_TOKENS, MANY_TOKENS);
    });
  }
});
