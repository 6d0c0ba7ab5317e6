/** Damaged models of every architecture: each is refused with a reason or runs, in bounded time and memory. */

import assert from "node:assert/strict";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { readGgufHeader } from "../../../src/core/lens/gguf/readGguf.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { buildCase, CASES } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { seededRandom } from "./randomModel.js";

const MUTATIONS = 60;
const TOKENS = [1, 260, 261, 260, 270];

describe("damaged models", function () {
  this.timeout(60_000);

  const small = CASES.filter(({ sizes }) => (sizes.layers ?? 0) < 10);
  for (const [index, each] of small.entries()) {
    it(`of ${each.architecture}, ${each.variant}, are refused or run`, async () => {
      const { file } = buildCase(each, "F32", 1);
      const header = readGgufHeader(memorySource("whole.gguf", file));
      const headerBytes = Math.min(...[...header.tensors.values()].map(({ position }) => position));
      const vocabularyAt = Buffer.from(file.buffer, file.byteOffset, headerBytes).indexOf(
        "tokenizer.ggml.tokens",
      );
      const random = seededRandom(index + 5);
      let refused = 0;
      let slowest = 0;
      for (let mutation = 0; mutation < MUTATIONS; mutation++) {
        const damaged = file.slice();
        // Settings before the vocabulary, or tensors behind it: most of the bytes between are names of tokens.
        const [from, to] =
          mutation % 2 === 0 ? [24, vocabularyAt] : [headerBytes - 60 * header.tensors.size, headerBytes];
        const at = from + Math.floor(random() * (to - from));
        damaged[at] = mutation % 3 === 0 ? 255 : Math.floor(random() * 256);
        const startedAt = performance.now();
        try {
          const lens = openOnOneThread(memorySource("damaged.gguf", damaged), kernelModule(), async () => {});
          await lens.attend(TOKENS, {});
          await lens.logitsAt(TOKENS.length - 1);
          lens.dispose();
        } catch (error) {
          assert.ok(error instanceof GlassboxError, `byte ${at}: ${String(error)}`);
          refused++;
        }
        slowest = Math.max(slowest, performance.now() - startedAt);
      }
      assert.ok(refused > 0, "nothing was refused");
      assert.ok(slowest < 1000, `${slowest.toFixed(0)} ms`);
    });
  }
});
