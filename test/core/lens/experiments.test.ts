/** The lens's experiments: a pass without order, where a mixture sends its tokens, and rows of the embeddings. */

import assert from "node:assert/strict";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { buildCase, CASES } from "../../model/conformance/cases.js";
import { kernelModule } from "./kernelBytes.js";
import { plainWeights, referenceForward } from "./referenceForward.js";

const IDS = [260, 271, 265, 290, 262, 280];
/** The same tokens in another order, the last where it was. */
const ORDER = [0, 3, 1, 4, 2, 5];

const small = CASES.filter(({ sizes }) => (sizes.layers ?? 0) < 10);
const openCase = (file: Uint8Array) =>
  openOnOneThread(memorySource("case.gguf", file), kernelModule(), async () => {});

describe("a pass in which all positions are equal", function () {
  this.timeout(30_000);

  for (const each of small) {
    it(`does not see the order in the first layer: ${each.architecture}, ${each.variant}`, async () => {
      const lens = openCase(buildCase(each, "F32", 3).file);
      const { heads } = lens.shape;
      /** What the last token gives each token, by head: (heads, tokens), in the order of IDS. */
      const firstLayer = async (order: readonly number[], equalPositions: boolean) => {
        const rows: number[] = [];
        await lens.attend(
          order.map((at) => IDS[at] ?? 0),
          {
            equalPositions,
            onWeights: ({ layer, weights, tokenCount }) => {
              if (layer > 0) return;
              for (let head = 0; head < heads; head++) {
                const row = weights.subarray((head * tokenCount + tokenCount - 1) * tokenCount);
                for (let at = 0; at < IDS.length; at++) rows.push(row[order.indexOf(at)] ?? 0);
              }
            },
          },
        );
        return rows;
      };
      const straight = IDS.map((_, at) => at);
      const moved = async (equalPositions: boolean) => {
        const before = await firstLayer(straight, equalPositions);
        const after = await firstLayer(ORDER, equalPositions);
        return Math.max(...before.map((weight, at) => Math.abs(weight - (after[at] ?? 0))));
      };
      const [equal, counted] = [await moved(true), await moved(false)];
      assert.ok(equal < 1e-6, `equal: ${equal}`);
      // A window may hide some tokens, but what is seen moves.
      assert.ok(counted > 1e-3, `counted: ${counted}`);
    });
  }
});

describe("the routing of a mixture of experts", () => {
  const mixtures = small.filter(({ sizes }) => (sizes.experts ?? 0) > 0);

  it("is known for two architectures", () => assert.ok(mixtures.length >= 2));

  for (const each of mixtures) {
    it(`is that of the plain reference: ${each.architecture}`, async () => {
      const { file } = buildCase(each, "F32", 5);
      const lens = openCase(file);
      await lens.attend(IDS, {});
      const routing = await lens.routing();
      assert.ok(routing);
      const { used, count, layers, tokens, chosen, shares } = routing;
      assert.deepEqual([layers, tokens], [lens.shape.layers, IDS.length]);
      assert.ok(used < count);
      const expected: { experts: number[]; shares: number[] }[] = [];
      referenceForward(lens.shape, plainWeights(file), IDS, {
        logits: false,
        onRouted: (experts, of) => expected.push({ experts, shares: of }),
      });
      assert.equal(expected.length, layers * tokens);
      for (const [at, row] of expected.entries()) {
        assert.deepEqual([...chosen.subarray(at * used, (at + 1) * used)], row.experts, `row ${at}`);
        for (const [rank, share] of row.shares.entries()) {
          assert.ok(Math.abs((shares[at * used + rank] ?? 0) - share) < 1e-4);
        }
      }
    });
  }

  it("is none where every token has the whole layer", async () => {
    const dense = small.find(({ sizes }) => !sizes.experts);
    assert.ok(dense);
    const lens = openCase(buildCase(dense, "F32", 5).file);
    await lens.attend(IDS, {});
    assert.equal(await lens.routing(), undefined);
  });
});

describe("rows of the embeddings", () => {
  it("are those of the file, and only of tokens that there are", () => {
    const [each] = small;
    assert.ok(each);
    const { file } = buildCase(each, "F32", 5);
    const lens = openCase(file);
    const { dim, vocabulary } = lens.shape;
    const table = plainWeights(file).get("token_embd.weight");
    assert.ok(table);
    const rows = lens.embeddings([7, 3]);
    assert.deepEqual([...rows.subarray(0, dim)], [...table.subarray(7 * dim, 8 * dim)]);
    assert.deepEqual([...rows.subarray(dim)], [...table.subarray(3 * dim, 4 * dim)]);
    assert.throws(() => lens.embeddings([vocabulary]), /is no token/);
  });
});
