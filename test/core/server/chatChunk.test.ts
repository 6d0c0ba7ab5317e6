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

  it("turns an error in the middle into one of ours", () => {
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
  });
});
