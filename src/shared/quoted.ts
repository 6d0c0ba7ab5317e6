/** What is quoted, such as a token in a sentence, in the quotation marks of the reader's language. */

import { t } from "./l10n.js";

export function quoted(text: string): string {
  return t("“{0}”", text);
}
