/** A token as sentences and axes of the attention panel name it. */

import type { ModelToken } from "../../src/shared/types.js";
import { visibleText } from "../../src/shared/visibleText.js";

export function tokenName(token: ModelToken | undefined): string {
  if (!token) return "?";
  return token.bytes.length === 0 ? token.name : visibleText(token.bytes);
}
