/** Addresses, requests, refusals and prompts for servers. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { JOINT } from "../../../src/core/explain/roleMarkers.js";
import { chatRequest, type OptionalField, refusedFields } from "../../../src/core/server/chatRequest.js";
import { parseServerAddress } from "../../../src/core/server/serverAddress.js";
import { refusalError } from "../../../src/core/server/serverFault.js";
import { readModels } from "../../../src/core/server/serverModels.js";
import { serverPrompt, withoutMarkers } from "../../../src/core/server/serverPrompt.js";

describe("the address of a server", () => {
  it("takes what people paste", () => {
    const bases: [string, string][] = [
      ["http://127.0.0.1:8080", "http://127.0.0.1:8080/v1"],
      ["http://localhost:11434/", "http://localhost:11434/v1"],
      [" https://api.example.com/v1/ ", "https://api.example.com/v1"],
      ["https://api.example.com/v1/chat/completions", "https://api.example.com/v1"],
      ["https://example.com/openai/v1/models", "https://example.com/openai/v1"],
    ];
    for (const [text, base] of bases) assert.equal(parseServerAddress(text).base, base);
  });

  it("knows what stays on this machine, and what is encrypted", () => {
    const loopback = ["http://localhost", "http://127.8.9.1:1", "http://[::1]:80", "http://x.localhost"];
    const elsewhere = [
      "http://192.168.0.2",
      "http://localhost.example.com",
      "http://127.0.0.1.nip.io",
      "http://10.0.0.1",
    ];
    for (const text of loopback) assert.equal(parseServerAddress(text).loopback, true, text);
    for (const text of elsewhere) assert.equal(parseServerAddress(text).loopback, false, text);
    // Other spellings of 127.0.0.1, which URL writes out.
    assert.equal(parseServerAddress("http://2130706433").loopback, true);
    assert.equal(parseServerAddress("https://example.com").encrypted, true);
    assert.equal(parseServerAddress("http://example.com").encrypted, false);
  });

  it("refuses secrets, other schemes and no address at all", () => {
    for (const text of [
      "http://me:secret@host",
      "ftp://host",
      "file:///etc",
      "host:80/v1",
      "",
      "http://h/v1?key=1",
    ]) {
      assert.throws(() => parseServerAddress(text), { code: "invalid-request" }, text);
    }
  });
});

describe("a request to a server", () => {
  const params = {
    messages: [{ role: "user" as const, content: "Hi" }],
    maxTokens: 9,
    sampling: { temperature: 0.2, topK: 40, topP: 0.95, minP: 0 },
    seed: 1,
    alternatives: 5,
  };

  it("asks for a stream with log-probabilities, and leaves out what is off", () => {
    const request = chatRequest("m", params, new Set());
    assert.equal(request.stream, true);
    assert.equal(request.logprobs, true);
    assert.equal(request.top_logprobs, 5);
    assert.equal(request.top_k, 40);
    assert.ok(!("min_p" in request) && !("grammar" in request));
  });

  it("drops what a server refuses, by the server's own words", () => {
    const request = chatRequest("m", params, new Set());
    assert.deepEqual(refusedFields("Unrecognized request argument supplied: top_k", request), ["top_k"]);
    assert.deepEqual(refusedFields("logprobs are not supported", request), ["logprobs", "top_logprobs"]);
    assert.deepEqual(refusedFields("model not found", request), []);
    const later = chatRequest("m", params, new Set<OptionalField>(["max_tokens"]));
    assert.equal(later.max_completion_tokens, 9);
    assert.ok(!("max_tokens" in later));
  });
});

describe("a refusal of a server", () => {
  const refusal = (status: number, more: object = {}) =>
    refusalError(
      { status, reason: "", retryAfter: undefined, location: undefined, ...more },
      "host:1",
      "m",
      Date.parse("2026-01-01T00:00:00Z"),
    );

  it("says what to do", () => {
    assert.match(refusal(401).message, /does not accept the key/);
    assert.match(refusal(404).message, /no model "m"/);
    assert.equal(refusal(429, { retryAfter: "20" }).remedy, "Try again in 20 s.");
    assert.equal(
      refusal(429, { retryAfter: "Thu, 01 Jan 2026 00:10:00 GMT" }).remedy,
      "Try again in 10 minutes.",
    );
    assert.equal(refusal(429, { retryAfter: "soon" }).remedy, "Wait a while, then try again.");
    assert.match(refusal(302, { location: "https://evil.example/x" }).message, /https:\/\/evil\.example/);
    for (const reason of [
      "the request exceeds the available context size",
      "This model's maximum context length is 2048 tokens. However, you requested 2500 tokens.",
      "The decoder prompt (length 2136) is longer than the maximum model length of 2048.",
    ]) {
      assert.equal(refusal(400, { reason }).code, "too-long", reason);
    }
    assert.match(refusal(503, { reason: "Loading model" }).message, /failed \(503\): Loading model/);
  });
});

describe("the models of a server", () => {
  it("reads names and contexts, and passes by what is none", () => {
    const body = {
      data: [{ id: "a", meta: { n_ctx: 2048 } }, { id: "b", max_model_len: 9 }, { id: 3 }, null, { id: "c" }],
    };
    assert.deepEqual(readModels(body, "h"), [
      { id: "a", contextSize: 2048 },
      { id: "b", contextSize: 9 },
      { id: "c", contextSize: undefined },
    ]);
    assert.throws(() => readModels({ message: "Not here" }, "h"), { code: "server" });
    assert.throws(() => readModels({ data: null }, "h"), { code: "server" });
  });

  it("is read as Ollama and vLLM write it", () => {
    const ollama = {
      object: "list",
      data: [{ id: "llama3.2:latest", object: "model", created: 1_731_000_000, owned_by: "library" }],
    };
    assert.deepEqual(readModels(ollama, "h"), [{ id: "llama3.2:latest", contextSize: undefined }]);
    assert.deepEqual(readModels({ object: "list", data: null }, "h"), []);
    const vllm = {
      object: "list",
      data: [
        {
          id: "Qwen/Qwen2.5-1.5B-Instruct",
          object: "model",
          created: 1_731_000_000,
          owned_by: "vllm",
          root: "Qwen/Qwen2.5-1.5B-Instruct",
          parent: null,
          max_model_len: 32_768,
          permission: [{ id: "modelperm-1", object: "model_permission" }],
        },
      ],
    };
    assert.deepEqual(readModels(vllm, "h"), [{ id: "Qwen/Qwen2.5-1.5B-Instruct", contextSize: 32_768 }]);
  });
});

describe("a prompt for a server", () => {
  const spelled = [
    "<|user|>",
    "<|im_start|>system",
    "<|start_header_id|>",
    "[INST] x [/INST]",
    "<<SYS>>",
    "<start_of_turn>model",
    "</s>",
    "<s>",
    "<｜User｜>",
    "<think>",
    "### Assistant: yes",
    "  ### System:",
    "USER: x",
    "ASSISTANT:",
  ];

  it("keeps what is data from being a role", () => {
    for (const text of spelled) {
      const [message] = withoutMarkers([{ role: "user", content: `a\n${text}\nb` }]);
      assert.ok(message!.content.includes(JOINT), text);
      assert.equal(message!.content.replaceAll(JOINT, ""), `a\n${text}\nb`);
    }
    const code = "if (a < b && c[i] > 2) return x | y; // ## Title\n#define A\n<div>";
    assert.equal(withoutMarkers([{ role: "user", content: code }])[0]!.content, code);
  });

  it("shows what is sent, says where it was broken up, and that its tokens are estimated", () => {
    fc.assert(
      fc.property(
        fc.array(fc.array(fc.oneof(fc.constantFrom(...spelled), fc.string()), { maxLength: 4 }), {
          minLength: 1,
        }),
        (contents) => {
          const messages = contents.map((parts) => ({ role: "user" as const, content: parts.join("\n") }));
          const prompt = serverPrompt(messages);
          const sent = withoutMarkers(messages);
          assert.equal(prompt.text, sent.map(({ role, content }) => `${role}:\n${content}`).join("\n\n"));
          for (const joint of prompt.joints) assert.equal(prompt.text[joint], JOINT);
          assert.equal(prompt.estimated, true);
          assert.equal(prompt.tokens.map(({ name }) => name).join(""), prompt.text);
        },
      ),
    );
  });
});
