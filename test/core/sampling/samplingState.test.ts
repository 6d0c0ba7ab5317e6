/** The panel's saved state: what is ours comes back, anything else is replaced. */

import assert from "node:assert/strict";
import { ENGINE_ORDER, NEUTRAL_SETTINGS } from "../../../src/core/sampling/stages.js";
import { INITIAL_STATE, isSeed, restoreState } from "../../../webview/sampling/samplingState.js";

describe("the sampling panel's saved state", () => {
  it("comes back as it was", () => {
    const state = {
      settings: { ...NEUTRAL_SETTINGS, topP: 0.5, temperature: 0, repeatPenalty: 1.2 },
      order: [...ENGINE_ORDER].reverse(),
      seed: 99,
    };
    assert.deepEqual(restoreState(JSON.parse(JSON.stringify(state))), state);
  });

  it("is the initial one where it is missing, incomplete or out of range", () => {
    const { settings, seed } = INITIAL_STATE;
    for (const saved of [
      undefined,
      null,
      "1",
      {},
      { settings, seed: -1 },
      { settings, seed: 1.5 },
      { settings: { ...settings, topP: 2 }, seed },
      { settings: { ...settings, temperature: "0.8" }, seed },
      { settings: { topK: 4 }, seed },
    ])
      assert.equal(restoreState(saved), INITIAL_STATE, JSON.stringify(saved));
  });

  it("has the engine's order where the saved one does not name each stage once", () => {
    const { settings, seed } = INITIAL_STATE;
    for (const order of [undefined, "top-k", ["top-k"], ENGINE_ORDER.map(() => "top-k")])
      assert.deepEqual(restoreState({ settings, order, seed }).order, ENGINE_ORDER);
  });

  it("takes whole numbers from 0 as seeds", () => {
    assert.deepEqual([0, 1, 2 ** 53 - 1].map(isSeed), [true, true, true]);
    assert.deepEqual([-1, 0.5, 2 ** 53, Number.NaN, "1"].map(isSeed), [false, false, false, false, false]);
  });
});
