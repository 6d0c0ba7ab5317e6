/** What servers say, as tokens: with log-probabilities, without, and when they say something else. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { ChunkReader, errorText } from "../../../src/core/server/chatChunk.js";
import { GlassboxError } from "../../../src/shared/errors.js";

const read = (chunk: unknown) => new ChunkReader("host:1").read(JSON.stringify(chunk));
const words = (content: unknown, more: object = {}) => ({ choices: [{ delta: { content }, ...more }] });

describe("chunks of an answer", () => {
  it("takes tokens, probabilities and alternatives from log-probabilities, bytes as they are", () => {
    const { tokens } = read(
      words("é", {
        logprobs: {
          content: [
            {
              id: 7,
              token: "\ufffd",
              bytes: [0xc3],
              logprob: Math.log(0.25),
              top_logprobs: [
                { id: 8, token: "a", bytes: [97], logprob: Math.log(0.1) },
                { id: 9, token: "b", bytes: [98], logprob: Math.log(0.5) },
              ],
            },
          ],
        },
      }),
    );
    assert.equal(tokens.length, 1);
    assert.deepEqual([...tokens[0]!.token.bytes], [0xc3]);
    assert.equal(tokens[0]!.token.id, 7);
    assert.ok(Math.abs(tokens[0]!.probability! - 0.25) < 1e-12);
    assert.deepEqual(
      tokens[0]!.alternatives.map(({ token }) => token.id),
      [9, 8],
    );
  });

  it("numbers the tokens of servers that do not, the same token the same way", () => {
    const reader = new ChunkReader("host:1");
    const entry = (token: string) => ({
      token,
      bytes: null,
      logprob: -1,
      top_logprobs: [{ token, logprob: -1 }],
    });
    const chunk = words("ab", { logprobs: { content: [entry("a"), entry("b"), entry("a")] } });
    const ids = reader.read(JSON.stringify(chunk)).tokens.map(({ token }) => token.id);
    assert.deepEqual(ids, [-1, -2, -1]);
  });

  it("says nothing of probabilities where the server does not", () => {
    const { tokens } = read(words("two words"));
    assert.equal(tokens.length, 1);
    assert.equal(tokens[0]!.probability, undefined);
    assert.deepEqual(tokens[0]!.alternatives, []);
  });

  it("knows why an answer ended, and what it took", () => {
    assert.equal(read({ choices: [{ delta: {}, finish_reason: "length" }] }).stop, "max-tokens");
    assert.equal(read({ choices: [{ delta: {}, finish_reason: "stop" }] }).stop, "end-of-turn");
    assert.deepEqual(read({ choices: [], usage: { prompt_tokens: 3, completion_tokens: 4 } }).usage, {
      promptTokens: 3,
      completionTokens: 4,
    });
    assert.equal(
      read({ choices: [{ message: { content: "whole" }, finish_reason: "stop" }] }).tokens.length,
      1,
    );
    assert.equal(read({ choices: [{ delta: { reasoning_content: "hm" } }] }).thoughtLength, 2);
  });

  it("reads an answer of vLLM: a role first, bytes in the log-probabilities, the usage in a chunk of its own", () => {
    const chunk = (choices: unknown[], usage?: unknown) => ({
      id: "chatcmpl-1",
      object: "chat.completion.chunk",
      created: 1,
      model: "Qwen/Qwen2.5-1.5B-Instruct",
      choices,
      ...(usage === undefined ? {} : { usage }),
    });
    const choice = (delta: object, more: object = {}) => ({
      index: 0,
      delta,
      logprobs: null,
      finish_reason: null,
      ...more,
    });
    assert.deepEqual(read(chunk([choice({ role: "assistant", content: "" })])).tokens, []);
    const rated = (token: string, logprob: number) => ({
      token,
      logprob,
      bytes: [...new TextEncoder().encode(token)],
    });
    const { tokens } = read(
      chunk([
        choice(
          { content: " a" },
          {
            logprobs: {
              // What was drawn stands among the alternatives, also where it is not one of the best.
              content: [
                {
                  ...rated(" a", -2),
                  top_logprobs: [rated(" a", -2), rated(" the", -0.5), rated("\n", -9999)],
                },
              ],
            },
          },
        ),
      ]),
    );
    assert.deepEqual(
      tokens[0]?.alternatives.map(({ token }) => token.name),
      [" the", " a", "\n"],
    );
    assert.equal(tokens[0]?.alternatives.at(-1)?.probability, 0);
    const end = read(chunk([choice({ content: "" }, { finish_reason: "stop", stop_reason: 151_645 })]));
    assert.equal(end.stop, "end-of-turn");
    const usage = { prompt_tokens: 12, total_tokens: 30, completion_tokens: 18, prompt_tokens_details: null };
    assert.deepEqual(read(chunk([], usage)).usage, { promptTokens: 12, completionTokens: 18 });
    // Thoughts under both of their names are the same thoughts.
    assert.equal(read(chunk([choice({ reasoning: "hm", reasoning_content: "hm" })])).thoughtLength, 2);
  });

  it("reads an answer of Ollama: without log-probabilities, with thoughts, and with an error of null", () => {
    const chunk = (delta: object, finish: string | null = null) => ({
      id: "chatcmpl-832",
      object: "chat.completion.chunk",
      created: 1,
      model: "llama3.2",
      system_fingerprint: "fp_ollama",
      choices: [{ index: 0, delta, finish_reason: finish }],
    });
    const [token] = read(chunk({ role: "assistant", content: " Hello" })).tokens;
    assert.deepEqual([token?.token.name, token?.probability], [" Hello", undefined]);
    assert.equal(read(chunk({ role: "assistant", content: "", reasoning: "hmm" })).thoughtLength, 3);
    assert.equal(
      read({ ...chunk({ role: "assistant", content: "" }, "stop"), error: null }).stop,
      "end-of-turn",
    );
    assert.throws(
      () => read({ error: { message: "model requires more system memory", type: "api_error" } }),
      {
        message: "The server at host:1 failed: model requires more system memory",
      },
    );
  });

  it("turns an error in the middle into one of ours", () => {
    assert.throws(() => read({ object: "error", message: "CUDA out of memory", code: 500 }), {
      code: "server",
      message: "The server at host:1 failed: CUDA out of memory",
    });
    assert.throws(() => read({ error: { message: "out of\n memory" } }), {
      code: "server",
      message: "The server at host:1 failed: out of memory",
    });
  });

  it("makes an error of ours of everything that is no chunk, and never anything else", () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), fc.string()), (data) => {
        try {
          new ChunkReader("host:1").read(data);
        } catch (error) {
          assert.ok(error instanceof GlassboxError, String(error));
          assert.equal(error.code, "server");
          assert.ok(error.message.length < 400);
        }
      }),
      { numRuns: 1000 },
    );
    // Chunks whose fields hold anything.
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), fc.jsonValue(), (content, logprobs, stop) => {
        const chunk = words(content, { logprobs: { content: [logprobs] }, finish_reason: stop });
        const { tokens } = read(chunk);
        for (const { probability } of tokens) {
          assert.ok(probability === undefined || (probability >= 0 && probability <= 1));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it("cuts a server's words, and takes control characters out", () => {
    assert.equal(errorText({ error: { message: "a\u0007b\u202ec" } }), "a b c");
    assert.ok(errorText({ detail: "x".repeat(5000) }).length < 310);
    assert.equal(errorText({ error: 4 }), "");
    assert.equal(
      errorText({
        object: "error",
        message: "The model `x` does not exist.",
        type: "NotFoundError",
        code: 404,
      }),
      "The model `x` does not exist.",
    );
    assert.equal(
      errorText({ detail: [{ type: "missing", loc: ["body", "messages"], msg: "Field required" }] }),
      "messages: Field required",
    );
  });
});
