/** What is said of graphics cards that this machine may not have: what is offered for them, and why nothing is. */

import assert from "node:assert/strict";
import { gpuSupport } from "../../src/core/models/gpuSupport.js";
import { gpuOffers, whyNone } from "../../src/editor/models/gpuSupport.js";
import type { MachineInfo } from "../../src/shared/workerProtocol.js";

const machine = (more: Partial<MachineInfo>): MachineInfo => ({
  totalMemoryBytes: 16e9,
  freeMemoryBytes: 8e9,
  cores: 8,
  gpu: undefined,
  ...more,
});
const CARD = "NVIDIA GeForce RTX 4070";

describe("GPU support that could be fetched", () => {
  const served = gpuSupport("vulkan", process.platform, process.arch) !== undefined;
  const kinds = (found: MachineInfo["found"], fetched: string[] = []) =>
    gpuOffers(machine({ ...(found && { found }) }), fetched).map(({ support }) => support.kind);

  if (served) {
    it("is what the drivers are there for and is not here yet, best first", () => {
      assert.deepEqual(kinds({ kinds: ["vulkan", "cuda"], cards: [CARD] }), ["cuda", "vulkan"]);
      assert.deepEqual(kinds({ kinds: ["vulkan", "cuda"], cards: [CARD] }, ["cuda"]), ["vulkan"]);
      // A driver may be there while the system names no card.
      assert.deepEqual(kinds({ kinds: ["vulkan"], cards: [] }), ["vulkan"]);
      assert.deepEqual(kinds({ kinds: ["metal"], cards: [] }), []);
      assert.deepEqual(kinds(undefined), []);
    });

    it("is none on a machine without a driver, which is told what to install", () => {
      const none = whyNone(machine({ found: { kinds: [], cards: [] } }), []);
      assert.match(none, /^No driver was found .* Install the driver of the graphics card/);
      const seen = whyNone(machine({ found: { kinds: [], cards: [CARD] } }), []);
      assert.equal(seen, `${CARD}: ${none}`);
    });
  } else {
    it("is none where the platform has none", () => {
      assert.match(whyNone(machine({}), []), new RegExp(`\\(${process.platform}-${process.arch}\\)`));
    });
  }

  it("is none where the card is in use, or where the support is here and does not start", () => {
    const gpu = { names: [CARD], kind: "cuda", totalBytes: 12e9, freeBytes: 11e9 };
    assert.equal(
      whyNone(machine({ gpu }), ["cuda"]),
      `The engine uses ${CARD} through CUDA already. There is nothing to fetch.`,
    );
    const fault = "The support for CUDA is here, but it does not start: libcuda.so.1 is missing.";
    assert.equal(
      whyNone(machine({ gpuFault: fault }), ["cuda"]),
      `The GPU support is here, but the graphics card is not used. ${fault}`,
    );
  });
});
