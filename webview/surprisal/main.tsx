/** The page of the panel of "Show Surprisal": connects to its host and draws again at whatever that says. */

import { toWireError, type WireError } from "../../src/shared/errors.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import type { SurprisalHost, SurprisalPage, SurprisalState } from "../../src/shared/panels/surprisal.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { SurprisalPanel } from "./SurprisalPanel.js";

let model: ModelState = { kind: "none" };
let state: SurprisalState | undefined;
let fault: WireError | undefined;
let asked = false;

const host = connectToHost<SurprisalHost, SurprisalPage>({
  modelChanged: (changed) => {
    model = changed;
    draw();
    return null;
  },
  changed: () => {
    ask();
    return null;
  },
});

/** One question at a time: what has changed meanwhile is in the answer to the next. */
function ask(): void {
  if (asked) return;
  asked = true;
  host
    .call("state", {})
    .then(
      (found) => {
        state = found;
        fault = undefined;
      },
      (error: unknown) => {
        fault = toWireError(error);
      },
    )
    .finally(() => {
      asked = false;
      draw();
    });
}

function draw(): void {
  mount(<SurprisalPanel host={host} model={model} state={state} fault={fault} />);
}

draw();
ask();
