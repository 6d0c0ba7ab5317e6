/** The panel "What Was Sent": the head, and the prompt of one call. */

import { formatCount } from "../../src/shared/formatCount.js";
import { t } from "../../src/shared/l10n.js";
import type { CommonHostProtocol, ModelState } from "../../src/shared/panels/panel.js";
import type { SentCall, SentHost } from "../../src/shared/panels/sent.js";
import type { Caller } from "../../src/shared/rpc.js";
import { countedTokens } from "../ui/counted.js";
import { describeSampling } from "../ui/format.js";
import { ModelSource } from "../ui/ModelFacts.js";
import { PanelHead } from "../ui/PanelHead.js";
import { sentence } from "../ui/sentence.js";
import { SentPrompt } from "./SentPrompt.js";

export function SentPanel(props: {
  call: SentCall;
  model: ModelState;
  host: Caller<SentHost & CommonHostProtocol>;
}) {
  const { call, model, host } = props;
  return (
    <>
      <PanelHead
        title={t("What was sent")}
        subject={call.subject}
        model={model}
        onChooseModel={() => void host.call("chooseModel", {})}
        status={t("call {0}", call.id)}
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
          {t(
            "These are the very tokens that went to the engine: the list is handed over by the same object that was generated from, it was not made again for this page.",
          )}
        </p>
      ) : (
        <p>
          {t(
            "These are the very messages that went to the server. Its template and its tokenizer are its own: what it made of them cannot be seen from here.",
          )}
        </p>
      )}
      <dl>
        <ModelSource model={model} />
        {model.server === undefined && (
          <>
            <dt>{t("vocabulary")}</dt>
            <dd>{countedTokens(model.vocabularySize)}</dd>
          </>
        )}
        <dt>{t("sampling")}</dt>
        <dd>{describeSampling(sampling)}</dd>
        <dt>{t("seed")}</dt>
        <dd>{seed}</dd>
        <dt>{t("stops")}</dt>
        <dd>
          {stopTexts.length === 0
            ? t("at {0} tokens", formatCount(maxTokens))
            : sentence(
                "at {0} tokens or at {1}",
                formatCount(maxTokens),
                <code>{stopTexts.map((text) => JSON.stringify(text)).join(", ")}</code>,
              )}
        </dd>
        {grammar !== undefined && (
          <>
            <dt>{t("grammar")}</dt>
            <dd>
              <pre>{grammar}</pre>
            </dd>
          </>
        )}
      </dl>
    </>
  );
}
