/** Where a mixture of experts differs with the lens's quicker arithmetic, a router near a tie is the reason. */

import assert from "node:assert/strict";
import { compareAt } from "../../../src/core/lens/agreement.js";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import type { Arithmetic } from "../../../src/core/lens/run.js";
import { buildCase, CASES } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { seededRandom } from "./randomModel.js";

const TOKENS = 64;
/** More than rounding alone moves a probability in any of the models. */
const APART = 0.01;
/** Shares as near as this are a tie for 12 bits or more. */
const NEARLY = 1e-3;

async function computed(file: Uint8Array, ids: readonly number[], arithmetic: Arithmetic) {
  const lens = openOnOneThread(memorySource("mixture.gguf", file), kernelModule(), async () => {});
  await lens.attend(ids, { arithmetic });
  const logits: Float32Array[] = [];
  for (const position of ids.keys()) logits.push(await lens.logitsAt(position));
  const routing = await lens.routing();
  assert.ok(routing);
  return { logits, routing };
}

describe("a mixture of experts in integers", function () {
  this.timeout(30_000);

  it("differs only behind tokens that a router near a tie sends elsewhere", async () => {
    let apart = 0;
    for (const each of CASES.filter(({ sizes }) => (sizes.experts ?? 0) > 0)) {
      for (let seed = 1; seed <= 8; seed++) {
        const random = seededRandom(seed + 1000);
        const ids = Array.from({ length: TOKENS }, (_, i) => (i === 0 ? 1 : 259 + Math.floor(random() * 40)));
        const { file } = buildCase(each, "F32", seed);
        const exact = await computed(file, ids, "f32");
        const integers = await computed(file, ids, "i16");
        const { layers, used, chosen, shares } = exact.routing;
        /** The first layer in which a token goes to other experts, by token. */
        const sentElsewhere = new Map<number, number>();
        for (let layer = layers - 1; layer >= 0; layer--) {
          for (let token = 0; token < TOKENS; token++) {
            const from = (layer * TOKENS + token) * used;
            const other = new Set(integers.routing.chosen.subarray(from, from + used));
            if (chosen.subarray(from, from + used).some((expert) => !other.has(expert))) {
              sentElsewhere.set(token, layer);
            }
          }
        }
        for (const [position, logits] of exact.logits.entries()) {
          const { maxProbabilityDifference } = compareAt(integers.logits[position]!, logits);
          if (maxProbabilityDifference < APART) continue;
          apart++;
          const before = [...sentElsewhere.keys()].filter((token) => token <= position);
          assert.ok(before.length > 0, `${each.architecture}, model ${seed}, position ${position}`);
        }
        // Nothing has moved yet where the first of them was sent elsewhere: there it was a tie.
        const first = Math.min(...sentElsewhere.values());
        for (const [token, layer] of sentElsewhere) {
          if (layer > first) continue;
          const last = (layer * TOKENS + token + 1) * used - 1;
          const gap = Math.abs(shares[last]! - integers.routing.shares[last]!);
          assert.ok(gap < NEARLY, `${each.architecture}, model ${seed}, token ${token}: ${gap}`);
        }
      }
    }
    assert.ok(apart > 0, "there are such tokens");
  });
});
