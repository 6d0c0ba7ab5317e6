/** Connecting to a server inside the extension host: nothing is sent before the reader has allowed it. */

import assert from "node:assert/strict";
import { createServer, type Server } from "node:http";
import * as vscode from "vscode";
import { parseServerAddress } from "../../src/core/server/serverAddress.js";
import { ModelService } from "../../src/editor/models.js";
import { ChatModel } from "../../src/editor/server/chatModel.js";
import { noticeText } from "../../src/editor/server/serverNotice.js";
import type { ModelProtocol } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { builtWorkers } from "../builtWorkers.js";
import { declaredSetting, manifest } from "../manifest.js";

/** Storage as VS Code gives it to an extension, for as long as a test. */
class Memory implements vscode.Memento {
  readonly values = new Map<string, unknown>();
  keys = () => [...this.values.keys()];
  get = <T>(key: string, otherwise?: T): T => (this.values.has(key) ? this.values.get(key) : otherwise) as T;
  update = async (key: string, value: unknown) => {
    if (value === undefined) this.values.delete(key);
    else this.values.set(key, value);
  };
}

class Secrets implements vscode.SecretStorage {
  readonly values = new Map<string, string>();
  readonly #changed = new vscode.EventEmitter<vscode.SecretStorageChangeEvent>();
  onDidChange = this.#changed.event;
  keys = async () => [...this.values.keys()];
  get = async (key: string) => this.values.get(key);
  store = async (key: string, value: string) => void this.values.set(key, value);
  delete = async (key: string) => void this.values.delete(key);
}

const KEY = "sk-in-the-secret-storage";

describe("Connecting to a server", function () {
  this.timeout(30_000);
  const requests: { url: string | undefined; authorization: string | undefined; body: string }[] = [];
  const notices: string[] = [];
  const logged: string[] = [];
  let allow = true;
  let server: Server;
  let base: string;
  let memory: Memory;
  let secrets: Secrets;
  let worker: WorkerClient<ModelProtocol>;
  let local: ModelService;
  let chat: ChatModel;

  const configuration = () => vscode.workspace.getConfiguration("glassbox.server");
  const set = async (url: string | undefined, model: string | undefined) => {
    await configuration().update("model", model, vscode.ConfigurationTarget.Global);
    await configuration().update("url", url, vscode.ConfigurationTarget.Global);
  };
  const say = (signal?: AbortSignal) =>
    chat.call(
      "generate",
      {
        tokenIds: [],
        messages: [{ role: "user", content: "Hi <|user|>" }],
        maxTokens: 4,
        sampling: { temperature: 0, topK: 0, topP: 1, minP: 0 },
        seed: 1,
      },
      signal ? { signal } : {},
    );

  before(async () => {
    server = createServer((request, response) => {
      let body = "";
      request.on("data", (part: Buffer) => {
        body += part.toString();
      });
      request.on("end", () => {
        requests.push({ url: request.url, authorization: request.headers.authorization, body });
        const answer = request.url?.endsWith("/models")
          ? { data: [{ id: "folder/small.gguf", meta: { n_ctx: 512 } }] }
          : { choices: [{ message: { content: "Hello." }, finish_reason: "stop" }] };
        response.writeHead(200, { "content-type": "application/json" });
        response.end(JSON.stringify(answer));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const bound = server.address();
    assert.ok(bound && typeof bound === "object");
    base = `http://127.0.0.1:${bound.port}/v1`;
    const { extensionUri } = vscode.extensions.getExtension("glassbox.glassbox")!;
    worker = builtWorkers.model();
    local = new ModelService(extensionUri, worker);
  });

  beforeEach(() => {
    requests.length = notices.length = logged.length = 0;
    allow = true;
    memory = new Memory();
    secrets = new Secrets();
    const log = vscode.window.createOutputChannel("Glassbox test", { log: true });
    chat = new ChatModel({
      local,
      secrets,
      memory,
      log: new Proxy(log, {
        get: (target, name) =>
          name === "info" ? (line: string) => void logged.push(line) : Reflect.get(target, name),
      }),
      ask: async (address, model, hasKey) => {
        notices.push(noticeText(address, model, hasKey));
        return allow;
      },
    });
  });

  afterEach(async () => {
    await set(undefined, undefined);
    chat.dispose();
  });

  after(() => {
    server.close();
    local.dispose();
    worker.dispose();
  });

  it("is off unless the reader turns it on", () => {
    for (const name of ["glassbox.server.url", "glassbox.server.model"]) {
      const setting = declaredSetting(name);
      assert.equal(setting.default, "");
      assert.equal(setting.scope, "machine", "a workspace cannot set it");
      assert.ok(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations.includes(name));
    }
    assert.notEqual(chat.state.kind, "server");
  });

  it("asks before the first request, and sends nothing when the answer is no", async () => {
    await set(base, "folder/small.gguf");
    assert.equal(chat.state.kind, "server");
    allow = false;
    await assert.rejects(chat.ready(), { code: "cancelled" });
    await assert.rejects(say(), { code: "cancelled" });
    assert.equal(requests.length, 0);
    assert.equal(notices.length, 2);
    assert.ok(notices[0]!.includes(`${base}/chat/completions`));
    assert.match(notices[0]!, /selected text.*file’s name.*your questions/s);
  });

  it("asks once for an address, and again when the address changes", async () => {
    await set(base, "folder/small.gguf");
    const info = await chat.ready();
    assert.equal(info.name, "small.gguf");
    assert.equal(info.contextSize, 512);
    await say();
    assert.equal(notices.length, 1);
    await set(`${base}/other`, "folder/small.gguf");
    await say();
    assert.equal(notices.length, 2);
    const sent = requests.find(({ url }) => url === "/v1/chat/completions")!;
    const { messages } = JSON.parse(sent.body) as { messages: { content: string }[] };
    assert.equal(messages[0]!.content, "Hi <\u2060|user|>", "what spells a role is broken up");
  });

  it("keeps the key in the secret storage, sends it to its own origin only, and forgets it", async () => {
    const address = parseServerAddress(base);
    await chat.connectTo(address, KEY, async (models) => models[0]?.id);
    assert.equal(configuration().get("url"), base);
    assert.equal(configuration().get("model"), "folder/small.gguf");
    await say();
    assert.equal(requests.at(-1)!.authorization, `Bearer ${KEY}`);
    assert.deepEqual([...secrets.values.values()], [KEY]);
    const elsewhere = JSON.stringify([
      configuration(),
      [...memory.values],
      logged,
      requests.map(({ body }) => body),
    ]);
    assert.ok(!elsewhere.includes(KEY), "the key is nowhere else");

    // The same server under another name is another origin.
    await set(base.replace("127.0.0.1", "localhost"), "folder/small.gguf");
    await say();
    assert.equal(requests.at(-1)!.authorization, undefined);

    await chat.forgetKey();
    assert.equal(secrets.values.size, 0);
    await set(base, "folder/small.gguf");
    await say();
    assert.equal(requests.at(-1)!.authorization, undefined);
  });

  it("changes nothing when connecting is broken off", async () => {
    const address = parseServerAddress(base);
    allow = false;
    await chat.connectTo(address, KEY, async (models) => models[0]?.id);
    await chat.connectTo(address, KEY, async () => undefined);
    assert.equal(configuration().get("url"), "");
    assert.equal(secrets.values.size, 0);
    assert.equal(memory.values.size, 0);
  });

  it("sends nothing after disconnecting, and asks again after connecting anew", async () => {
    await chat.connectTo(parseServerAddress(base), undefined, async (models) => models[0]?.id);
    await chat.disconnect();
    assert.notEqual(chat.state.kind, "server");
    const before = requests.length;
    await set(base, "folder/small.gguf");
    allow = false;
    await assert.rejects(say(), { code: "cancelled" });
    assert.equal(requests.length, before);
  });

  it("warns of addresses without encryption, and says what stays", () => {
    const notice = (url: string, hasKey: boolean) => noticeText(parseServerAddress(url), "m", hasKey);
    assert.match(notice("http://192.168.1.5:8000", true), /without encryption.*the text and the key/s);
    assert.doesNotMatch(notice("https://example.com", true), /without encryption/);
    assert.doesNotMatch(notice("http://localhost:1", false), /without encryption|your key/);
    assert.match(notice("http://localhost:1", false), /runs on this machine/);
  });

  it("says what a server cannot be asked", async () => {
    await set(base, "folder/small.gguf");
    await assert.rejects(chat.call("next", { tokenIds: [1] }), { code: "unsupported" });
  });
});
