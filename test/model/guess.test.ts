/** Scores of guesses by the built-in model, held to sums over its whole vocabulary. */

import assert from "node:assert/strict";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { builtInModel, THREADS } from "../modelFiles.js";

const STORIES = builtInModel();
const TEXT = "Once upon a time, there was a little";

describe("Guesses scored by the built-in model", function () {
  this.timeout(60_000);
  let worker: WorkerClient<ModelProtocol>;
  let tokenIds: number[];
  let size: number;

  before(async () => {
    worker = builtWorkers.model({ log: (line) => console.log(line) });
    size = (await worker.call("load", { path: STORIES, gpuLayers: 0, threads: THREADS })).vocabularySize;
    tokenIds = (await worker.call("tokenize", { text: TEXT, bos: true })).map(({ id }) => id);
  });
  after(() => worker.dispose());

  const vocabulary = async () => worker.call("tokens", { ids: Array.from({ length: size }, (_, id) => id) });

  it("is the sum of all tokens that begin with a text, and of those that spell it in pieces", async () => {
    const tokens = await vocabulary();
    const text = " gi";
    const [found] = await worker.call("continuations", { tokenIds, texts: [text] });
    const spelled = (id: number) => new TextDecoder("latin1").decode(tokens[id]!.bytes);
    const sumOf = async (context: number[], rest: string): Promise<number> => {
      const { logits } = await worker.call("next", { tokenIds: context });
      let sum = 0;
      for (let id = 0; id < size; id++) {
        const own = spelled(id);
        if (own === "") continue;
        if (own.startsWith(rest)) sum += Math.exp(logits[id]!);
        else if (rest.startsWith(own) && Math.exp(logits[id]!) > 1e-7)
          sum += Math.exp(logits[id]!) * (await sumOf([...context, id], rest.slice(own.length)));
      }
      return sum;
    };
    const expected = await sumOf(tokenIds, text);
    // " girl" is what comes next in nearly every story.
    assert.ok(expected > 0.3, `${expected}`);
    assert.ok(
      Math.abs(found!.probability - expected) <= found!.missing + 1e-4,
      `${found!.probability}, ${expected}`,
    );
    assert.ok(found!.missing <= 0.01 * found!.probability);
    assert.equal(found!.oneToken, true);
    assert.ok(found!.beginning > 1);
    assert.equal(spelled(found!.spelling[0]!), " girl");
  });

  it("spells what is longer than a token, multiplying what its tokens were given", async () => {
    const text = " girl named Lily";
    const [found] = await worker.call("continuations", { tokenIds, texts: [text] });
    assert.equal(found!.oneToken, false);
    assert.equal(found!.beginning, 0);
    let product = 1;
    const context = [...tokenIds];
    for (const id of found!.spelling) {
      const { logits } = await worker.call("next", { tokenIds: context });
      product *= Math.exp(logits[id]!);
      context.push(id);
    }
    assert.ok(found!.spelling.length > 2);
    assert.ok(found!.probability >= product * 0.999, `${found!.probability}, ${product}`);
    assert.ok(found!.probability + found!.missing <= 1);
  });

  it("gives all first bytes together all but what control tokens have", async () => {
    const { logits } = await worker.call("next", { tokenIds });
    const control = (await vocabulary())
      .filter(({ bytes }) => bytes.length === 0)
      .reduce((sum, { id }) => sum + Math.exp(logits[id]!), 0);
    const texts = Array.from({ length: 128 }, (_, byte) => String.fromCharCode(byte));
    const found = await worker.call("continuations", { tokenIds, texts });
    const ascii = found.reduce((sum, { probability }) => sum + probability, 0);
    assert.ok(Math.abs(1 - control - ascii) < 0.001, `${ascii} and ${control}`);
  });
});
