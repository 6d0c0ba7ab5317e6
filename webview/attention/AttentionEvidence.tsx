/** What *How do you know?* opens: where every number of the picture comes from. */

import { whyTheyDiffer } from "../../src/core/lens/agreement.js";
import { HABITS } from "../../src/core/lens/describe.js";
import type { AttentionSubject } from "../../src/shared/panels/attention.js";
import type { Provenance } from "../../src/shared/panels/panel.js";
import { formatBytes, formatDuration, formatLines, plural } from "../ui/format.js";
import { agreementText } from "./AgreementLine.js";
import type { AttentionView } from "./AttentionExhibit.js";
import { tokenName } from "./tokenName.js";
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
        <dt>model</dt>
        <dd>
          {model.name}, {model.architecture}, {model.quantisation}, {formatBytes(model.fileBytes)}
        </dd>
        <dt>file</dt>
        <dd>
          <code>{model.path}</code>
        </dd>
        <dt>text</dt>
        <dd>{plural(tokens.length, "token")}, the model's own first token included</dd>
        {view && (
          <>
            <dt>shown</dt>
            <dd>
              layer {view.layer} of {model.layerCount},{" "}
              {view.head === "mean"
                ? `mean of ${model.headCount} heads`
                : `head ${view.head} of ${model.headCount}`}
              , {view.scale === "log" ? "logarithmic" : "linear"} scale
              {view.firstAside ? ", first token set aside" : ""}; counted from 0; kept as 16-bit floats
            </dd>
          </>
        )}
        {run && (
          <>
            <dt>computed by</dt>
            <dd>
              the lens, a forward pass of our own over the same file: {run.path}; {formatDuration(run.ms)}
              {run.loadMs > 0 ? `, and ${formatDuration(run.loadMs)} to read the file` : ", file still held"}
            </dd>
          </>
        )}
        <dt>agreement</dt>
        <dd>
          {agreement.kind === "compared"
            ? `${agreementText(agreement.agreement)}; llama.cpp took ${formatDuration(agreement.engineMs)}`
            : "llama.cpp has not been compared on this text"}
        </dd>
      </dl>
      <p>
        llama.cpp computes attention but does not hand it out. The lens is believed because its next-token
        probabilities are compared with llama.cpp's on these very tokens. The difference is not exactly zero:{" "}
        {whyTheyDiffer(model.quantisation, run?.exact ?? true).join(" ")} On a file of 32-bit weights with
        both told to keep 32 bits everywhere, they differ by about one millionth, whatever the architecture.
      </p>
      <p class="gb-dim">
        What is cut: an edge, or a token for all that come after it, is masked as the future is, so that the
        softmax shares its weight out among the other keys; a head’s answer is set to zero, which is the same
        as zeros in its columns of the output projection. Everything after it is computed again, with the same
        arithmetic; where nothing is cut, no bit changes. How far a prediction moves is the Kullback-Leibler
        divergence of the distribution after from the one before, over the whole vocabulary, in bits.
      </p>
      <p class="gb-dim">
        What a head is said to do:{" "}
        {Object.values(HABITS)
          .map(({ label, definition }) => `${label}: ${definition}`)
          .join("; ")}
        .
      </p>
    </>
  );
}
