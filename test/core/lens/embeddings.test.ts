/** Nearest neighbours of embeddings, against plain cosines over the weights as they were written. */

import assert from "node:assert/strict";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import { openOnOneThread } from "../../../src/core/lens/lensModel.js";
import { kernelModule } from "./kernelBytes.js";
import { randomModel } from "./randomModel.js";

const DIM = 32;
const VOCABULARY = 50;

describe("embeddings", () => {
  const { file, weights } = randomModel(41, { dim: DIM, vocabulary: VOCABULARY });
  const matrix = weights.get("token_embd.weight")!;
  const open = () => openOnOneThread(memorySource("random.gguf", file), kernelModule(), async () => {});
  const nearest = (plus: number[], minus: number[] = [], count = 5) =>
    open().neighbours({ plus, minus }, count, async () => {});
  const row = (id: number) => [...matrix.subarray(id * DIM, (id + 1) * DIM)];
  const cosine = (a: number[], b: number[]) => {
    const dot = (x: number[], y: number[]) => x.reduce((sum, value, i) => sum + value * y[i]!, 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  };

  it("finds the tokens with the smallest angles, the token itself left out", async () => {
    for (const id of [0, 17, VOCABULARY - 1]) {
      const found = await nearest([id]);
      const expected = Array.from({ length: VOCABULARY }, (_, other) => ({
        id: other,
        cosine: cosine(row(id), row(other)),
      }))
        .filter((other) => other.id !== id)
        .sort((a, b) => b.cosine - a.cosine)
        .slice(0, 5);
      assert.deepEqual(
        found.nearest.map((other) => other.id),
        expected.map((other) => other.id),
      );
      for (const [i, other] of found.nearest.entries()) {
        assert.ok(Math.abs(other.cosine - expected[i]!.cosine) < 1e-6);
      }
      assert.equal(found.compared, VOCABULARY - 1);
    }
  });

  it("adds and subtracts", async () => {
    const sum = row(3).map((value, i) => value - row(8)[i]! + row(20)[i]!);
    const found = await nearest([3, 20], [8], 1);
    const others = Array.from({ length: VOCABULARY }, (_, id) => id).filter((id) => ![3, 8, 20].includes(id));
    const best = Math.max(...others.map((id) => cosine(sum, row(id))));
    assert.ok(Math.abs(found.nearest[0]!.cosine - best) < 1e-6);
  });

  it("is nearest to nothing where nothing is left, and refuses what is no token", async () => {
    assert.deepEqual((await nearest([4], [4])).nearest, []);
    assert.deepEqual((await nearest([])).nearest, []);
    await assert.rejects(nearest([VOCABULARY]), /50 is no token/);
  });

  it("leaves a run as it was", async () => {
    const lens = open();
    const ids = [1, 2, 3, 4, 5];
    await lens.attend(ids);
    const before = await lens.logitsAt(4);
    await lens.neighbours({ plus: [7], minus: [] }, 3, async () => {});
    assert.deepEqual(await lens.logitsAt(4), before);
    await lens.attend(ids);
    assert.deepEqual(await lens.logitsAt(4), before);
  });
});
