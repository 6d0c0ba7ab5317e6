/** A session as a machine: what its memory takes, and how often its devices were used. */

import assert from "node:assert/strict";
import { machineOf, usesOf } from "../../../src/core/lessons/machine.js";
import { calculate } from "../../../src/core/tools/calculate.js";
import { callTool } from "../../../src/core/tools/tool.js";
import { SessionCounts } from "../../../src/editor/sessionUse.js";

const facts = {
  values: { "model-layers": 6, "model-kv-heads": 6, "model-head-width": 48 },
  fileBytes: 17_000_000,
};

describe("a session as a machine", () => {
  it("keeps a key and a value of 16 bits for every head of every layer", () => {
    const { tokenBytes, fillBytes, windowBytes, share } = machineOf(facts, { devices: [] }, 64, 256);
    assert.equal(tokenBytes, 2 * 6 * 6 * 48 * 2);
    assert.equal(fillBytes, 64 * tokenBytes);
    assert.equal(windowBytes, 256 * tokenBytes);
    assert.equal(share, 0.25);
  });

  it("holds no more than the window, however long the text", () => {
    const { fillBytes, windowBytes, share } = machineOf(facts, { devices: [] }, 1000, 256);
    assert.equal(fillBytes, windowBytes);
    assert.ok(share > 3);
  });

  it("takes Llama-3-70B's 320 KiB for a token with 8 heads of keys and values", () => {
    const values = { "model-layers": 80, "model-kv-heads": 8, "model-head-width": 128 };
    assert.equal(machineOf({ values, fileBytes: 0 }, { devices: [] }, 1, 1).tokenBytes, 320 * 1024);
  });

  it("is told of every call of a tool", async () => {
    const called: string[] = [];
    const context = { onCall: (tool: string) => called.push(tool) };
    const { signal } = new AbortController();
    const result = await callTool(calculate, { expression: "2 + 3" }, context, signal);
    assert.equal(result.value, "5");
    await callTool(calculate, { expression: "2 +" }, context, signal);
    assert.deepEqual(called, ["calculate", "calculate"]);
  });

  it("counts what was asked of each device, the most frequent first", () => {
    const counts = new SessionCounts();
    counts.count("model", "tokenize");
    counts.count("lens", "attend");
    counts.count("model", "generate");
    counts.count("model", "generate");
    const { devices } = counts;
    assert.deepEqual(devices, [
      {
        device: "model",
        requests: [
          { name: "generate", count: 2 },
          { name: "tokenize", count: 1 },
        ],
      },
      { device: "lens", requests: [{ name: "attend", count: 1 }] },
    ]);
    assert.equal(usesOf({ devices }, "model"), 3);
    assert.equal(usesOf({ devices }, "sandbox"), 0);
    assert.equal(machineOf(facts, { devices }, 1, 1).requests, 4);
  });
});
