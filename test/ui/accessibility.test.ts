/** Every panel, with something real on it, in three themes: axe-core finds nothing serious. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { join } from "node:path";
import type { AxeResults } from "axe-core";
import { askQuestion } from "./harness/askQuestion.js";
import { useWorkbench } from "./harness/session.js";
import type { Theme } from "./harness/workbench.js";

const require = createRequire(join(process.cwd(), "package.json"));
const { source } = require("axe-core") as { source: string };

const THEMES: readonly Theme[] = ["dark", "light", "high-contrast"];

interface OpenPanel {
  /** The label of its tab. */
  tab: string;
  /** What is there when it has drawn its picture. */
  drawn: RegExp;
}

describe("Panels for everybody", function () {
  this.timeout(180_000);
  const workbench = useWorkbench();

  const panels: Record<string, OpenPanel> = {
    sampling: { tab: "Next Token", drawn: /\d %/ },
    attention: { tab: "Attention", drawn: /Layer \d+, head \d+: / },
    surprisal: { tab: "Surprisal", drawn: /bits/ },
    split: { tab: "Why Did It Split?", drawn: /piece/ },
    compare: { tab: "Compare Tokenizers", drawn: /tokens/ },
    guess: { tab: "Guess the Next Token", drawn: /./ },
    explain: { tab: "Explanation", drawn: /line 3/ },
    sent: { tab: "What Was Sent", drawn: /special/ },
    ask: { tab: "Answer", drawn: /1119477/ },
    lesson: { tab: "What a model reads", drawn: /From sum\.ts/ },
  };

  before(async () => {
    await workbench().openFile("src/sum.ts");
    for (const [panel, command] of Object.entries({
      sampling: "Show Next-Token Distribution",
      attention: "Show Attention",
      surprisal: "Show Surprisal",
      split: "Why Did It Split Here?",
      compare: "Compare Tokenizers",
      guess: "Guess the Next Token",
      explain: "Explain Selection",
    })) {
      await workbench().showTab("sum.ts");
      if (panel !== "guess") await workbench().selectLines(2, 8);
      else await workbench().setCaret({ line: 5, column: 5 });
      await workbench().runCommand(`Glassbox: ${command}`);
      await workbench().panelText(panel, panels[panel]!.drawn, 40_000);
    }
    await workbench().showTab("Explanation");
    const explanation = await workbench().webview("explain");
    await explanation.locator("vscode-button", { hasText: "Explain without running it" }).click();
    await explanation.locator(".gb-link", { hasText: "Show what was sent" }).first().click();
    await workbench().panelText("sent", panels.sent!.drawn, 40_000);
    await workbench().showTab("sum.ts");
    await workbench().selectLines(2, 8);
    await askQuestion(workbench(), "What is 3847 × 291?");
    await workbench().panelText("ask", panels.ask!.drawn, 60_000);
    await workbench().showTab("sum.ts");
    await workbench().runCommand("Glassbox: Open Lesson");
    await workbench().pick("What a model reads");
    await workbench().panelText("lesson", panels.lesson!.drawn);
  });

  for (const theme of THEMES) {
    it(`are without serious faults in the theme ${theme}`, async () => {
      await workbench().setTheme(theme);
      const faults: string[] = [];
      for (const [panel, { tab }] of Object.entries(panels)) {
        await workbench().showTab(tab);
        const frame = await workbench().webview(panel);
        // The workbench has the theme at once, each page when it is told.
        await frame.locator(`body[data-vscode-theme-kind="vscode-${theme}"]`).waitFor();
        // By the debugger, not as a script of the page: its policy allows none.
        await frame.evaluate(source);
        const { violations } = (await frame.evaluate(
          `axe.run(document, { resultTypes: ["violations"] })`,
        )) as AxeResults;
        for (const { id, impact, help, nodes } of violations) {
          if (impact !== "serious" && impact !== "critical") continue;
          const places = nodes.slice(0, 5).map(({ target, any }) => {
            const [why] = any;
            return `${target.join(" ")} ${why?.message ?? ""}`;
          });
          faults.push(`${panel}: ${id} (${help}), ${nodes.length} times:\n    ${places.join("\n    ")}`);
        }
      }
      assert.equal(faults.join("\n"), "");
    });
  }
});
