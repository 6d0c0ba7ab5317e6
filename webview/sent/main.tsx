/** The page that shows what was sent: draws the call that the host hands over. */

import type { ModelState } from "../../src/shared/panels/panel.js";
import type { SentCall, SentHost, SentPage } from "../../src/shared/panels/sent.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { SentGone } from "./SentGone.js";
import { SentPanel } from "./SentPanel.js";

let call: SentCall | undefined;
let gone = false;
let model: ModelState = { kind: "none" };

const host = connectToHost<SentHost, SentPage>({
  opened: (sent) => {
    call = sent;
    draw();
    return null;
  },
  gone: () => {
    gone = true;
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
  if (call) mount(<SentPanel key={call.id} call={call} model={model} host={host} />);
  else if (gone) mount(<SentGone model={model} host={host} />);
}
