/** Where models come from, whether they fit, and how long they take. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  addressText,
  fileNameOf,
  huggingFaceUrl,
  parseModelAddress,
} from "../../../src/core/models/address.js";
import { CATALOGUE } from "../../../src/core/models/catalogue.js";
import { fitOf, memoryNeeded } from "../../../src/core/models/fit.js";
import { TransferSpeed } from "../../../src/core/models/transferSpeed.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import type { MachineInfo, ModelSource } from "../../../src/shared/workerProtocol.js";

const GB = 2 ** 30;

describe("addresses of models", () => {
  const good: [string, ModelSource][] = [
    [
      "hf:Qwen/Qwen3-4B-GGUF/Qwen3-4B-Q4_K_M.gguf",
      {
        kind: "hugging-face",
        user: "Qwen",
        repository: "Qwen3-4B-GGUF",
        branch: "main",
        file: "Qwen3-4B-Q4_K_M.gguf",
      },
    ],
    [
      " huggingface://a/b/c/d.gguf#dev ",
      { kind: "hugging-face", user: "a", repository: "b", branch: "dev", file: "c/d.gguf" },
    ],
    ["hf:a/b:Q4_K_M", { kind: "hugging-face-tag", user: "a", repository: "b", tag: "Q4_K_M" }],
    ["hf:a/b", { kind: "hugging-face-tag", user: "a", repository: "b", tag: "latest" }],
    ["https://host/x/y.gguf?download=true", { kind: "url", url: "https://host/x/y.gguf?download=true" }],
  ];
  for (const [text, source] of good) {
    it(`reads ${text}`, () => {
      assert.deepEqual(parseModelAddress(text), source);
      assert.deepEqual(parseModelAddress(addressText(source)), source);
    });
  }

  const bad: [string, RegExp][] = [
    ["", /neither "hf:" nor "https:"/],
    ["ftp://a/b.gguf", /neither/],
    ["hf:alone", /no user and repository/],
    ["hf:../b/c.gguf", /no user and repository/],
    ["hf:a/b/../../etc/passwd.gguf", /odd name/],
    ["hf:a/b/c.safetensors", /does not end in .gguf/],
    ["hf:a/b:Q4/c.gguf", /both a quantisation and a file/],
    ["hf:a/b/c.gguf#../x", /branch/],
    ["https://host/model.zip", /does not end in .gguf/],
    ["https://", /no valid URL/],
  ];
  for (const [text, message] of bad) {
    it(`says what is wrong with "${text}"`, () => {
      assert.throws(
        () => parseModelAddress(text),
        (error) =>
          error instanceof GlassboxError && message.test(error.message) && error.remedy !== undefined,
      );
    });
  }

  it("never makes a file name that leaves its folder", () => {
    fc.assert(
      fc.property(fc.string(), (path) => {
        const url = `https://host/${path}`;
        fc.pre(URL.canParse(url));
        assert.match(fileNameOf(url), /^[\w+-][\w.+-]*$/);
      }),
    );
    assert.equal(fileNameOf("https://h/a/..%2f..%2fevil.gguf"), "_.._evil.gguf");
  });

  it("makes the URL that Hugging Face and its mirrors answer", () => {
    const source = parseModelAddress("hf:a/b/c d.gguf".replace(" ", "")) as Extract<
      ModelSource,
      { kind: "hugging-face" }
    >;
    assert.equal(huggingFaceUrl("https://mirror/", source), "https://mirror/a/b/resolve/main/cd.gguf");
  });
});

describe("the catalogue", () => {
  it("names each model once, with everything that the picker shows", () => {
    assert.ok(CATALOGUE.length >= 12);
    assert.equal(new Set(CATALOGUE.map(({ id }) => id)).size, CATALOGUE.length);
    assert.equal(new Set(CATALOGUE.map(({ fileName }) => fileName)).size, CATALOGUE.length);
    const sizes = CATALOGUE.map(({ parameters }) => parameters);
    assert.ok(Math.min(...sizes) < 0.2 && Math.max(...sizes) >= 8, "from the smallest that chat to 8 B");
    for (const entry of CATALOGUE) {
      assert.ok(entry.quantisation !== "" && entry.licence !== "", entry.id);
      assert.ok(entry.parameters >= 0.1 && entry.parameters <= 8.5, entry.id);
      // Between one and ten bits a weight: a slip of the pen in a size would stand out.
      const bits = (8 * entry.fileBytes) / (entry.parameters * 1e9);
      assert.ok(bits > 1.5 && bits < 10.5, `${entry.id}: ${bits} bits a weight`);
      assert.ok(entry.trainedContext >= 2048 && entry.kvBytesPerToken > 1000, entry.id);
    }
  });
});

describe("whether a model fits", () => {
  const machine = (free: number, total: number, gpuFree = 0): MachineInfo => ({
    totalMemoryBytes: total * GB,
    freeMemoryBytes: free * GB,
    cores: 4,
    gpu:
      gpuFree > 0
        ? { names: ["card"], kind: "vulkan", totalBytes: gpuFree * GB, freeBytes: gpuFree * GB }
        : undefined,
  });

  it("goes by memory, and by the graphics card first", () => {
    const needed = 5 * GB;
    assert.equal(fitOf(needed, machine(8, 16)), "memory");
    assert.equal(fitOf(needed, machine(4, 16)), "tight");
    assert.equal(fitOf(needed, machine(4, 6)), "too-large");
    assert.equal(fitOf(needed, machine(4, 6, 8)), "gpu");
    assert.equal(fitOf(needed, machine(8, 16, 4)), "memory");
  });

  it("reckons with the context that the settings ask for, and with what the model can have", () => {
    const needs = { fileBytes: GB, kvBytesPerToken: 100_000, trainedContext: 8192 };
    assert.ok(memoryNeeded(needs, 8192) - memoryNeeded(needs, 4096) === 4096 * 100_000);
    assert.equal(memoryNeeded(needs, 1_000_000), memoryNeeded(needs, 8192));
    assert.equal(memoryNeeded(needs, 0), memoryNeeded(needs, 4096));
  });
});

describe("the speed of a transfer", () => {
  it("is that of the last seconds, and says how long the rest takes", () => {
    const speed = new TransferSpeed();
    assert.equal(speed.bytesPerSecond, undefined);
    assert.equal(speed.secondsLeft(10), undefined);
    for (let second = 0; second <= 30; second++) speed.add(second * 1000, second * 100);
    for (let second = 31; second <= 60; second++) speed.add(second * 1000, 3000 + (second - 30) * 500);
    assert.equal(Math.round(speed.bytesPerSecond!), 500);
    assert.equal(Math.round(speed.secondsLeft(18_000 + 5000)!), 10);
  });
});
