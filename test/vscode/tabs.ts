/** The tabs of the window, of which the extension host hears a little later than of what opened them. */

import * as vscode from "vscode";
import { until } from "../ui/harness/until.js";

export function tabs(): vscode.Tab[] {
  return vscode.window.tabGroups.all.flatMap((group) => group.tabs);
}

/** The tabs of one kind of our panels. @param name as in `glassbox.sampling`. */
export function panelTabs(name: string): vscode.Tab[] {
  return tabs().filter(
    ({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`glassbox.${name}`),
  );
}

/** Waits until there is a tab of that label. */
export async function untilTab(label: string): Promise<void> {
  const labels = () => tabs().map((tab) => tab.label);
  await until(() => labels().includes(label), {
    what: () => `a tab "${label}" among ${labels().join(", ")}`,
  });
}
