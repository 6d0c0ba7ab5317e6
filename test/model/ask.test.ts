/** Grammars and questions with the real weights: what may be written, how a call comes about, and how fast it stops. */

import assert from "node:assert/strict";
import { TOOL_EXAMPLES } from "../../scripts/accuracyPage.js";
import { Ask } from "../../src/core/ask/ask.js";
import { ASK_SAMPLING } from "../../src/core/ask/askPrompts.js";
import { oneOf } from "../../src/core/ask/toolGrammar.js";
import { writtenText } from "../../src/core/explain/textOfTokens.js";
import type { ToolContext } from "../../src/core/tools/tool.js";
import { type AskEvent, NOTHING_SELECTED } from "../../src/shared/panels/ask.js";
import type { GeneratedToken, ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { askExample, EXAMPLES } from "../exactness/tools/examples.js";
import { chatModel, THREADS } from "../modelFiles.js";

describe("Questions to a real model", function () {
  this.timeout(240_000);
  let worker: WorkerClient<ModelProtocol>;

  before(async () => {
    worker = builtWorkers.model();
    await worker.call("load", { path: chatModel(), gpuLayers: 0, threads: THREADS });
  });

  after(() => worker.dispose());

  async function write(prompt: string, grammar: string, sampling = ASK_SAMPLING) {
    const { tokens } = await worker.call("renderChat", { messages: [{ role: "user", content: prompt }] });
    const written: GeneratedToken[] = [];
    const { stop } = await worker.call(
      "generate",
      { tokenIds: tokens.map(({ id }) => id), maxTokens: 24, sampling, seed: 3, alternatives: 3, grammar },
      { onEvent: (token) => written.push(token) },
    );
    const bytes = written.flatMap(({ token }) => [...token.bytes]);
    return { text: new TextDecoder().decode(Uint8Array.from(bytes)), written, stop };
  }

  it("write what the grammar lets through and end where it ends, whatever they would have said", async () => {
    const { text, stop, written } = await write("Why is the sky blue?", oneOf(["count_tokens", "read_file"]));
    assert.ok(["count_tokens", "read_file"].includes(text), text);
    assert.equal(stop, "end-of-turn");
    // The probability is that of the free model, whose own first choice stands beside it.
    const [first] = written;
    assert.ok(first?.probability !== undefined && first.probability < 0.5);
    assert.notEqual(first.alternatives[0]?.token.id, first.token.id);
  });

  it("draw by chance from what the grammar leaves", async () => {
    const hot = { temperature: 1.5, topK: 0, topP: 1, minP: 0 };
    const { text } = await write("Say a number.", "root ::= [0-9]{3}", hot);
    assert.match(text, /^\d{3}$/);
  });

  it("copy the numbers of a question into an expression", async () => {
    const { text } = await write(
      "Write the expression. What is 12 times 13?",
      "root ::= [0-9+*/() .-]{1,40}",
    );
    assert.match(text, /12.*13/);
  });

  it("say which grammar cannot be read", async () => {
    await assert.rejects(write("x", 'root ::= ("'), {
      code: "invalid-request",
      message: /grammar cannot be read/,
    });
    assert.match((await write("Say yes.", oneOf(["yes"]))).text, /^yes$/);
  });

  function session(context: ToolContext = {}) {
    const events: AskEvent[] = [];
    const ask = new Ask(
      {
        model: {
          ready: () => worker.call("load", { path: chatModel(), gpuLayers: 0, threads: THREADS }),
          call: (method, params, options) => worker.call(method, params, options),
        },
        context: () => context,
        onEvent: (event) => events.push(event),
      },
      { subject: NOTHING_SELECTED, trusted: true, model: undefined, turns: [] },
    );
    return { ask, events, turn: () => ask.state.turns.at(-1)! };
  }

  describe("answer with the tool's exact result, beside what the model says alone:", () => {
    for (const example of EXAMPLES) {
      const { name, question, value } = example;
      it(question.length < 80 ? question : name, async () => {
        const { ask, turn } = session();
        const { tool, withTool, alone, aloneVerdicts, error } = await askExample(ask, example);
        assert.equal(turn().phase, "done", error);
        assert.equal(tool, value);
        assert.match(withTool ?? "", /\S/);
        assert.match(alone ?? "", /\S/);
        // What it writes alone is held against the tool's value: no small model multiplies by heart.
        if (name.endsWith("product")) assert.ok(!aloneVerdicts.includes("verified"), alone);
      });
    }

    it("are all that the page of accuracy names", () =>
      assert.deepEqual(
        EXAMPLES.map(({ name }) => name),
        TOOL_EXAMPLES,
      ));
  });

  it("choose a tool by themselves where no rule fits, with arguments that stand in the question", async () => {
    const { ask, turn } = session();
    await ask.ask("Tell me something about the letters of banana", false);
    assert.equal(turn().phase, "done", turn().error?.message);
    const [step] = turn().steps;
    assert.equal(step?.rule, undefined);
    const call = turn().calls.find(({ purpose }) => purpose.kind === "tool");
    assert.equal(writtenText(call!), step?.toolName);
    for (const value of Object.values(step?.input ?? {})) {
      assert.ok("Tell me something about the letters of banana".includes(String(value)), String(value));
    }
    // Each call reads only what is new in it.
    assert.ok(call!.injected.length < 30, `${call!.injected.length} tokens`);
  });

  it("stop within 300 ms and load nothing anew", async () => {
    const { ask, events, turn } = session();
    const done = ask.ask("Tell me a long story about a banana", false);
    while (!events.some(({ kind }) => kind === "token"))
      await new Promise((resolve) => setTimeout(resolve, 5));
    const startedAt = performance.now();
    ask.stop();
    await done;
    assert.ok(performance.now() - startedAt < 300);
    assert.deepEqual([turn().phase, turn().error], ["stopped", undefined]);
    await worker.call("tokens", { ids: [1] });
  });
});
