/** The questions that the panel answers about a text beside the map: one view each, computed when first opened. */

import { useState } from "preact/hooks";
import type { AttentionHost } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import type { Tab } from "../ui/Tabs.js";
import { CellMaking } from "./CellMaking.js";
import { CutView } from "./CutView.js";
import { EmbeddingsView } from "./EmbeddingsView.js";
import { HeadAtlas } from "./HeadAtlas.js";
import { LayersView } from "./LayersView.js";
import { useHeads } from "./useHeads.js";
import { useStreams } from "./useStreams.js";
import type { Look } from "./useView.js";

interface Questioned {
  host: Caller<AttentionHost>;
  look: Look;
  /** The run that is finished, if it is. */
  run: LensRun | undefined;
  show(id: string): void;
}

/** The views as tabs, in the order in which a reader would ask. */
export function questions(of: Questioned, shown: string): Tab[] {
  const { host, look, run } = of;
  return [
    {
      id: "heads",
      label: "Which head does what?",
      content: <HeadsQuestion {...of} open={shown === "heads"} />,
    },
    {
      id: "cell",
      label: "How is a weight made?",
      content: <CellMaking host={host} look={look} run={shown === "cell" ? run : undefined} />,
    },
    {
      id: "layers",
      label: "What does each layer say?",
      content: <LayersQuestion {...of} open={shown === "layers"} />,
    },
    { id: "cut", label: "Does it matter?", content: <CutView host={host} look={look} run={run} /> },
    {
      id: "embeddings",
      label: "Which tokens are alike?",
      content: <EmbeddingsView host={host} look={look} run={shown === "embeddings" ? run : undefined} />,
    },
  ];
}

function HeadsQuestion({ host, look, run, show, open }: Questioned & { open: boolean }) {
  const heads = useHeads(host, useOpened(open) ? run : undefined);
  return <HeadAtlas heads={heads} look={look} onOpen={() => show("map")} />;
}

function LayersQuestion({ host, look, run, open }: Questioned & { open: boolean }) {
  const streams = useStreams(host, useOpened(open) ? run : undefined);
  return <LayersView streams={streams} look={look} />;
}

/** Whether a view was ever in sight: from then on it is kept up to date. */
function useOpened(open: boolean): boolean {
  const [opened, setOpened] = useState(open);
  if (open && !opened) setOpened(true);
  return opened || open;
}
