/** The questions that the panel answers about a text beside the map: one view each, computed when first opened. */

import { useState } from "preact/hooks";
import type { AttentionHost } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { Tab } from "../ui/Tabs.js";
import { HeadAtlas } from "./HeadAtlas.js";
import type { Attention } from "./useAttention.js";
import { useHeads } from "./useHeads.js";
import type { Look } from "./useView.js";

export type QuestionProps = {
  attention: Attention;
  host: Caller<AttentionHost>;
  look: Look;
  /** Whether the reader has it in sight. */
  open: boolean;
  show(id: string): void;
};

/** The views as tabs, in the order in which a reader would ask. */
export function questions(props: Omit<QuestionProps, "open">, shown: string): Tab[] {
  return [
    {
      id: "heads",
      label: "Which head does what?",
      content: <HeadsQuestion {...props} open={shown === "heads"} />,
    },
  ];
}

function HeadsQuestion({ attention, host, look, open, show }: QuestionProps) {
  const heads = useHeads(host, useOpened(open) ? attention.run : undefined);
  return <HeadAtlas heads={heads} look={look} onOpen={() => show("map")} />;
}

/** Whether a view was ever in sight: from then on it is kept up to date. */
function useOpened(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return opened || open;
}
