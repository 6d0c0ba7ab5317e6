/** What *How do you know?* opens: where every number of the picture comes from. */

import { whyTheyDiffer } from "../../src/core/lens/agreement.js";
import { HABITS } from "../../src/core/lens/describe.js";
import { t } from "../../src/shared/l10n.js";
import type { AttentionSubject } from "../../src/shared/panels/attention.js";
import type { Provenance } from "../../src/shared/panels/panel.js";
import { tokenName } from "../../src/shared/tokenName.js";
import { countedTokens } from "../ui/counted.js";
import { formatBytes, formatDuration, formatLines } from "../ui/format.js";
import { agreementText } from "./AgreementLine.js";
import type { AttentionView } from "./AttentionExhibit.js";
import type { Attention } from "./useAttention.js";

/** What decided the numbers on the page, beside the model: for what is saved of them. */
export function aboutOf(
  { run }: Attention,
  subject: AttentionSubject,
  view: AttentionView | undefined,
): Provenance {
  const { source, tokens, model } = subject;
  const name = (token: number) => `${token}, ${JSON.stringify(tokenName(tokens[token]))}`;
  return [
    ["Text", `${source.fileName}, ${formatLines(source.firstLine, source.lastLine)}`],
    ["Tokens", JSON.stringify(tokens.map(tokenName))],
    ...(view
      ? ([
          ["Layer", `${view.layer} of ${model.layerCount}, counted from 0`],
          [
            "Head",
            view.head === "mean" ? `mean of ${model.headCount}` : `${view.head} of ${model.headCount}`,
          ],
          ["Chosen token", name(view.query)],
          ["First token", view.firstAside ? "set aside" : "as it is"],
          ["Scale", view.scale === "log" ? "logarithmic" : "linear"],
        ] as const)
      : []),
    ["Computed by", `the lens of Glassbox${run ? `: ${run.path}` : ""}`],
  ];
}

/** What the reader has chosen, one thing after the other. */
function shownText({ layer, head, scale, firstAside }: AttentionView, { model }: AttentionSubject): string {
  return [
    t("layer {0} of {1}", layer, model.layerCount),
    head === "mean" ? t("mean of {0} heads", model.headCount) : t("head {0} of {1}", head, model.headCount),
    scale === "log" ? t("logarithmic scale") : t("linear scale"),
    ...(firstAside ? [t("first token set aside")] : []),
  ].join(", ");
}

export function AttentionEvidence(props: {
  attention: Attention;
  subject: AttentionSubject;
  view: AttentionView | undefined;
}) {
  const { attention, subject, view } = props;
  const { model, tokens } = subject;
  const { run, agreement } = attention;
  return (
    <>
      <dl>
        <dt>{t("model")}</dt>
        <dd>
          {model.name}, {model.architecture}, {model.quantisation}, {formatBytes(model.fileBytes)}
        </dd>
        <dt>{t("file")}</dt>
        <dd>
          <code>{model.path}</code>
        </dd>
        <dt>{t("text")}</dt>
        <dd>{t("{0}, the model's own first token included", countedTokens(tokens.length))}</dd>
        {view && (
          <>
            <dt>{t("shown")}</dt>
            <dd>{t("{0}; counted from 0; kept as 16-bit floats", shownText(view, subject))}</dd>
          </>
        )}
        {run && (
          <>
            <dt>{t("computed by")}</dt>
            <dd>
              {run.loadMs > 0
                ? t(
                    "the lens, a forward pass of our own over the same file: {0}; {1}, and {2} to read the file",
                    run.path,
                    formatDuration(run.ms),
                    formatDuration(run.loadMs),
                  )
                : t(
                    "the lens, a forward pass of our own over the same file: {0}; {1}, file still held",
                    run.path,
                    formatDuration(run.ms),
                  )}
            </dd>
          </>
        )}
        <dt>{t("agreement")}</dt>
        <dd>
          {agreement.kind === "compared"
            ? t(
                "{0}; llama.cpp took {1}",
                agreementText(agreement.agreement),
                formatDuration(agreement.engineMs),
              )
            : t("llama.cpp has not been compared on this text")}
        </dd>
      </dl>
      <p>
        {t(
          "llama.cpp computes attention but does not hand it out. The lens is believed because its next-token probabilities are compared with llama.cpp's on these very tokens. The difference is not exactly zero: {0} On a file of 32-bit weights with both told to keep 32 bits everywhere, they differ by about one millionth, whatever the architecture.",
          whyTheyDiffer(model.quantisation, run?.exact ?? true, run?.experts).join(" "),
        )}
      </p>
      <p class="gb-dim">
        {t(
          "What is cut: an edge, or a token for all that come after it, is masked as the future is, so that the softmax shares its weight out among the other keys; a head’s answer is set to zero, which is the same as zeros in its columns of the output projection. Everything after it is computed again, with the same arithmetic; where nothing is cut, no bit changes. How far a prediction moves is the Kullback-Leibler divergence of the distribution after from the one before, over the whole vocabulary, in bits.",
        )}
      </p>
      <p class="gb-dim">
        {t(
          "What a head is said to do: {0}.",
          Object.values(HABITS)
            .map(({ label, definition }) => `${label}: ${definition}`)
            .join("; "),
        )}
      </p>
    </>
  );
}
