/** The page of the explanation panel. */

import { afterEvent } from "../../src/core/explain/explanationState.js";
import type { ExplainEvent, ExplainHost, ExplainState } from "../../src/shared/panels/explain.js";
import { showEvents } from "../eventPage.js";
import { Explain } from "./Explain.js";

showEvents<ExplainState, ExplainEvent, ExplainHost>(afterEvent, ({ opened, ...shown }) => (
  <Explain key={opened} {...shown} />
));
