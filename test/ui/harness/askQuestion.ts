/** Asks about the selection as a reader does: by the command and its field. */

import type { Frame } from "playwright-core";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

/** Asks, and answers the panel's page as soon as it is there; its answer may take its time. */
export async function askQuestion(workbench: Workbench, question: string): Promise<Frame> {
  await workbench.runCommand("Glassbox: Ask About Selection");
  const title = workbench.page.locator(".quick-input-title").first();
  await until(async () => ((await title.textContent()) ?? "").includes("Ask About Selection"), {
    what: "the field for the question",
  });
  await workbench.page.locator(".quick-input-widget .input").first().fill(question);
  await workbench.page.keyboard.press("Enter");
  return workbench.webview("ask");
}
