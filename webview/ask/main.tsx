/** The page of the panel that answers questions: keeps the state that the host's events make, and draws it. */

import { afterEvent } from "../../src/core/ask/askState.js";
import type { AskHost, AskPage, AskState } from "../../src/shared/panels/ask.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { AskPanel } from "./AskPanel.js";

let state: AskState | undefined;
let opened = 0;
let model: ModelState = { kind: "none" };

const host = connectToHost<AskHost, AskPage>({
  opened: (fresh) => {
    state = fresh;
    opened++;
    draw();
    return null;
  },
  happened: ({ events }) => {
    for (const event of events) state &&= afterEvent(state, event);
    draw();
    return null;
  },
  modelChanged: (changed) => {
    model = changed;
    draw();
    return null;
  },
});

function draw(): void {
  // The key gives a new selection fresh fields: what was typed belongs to the old one.
  if (state) mount(<AskPanel key={opened} state={state} model={model} host={host} />);
}
