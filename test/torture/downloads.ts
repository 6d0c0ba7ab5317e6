/** Downloads whose line is cut at any byte and whose process is killed: each must end with the whole file, or go on. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededCoin } from "../../src/core/sampling/randomness.js";
import { GlassboxError } from "../../src/shared/errors.js";
import { builtWorkers } from "../builtWorkers.js";
import { smallModel } from "../workers/smallModel.js";
import { TORTURES, type Torture, times } from "./trials.js";

/** Of a full run. */
const DOWNLOADS = 60;
const PIECE = 65_536;
/** The process gives up after some cuts in a row that brought nothing new; none of ours does. */
const MOST_CUTS = 4;

export const cutDownloads: Torture = {
  title: TORTURES.downloads,
  async run(trials, plan) {
    const coin = seededCoin(plan.seed);
    const model = smallModel(1);
    const hash = createHash("sha256").update(model).digest("hex");
    /** Bytes of each answer after which the line is cut. */
    let cuts: number[] = [];

    const server = createServer((request: IncomingMessage, response: ServerResponse) => {
      const start = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
      const rest = model.subarray(start);
      response.writeHead(start > 0 ? 206 : 200, {
        "content-length": rest.length,
        etag: '"one"',
        ...(start > 0 && { "content-range": `bytes ${start}-${model.length - 1}/${model.length}` }),
      });
      const cut = cuts.shift() ?? rest.length;
      let at = 0;
      const send = () => {
        if (response.destroyed) return;
        if (at >= rest.length) {
          response.end();
          return;
        }
        if (at >= cut) {
          response.destroy();
          return;
        }
        const piece = rest.subarray(at, Math.min(at + PIECE, cut));
        at += piece.length;
        // Slowly enough for a kill to come in between.
        response.write(piece, () => setTimeout(send, 1));
      };
      send();
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny.gguf`;

    try {
      for (let round = 0; round < times(DOWNLOADS, plan); round++) {
        cuts = Array.from({ length: Math.floor(coin() * (MOST_CUTS + 1)) }, () =>
          Math.floor(1 + coin() * model.length),
        );
        const killAt = coin() < 0.3 ? Math.floor(coin() * model.length) : undefined;
        await trials.attempt(`cut after ${cuts.join(", ")}, killed at ${killAt}`, async () => {
          const folder = await mkdtemp(join(tmpdir(), "glassbox-cut-"));
          const worker = builtWorkers.download();
          const fetchModel = (onEvent: (progress: { receivedBytes: number }) => void) =>
            worker.call("download", { source: { kind: "url", url }, folder }, { onEvent });
          try {
            let killed = false;
            const first = await fetchModel(({ receivedBytes }) => {
              if (killed || killAt === undefined || receivedBytes < killAt) return;
              killed = true;
              process.kill(worker.pid!, "SIGKILL");
            }).catch((error: unknown) => {
              assert.ok(killed && error instanceof GlassboxError && error.code === "crashed", String(error));
              return undefined;
            });
            const { sha256 } = first ?? (await fetchModel(() => {}));
            assert.equal(sha256, hash);
            assert.deepEqual(await readdir(folder), ["tiny.gguf"]);
          } finally {
            worker.dispose();
            await rm(folder, { recursive: true, force: true });
          }
        });
      }
    } finally {
      server.closeAllConnections();
      server.close();
    }
  },
};
