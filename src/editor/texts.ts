/** The texts of the extension host: the bundle that VS Code has read for its language before it loads us. */

import * as vscode from "vscode";
import type { Translation } from "../shared/texts.js";

const { bundle, uri } = vscode.l10n;

export const translation: Translation | undefined = bundle && {
  language: vscode.env.language,
  texts: bundle,
  ...(uri?.scheme === "file" ? { file: uri.fsPath } : {}),
};
