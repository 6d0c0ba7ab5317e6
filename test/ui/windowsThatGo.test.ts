/** Processes of the extension behind a window that is closed, and behind an extension host that is killed. */

import assert from "node:assert/strict";
import { descendantsOf, isAlive, parentOf } from "../processList.js";
import { useWorkbench } from "./harness/session.js";
import { until } from "./harness/until.js";
import type { Workbench } from "./harness/workbench.js";

/** Our own processes under this test's server: the model's, the lens's, the sandbox's and what they started. */
function workers(): number[] {
  return descendantsOf(process.pid)
    .filter(({ command }) => /dist\/workers\/\w+\.mjs/.test(command))
    .map(({ pid }) => pid);
}

/** Starts the model, the lens and the sandbox with Python, and answers the processes that came with the window. */
async function startAll(workbench: Workbench): Promise<number[]> {
  await workbench.openFile("tale.md");
  await workbench.runCommand("Glassbox: Show Next-Token Distribution");
  await workbench.panelText("sampling", /\d %/, 40_000);
  await workbench.showTab("tale.md");
  await workbench.runCommand("Glassbox: Show Attention");
  await workbench.panelText("attention", /Layer \d+, head \d+: /, 40_000);
  await workbench.showTab("tale.md");
  await workbench.runCommand("Glassbox: Explain Selection");
  return until(
    () => {
      const started = workers();
      return started.length >= 3 ? started : undefined;
    },
    { what: "the model's, the lens's and the sandbox's process", timeoutMs: 40_000 },
  );
}

const gone = (pids: readonly number[]) =>
  until(() => pids.every((pid) => !isAlive(pid)), {
    what: `the processes ${pids.join(", ")} to end`,
    timeoutMs: 20_000,
  });

(process.platform === "linux" ? describe : describe.skip)("A window that is closed", function () {
  this.timeout(120_000);
  const workbench = useWorkbench();

  it("leaves none of our processes behind", async () => {
    const started = await startAll(workbench());
    // As the reader does it: the page goes, and says goodbye.
    await workbench().page.goto("about:blank");
    await gone(started);
  });
});

(process.platform === "linux" ? describe : describe.skip)("An extension host that is killed", function () {
  this.timeout(120_000);
  const workbench = useWorkbench();

  it("leaves none of our processes behind", async () => {
    const started = await startAll(workbench());
    const hosts = new Set(started.map(parentOf));
    const [host] = [...hosts].filter((pid) => pid !== undefined && !started.includes(pid));
    assert.ok(host !== undefined && host !== process.pid);
    process.kill(host, "SIGKILL");
    await gone(started);
  });
});
