/** What is read of the settings of each architecture, and what is refused. */

import assert from "node:assert/strict";
import { SUPPORTED_ARCHITECTURES } from "../../../src/core/lens/architectures.js";
import { memorySource } from "../../../src/core/lens/gguf/byteSource.js";
import type { GgufValue } from "../../../src/core/lens/gguf/format.js";
import { readGgufHeader } from "../../../src/core/lens/gguf/readGguf.js";
import { writeGguf } from "../../../src/core/lens/gguf/writeGguf.js";
import { type ModelShape, readModelShape } from "../../../src/core/lens/modelShape.js";
import { GlassboxError } from "../../../src/shared/errors.js";

const uint32 = (value: number): GgufValue => ({ type: "uint32", value });
const float32 = (value: number): GgufValue => ({ type: "float32", value });
const text = (value: string): GgufValue => ({ type: "string", value });
const list = (...values: number[]): GgufValue => ({
  type: "array",
  elementType: "uint32",
  value: Uint32Array.from(values),
});

/** The shape of a model of 64 numbers in 4 heads and 6 layers with these settings. */
function shapeOf(architecture: string, settings: Record<string, GgufValue> = {}): ModelShape {
  const own: Record<string, GgufValue> = {
    context_length: uint32(8192),
    embedding_length: uint32(64),
    block_count: uint32(6),
    feed_forward_length: uint32(96),
    "attention.head_count": uint32(4),
    ...settings,
  };
  const file = writeGguf(
    [
      ["general.architecture", text(architecture)],
      ...Object.entries(own).map(([name, value]): [string, GgufValue] => [`${architecture}.${name}`, value]),
      ["tokenizer.ggml.model", text("llama")],
      ["tokenizer.ggml.tokens", { type: "array", elementType: "string", value: ["<unk>", "a"] }],
    ],
    Array.from({ length: 6 }, (_, i) => ({
      name: `x${i}`,
      type: "F32",
      shape: [1],
      data: new Uint8Array(4),
    })),
  );
  return readModelShape(readGgufHeader(memorySource("shape.gguf", file)));
}

function refused(code: string, pattern: RegExp, architecture: string, settings: Record<string, GgufValue>) {
  assert.throws(
    () => shapeOf(architecture, settings),
    (error: unknown) => {
      assert.ok(error instanceof GlassboxError);
      assert.equal(error.code, code);
      assert.match(error.message, pattern);
      return true;
    },
  );
}

describe("a model's shape", () => {
  it("names what is supported where the architecture is not", () => {
    refused(
      "unsupported",
      new RegExp(`"mamba".*supports ${SUPPORTED_ARCHITECTURES.join(", ")}\\.`),
      "mamba",
      {},
    );
    assert.deepEqual(
      [...SUPPORTED_ARCHITECTURES].sort(),
      ["gemma", "gemma2", "gemma3", "gpt2", "llama", "phi3", "qwen2", "qwen3", "qwen3moe", "smollm3"].sort(),
    );
  });

  it("has windows in the layers that the architecture or the file says", () => {
    assert.deepEqual(shapeOf("gemma2").windows, [4096, undefined, 4096, undefined, 4096, undefined]);
    const gemma3 = shapeOf("gemma3", { "attention.sliding_window": uint32(512) });
    assert.deepEqual(gemma3.windows, [512, 512, 512, 512, 512, undefined]);
    assert.deepEqual(gemma3.layerRopes, [1, 1, 1, 1, 1, 0]);
    const pairs = { "attention.sliding_window_pattern": uint32(3) };
    assert.deepEqual(shapeOf("gemma3", { "attention.sliding_window": uint32(512), ...pairs }).windows, [
      512,
      512,
      undefined,
      512,
      512,
      undefined,
    ]);
    for (const architecture of ["gemma3", "llama", "phi3"]) {
      assert.deepEqual(shapeOf(architecture).windows, Array(6).fill(undefined), architecture);
    }
  });

  it("has one RoPE for layers with windows and one for the others, of which one is scaled", () => {
    const [everywhere, inWindows] = shapeOf("gemma3", {
      "attention.sliding_window": uint32(512),
      "rope.freq_base": float32(1_000_000),
      "rope.scaling.type": text("linear"),
      "rope.scaling.factor": float32(8),
    }).ropes;
    assert.deepEqual([everywhere?.base, everywhere?.scale], [1_000_000, 1 / 8]);
    assert.deepEqual([inWindows?.base, inWindows?.scale], [10_000, 1]);
  });

  it("leaves every fourth layer of SmolLM3 and all of GPT-2 without RoPE", () => {
    assert.deepEqual(shapeOf("smollm3").layerRopes, [0, 0, 0, undefined, 0, 0]);
    assert.deepEqual(shapeOf("gpt2").layerRopes, Array(6).fill(undefined));
  });

  it("takes caps from the file, and else the architecture's", () => {
    assert.deepEqual([shapeOf("gemma2").scoreCap, shapeOf("gemma2").logitCap], [50, 30]);
    const own = shapeOf("gemma2", {
      attn_logit_softcapping: float32(20),
      final_logit_softcapping: float32(10),
    });
    assert.deepEqual([own.scoreCap, own.logitCap], [20, 10]);
    assert.deepEqual([shapeOf("gemma3").scoreCap, shapeOf("gemma3").logitCap], [undefined, undefined]);
    assert.equal(shapeOf("gemma3", { final_logit_softcapping: float32(10) }).logitCap, 10);
  });

  it("takes the width of experts from the file, and else what the architecture makes of it", () => {
    const experts = { expert_count: uint32(8), expert_used_count: uint32(2) };
    assert.deepEqual(shapeOf("llama", experts).experts, { count: 8, used: 2 });
    assert.equal(shapeOf("llama", experts).hidden, 96);
    assert.equal(shapeOf("qwen3moe", experts).hidden, 48);
    const own = { ...experts, expert_feed_forward_length: uint32(32) };
    assert.equal(shapeOf("qwen3moe", own).hidden, 32);
    refused("file-invalid", /uses 9 of 8 experts/, "llama", { ...experts, expert_used_count: uint32(9) });
    refused("file-invalid", /"qwen3moe\.expert_count"/, "qwen3moe", {});
    refused("unsupported", /mixture of experts/, "qwen2", experts);
    refused("unsupported", /experts are grouped/, "llama", { ...experts, expert_group_count: uint32(2) });
  });

  it("refuses more layers than there are tensors, and takes no window for wider than the context", () => {
    refused("file-invalid", /4294967295 layers cannot be made of 6 tensors/, "llama", {
      block_count: uint32(2 ** 32 - 1),
    });
    const wide = { "attention.sliding_window": uint32(2 ** 32 - 1) };
    assert.equal(shapeOf("gemma2", wide).windows[0], 8192);
  });

  it("takes settings that are listed by layer where they are the same in all", () => {
    assert.equal(shapeOf("llama", { "attention.head_count_kv": list(2, 2, 2, 2, 2, 2) }).kvHeads, 2);
    refused("unsupported", /layers differ in "llama\.attention\.head_count_kv"/, "llama", {
      "attention.head_count_kv": list(2, 2, 4, 2, 2, 2),
    });
  });

  it("refuses heads that are turned in part, but where the architecture does it", () => {
    refused("unsupported", /12 of the 16 numbers of a head are turned/, "llama", {
      "rope.dimension_count": uint32(12),
    });
    assert.equal(shapeOf("phi3", { "rope.dimension_count": uint32(12) }).ropes[0]?.rotated, 12);
    refused("unsupported", /20 of the 16/, "phi3", { "rope.dimension_count": uint32(20) });
  });
});
