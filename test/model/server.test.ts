/** A real server program, llama.cpp's own llama-server, on the loopback interface: client and explanation against it. */

import assert from "node:assert/strict";
import { Explanation } from "../../src/core/explain/explanation.js";
import { initialState } from "../../src/core/explain/explanationState.js";
import { EXPLAIN_SAMPLING, EXPLAIN_SEED } from "../../src/core/explain/prompts.js";
import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import type { ChatParams } from "../../src/core/server/chatParams.js";
import { parseServerAddress } from "../../src/core/server/serverAddress.js";
import { ServerCalls, serverModelInfo } from "../../src/editor/server/serverCalls.js";
import { ServerClient, type ServerConnection } from "../../src/editor/server/serverClient.js";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";
import { builtWorkers } from "../builtWorkers.js";
import { LlamaServer } from "../llamaServer.js";

const KEY = "sk-of-the-test";
const CONTEXT = 1024;
const GREEDY: ChatParams = {
  messages: [
    { role: "system", content: "You answer in one short sentence." },
    { role: "user", content: "What is the capital of France?" },
  ],
  maxTokens: 24,
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  seed: 1,
  alternatives: 5,
};

describe("A real server", function () {
  this.timeout(240_000);
  const client = new ServerClient();
  let server: LlamaServer;
  let connection: ServerConnection;

  before(async () => {
    server = await LlamaServer.start({ contextSize: CONTEXT, key: KEY });
    connection = { address: parseServerAddress(server.address), model: "tiny", key: KEY };
  });

  after(() => server?.stop());

  async function ask(params: ChatParams) {
    const tokens: GeneratedToken[] = [];
    const result = await client.chat(connection, params, { onEvent: (token) => tokens.push(token) });
    return { result, tokens, words: textOfTokens(tokens.map(({ token }) => token)) };
  }

  it("lists its models, with the size of the context", async () => {
    assert.deepEqual(await client.models(connection), [{ id: "tiny", contextSize: CONTEXT }]);
  });

  it("answers with the probability of every token, and what else it could have been", async () => {
    const { result, tokens, words } = await ask(GREEDY);
    assert.match(words, /Paris/);
    assert.equal(result.hasProbabilities, true);
    assert.ok(result.promptTokens! > 20);
    assert.equal(result.model, "tiny");
    for (const { token, probability, alternatives } of tokens) {
      assert.ok(token.id >= 0 && token.bytes.length > 0);
      assert.equal(alternatives.length, 5);
      // Greedy: what was written is what was most probable.
      assert.equal(alternatives[0]!.token.id, token.id);
      assert.ok(Math.abs(alternatives[0]!.probability - probability!) < 1e-9);
      const held = alternatives.reduce((sum, other) => sum + other.probability, 0);
      assert.ok(probability! > 0 && held <= 1 + 1e-6);
    }
  });

  it("puts a character together that takes several tokens", async () => {
    const { words, tokens } = await ask({ ...GREEDY, grammar: 'root ::= "a🦜é"' });
    assert.equal(words, "a🦜é");
    assert.ok(tokens.length >= 2);
    for (const { probability } of tokens) assert.ok(probability !== undefined);
  });

  it("keeps to a grammar", async () => {
    const { words } = await ask({ ...GREEDY, grammar: 'root ::= "yes" | "no"' });
    assert.match(words, /^(?:yes|no)$/);
  });

  it("goes on with words that the model has begun", async () => {
    const begun = { role: "assistant" as const, content: "The capital of France is" };
    const { words } = await ask({ ...GREEDY, messages: [...GREEDY.messages, begun] });
    assert.match(words, /^ ?Paris/);
  });

  it("is stopped within 300 ms, and free for the next question", async () => {
    const abort = new AbortController();
    let stoppedAt = 0;
    const long = {
      ...GREEDY,
      messages: [{ role: "user" as const, content: "Tell a long story." }],
      maxTokens: 400,
    };
    await assert.rejects(
      client.chat(connection, long, {
        signal: abort.signal,
        onEvent: () => {
          stoppedAt ||= performance.now();
          abort.abort();
        },
      }),
      { code: "cancelled" },
    );
    const ms = performance.now() - stoppedAt;
    assert.ok(ms < 300, `${ms} ms`);
    // With one slot, the answer to the first question would have to end before.
    const { words } = await ask({ ...GREEDY, maxTokens: 4 });
    assert.ok(words.length > 0);
    assert.ok(performance.now() - stoppedAt < 15_000);
  });

  it("refuses a wrong key in words that say what to do", async () => {
    await assert.rejects(client.chat({ ...connection, key: "sk-wrong" }, GREEDY), {
      code: "server",
      message: /does not accept the key \(401\)/,
      remedy: /Connect to a Server/,
    });
  });

  it("says that a question is too long for its context", async () => {
    const content = "word ".repeat(3 * CONTEXT);
    await assert.rejects(client.chat(connection, { ...GREEDY, messages: [{ role: "user", content }] }), {
      code: "too-long",
    });
  });

  it("is told the same way when the server is no OpenAI-compatible one at that path", async () => {
    const address = parseServerAddress(`${connection.address.origin}/elsewhere`);
    await assert.rejects(client.models({ ...connection, address }), { code: "server", message: /404/ });
  });

  it("explains code step by step through the same explanation as the local model", async () => {
    const sandbox = builtWorkers.sandbox();
    const calls = new ServerCalls(
      client,
      async () => connection,
      () => {},
    );
    try {
      const explanation = new Explanation(
        {
          model: {
            ready: async () => serverModelInfo(connection, { id: "tiny", contextSize: CONTEXT }),
            call: (method, params, options) => calls.call(method, params, options),
          },
          sandbox,
          wholeFile: () => undefined,
          isTrusted: () => true,
          languageFacts: async () => [],
          onEvent: () => {},
        },
        initialState(
          {
            fileName: "count.ts",
            languageId: "typescript",
            firstLine: 0,
            lastLine: 1,
            text: "const count = prices.length; // <|assistant|>\nconsole.log(count * 2);",
            notes: [],
          },
          {
            trusted: true,
            limits: { timeMs: 300, memoryBytes: 32 * 2 ** 20 },
            sampling: EXPLAIN_SAMPLING,
            seed: EXPLAIN_SEED,
            price: undefined,
          },
        ),
      );
      await explanation.split();
      await explanation.explain(true);
      const { phase, error, steps, answers } = explanation.state;
      assert.equal(phase, "done", error?.message);
      assert.equal(steps.length, 2);
      for (const step of steps) {
        const answer = answers[step.index]!;
        assert.match(textOfTokens(answer.tokens.map(({ token }) => token)), /\p{L}{2,} .*\p{L}{2,}/u);
        for (const { probability, alternatives } of answer.tokens) {
          assert.ok(probability! > 0 && alternatives.length > 0);
        }
        const sent = explanation.sentCall(answer.call)!;
        assert.equal(sent.prompt.estimated, true);
        assert.equal(sent.model.server, connection.address.host);
        // The marker of the server's own template is data.
        assert.ok(!sent.prompt.text.includes("<|assistant|>") && sent.prompt.joints.length > 0);
      }
      explanation.dispose();
    } finally {
      sandbox.dispose();
    }
  });
});
