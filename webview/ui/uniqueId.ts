/** Ids for labels, groups and what they belong to. */

import { useState } from "preact/hooks";

let made = 0;

/**
 * An id that nothing else on the page has. Preact's own `useId` counts from the beginning whenever the page is drawn
 * as a whole, so that parts of different age may get the same.
 */
export function useUniqueId(): string {
  const [id] = useState(() => `gb-${++made}`);
  return id;
}
