/** The texts of a worker: the bundle that the host names when it forks one, read before anything else. */

import { readFileSync } from "node:fs";
import { basename } from "node:path";
import type { Translation } from "../shared/texts.js";
import { TEXTS_FILE } from "../shared/workerProtocol.js";

const file = process.env[TEXTS_FILE];

export const translation: Translation | undefined =
  file === undefined
    ? undefined
    : {
        // As VS Code names bundles: bundle.l10n.de.json
        language: basename(file, ".json").replace(/^.*\.l10n\./, ""),
        texts: JSON.parse(readFileSync(file, "utf8")) as Translation["texts"],
        file,
      };
