/** The page of the sampling panel: connects to its host and draws again at whatever that says. */

import { fileNameOf } from "../../src/shared/fileNameOf.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import type { SamplingHost, SamplingPage } from "../../src/shared/panels/sampling.js";
import { connectToHost, readState, saveState } from "../host.js";
import { mount } from "../ui/mount.js";
import { SamplingPanel } from "./SamplingPanel.js";
import { restoreState } from "./samplingState.js";

let model: ModelState = { kind: "none" };
/** The model file that was last heard of. */
let file = "";
/** Counts the texts, and the models that the reader has chosen. */
let texts = 0;
let choices = 0;
let edited = false;

/** Loading, failing and becoming ready are not another model; another file is. */
function fileOf(state: ModelState): string | undefined {
  if (state.kind === "ready") return fileNameOf(state.info.path);
  return state.kind === "idle" || state.kind === "loading" ? state.name : undefined;
}

const host = connectToHost<SamplingHost, SamplingPage>({
  modelChanged: (state) => {
    const found = fileOf(state);
    if (found !== undefined && found !== file) {
      if (file !== "" || model.kind === "failed") choices++;
      file = found;
    }
    model = state;
    draw();
    return null;
  },
  sourceChanged: () => {
    texts++;
    edited = false;
    draw();
    return null;
  },
  sourceEdited: () => {
    edited = true;
    draw();
    return null;
  },
});

const initial = restoreState(readState());

function draw(): void {
  mount(
    <SamplingPanel
      host={host}
      model={model}
      reading={`${texts}:${choices}`}
      edited={edited}
      initial={initial}
      onChange={saveState}
    />,
  );
}

draw();
