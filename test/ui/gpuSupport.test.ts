/** What a reader sees of GPU support in a real window: the offer, a pause, a damaged package, and taking it away. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gpuSupport, weightOf } from "../../src/core/models/gpuSupport.js";
import { formatBytes } from "../../src/editor/models/formatBytes.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";

/** After so many the registry falls silent. */
const FIRST_BYTES = 2_000_000;
const FETCHING = "Fetching GPU support (Vulkan)";
const PAUSED = "The download of GPU support (Vulkan) is paused.";

const offer = process.platform === "linux" ? gpuSupport("vulkan", "linux", process.arch) : undefined;

(offer ? describe : describe.skip)("GPU support in the workbench", function () {
  this.timeout(90_000);
  let home: string;
  let registry: Server;
  /** What the registry was asked for, and from which byte on. */
  const asked: { url: string; start: number }[] = [];
  /** Whether the registry falls silent after the first bytes. */
  let stalls = true;

  before(async () => {
    const { packedBytes } = weightOf(offer!);
    // As long as the package, and another one: only the hash can tell.
    const body = Buffer.alloc(packedBytes, 1);
    registry = createServer(({ url = "", headers: { range } }, response) => {
      const start = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
      asked.push({ url, start });
      response.writeHead(start > 0 ? 206 : 200, {
        "content-length": packedBytes - start,
        etag: '"one"',
        ...(start > 0 && { "content-range": `bytes ${start}-${packedBytes - 1}/${packedBytes}` }),
      });
      if (stalls) response.write(body.subarray(start, start + FIRST_BYTES));
      else response.end(body.subarray(start));
    });
    await new Promise<void>((resolve) => registry.listen(0, "127.0.0.1", resolve));
    home = await mkdtemp(join(tmpdir(), "glassbox-driver-"));
    // The engine looks whether the driver's loader is there; any machine with a card has it.
    await writeFile(join(home, "libvulkan.so.1"), "");
  });
  const workbench = useWorkbench({}, () => ({
    environment: {
      LD_LIBRARY_PATH: home,
      npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`,
    },
  }));
  after(async () => {
    registry.closeAllConnections();
    registry.close();
    await rm(home, { recursive: true, force: true });
  });

  const toast = (text: string) => workbench().page.locator(".notification-toast", { hasText: text });
  const press = (text: string, button: string, timeout = 10_000) =>
    toast(text).getByRole("button", { name: button, exact: true }).click({ timeout });
  /** Begins to fetch and pauses when the first bytes have come. */
  const getAndPause = async () => {
    await workbench().runCommand("Glassbox: Get GPU Support");
    await workbench().pick("Vulkan");
    await toast(FETCHING).getByText(/ of /).waitFor();
    // The notification is drawn anew while its figures change, and a click may meet the old one.
    await until(
      async () =>
        (await toast(PAUSED).isVisible()) ||
        press(FETCHING, "Cancel", 1000).then(
          () => false,
          () => false,
        ),
      { what: "the download to be paused" },
    );
  };
  const dialog = () => workbench().page.locator(".monaco-dialog-box");

  it("has nothing to remove before anything was fetched", async () => {
    await workbench().openFile("tale.md");
    await workbench().runCommand("Glassbox: Remove GPU Support");
    await workbench().notification("There is no GPU support to remove: none has been fetched.");
  });

  it("is offered with its size, its licence and where it comes from", async () => {
    await workbench().runCommand("Glassbox: Get GPU Support");
    const row = workbench().page.locator(".quick-input-list .monaco-list-row", { hasText: "Vulkan" });
    const said = ((await row.textContent()) ?? "").replaceAll("\u00a0", " ");
    const { packedBytes, unpackedBytes } = weightOf(offer!);
    for (const bytes of [packedBytes, unpackedBytes]) assert.ok(said.includes(formatBytes(bytes)), said);
    assert.match(said, /MIT/);
    for (const { name, version } of offer!.packages) assert.ok(said.includes(`${name}@${version}`), said);
    assert.deepEqual(asked, [], "nothing is fetched before it is chosen");
    await workbench().page.keyboard.press("Escape");
  });

  it("can be paused and goes on with what has come", async () => {
    await getAndPause();
    await workbench().notification(`${PAUSED} What has come is kept; Get GPU Support goes on with it`);
    stalls = false;
    await press(PAUSED, "Go On");
    // What came is not what was announced, and is said so.
    await workbench().notification(/linux-.*-vulkan/);
    assert.equal(asked.length, 2);
    assert.ok(asked[1]!.start > 0 && asked[1]!.start <= FIRST_BYTES, JSON.stringify(asked));
  });

  it("begins again once it was discarded, and is asked for before it is removed", async () => {
    stalls = true;
    await workbench().runCommand("Notifications: Clear All Notifications");
    await getAndPause();
    await press(PAUSED, "Discard");
    await getAndPause();
    assert.deepEqual(
      asked.slice(2).map(({ start }) => start),
      [0, 0],
    );
    await workbench().runCommand("Glassbox: Remove GPU Support");
    await dialog().getByText("Remove the GPU support that was fetched?").waitFor();
    await dialog().getByRole("button", { name: "Remove", exact: true }).click();
    await workbench().notification("The GPU support is removed. Models run on the processor.");
  });
});
