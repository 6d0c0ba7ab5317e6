/** What the editor knows of the extension from the start: that it is there, active at once, and its commands. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import * as vscode from "vscode";
import { activationTime } from "./activationTime.js";

interface Manifest {
  contributes: {
    commands: { command: string }[];
    views: Record<string, { id: string }[]>;
  };
}

describe("The extension in its host", () => {
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

  it("is active", () => {
    assert.equal(vscode.extensions.getExtension("glassbox.glassbox")?.isActive, true);
  });

  it("took less than half a second to activate", () => {
    const measured = activationTime();
    assert.ok(measured !== undefined, "it was active before the tests began");
    assert.ok(measured < 500, `${measured.toFixed(1)} ms`);
  });

  it("has registered the commands of package.json and no others", async () => {
    const declared = manifest.contributes.commands.map(({ command }) => command).sort();
    const views = Object.values(manifest.contributes.views).flat();
    // VS Code adds some for each view: `glassbox.lessons.focus` and the like.
    const isOfView = (id: string) => views.some((view) => id.startsWith(`${view.id}.`));
    const registered = (await vscode.commands.getCommands(true))
      .filter((id) => id.startsWith("glassbox.") && !isOfView(id))
      .sort();
    assert.deepEqual(registered, declared);
  });
});
