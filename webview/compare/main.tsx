/** The page of the comparison: connects to its host and draws again at whatever that says. */

import type {
  ComparedText,
  ComparedTokenizer,
  CompareHost,
  ComparePage,
} from "../../src/shared/panels/compare.js";
import { connectToHost, readState, saveState } from "../host.js";
import { mount } from "../ui/mount.js";
import { ComparePanel, type CompareView } from "./ComparePanel.js";

let text: ComparedText | undefined;
let tokenizers: ComparedTokenizer[] = [];
/** Counts what the host has said of the tokenizers: under the same names they may stand for others. */
let said = 0;
let view: CompareView = readState() === "languages" ? "languages" : "text";

const host = connectToHost<CompareHost, ComparePage>({
  modelChanged: () => null,
  textChanged: (params) => {
    text = params.text;
    draw();
    return null;
  },
  tokenizersChanged: (params) => {
    tokenizers = params.tokenizers;
    said++;
    draw();
    return null;
  },
});

function draw(): void {
  mount(
    <ComparePanel
      host={host}
      text={text}
      tokenizers={tokenizers}
      said={said}
      view={view}
      onView={(next) => {
        view = next;
        saveState(next);
        draw();
      }}
    />,
  );
}

draw();
