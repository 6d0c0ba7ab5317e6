/** What other tests watch connections with: it sees those that are made, in this process and in others. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { type AddressInfo, connect, type Socket } from "node:net";
import { CONNECTIONS_TOLD, connectionsIn, watchConnections } from "../connections.js";

describe("The watch over connections", () => {
  let server: Server;
  let port: number;

  before(async () => {
    server = createServer((_, response) => response.writeHead(204).end());
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    ({ port } = server.address() as AddressInfo);
  });

  after(() => {
    server.closeAllConnections();
    server.close();
  });

  async function connected(socket: Socket): Promise<void> {
    await once(socket, "connect");
    socket.destroy();
  }

  it("sees sockets, requests and questions for addresses of this process, until it is stopped", async () => {
    const watched = watchConnections();
    try {
      await connected(connect(port, "127.0.0.1"));
      await connected(connect({ port, host: "127.0.0.1" }));
      assert.deepEqual(watched.tried.splice(0), [`127.0.0.1:${port}`, `127.0.0.1:${port}`]);
      await fetch(`http://127.0.0.1:${port}`);
      assert.deepEqual(watched.tried.splice(0), [`127.0.0.1:${port}`]);
      await fetch(`http://localhost:${port}`);
      assert.deepEqual(watched.tried.splice(0), [`localhost:${port}`, "the address of localhost"]);
    } finally {
      watched.stop();
    }
    await connected(connect(port, "127.0.0.1"));
    assert.deepEqual(watched.tried, []);
  });

  it("sees those of another process, its threads too", async () => {
    const code = `
      const { Worker } = require("node:worker_threads");
      const { createSocket } = require("node:dgram");
      const connect = 'import("node:net").then(({ connect }) => connect(${port}, "127.0.0.1", function () { this.destroy(); }))';
      new Worker(new URL("data:text/javascript," + encodeURIComponent(connect))).on("exit", () => {
        const socket = createSocket("udp4");
        socket.send("x", ${port}, "127.0.0.1", () => socket.close());
      });
      eval(connect);
    `;
    const child = spawn(process.execPath, ["-e", code], {
      env: { ...process.env, ...CONNECTIONS_TOLD },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let complaint = "";
    child.stderr.on("data", (text: Buffer) => {
      complaint += text.toString();
    });
    await once(child, "close");
    const tried = connectionsIn(complaint);
    assert.equal(tried.filter((where) => where === `127.0.0.1:${port}`).length, 2, complaint);
    assert.ok(tried.includes(`udp x,${port},127.0.0.1`), complaint);
  });
});
