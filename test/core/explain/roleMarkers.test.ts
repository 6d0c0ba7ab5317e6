/** Text that spells a role marker is broken up, and nothing else is touched. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { breakMarkers, JOINT, plainMarkers } from "../../../src/core/explain/roleMarkers.js";

describe("role markers that a template writes as plain text", () => {
  it("are read from what stands between its special tokens", () => {
    assert.deepEqual(plainMarkers(["<|system|>\n", "\n<|user|>\n", "\n<|assistant|>\n"]), [
      "<|assistant|>",
      "<|system|>",
      "<|user|>",
    ]);
    assert.deepEqual(plainMarkers([" [INST] ", " [/INST]"]), ["[/INST]", "[INST]"]);
    // A bare role name stands behind a special token, which text cannot give.
    assert.deepEqual(plainMarkers(["user\n", "assistant\n", "\n"]), []);
  });

  it("are broken up in a message, which is otherwise the same", () => {
    const markers = plainMarkers(["<|user|>\n", "USER: ", " [INST] "]);
    const text = fc.array(
      fc.constantFrom("<|user|>", "<|", "user", "|>", "USER:", "[INST]", "[", " x ", "🎉"),
    );
    fc.assert(
      fc.property(text, (parts) => {
        const said = parts.join("");
        const broken = breakMarkers(said, markers);
        for (const marker of markers) assert.ok(!broken.text.includes(marker), broken.text);
        assert.equal(broken.text.replaceAll(JOINT, ""), said);
        assert.deepEqual(
          broken.joints.map((at) => broken.text[at]),
          broken.joints.map(() => JOINT),
        );
        assert.equal(broken.text.length, said.length + broken.joints.length);
      }),
    );
  });
});
