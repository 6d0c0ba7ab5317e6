/** The walk of the sampling exhibit, on a vocabulary of 12 whose logits behind any text are random but always the same. */

import assert from "node:assert/strict";
import { candidatesOf } from "../../../src/core/sampling/candidates.js";
import { GenerationTree, ROOT } from "../../../src/core/sampling/generationTree.js";
import { seededCoin } from "../../../src/core/sampling/randomness.js";
import { ENGINE_ORDER, NEUTRAL_SETTINGS, runStages } from "../../../src/core/sampling/stages.js";
import type { SamplingHost, SamplingPrompt } from "../../../src/shared/panels/sampling.js";
import { type Channel, connect, type Handlers } from "../../../src/shared/rpc.js";
import type { ModelToken } from "../../../src/shared/types.js";
import { Predictions } from "../../../webview/sampling/predictions.js";
import {
  type DrawnToken,
  drawnOn,
  drawnStep,
  idsUpTo,
  pruned,
  takenStep,
  threeWays,
  type View,
  viewOf,
  walked,
} from "../../../webview/sampling/walk.js";

const VOCABULARY = 12;
const PROMPT = [1, 5, 7];
const BESIDE_TOKENS = 12;
const state = { settings: { ...NEUTRAL_SETTINGS, topK: 6 }, order: ENGINE_ORDER, seed: 42 };
const { signal } = new AbortController();

function logitsBehind(ids: readonly number[]): Float32Array {
  const place = ids.reduce((sum, id) => (sum * (VOCABULARY + 1) + id + 1) % 100_003, 0);
  const coin = seededCoin(7, place);
  return Float32Array.from({ length: VOCABULARY }, () => 4 * coin());
}

/** A host over the real way of messages, and what it was asked. @param end the token that ends a text. */
function hostOf(end: number) {
  const asked: (keyof SamplingHost)[] = [];
  const named: number[] = [];
  const handlers: Partial<Handlers<SamplingHost>> = {
    next: ({ tokenIds }) => {
      asked.push("next");
      return { logits: logitsBehind(tokenIds), ms: 1, reused: tokenIds.length - 1 };
    },
    tokens: ({ ids }) => {
      asked.push("tokens");
      named.push(...ids);
      return ids.map(
        (id): ModelToken => ({ id, bytes: Uint8Array.of(97 + id), name: `t${id}`, special: id === end }),
      );
    },
  };
  const listeners: ((message: unknown) => void)[][] = [[], []];
  const channel = (own: 0 | 1): Channel => ({
    post: (message) =>
      queueMicrotask(() => {
        for (const listen of listeners[1 - own]!) listen(message);
      }),
    onMessage: (listen) => void listeners[own]!.push(listen),
    onClose: () => {},
  });
  connect<Record<never, never>, SamplingHost>(channel(1), handlers as Handlers<SamplingHost>);
  return { asked, named, caller: connect<SamplingHost, Record<never, never>>(channel(0), {}) };
}

async function begun(end = -1) {
  const { caller, asked, named } = hostOf(end);
  const predictions = new Predictions(() => caller);
  const prompt = { tokens: PROMPT.map((id) => ({ id })) } as SamplingPrompt;
  const view = await viewOf({ prompt, tree: GenerationTree.empty(), at: ROOT }, predictions, signal);
  return { view, predictions, asked, named };
}

const ids = (view: View) => idsUpTo(view).slice(PROMPT.length);
const bestBehind = (text: readonly number[]) => candidatesOf(logitsBehind(text)).ids[0]!;

describe("the walk of the sampling exhibit", () => {
  it("draws what the seed determines, one by one as all at once", async () => {
    const { view, predictions } = await begun();
    const told: number[] = [];
    const end = await drawnOn(view, 10, state, predictions, signal, (_, done) => told.push(done));
    assert.deepEqual(told, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    let step = view;
    for (let count = 0; count < 10; count++)
      step = await walked(step, drawnStep(step, state), predictions, signal);
    assert.deepEqual(ids(step), ids(end));
    for (const { index, step: drawn } of end.tree.pathTo(end.at)) {
      assert.deepEqual([drawn.index, drawn.way, drawn.seed, drawn.survivors], [index, "drawn", 42, 6]);
      const before = candidatesOf(logitsBehind([...PROMPT, ...ids(end).slice(0, index)]));
      assert.equal(drawn.before, before.probabilities[before.ids.indexOf(drawn.id)]);
    }
    const other = await drawnOn(view, 10, { ...state, seed: 43 }, predictions, signal, () => {});
    assert.notDeepEqual(ids(other), ids(end));
  });

  it("ends a run with the token that ends the text", async () => {
    const { view, predictions } = await begun();
    const [, , third] = ids(await drawnOn(view, 3, state, predictions, signal, () => {}));
    const ending = await begun(third);
    const ended = await drawnOn(ending.view, 10, state, ending.predictions, signal, () => {});
    assert.equal(ids(ended).indexOf(third!), ids(ended).length - 1);
    assert.ok(ids(ended).length <= 3);
  });

  it("takes any token by hand, with what the stages left of it", async () => {
    const { view, predictions } = await begun();
    const { candidates } = view.prediction;
    const outcomes = runStages(candidates, state.settings, { order: state.order, history: PROMPT });
    const [kept, cut] = [candidates.ids[1]!, candidates.ids[9]!];
    const step = takenStep(cut, view, outcomes, state);
    assert.deepEqual([step.rank, step.after, step.way, step.coin], [9, 0, "taken", undefined]);
    assert.equal(step.before, candidates.probabilities[9]);
    const other = takenStep(kept, view, outcomes, state);
    assert.ok(other.after > other.before, "what is left was renormalised");
    const next = await walked(await walked(view, step, predictions, signal), other, predictions, signal);
    assert.deepEqual(ids(next), [cut, kept]);
  });

  it("goes on greedily, by a beam and by a draw from the same place", async () => {
    const { view, predictions } = await begun();
    const from = await walked(view, drawnStep(view, state), predictions, signal);
    const told: string[] = [];
    const { tree, beside } = await threeWays(from, state, predictions, signal, (text) => told.push(text));
    assert.equal(beside.from, from.at);
    assert.deepEqual(
      beside.roads.map(({ way }) => way),
      ["greedy", "beam", "drawn"],
    );
    const [greedy, beam, drawn] = beside.roads.map(({ leaf }) => ids({ ...from, tree, at: leaf }).slice(1));
    for (const road of [greedy, beam, drawn]) assert.equal(road!.length, BESIDE_TOKENS);
    greedy!.forEach((id, place) => {
      assert.equal(id, bestBehind([...idsUpTo(from), ...greedy!.slice(0, place)]), `token ${place}`);
    });
    const probability = (road: number) => tree.logProbability(beside.roads[road]!.leaf);
    assert.ok(probability(1) >= probability(0));
    const alone = await drawnOn(from, BESIDE_TOKENS, state, predictions, signal, () => {});
    assert.deepEqual(drawn, ids(alone).slice(1));
    assert.equal(told.at(-1), `Drawn: ${BESIDE_TOKENS} of ${BESIDE_TOKENS} tokens …`);
    // What they have in common is there once.
    assert.ok(tree.nodes.length <= 1 + 3 * BESIDE_TOKENS);
  });

  it("leaves of the tree only the road in use", async () => {
    const { view, predictions } = await begun();
    const first = await drawnOn(view, 4, state, predictions, signal, () => {});
    const back = { ...first, at: first.tree.pathTo(first.at)[1]!.index };
    const second = await drawnOn(back, 3, { ...state, seed: 9 }, predictions, signal, () => {});
    const left = pruned(second);
    assert.deepEqual(ids(left), ids(second));
    assert.equal(left.tree.nodes.length, 5);
    assert.deepEqual(
      left.tree.nodes.map(({ step }: { step: DrawnToken }) => step.index),
      [0, 1, 2, 3, 4],
    );
  });
});

describe("what the model said", () => {
  it("is kept for going back, the last 16 of it, and each name is asked for once", async () => {
    const { view, predictions, asked, named } = await begun();
    const end = await drawnOn(view, 18, state, predictions, signal, () => {});
    assert.equal(asked.filter((method) => method === "next").length, 19);
    assert.equal(new Set(named).size, named.length);
    const places = [ROOT, ...end.tree.pathTo(end.at).map(({ index }) => index)];
    assert.deepEqual(
      places.map((at) => predictions.known(idsUpTo({ ...end, at })) !== undefined),
      places.map((_, count) => count >= places.length - 16),
    );
    // Back to one that is kept, which is the last to go then.
    const at = places.at(-16)!;
    const kept = await viewOf({ ...end, at }, predictions, signal);
    assert.equal(asked.filter((method) => method === "next").length, 19);
    await viewOf(view, predictions, signal);
    assert.equal(asked.filter((method) => method === "next").length, 20);
    assert.equal(predictions.known(idsUpTo(kept)), kept.prediction);
    predictions.forget();
    assert.equal(predictions.known(idsUpTo(kept)), undefined);
  });

  it("has names that stay when another text brings another host, until they are of another model", async () => {
    const one = hostOf(-1);
    const other = hostOf(-1);
    let now = one.caller;
    const predictions = new Predictions(() => now);
    await predictions.behind(PROMPT, signal);
    now = other.caller;
    assert.equal(predictions.named, VOCABULARY);
    await predictions.behind([1, 2], signal);
    assert.deepEqual(other.asked, ["next"]);
    predictions.forgetNames();
    assert.equal(predictions.name(3), undefined);
    assert.equal((await predictions.token(3, signal)).name, "t3");
  });
});
