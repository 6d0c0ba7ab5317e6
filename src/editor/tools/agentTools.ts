/** Registers the tools that package.json names for other agents; what is behind them is loaded at the first call. */

import * as vscode from "vscode";
import type { ToolInput } from "../../core/tools/tool.js";
import type { WorkspaceTools } from "./workspaceTools.js";

/** `glassbox_count_tokens` is the tool `count_tokens`. */
const PREFIX = "glassbox_";

/** @param workspaceTools makes what tools may reach; called at the first use. */
export function registerAgentTools(
  { packageJSON }: vscode.Extension<unknown>,
  workspaceTools: () => Promise<WorkspaceTools>,
): vscode.Disposable {
  const { contributes } = packageJSON as { contributes: { languageModelTools: { name: string }[] } };
  return vscode.Disposable.from(
    ...contributes.languageModelTools.map(({ name: contributed }) => {
      const name = contributed.slice(PREFIX.length);
      return vscode.lm.registerTool<ToolInput>(contributed, {
        async prepareInvocation({ input }) {
          return (await import("./languageModelTools.js")).invocationOf(name, input);
        },
        async invoke({ input }, token) {
          const { invokeForAgent } = await import("./languageModelTools.js");
          // Whoever calls a tool that runs code has had it confirmed by then.
          return invokeForAgent(name, input, (await workspaceTools()).context(true), token);
        },
      });
    }),
  );
}
