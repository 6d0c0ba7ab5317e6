/** What a panel needs of its surroundings, for tests that open real panels without the whole extension. */

import type * as vscode from "vscode";
import { LastEditor } from "../../src/editor/lastEditor.js";
import type { ModelService } from "../../src/editor/models.js";
import type { PanelEnvironment } from "../../src/editor/panel.js";

export function panelEnvironment(extensionUri: vscode.Uri, models: ModelService): PanelEnvironment {
  return {
    extensionUri,
    lastEditor: new LastEditor(),
    modelState: () => models.state,
    onDidChangeModelState: models.onDidChange,
    common: {
      chooseModel: () => null,
      showLog: () => null,
      openText: () => null,
      openLesson: () => null,
      copy: () => null,
      provenance: () => [],
      saveFile: () => null,
    },
  };
}
