/** The page of the explanation panel: keeps the state that the host's events make, and draws it. */

import { afterEvent } from "../../src/core/explain/explanationState.js";
import type { ExplainHost, ExplainPage, ExplainState } from "../../src/shared/panels/explain.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { Explain } from "./Explain.js";

let state: ExplainState | undefined;
let opened = 0;
let model: ModelState = { kind: "none" };

const host = connectToHost<ExplainHost, ExplainPage>({
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
  if (state) mount(<Explain key={opened} state={state} model={model} host={host} />);
}
