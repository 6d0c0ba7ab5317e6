/** The panel "What Was Sent": the head, and the prompt of one call. */

import { formatCount } from "../../src/shared/formatCount.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { SentCall } from "../../src/shared/panels/sent.js";
import type { Caller } from "../../src/shared/rpc.js";
import { describeModel } from "../ui/format.js";
import { PanelHead } from "../ui/PanelHead.js";
import { SentPrompt } from "./SentPrompt.js";

export function SentPanel(props: { call: SentCall; model: ModelState; host: Caller<CommonHostProtocol> }) {
  const { call, model, host } = props;
  return (
    <>
      <PanelHead
        title="What was sent"
        subject={call.subject}
        model={model}
        onChooseModel={() => void host.call("chooseModel", {})}
        status={`call ${call.id}`}
        evidence={<SentEvidence call={call} />}
      />
      <SentPrompt call={call} onCopy={(text) => void host.call("copy", { text })} />
    </>
  );
}

function SentEvidence({ call }: { call: SentCall }) {
  const { model, sampling, seed, maxTokens, stopTexts, grammar } = call;
  return (
    <>
      {model.server === undefined ? (
        <p>
          These are the very tokens that went to the engine: the list is handed over by the same object that
          was generated from, it was not made again for this page.
        </p>
      ) : (
        <p>
          These are the very messages that went to the server. Its template and its tokenizer are its own:
          what it made of them cannot be seen from here.
        </p>
      )}
      <dl>
        <dt>model</dt>
        <dd>{describeModel(model)}</dd>
        <dt>{model.server === undefined ? "file" : "sent to"}</dt>
        <dd>{model.path}</dd>
        {model.server === undefined && (
          <>
            <dt>vocabulary</dt>
            <dd>{formatCount(model.vocabularySize)} tokens</dd>
          </>
        )}
        <dt>sampling</dt>
        <dd>
          temperature {sampling.temperature}, top-k {sampling.topK}, top-p {sampling.topP}, min-p{" "}
          {sampling.minP}
        </dd>
        <dt>seed</dt>
        <dd>{seed}</dd>
        <dt>stops</dt>
        <dd>
          at {formatCount(maxTokens)} tokens
          {stopTexts.length > 0 && (
            <>
              {" or at "}
              <code>{stopTexts.map((text) => JSON.stringify(text)).join(", ")}</code>
            </>
          )}
        </dd>
        {grammar !== undefined && (
          <>
            <dt>grammar</dt>
            <dd>
              <pre>{grammar}</pre>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
