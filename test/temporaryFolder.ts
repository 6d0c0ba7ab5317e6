/** Folders for what tests write. */

import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/**
 * An empty folder that is there while the tests of the surrounding `describe` run. Call it inside a `describe`; call
 * what it answers inside the tests. A suite of which no test is wanted makes none: nothing would take it away.
 */
export function useTemporaryFolder(): () => string {
  let folder: string | undefined;

  before(() => {
    folder = mkdtempSync(join(tmpdir(), "glassbox-test-"));
  });

  after(() => {
    if (folder !== undefined) rmSync(folder, { recursive: true });
    folder = undefined;
  });

  return () => {
    if (folder === undefined) throw new Error("There is no folder yet: call this inside a test.");
    return folder;
  };
}
