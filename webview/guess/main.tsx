/** The page of "Guess the Next Token": connects to its host and draws again at whatever that says. */

import type { GuessHost, GuessPage } from "../../src/shared/panels/guess.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { GuessPanel } from "./GuessPanel.js";

let model: ModelState = { kind: "none" };
/** Counts how often the game was begun. */
let beginning = 1;
let moved = false;

const host = connectToHost<GuessHost, GuessPage>({
  modelChanged: (changed) => {
    model = changed;
    draw();
    return null;
  },
  begin: () => {
    begin();
    return null;
  },
  textChanged: () => {
    moved = true;
    draw();
    return null;
  },
});

function begin(): void {
  beginning++;
  moved = false;
  draw();
}

function draw(): void {
  mount(<GuessPanel host={host} model={model} beginning={beginning} moved={moved} onBegin={begin} />);
}

draw();
