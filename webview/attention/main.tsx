/** The page of the attention panel: connects to its host and draws again at whatever that says. */

import type { AttentionHost, AttentionPage } from "../../src/shared/panels/attention.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { connectToHost, readState, saveState } from "../host.js";
import { mount } from "../ui/mount.js";
import { AttentionPanel } from "./AttentionPanel.js";
import { restoreChosen } from "./attentionState.js";

let model: ModelState = { kind: "none" };
/** Counts the texts that the host had to run on. */
let reading = 0;
let moved = false;
let following = false;
/** A new object whenever the caret has come into another token. */
let followed: { token: number } | undefined;

const host = connectToHost<AttentionHost, AttentionPage>({
  modelChanged: (state) => {
    model = state;
    draw();
    return null;
  },
  start: () => {
    reading++;
    moved = false;
    followed = undefined;
    draw();
    return null;
  },
  following: ({ on }) => {
    following = on;
    draw();
    return null;
  },
  caretIn: ({ token }) => {
    followed = { token };
    draw();
    return null;
  },
  textChanged: () => {
    moved = true;
    draw();
    return null;
  },
});

const chosen = restoreChosen(readState());

function draw(): void {
  const follow = (on: boolean) => {
    following = on;
    draw();
  };
  mount(
    <AttentionPanel
      host={host}
      model={model}
      reading={reading}
      moved={moved}
      following={following}
      onFollow={follow}
      followed={followed}
      chosen={chosen}
      onChosen={saveState}
    />,
  );
}

draw();
