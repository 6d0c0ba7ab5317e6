/** The questions that the panel answers about a text beside the map: one view each, computed when first opened. */

import type { ComponentChildren } from "preact";
import { t } from "../../src/shared/l10n.js";
import type { AttentionHost } from "../../src/shared/panels/attention.js";
import type { Caller } from "../../src/shared/rpc.js";
import type { LensRun } from "../../src/shared/workerProtocol.js";
import type { Tab } from "../ui/Tabs.js";
import { CellMaking } from "./CellMaking.js";
import { CutView } from "./CutView.js";
import { EmbeddingsView } from "./EmbeddingsView.js";
import { HeadAtlas } from "./HeadAtlas.js";
import { LayersView } from "./LayersView.js";
import { Resting } from "./Resting.js";
import { SideBySide } from "./SideBySide.js";
import { useHeads } from "./useHeads.js";
import { useStreams } from "./useStreams.js";
import type { Look } from "./useView.js";

interface Questioned {
  host: Caller<AttentionHost>;
  look: Look;
  /** The run that is finished, if it is; for a view undefined until it was in sight. */
  run: LensRun | undefined;
  show(id: string): void;
}

/** The views as tabs, in the order in which a reader would ask. */
export function questions(of: Questioned, shown: string): Tab[] {
  const tab = (id: string, label: string, view: (props: Questioned) => ComponentChildren): Tab => {
    const open = shown === id;
    // A view that rests keeps what it was given last; one that was never opened has been given no run to ask about.
    const run = open ? of.run : undefined;
    return { id, label, content: <Resting open={open}>{view({ ...of, run })}</Resting> };
  };
  return [
    tab("heads", t("Which head does what?"), (props) => <HeadsQuestion {...props} />),
    tab("cell", t("How is a weight made?"), (props) => <CellMaking {...props} />),
    tab("layers", t("What does each layer say?"), (props) => <LayersQuestion {...props} />),
    tab("cut", t("Does it matter?"), (props) => <CutView {...props} />),
    tab("beside", t("What moves beside it?"), (props) => <SideBySide {...props} />),
    tab("embeddings", t("Which tokens are alike?"), (props) => <EmbeddingsView {...props} />),
  ];
}

function HeadsQuestion({ host, look, run, show }: Questioned) {
  return <HeadAtlas heads={useHeads(host, run)} look={look} onOpen={() => show("map")} />;
}

function LayersQuestion({ host, look, run }: Questioned) {
  return <LayersView streams={useStreams(host, run)} look={look} />;
}
