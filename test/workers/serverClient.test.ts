/** The client against HTTP servers that misbehave in every way there is a message for. */

import assert from "node:assert/strict";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { ChatParams } from "../../src/core/server/chatParams.js";
import { parseServerAddress } from "../../src/core/server/serverAddress.js";
import { ServerClient, type ServerConnection } from "../../src/editor/server/serverClient.js";
import { GlassboxError } from "../../src/shared/errors.js";
import type { GeneratedToken } from "../../src/shared/workerProtocol.js";

const KEY = "sk-very-secret-0123456789";
const PARAMS: ChatParams = {
  messages: [{ role: "user", content: "Hi" }],
  maxTokens: 8,
  sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
  seed: 1,
  alternatives: 3,
};

interface Received {
  url: string | undefined;
  authorization: string | undefined;
  body: Record<string, unknown>;
}

type Answer = (response: ServerResponse, received: Received) => void;

const closers: (() => Promise<void>)[] = [];

/** A server that answers every request in one way, and keeps what it was asked. */
async function serverThat(answer: Answer): Promise<{ connection: ServerConnection; received: Received[] }> {
  const received: Received[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    let text = "";
    request.setEncoding("utf8");
    request.on("data", (part: string) => {
      text += part;
    });
    request.on("end", () => {
      const body = text === "" ? {} : (JSON.parse(text) as Record<string, unknown>);
      received.push({ url: request.url, authorization: request.headers.authorization, body });
      answer(response, received.at(-1)!);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  closers.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const bound = server.address();
  assert.ok(bound && typeof bound === "object");
  const address = parseServerAddress(`http://127.0.0.1:${bound.port}`);
  return { connection: { address, model: "small", key: KEY }, received };
}

const json = (status: number, body: unknown, headers: Record<string, string> = {}): Answer => {
  return (response) => {
    response.writeHead(status, { "content-type": "application/json", ...headers });
    response.end(typeof body === "string" ? body : JSON.stringify(body));
  };
};

const word = (content: string, finish: string | null = null) =>
  `data: ${JSON.stringify({ choices: [{ delta: { content }, finish_reason: finish }] })}\n\n`;

const stream = (...parts: string[]): Answer => {
  return (response) => {
    response.writeHead(200, { "content-type": "text/event-stream" });
    for (const part of parts) response.write(part);
    response.end();
  };
};

async function failure(answer: Answer, client = new ServerClient()): Promise<GlassboxError> {
  const { connection } = await serverThat(answer);
  const error = await client.chat(connection, PARAMS).then(
    () => assert.fail("It did not fail."),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof GlassboxError, String(error));
  assert.ok(!`${error.message}${error.remedy}${error.stack}`.includes(KEY), "The key is in the error.");
  return error;
}

describe("the client of a server", () => {
  afterEach(async () => {
    for (const close of closers.splice(0)) await close();
  });

  it("sends the key in its header, the messages in the body, and nothing else", async () => {
    const { connection, received } = await serverThat(
      stream(word("Hel"), word("lo", "stop"), "data: [DONE]\n\n"),
    );
    const tokens: GeneratedToken[] = [];
    const result = await new ServerClient().chat(connection, PARAMS, {
      onEvent: (token) => tokens.push(token),
    });
    assert.equal(tokens.map(({ token }) => token.name).join(""), "Hello");
    assert.equal(result.stop, "end-of-turn");
    assert.equal(result.hasProbabilities, false);
    const [request] = received;
    assert.equal(request!.url, "/v1/chat/completions");
    assert.equal(request!.authorization, `Bearer ${KEY}`);
    assert.deepEqual(request!.body.messages, PARAMS.messages);
    assert.deepEqual(JSON.parse(result.body), request!.body);
    assert.ok(!result.body.includes(KEY));
  });

  it("says what is wrong with the key, and does not repeat it", async () => {
    const error = await failure(json(401, { error: { message: `Incorrect API key provided: ${KEY}.` } }));
    assert.match(error.message, /does not accept the key \(401\): Incorrect API key provided: •••\./);
  });

  it("says which model is missing, and how long to wait", async () => {
    assert.match(
      (await failure(json(404, { error: "model 'small' not found" }))).message,
      /no model "small"/,
    );
    const busy = await failure(json(429, { error: { message: "Rate limit" } }, { "retry-after": "7" }));
    assert.equal(busy.remedy, "Try again in 7 s.");
  });

  it("goes nowhere else than it was allowed to", async () => {
    const other = await serverThat(json(200, {}));
    const { base, origin } = other.connection.address;
    const error = await failure((response) => {
      response.writeHead(307, { location: `${base}/chat/completions` });
      response.end();
    });
    assert.ok(error.message.includes(`sends the request on to ${origin}`), error.message);
    assert.equal(other.received.length, 0);
  });

  it("tells of an answer that is no JSON, breaks off, or never ends", async () => {
    assert.match((await failure(stream("data: <html>\n\n"))).message, /no JSON object: “<html>”/);
    assert.match((await failure(stream(word("half")))).message, /broke off after 1 tokens/);
    assert.match((await failure(json(200, "<html>hello"))).message, /no JSON object/);
    assert.match((await failure(stream(`data: ${"x".repeat(2 ** 20 + 10)}`))).message, /more than a million/);
    const cut = await failure((response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(word("half"), () => response.destroy());
    });
    assert.match(cut.message, /closed the connection|broke off/);
    const mid = await failure(stream(word("a"), 'data: {"error":{"message":"CUDA out of memory"}}\n\n'));
    assert.match(mid.message, /CUDA out of memory/);
  });

  it("stops a body without end", async () => {
    const error = await failure((response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const flood = Buffer.alloc(2 ** 20, 0x20);
      const pour = () => {
        if (!response.destroyed) response.write(flood, pour);
      };
      pour();
    });
    assert.match(error.message, /more than 4 MB/);
  });

  it("stops a server that writes more than was asked for", async () => {
    const { connection } = await serverThat(stream(...Array.from({ length: 50 }, () => word("x "))));
    const tokens: GeneratedToken[] = [];
    const { stop } = await new ServerClient().chat(connection, PARAMS, {
      onEvent: (token) => tokens.push(token),
    });
    assert.equal(stop, "max-tokens");
    assert.equal(tokens.length, PARAMS.maxTokens);
  });

  it("stops at a stop text, which the server is not told", async () => {
    const { connection, received } = await serverThat(
      stream(word("one\nt"), word("wo\nthree"), word("", "stop")),
    );
    const tokens: GeneratedToken[] = [];
    const params = { ...PARAMS, stopTexts: ["two"] };
    const { stop } = await new ServerClient().chat(connection, params, {
      onEvent: (token) => tokens.push(token),
    });
    assert.equal(stop, "stop-text");
    assert.equal(tokens.length, 2);
    assert.ok(!("stop" in received[0]!.body));
  });

  it("does without what the server refuses, and remembers it", async () => {
    const { connection, received } = await serverThat((response, request) => {
      if ("logprobs" in request.body) {
        json(400, { error: { message: "Unsupported parameter: 'logprobs'." } })(response, request);
      } else stream(word("ok", "stop"))(response, request);
    });
    const client = new ServerClient();
    await client.chat(connection, PARAMS);
    await client.chat(connection, PARAMS);
    assert.deepEqual(
      received.map(({ body }) => "logprobs" in body || "top_logprobs" in body),
      [true, false, false],
    );
  });

  it("takes an answer in one piece from a server that does not stream", async () => {
    const { connection } = await serverThat(
      json(200, { choices: [{ message: { content: "All at once." }, finish_reason: "stop" }] }),
    );
    const tokens: GeneratedToken[] = [];
    await new ServerClient().chat(connection, PARAMS, { onEvent: (token) => tokens.push(token) });
    assert.equal(tokens[0]?.token.name, "All at once.");
  });

  it("says that a model only thought", async () => {
    const thinking = `data: ${JSON.stringify({ choices: [{ delta: { reasoning_content: "Hm" }, finish_reason: "length" }] })}\n\n`;
    assert.match((await failure(stream(thinking))).message, /spent all 8 tokens on thinking/);
  });

  it("waits only so long", async () => {
    const client = new ServerClient({ firstEventMs: 100, silenceMs: 100, listMs: 100 });
    const silent: Answer = () => {};
    assert.match((await failure(silent, client)).message, /said nothing for 1 s/);
    const stalled: Answer = (response) => {
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(word("a"));
    };
    assert.match((await failure(stalled, client)).message, /said nothing/);
  });

  it("says when nobody answers", async () => {
    const { connection } = await serverThat(json(200, {}));
    for (const close of closers.splice(0)) await close();
    await assert.rejects(new ServerClient().models(connection), {
      message: /^Nobody answers at 127\.0\.0\.1:/,
    });
  });

  it("is stopped at once, and closes the connection, so that the server is free", async () => {
    let closed: () => void = () => {};
    const closing = new Promise<void>((resolve) => {
      closed = resolve;
    });
    const { connection } = await serverThat((response) => {
      response.on("close", () => closed());
      response.writeHead(200, { "content-type": "text/event-stream" });
      response.write(word("a"));
    });
    const abort = new AbortController();
    let stoppedAt = 0;
    const answer = new ServerClient().chat(connection, PARAMS, {
      signal: abort.signal,
      onEvent: () => {
        stoppedAt = performance.now();
        abort.abort();
      },
    });
    await assert.rejects(answer, { code: "cancelled" });
    await closing;
    assert.ok(performance.now() - stoppedAt < 300, `${performance.now() - stoppedAt} ms`);
  });
});
