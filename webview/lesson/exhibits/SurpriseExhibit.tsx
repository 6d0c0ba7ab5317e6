/** The exhibit of surprise: each token of the text lit by the bits that it cost the loaded model, and their mean. */

import { useEffect } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { surprises } from "../../../src/core/lessons/odds.js";
import { GlassboxError } from "../../../src/shared/errors.js";
import { formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { SamplingHost } from "../../../src/shared/panels/sampling.js";
import { tokenName } from "../../../src/shared/tokenName.js";
import { countedTokens } from "../../ui/counted.js";
import { Figure } from "../../ui/Figure.js";
import { formatProbability } from "../../ui/format.js";
import { EmptyNote } from "../../ui/notes.js";
import { TokenChip } from "../../ui/TokenChip.js";
import { embeddedHost } from "./embeddedHost.js";
import { joinSentences } from "./joinSentences.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import { oddsModel } from "./oddsModel.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "surprise" }>;

/** Tokens that the model is asked about: an answer within a moment. */
const MOST_TOKENS = 64;
/** Bits at which a chip is lit fully. */
const FULL_BITS = 14;

export function SurpriseExhibit({ id, text, model, host, covered, onInstrument }: ExhibitProps<Config>) {
  const { value, error, again } = useAnswer(`${modelFile(model)}\n${text}`, async (signal) => {
    const answer = await embeddedHost<SamplingHost>(host, id, text).call("prompt", {}, { signal });
    if (answer.kind !== "prompt") throw new GlassboxError("invalid-request", t("There is no text to read."));
    const tokens = answer.prompt.tokens.slice(0, MOST_TOKENS + 1);
    const bits = await surprises(
      oddsModel(host, id, signal),
      tokens.map((token) => token.id),
    );
    return { text, tokens, bits, cut: answer.prompt.tokens.length > tokens.length };
  });
  const mean = value ? value.bits.reduce((sum, bits) => sum + bits, 0) / Math.max(1, value.bits.length) : 0;

  useEffect(() => {
    if (!value || value.bits.length === 0) return;
    onInstrument({
      text: value.text,
      readings: {
        tokens: value.bits.length,
        bits: mean,
        perplexity: 2 ** mean,
        worst: Math.max(...value.bits),
      },
      setting: value.text,
      guesses: {},
    });
  }, [value]);

  if (error || !value) {
    return (
      <ModelNote
        model={model}
        busy={t("The model reads the text …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered) return null;
  const { tokens, bits, cut } = value;
  if (bits.length === 0)
    return <EmptyNote text={t("A few words more: the first token has nothing before it.")} />;
  const worst = bits.indexOf(Math.max(...bits));
  const write = (number: number) => formatReading(number, "number");
  return (
    <Figure
      caption={joinSentences(
        cut
          ? t(
              "{0} bits a token over {1}, the first of a longer text: a perplexity of {2}.",
              write(mean),
              countedTokens(bits.length),
              write(2 ** mean),
            )
          : t(
              "{0} bits a token over {1}: a perplexity of {2}.",
              write(mean),
              countedTokens(bits.length),
              write(2 ** mean),
            ),
        t(
          "The greatest surprise was “{0}”, {1} bits.",
          tokenName(tokens[worst + 1]),
          write(bits[worst] ?? 0),
        ),
      )}
      table={{
        columns: ["", t("Token"), t("Probability"), t("Bits")],
        rows: () =>
          bits.map((each, at) => [
            String(at + 1),
            tokenName(tokens[at + 1]),
            formatProbability(2 ** -each),
            write(each),
          ]),
      }}
    >
      <div class="gb-strip lesson-strip">
        {tokens.slice(1).map((token, at) => (
          // The same text has the same tokens: places serve as keys.
          <span key={`${at} ${token.id}`} class="lesson-strip-token">
            <TokenChip
              token={token}
              strength={Math.min(1, (bits[at] ?? 0) / FULL_BITS)}
              probability={2 ** -(bits[at] ?? 0)}
            />
            <span class="lesson-strip-id">{formatFixed(bits[at] ?? 0, 1)}</span>
          </span>
        ))}
      </div>
    </Figure>
  );
}
