/** Ties windows to mocha: one rig for a run, one window for a `describe`, evidence of every failure. */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { Rig, type RigOptions, type SessionOptions } from "./rig.js";
import type { Workbench } from "./workbench.js";

// Every test file is bundled on its own and brings a copy of this module; they share the rig through this.
const shared = globalThis as typeof globalThis & { glassboxRig?: Promise<Rig> };

after(async () => {
  const rig = shared.glassboxRig;
  delete shared.glassboxRig;
  await (await rig)?.stop();
});

/**
 * Opens a window before the tests of the surrounding `describe` and closes it behind them. Call it inside a
 * `describe`; call what it answers inside the tests.
 * @param own what a server of its own is started with, where the one that all share will not do; asked when that is
 *   started.
 */
export function useWorkbench(options: SessionOptions = {}, own?: () => RigOptions): () => Workbench {
  let workbench: Workbench | undefined;
  let rig: Rig | undefined;
  const opened = () => {
    if (!workbench) throw new Error("There is no window yet: call this inside a test.");
    return workbench;
  };

  before(async function () {
    this.timeout(120_000);
    if (own) rig = await Rig.start(own());
    else shared.glassboxRig ??= Rig.start();
    workbench = await (rig ?? (await shared.glassboxRig!)).open(options);
  });

  afterEach(async function () {
    const test = this.currentTest;
    if (test?.state !== "failed" || !workbench) return;
    const folder = join(process.cwd(), "test/ui/failures");
    await mkdir(folder, { recursive: true });
    const name = test
      .fullTitle()
      .replace(/[^\p{L}\p{N}]+/gu, "-")
      .slice(0, 120);
    await workbench.saveEvidence(join(folder, name));
  });

  after(async () => {
    await workbench?.close();
    workbench = undefined;
    await rig?.stop();
  });

  return opened;
}
