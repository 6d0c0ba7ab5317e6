/** What a part of the conformance matrix answers. */

import type { Held } from "../../../scripts/held.js";

export interface Section {
  /** Its section of CONFORMANCE.md. */
  markdown: string;
  /** The same, in sum. */
  held: Held[];
}
