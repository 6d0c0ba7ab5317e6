/** The download process against a real server on the loopback: ranges, cut lines, wrong hashes, full disks. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { GlassboxError } from "../../src/shared/errors.js";
import type { DownloadProgress, DownloadProtocol, ModelSource } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { downloadFile } from "../../src/workers/download/httpDownload.js";
import { fetchPackageFiles } from "../../src/workers/download/packageFiles.js";
import { builtWorkers } from "../builtWorkers.js";
import { failsWith } from "../failureOf.js";
import { until } from "../ui/harness/until.js";
import { sha256, smallModel } from "./smallModel.js";

interface Behaviour {
  /** Closes the line after so many bytes of an answer; one entry a request, then no more cuts. */
  cutAfter: number[];
  ranges: boolean;
  etag: string;
  body: Buffer;
  /** Milliseconds between pieces of 64 KB. */
  pauseMs: number;
  /** Keeps an answer waiting before its piece at this byte or the next, until it is resolved. */
  gate: { at: number; open: Promise<void> } | undefined;
  status: number;
  linkedEtag: string | undefined;
}

describe("download process", function () {
  this.timeout(30_000);
  const model = smallModel(1);
  let server: Server;
  let base: string;
  let folder: string;
  let worker: WorkerClient<DownloadProtocol>;
  let asked: { url: string; range: string | undefined; sent: number }[] = [];
  let behaviour: Behaviour;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { body, etag, ranges, cutAfter, pauseMs, gate, status, linkedEtag } = behaviour;
    const url = request.url ?? "";
    if (url.startsWith("/v2/")) {
      assert.equal(request.headers["user-agent"], "llama-cpp");
      if (url.endsWith("/Q9_Z")) response.writeHead(404).end();
      else response.end(JSON.stringify({ ggufFile: { rfilename: "tiny.gguf" } }));
      return;
    }
    if (request.method === "HEAD") {
      response.writeHead(302, {
        location: "/cdn",
        ...(linkedEtag === undefined ? {} : { "x-linked-etag": linkedEtag }),
      });
      response.end();
      return;
    }
    if (status !== 200) {
      response.writeHead(status).end("no");
      return;
    }
    const wanted = /^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1];
    const fresh = request.headers["if-range"] === etag;
    const start = ranges && wanted !== undefined && fresh ? Number(wanted) : 0;
    const entry = { url, range: request.headers.range, sent: 0 };
    asked.push(entry);
    if (start >= body.length) {
      response.writeHead(416, { "content-range": `bytes */${body.length}` }).end();
      return;
    }
    response.writeHead(start > 0 ? 206 : 200, {
      "content-length": body.length - start,
      etag,
      ...(start > 0 ? { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
    });
    const cut = cutAfter.shift() ?? Number.POSITIVE_INFINITY;
    for (let at = start; at < body.length; at += 65_536) {
      if (at - start >= cut) {
        response.destroy();
        return;
      }
      if (gate && at >= gate.at) await gate.open;
      if (response.destroyed) return;
      const piece = body.subarray(at, at + 65_536);
      entry.sent += piece.length;
      await new Promise<void>((resolve) => response.write(piece, () => resolve()));
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
    response.end();
  }

  function start(): WorkerClient<DownloadProtocol> {
    return builtWorkers.download({ log: (line) => console.log(line) });
  }

  before(async () => {
    server = createServer((request, response) => {
      answer(request, response).catch((error: unknown) => response.destroy(error as Error));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    process.env.HF_ENDPOINT = base;
  });
  after(() => {
    delete process.env.HF_ENDPOINT;
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-download-"));
    asked = [];
    behaviour = {
      cutAfter: [],
      ranges: true,
      etag: '"one"',
      body: model,
      pauseMs: 0,
      gate: undefined,
      status: 200,
      linkedEtag: undefined,
    };
    worker = start();
  });
  afterEach(async () => {
    worker.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  /** Answers are kept waiting before that byte, from now on and until what is answered is called. */
  function holdAt(byte: number): () => void {
    let open = () => {};
    behaviour.gate = {
      at: byte,
      open: new Promise((resolve) => {
        open = resolve;
      }),
    };
    return open;
  }

  /** A signal that is aborted as soon as the condition holds. */
  function pausedWhen(holds: () => boolean): { signal: AbortSignal; paused: Promise<void> } {
    const abort = new AbortController();
    const paused = until(holds, { what: "the time to pause" }).then(() => abort.abort());
    return { signal: abort.signal, paused };
  }

  const source = (): ModelSource => ({ kind: "url", url: `${base}/tiny.gguf` });
  const hf: ModelSource = {
    kind: "hugging-face",
    user: "somebody",
    repository: "tiny",
    branch: "main",
    file: "tiny.gguf",
  };

  it("fetches a file, tells of its progress, and leaves nothing else behind", async () => {
    behaviour.pauseMs = 15;
    const told: DownloadProgress[] = [];
    const result = await worker.call(
      "download",
      { source: source(), folder },
      { onEvent: (progress) => told.push(progress) },
    );
    assert.deepEqual(result, {
      path: join(folder, "tiny.gguf"),
      bytes: model.length,
      sha256: sha256(model),
      hashMatched: false,
    });
    assert.ok(model.equals(await readFile(result.path)));
    assert.deepEqual(await readdir(folder), ["tiny.gguf"]);
    const receiving = told.filter(({ phase }) => phase === "receiving");
    assert.ok(receiving.length >= 2);
    assert.ok(
      receiving.some(({ secondsLeft, bytesPerSecond }) => secondsLeft !== undefined && bytesPerSecond! > 0),
    );
    assert.deepEqual(
      receiving.map(({ receivedBytes }) => receivedBytes),
      receiving.map(({ receivedBytes }) => receivedBytes).sort((a, b) => a - b),
    );
    assert.ok(told.some(({ phase }) => phase === "checking"));
  });

  it("goes on by range after the line was cut, over and over", async () => {
    behaviour.cutAfter = [300_000, 500_000, 70_000, 900_000];
    const result = await worker.call("download", { source: source(), folder });
    assert.equal(result.sha256, sha256(model));
    assert.equal(asked.length, 5);
    assert.equal(asked[0]!.range, undefined);
    assert.ok(asked.slice(1).every(({ range }) => /^bytes=[1-9]\d*-$/.test(range ?? "")));
    const sent = asked.reduce((sum, entry) => sum + entry.sent, 0);
    assert.ok(sent < 1.5 * model.length, `${sent} bytes were sent for ${model.length}`);
  });

  it("pauses, survives the end of its process, and goes on where it was", async () => {
    behaviour.pauseMs = 10;
    const abort = new AbortController();
    const call = worker.call(
      "download",
      { source: source(), folder },
      { signal: abort.signal, onEvent: ({ receivedBytes }) => receivedBytes > 600_000 && abort.abort() },
    );
    await assert.rejects(call, failsWith("cancelled", /./));
    worker.dispose();
    worker = start();
    const [left, ...others] = await worker.call("unfinished", { folder });
    assert.equal(others.length, 0);
    assert.equal(left!.fileName, "tiny.gguf");
    assert.equal(left!.totalBytes, model.length);
    assert.ok(left!.receivedBytes > 500_000 && left!.receivedBytes < model.length);
    assert.deepEqual(left!.source, source());

    behaviour.pauseMs = 0;
    const result = await worker.call("download", { source: left!.source, folder });
    assert.equal(result.sha256, sha256(model));
    assert.ok(Number(/\d+/.exec(asked.at(-1)!.range ?? "")?.[0]) >= 500_000);
    assert.deepEqual(await worker.call("unfinished", { folder }), []);
  });

  it("goes on after kill -9 too", async () => {
    behaviour.pauseMs = 10;
    const call = worker.call(
      "download",
      { source: source(), folder },
      { onEvent: ({ receivedBytes }) => receivedBytes > 600_000 && process.kill(worker.pid!, "SIGKILL") },
    );
    await assert.rejects(call, failsWith("crashed", /SIGKILL/));
    behaviour.pauseMs = 0;
    assert.equal((await worker.call("download", { source: source(), folder })).sha256, sha256(model));
    assert.match(asked.at(-1)!.range ?? "", /^bytes=\d{6,}-$/);
    assert.deepEqual(await readdir(folder), ["tiny.gguf"]);
  });

  it("begins anew when the file has changed on the server, or the server knows no ranges", async () => {
    for (const change of ["etag", "ranges"] as const) {
      behaviour.cutAfter = [500_000];
      const open = holdAt(300_000);
      const before = asked.length;
      const call = worker.call("download", { source: source(), folder });
      await until(() => asked.length > before, { what: "the first connection" });
      // The first answer is of the file as it was, and is cut; what is asked for then is another.
      if (change === "etag") {
        behaviour.etag = '"two"';
        behaviour.body = smallModel(2);
      } else behaviour.ranges = false;
      open();
      const result = await call;
      assert.equal(result.sha256, sha256(behaviour.body));
      assert.equal(asked.length, before + 2);
      assert.match(asked.at(-1)!.range ?? "", /^bytes=[1-9]\d*-$/);
      assert.equal(asked.at(-1)!.sent, behaviour.body.length, "all of it was sent anew");
      await rm(result.path);
    }
  });

  it("discards what has come when asked", async () => {
    holdAt(500_000);
    const { signal, paused } = pausedWhen(() => existsSync(join(folder, "tiny.gguf.partial")));
    await assert.rejects(
      worker.call("download", { source: source(), folder }, { signal }),
      failsWith("cancelled", /./),
    );
    await paused;
    // At once, while the process may still have its files open.
    await worker.call("discard", { folder, fileName: "tiny.gguf" });
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(
      worker.call("discard", { folder, fileName: "../x.gguf" }),
      failsWith("invalid-request", /not the name/),
    );
  });

  it("goes on at once after a pause, though the paused one may still have its files open", async () => {
    for (let time = 0; time < 3; time++) {
      const open = holdAt(500_000);
      const { signal, paused } = pausedWhen(() => existsSync(join(folder, "tiny.gguf.partial")));
      const call = worker.call("download", { source: source(), folder }, { signal });
      await assert.rejects(call, failsWith("cancelled", /./));
      await paused;
      open();
    }
    behaviour.gate = undefined;
    const { sha256: found } = await worker.call("download", { source: source(), folder });
    assert.equal(found, sha256(model));
  });

  it("checks the hash that the hub names, over its redirect", async () => {
    behaviour.linkedEtag = `"${sha256(model)}"`;
    const result = await worker.call("download", { source: hf, folder });
    assert.equal(result.hashMatched, true);
    assert.equal(asked[0]!.url, "/somebody/tiny/resolve/main/tiny.gguf");
    await rm(result.path);

    behaviour.linkedEtag = `"${"0".repeat(64)}"`;
    await assert.rejects(
      worker.call("download", { source: hf, folder }),
      failsWith("file-invalid", /arrived damaged: its SHA-256 should be 0{64}, it is [0-9a-f]{64}/),
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it("asks which file a quantisation means", async () => {
    behaviour.linkedEtag = `"${sha256(model)}"`;
    const tag = { kind: "hugging-face-tag", user: "somebody", repository: "tiny" } as const;
    const result = await worker.call("download", { source: { ...tag, tag: "Q4_K_M" }, folder });
    assert.equal(result.hashMatched, true);
    await assert.rejects(
      worker.call("download", { source: { ...tag, tag: "Q9_Z" }, folder }),
      failsWith("failed", /has no GGUF file for "Q9_Z"/),
    );
  });

  it("refuses a web page, a broken model, and one part of many, and keeps nothing", async () => {
    behaviour.body = Buffer.from("<!DOCTYPE html><html>Sign in</html>");
    await assert.rejects(
      worker.call("download", { source: source(), folder }),
      failsWith("file-invalid", /sent a web page/),
    );
    assert.deepEqual(await readdir(folder), []);
    behaviour.body = model.subarray(0, model.length - 1000);
    behaviour.etag = '"cut"';
    await assert.rejects(
      worker.call("download", { source: source(), folder }),
      failsWith("file-invalid", /may be cut off/),
    );
    assert.deepEqual(await readdir(folder), []);
    await assert.rejects(
      worker.call("download", { source: { ...hf, file: "big-00001-of-00003.gguf" }, folder }),
      failsWith("unsupported", /one part of a model/),
    );
  });

  it("says what a server refuses, without trying again", async () => {
    behaviour.status = 403;
    const startedAt = Date.now();
    await assert.rejects(
      worker.call("download", { source: source(), folder }),
      failsWith("failed", /answered 403 Forbidden/),
    );
    assert.ok(Date.now() - startedAt < 5000);
  });

  it("lets only one window fetch a file at a time", async () => {
    const open = holdAt(0);
    const other = start();
    try {
      const first = worker.call("download", { source: source(), folder });
      await until(() => asked.length > 0, { what: "the first window to ask" });
      await assert.rejects(
        other.call("download", { source: source(), folder }),
        failsWith("failed", /is being downloaded already, by process \d+/),
      );
      open();
      assert.equal((await first).sha256, sha256(model));
    } finally {
      other.dispose();
    }
  });

  const job = (target: string) => ({
    source: source(),
    file: { url: `${base}/tiny.gguf` },
    target,
    signal: new AbortController().signal,
    onProgress: () => {},
    validate: () => {},
    firstWaitMs: 1,
  });

  it("gives up a server that is gone, and keeps what has come", async () => {
    behaviour.cutAfter = [700_000, 0, 0, 0, 0, 0, 0];
    const target = join(folder, "tiny.gguf");
    await assert.rejects(downloadFile(job(target)), failsWith("failed", /broke off after \d{6} bytes/));
    assert.ok((await stat(`${target}.partial`)).size > 600_000);
    behaviour.cutAfter = [];
    assert.equal((await downloadFile(job(target))).sha256, sha256(model));
  });

  describe("where nobody answers", () => {
    let nobody: string;

    before(async () => {
      const gone = createServer();
      await new Promise<void>((resolve) => gone.listen(0, "127.0.0.1", resolve));
      nobody = `127.0.0.1:${(gone.address() as AddressInfo).port}`;
      await new Promise((resolve) => gone.close(resolve));
    });

    it("says so of a server, and does not speak of what has come", async () => {
      const wanted = { ...job(join(folder, "tiny.gguf")), file: { url: `http://${nobody}/tiny.gguf` } };
      await assert.rejects(
        downloadFile(wanted),
        failsWith("failed", /^127\.0\.0\.1:\d+ cannot be reached: /),
      );
      await assert.rejects(
        downloadFile(wanted),
        ({ message, remedy }: GlassboxError) =>
          remedy === "Check the connection and start the download again." && !/bytes/.test(message),
      );
    });

    it("says so of the npm registry in one sentence, in seconds", async () => {
      const { npm_config_registry: registry } = process.env;
      process.env.npm_config_registry = `http://${nobody}/`;
      const startedAt = Date.now();
      try {
        await assert.rejects(
          fetchPackageFiles(
            { parts: [{ spec: "nothing@1.0.0", file: "package/nothing", packedBytes: 1 }], files: [] },
            folder,
            job(""),
          ),
          failsWith("failed", /^127\.0\.0\.1:\d+ cannot be reached: [^\n]*ECONNREFUSED[^\n]*$/),
        );
      } finally {
        if (registry === undefined) delete process.env.npm_config_registry;
        else process.env.npm_config_registry = registry;
      }
      assert.ok(Date.now() - startedAt < 20_000, `${Date.now() - startedAt} ms`);
    });
  });

  it("takes over a claim whose owner has died, or has died before it wrote its name", async () => {
    const target = join(folder, "tiny.gguf");
    for (const owner of [String(2 ** 22 + 1), ""]) {
      await writeFile(`${target}.partial.lock`, owner);
      assert.equal((await downloadFile(job(target))).sha256, sha256(model));
    }
    assert.deepEqual(await readdir(folder), ["tiny.gguf"]);
  });

  it("waits for the name of an owner who is about to write it", async () => {
    const target = join(folder, "tiny.gguf");
    const lock = `${target}.partial.lock`;
    await writeFile(lock, "");
    const refused = assert.rejects(downloadFile(job(target)), failsWith("failed", /by process \d+/));
    await writeFile(lock, String(process.pid));
    await refused;
    assert.equal(await readFile(lock, "utf8"), String(process.pid));
  });

  it("looks for room on the disk before it begins", async () => {
    const target = join(folder, "tiny.gguf");
    await assert.rejects(
      downloadFile({ ...job(target), freeBytes: async () => 1_000_000 }),
      failsWith("failed", /needs 4 MB more, and 1 MB are free/),
    );
    assert.equal(existsSync(`${target}.partial`), false);
  });

  it("says that the disk is full when it fills meanwhile, and goes on when there is room", async function () {
    // Every write to this device fails as on a full disk; Linux has it.
    if (!existsSync("/dev/full")) this.skip();
    const target = join(folder, "tiny.gguf");
    const { symlink } = await import("node:fs/promises");
    await symlink("/dev/full", `${target}.partial`);
    await assert.rejects(downloadFile(job(target)), failsWith("failed", /The disk is full/));
    await rm(`${target}.partial`);
    assert.equal((await downloadFile(job(target))).sha256, sha256(model));
  });

  it("takes a note that a power cut has torn for none", async () => {
    const target = join(folder, "tiny.gguf");
    await writeFile(`${target}.partial`, model.subarray(0, 100_000));
    await writeFile(`${target}.partial.json`, '{"source":{"ki');
    assert.equal((await downloadFile(job(target))).sha256, sha256(model));
    assert.equal(asked[0]!.range, undefined);
  });
});
