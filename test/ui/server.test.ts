/** A real server in a real window: asked only after the notice, and named all the time while it is asked. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import { LlamaServer } from "../llamaServer.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

describe("A server that explains, in the workbench", function () {
  this.timeout(240_000);
  const workbench = useWorkbench();
  let server: LlamaServer;
  let frame: Frame;

  const dialog = () => workbench().page.locator(".monaco-dialog-box");
  const answer = (label: string) =>
    dialog()
      .locator(".monaco-button", { hasText: new RegExp(`^${label}$`) })
      .click();
  /** What the server has begun to work on: it writes a line for each text that it is sent. */
  const asked = () => server.log.split("\n").filter((line) => line.includes("processing task"));
  const button = (label: string) =>
    frame.locator("vscode-button").filter({ hasText: new RegExp(`^\\s*${label}\\s*$`) });

  before(async () => {
    server = await LlamaServer.start({ contextSize: 2048 });
    await workbench().setSettings({
      "glassbox.server.url": server.address,
      "glassbox.server.model": "tiny",
    });
    await workbench().openFile("src/sum.ts");
    // What is written into the settings is heard of later: only then is there something to be disconnected from.
    await workbench().commandsBeside("Glassbox: Disconnect from the Server", "Glassbox: Disconnect");
    await workbench().page.keyboard.press("Escape");
    // A loop has no function that the reader would run first: the model is asked at once.
    await workbench().selectLines(4, 6);
    await workbench().runCommand("Glassbox: Explain Selection");
  });
  after(() => server?.stop());

  it("is asked only after a notice that says what is sent, and where to", async () => {
    await dialog().waitFor();
    const said = (await dialog().innerText()).replaceAll("\u00a0", " ");
    const host = `127.0.0.1:${server.port}`;
    assert.ok(said.includes(`Send text to ${host}?`), said);
    assert.ok(said.includes(`http://${host}/v1/chat/completions, for the model “tiny”`), said);
    for (const part of ["the selected text and the code around it", "the file’s name", "your questions"]) {
      assert.ok(said.includes(part), said);
    }
    assert.ok(said.includes("The server runs on this machine"), said);
    // There is no key to be sent.
    assert.ok(!said.includes("your key"), said);
  });

  it("is sent nothing by a reader who declines, which is no error", async () => {
    await answer("Cancel");
    frame = await workbench().webview("explain");
    await until(async () => /^stopped/.test((await frame.locator(".gb-state").textContent()) ?? ""), {
      what: "the panel to have stopped",
    });
    assert.equal(await frame.locator(".gb-error").count(), 0);
    assert.deepEqual(asked(), []);
  });

  it("is named in the head of the panel, and asked once it is allowed", async () => {
    const chip = frame.locator(".gb-server");
    assert.equal(
      ((await chip.textContent()) ?? "").replace(/\s+/g, " ").trim(),
      `⇄ tiny · server 127.0.0.1:${server.port}`,
    );
    await button("Continue").click();
    await dialog().waitFor();
    await answer("Send");
    const words = frame.locator(".gb-step .gb-word-list").first();
    await until(async () => /\p{L}{2}/u.test((await words.textContent()) ?? ""), {
      what: "words of the server's",
      timeoutMs: 120_000,
    });
    await until(async () => (await button("Stop").count()) === 0, {
      what: "the explanation to end",
      timeoutMs: 120_000,
    });
    assert.ok(asked().length > 0, server.log.slice(-2000));
    // The consent holds: nobody is asked twice for the same address.
    assert.equal(await dialog().count(), 0);
  });

  it("gives way to the model on this machine when it is disconnected", async () => {
    await workbench().runCommand("Glassbox: Disconnect from the Server");
    await workbench().notification(/Disconnected/);
    await until(async () => (await frame.locator(".gb-server").count()) === 0, {
      what: "the head to name the model on this machine",
    });
    assert.match((await frame.locator(".gb-model").textContent()) ?? "", /stories15M/);
  });
});
