/** The page of the panel "Why Did It Split Here?": connects to its host and draws again at whatever that says. */

import type { SplitHost, SplitPage, SplitSource, TokenizerOption } from "../../src/shared/panels/split.js";
import { connectToHost, readState, saveState } from "../host.js";
import { mount } from "../ui/mount.js";
import { SplitPanel } from "./SplitPanel.js";
import { restoreState } from "./splitState.js";

/** What the host last said, with a number that tells two sayings apart. */
let said: { source: SplitSource | undefined; asked: boolean; number: number } | undefined;
let chosen: { tokenizer: string; tokenizers: TokenizerOption[]; number: number } | undefined;
let number = 0;

const host = connectToHost<SplitHost, SplitPage>({
  sourceChanged: ({ source, asked }) => {
    said = { source, asked, number: ++number };
    draw();
    return null;
  },
  tokenizerChanged: ({ tokenizer, tokenizers }) => {
    chosen = { tokenizer, tokenizers, number: ++number };
    draw();
    return null;
  },
  modelChanged: () => null,
});

const initial = restoreState(readState());

function draw(): void {
  mount(<SplitPanel host={host} said={said} chosen={chosen} initial={initial} onChange={saveState} />);
}

draw();
