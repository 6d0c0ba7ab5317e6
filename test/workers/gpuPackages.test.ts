/** Packages for graphics cards from a real registry on the loopback: whole, cut, changed, hostile, and a full disk. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { create } from "tar";
import { GlassboxError } from "../../src/shared/errors.js";
import type { PinnedPackage } from "../../src/shared/workerProtocol.js";
import { fetchPackages, type PackageFetch } from "../../src/workers/download/gpuPackages.js";

const VERSION = "3.21.1";

/** One file of an archive, written by hand so that it may be what no packer makes. */
function entry(path: string, content: string, type = "0", link = ""): Buffer {
  const header = Buffer.alloc(512);
  header.write(path, 0);
  header.write("0000644\0", 100);
  header.write("0000000\0", 108);
  header.write("0000000\0", 116);
  const bytes = Buffer.from(content);
  header.write(`${bytes.length.toString(8).padStart(11, "0")}\0`, 124);
  header.write("00000000000\0", 136);
  header.write(type, 156);
  header.write(link, 157);
  header.write("ustar\x0000", 257);
  header.fill(" ", 148, 156);
  const sum = header.reduce((all, byte) => all + byte, 0);
  header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return Buffer.concat([header, bytes, Buffer.alloc((512 - (bytes.length % 512)) % 512)]);
}

const archive = (...entries: Buffer[]) => gzipSync(Buffer.concat([...entries, Buffer.alloc(1024)]));

describe("packages for graphics cards, fetched", function () {
  this.timeout(30_000);
  let server: Server;
  let registry: string;
  let folder: string;
  /** By address. */
  const served = new Map<string, Buffer>();
  let cutAfter: number | undefined;
  let asked: (string | undefined)[] = [];

  before(async () => {
    server = createServer((request, response) => {
      const body = served.get(request.url ?? "");
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      asked.push(request.headers.range);
      if (!body) return response.writeHead(404).end();
      const rest = body.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        "content-length": rest.length,
        etag: '"one"',
        ...(start > 0 ? { "content-range": `bytes ${start}-${body.length - 1}/${body.length}` } : {}),
      });
      if (cutAfter === undefined) return response.end(rest);
      return response.write(rest.subarray(0, cutAfter), () => setTimeout(() => response.destroy(), 50));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    registry = `http://127.0.0.1:${(server.address() as AddressInfo).port}/npm/`;
  });
  after(() => {
    server.closeAllConnections();
    server.close();
  });
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "glassbox-gpu-"));
    served.clear();
    asked = [];
    cutAfter = undefined;
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Puts a package into the registry. @returns what it is pinned as. */
  function publish(name: string, bytes: Buffer, unpackedBytes = 100_000): PinnedPackage {
    served.set(`/npm/@node-llama-cpp/${name}/-/${name}-${VERSION}.tgz`, bytes);
    const sha256 = createHash("sha256").update(bytes).digest("hex");
    return {
      name: `@node-llama-cpp/${name}`,
      version: VERSION,
      sha256,
      packedBytes: bytes.length,
      unpackedBytes,
    };
  }

  const fetchAll = (packages: PinnedPackage[], more: Partial<PackageFetch> = {}) =>
    fetchPackages({
      packages,
      folder,
      registry,
      signal: new AbortController().signal,
      onProgress: () => {},
      firstWaitMs: 1,
      ...more,
    });
  const failure = async (call: Promise<void>): Promise<GlassboxError> => {
    const error: unknown = await call.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    assert.ok(error instanceof GlassboxError, String(error));
    return error;
  };
  /** All files below the folder. */
  const left = () =>
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((each) => !each.isDirectory())
      .map((each) => each.name);

  it("are laid out each in a folder of its name, and nothing else is left", async () => {
    const source = join(folder, "source", "package", "bins", "x");
    await mkdir(source, { recursive: true });
    await writeFile(join(source, "llama-addon.node"), "binary");
    await create({ gzip: true, file: join(folder, "a.tgz"), cwd: join(folder, "source"), portable: true }, [
      "package/bins/x/llama-addon.node",
    ]);
    const first = publish("a-ext", await readFile(join(folder, "a.tgz")));
    await rm(join(folder, "source"), { recursive: true });
    await rm(join(folder, "a.tgz"));
    const second = publish(
      "a",
      archive(entry("package/package.json", "{}"), entry("package/dist/index.js", "1")),
    );
    let received = 0;
    await fetchAll([first, second], {
      onProgress: (progress) => {
        received = Math.max(received, progress.receivedBytes);
        assert.equal(progress.totalBytes, first.packedBytes + second.packedBytes);
      },
    });
    assert.equal(received, first.packedBytes + second.packedBytes);
    assert.equal(await readFile(join(folder, VERSION, "a-ext/bins/x/llama-addon.node"), "utf8"), "binary");
    assert.equal(await readFile(join(folder, VERSION, "a/dist/index.js"), "utf8"), "1");
    assert.deepEqual(left().sort(), ["index.js", "llama-addon.node", "package.json"]);
    asked = [];
    await fetchAll([first, second]);
    assert.deepEqual(asked, []);
  });

  it("go on where the line was cut", async () => {
    const content = createHash("sha512").update("seed").digest("hex").repeat(20);
    const pinned = publish(
      "a",
      archive(entry("package/a.txt", content), entry("package/b.txt", String(Math.random()))),
    );
    cutAfter = 40;
    const stop = new AbortController();
    const paused = failure(
      fetchAll([pinned], {
        signal: stop.signal,
        firstWaitMs: 10_000,
        onProgress: ({ receivedBytes }) => receivedBytes > 0 && setTimeout(() => stop.abort(), 50),
      }),
    );
    assert.equal((await paused).code, "cancelled");
    assert.ok(left().some((name) => name.endsWith(".partial")));
    cutAfter = undefined;
    await fetchAll([pinned]);
    assert.match(asked.at(-1) ?? "", /^bytes=40-$/);
    assert.equal(await readFile(join(folder, VERSION, "a/a.txt"), "utf8"), content);
  });

  it("are refused, and nothing is kept, when one byte is another", async () => {
    const bytes = archive(entry("package/a.txt", "text"));
    const pinned = publish("a", bytes);
    const changed = Buffer.from(bytes);
    changed[bytes.length - 12]! ^= 1;
    served.set(`/npm/@node-llama-cpp/a/-/a-${VERSION}.tgz`, changed);
    const error = await failure(fetchAll([pinned]));
    assert.equal(error.code, "file-invalid");
    assert.match(error.message, /arrived damaged: its SHA-256 should be/);
    assert.deepEqual(left(), []);
  });

  const hostile: [what: string, bytes: () => Buffer, pattern: RegExp][] = [
    ["climbs out", () => archive(entry("package/../../out.txt", "x")), /would lie outside/],
    ["is absolute", () => archive(entry("/tmp/out.txt", "x")), /would lie outside/],
    ["has backslashes", () => archive(entry("package/..\\..\\out.txt", "x")), /would lie outside/],
    ["names a drive", () => archive(entry("package/C:out.txt", "x")), /would lie outside/],
    ["lies beside the package", () => archive(entry("other/out.txt", "x")), /would lie outside/],
    [
      "is a link",
      () => archive(entry("package/a", "", "2", "/etc/passwd")),
      /no plain file but a SymbolicLink/,
    ],
    ["is a hard link", () => archive(entry("package/a", "", "1", "/etc/passwd")), /no plain file but a Link/],
    ["is a device", () => archive(entry("package/a", "", "3")), /no plain file but a CharacterDevice/],
    ["is a folder", () => archive(entry("package/a/", "", "5")), /no plain file but a Directory/],
    [
      "is too much",
      () => archive(entry("package/a", "0".repeat(200_000))),
      /more than 100000 bytes|more than 100,000 bytes/,
    ],
    [
      "is one of too many",
      () => archive(...Array.from({ length: 1001 }, (_, at) => entry(`package/${at}`, ""))),
      /more than 1000 files/,
    ],
    ["is no archive", () => Buffer.from("This is no archive."), /cannot be unpacked/],
    [
      "is cut within",
      () => gzipSync(entry("package/a", "0".repeat(5000)).subarray(0, 2000)),
      /cannot be unpacked/,
    ],
    ["is nothing", () => archive(), /cannot be unpacked/],
  ];
  for (const [what, bytes, pattern] of hostile) {
    it(`are refused before anything is written where an entry ${what}`, async () => {
      const good = entry("package/good.txt", "good");
      const error = await failure(fetchAll([publish("a", archive(good)), publish("b", bytes())]));
      assert.equal(error.code, "file-invalid", error.message);
      assert.match(error.message, pattern);
      // What is sound is kept for the next attempt, packed; of the other there is nothing.
      assert.deepEqual(left(), [`a-${VERSION}.tgz`]);
      assert.ok(!existsSync("/tmp/out.txt"));
    });
  }

  it("need room on the disk for what is packed and what is unpacked", async () => {
    const pinned = publish("a", archive(entry("package/a.txt", "text")), 3e9);
    const error = await failure(fetchAll([pinned], { freeBytes: () => Promise.resolve(2e9) }));
    assert.match(error.message, /"a" needs 3,0\d\d MB more, and 2,000 MB are free/);
    assert.deepEqual(left(), []);
    assert.deepEqual(asked, []);
  });

  it("say which registry is out of reach", async () => {
    const pinned = publish("a", archive(entry("package/a.txt", "text")));
    const error = await failure(fetchAll([pinned], { registry: "http://127.0.0.1:9/" }));
    assert.match(error.message, /127\.0\.0\.1:9 cannot be reached/);
    assert.match(error.remedy ?? "", /Check the connection/);
  });

  it("say what a registry without them answers", async () => {
    const pinned = publish("a", archive(entry("package/a.txt", "text")));
    served.clear();
    const error = await failure(fetchAll([pinned]));
    assert.match(error.message, /answered 404/);
    assert.deepEqual(left(), []);
  });

  it("do not follow a link that lies in their place", async () => {
    const outside = await mkdtemp(join(tmpdir(), "glassbox-outside-"));
    try {
      await mkdir(join(folder, VERSION), { recursive: true });
      await symlink(outside, join(folder, VERSION, "a"));
      await fetchAll([publish("a", archive(entry("package/a.txt", "text")))]);
      assert.deepEqual(readdirSync(outside), []);
    } finally {
      await rm(outside, { recursive: true });
    }
  });
});
