/** Names in a row, as a sentence lists them. */

import { t } from "./l10n.js";

/** "a", "a and b", "a, b and c". */
export function listed(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : t("{0} and {1}", names.slice(0, -1).join(", "), last);
}

/** "a", "a or b", "a, b or c". */
export function listedWithOr(names: readonly string[]): string {
  const last = names.at(-1) ?? "";
  return names.length < 2 ? last : t("{0} or {1}", names.slice(0, -1).join(", "), last);
}
