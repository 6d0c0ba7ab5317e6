/** The page of the panel that answers questions. */

import { afterEvent } from "../../src/core/ask/askState.js";
import type { AskEvent, AskHost, AskState } from "../../src/shared/panels/ask.js";
import { showEvents } from "../eventPage.js";
import { AskPanel } from "./AskPanel.js";

showEvents<AskState, AskEvent, AskHost>(afterEvent, ({ opened, ...shown }) => (
  <AskPanel key={opened} {...shown} />
));
