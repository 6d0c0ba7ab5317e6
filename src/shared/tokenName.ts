/** A token as sentences, axes and signs name it. */

import type { ModelToken } from "./types.js";
import { visibleText } from "./visibleText.js";

export function tokenName(token: ModelToken | undefined): string {
  if (!token) return "?";
  return token.bytes.length === 0 ? token.name : visibleText(token.bytes);
}
