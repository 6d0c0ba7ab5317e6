/** "What Was Sent" in a window that has come back without the call: what is gone, and the way to another one. */

import { useState } from "preact/hooks";
import { toWireError, type WireError } from "../../src/shared/errors.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { SentHost } from "../../src/shared/panels/sent.js";
import type { Caller } from "../../src/shared/rpc.js";
import { EmptyNote, ErrorNote } from "../ui/notes.js";
import { PanelHead } from "../ui/PanelHead.js";

export function SentGone(props: { model: ModelState; host: Caller<SentHost & CommonHostProtocol> }) {
  const { model, host } = props;
  const [fault, setFault] = useState<WireError>();
  const onFault = (error: unknown) => setFault(toWireError(error));
  return (
    <>
      <PanelHead
        title={t("What was sent")}
        subject=""
        model={model}
        onChooseModel={() => void host.call("chooseModel", {}).catch(onFault)}
      />
      {fault && <ErrorNote error={fault} />}
      <EmptyNote
        text={t("What was sent went with the window: it was too long to be kept.")}
        action={{
          label: t("Explain the selection"),
          run: () => void host.call("explain", {}).catch(onFault),
        }}
      />
    </>
  );
}
