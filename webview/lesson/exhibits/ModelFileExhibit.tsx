/** The exhibit of the model's file: kinds of numbers, the largest tensors, and what the file says of itself. */

import { useEffect } from "preact/hooks";
import { formatReading } from "../../../src/core/lessons/judge.js";
import { formatCount, formatFixed } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig, ModelFacts } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { Bars } from "./Bars.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "model-file" }>;

/** What a reader asks of a file first. */
const TELLING =
  /general\.(?:name|license|author|organization|url|source|description|base_model|dataset)|context_length$/;

const LICENSE = "general.license";

export function ModelFileExhibit({ model, host, covered, onInstrument }: ExhibitProps<Config>) {
  const { value, error, again } = useAnswer(modelFile(model), (signal) =>
    host.call("modelFacts", {}, { signal }),
  );

  useEffect(() => {
    if (!value) return;
    const parameters = value.values["model-parameters"] ?? 0;
    onInstrument({
      text: value.name,
      readings: {
        parameters,
        "file-bytes": value.fileBytes,
        "bits-per-weight": (value.fileBytes * 8) / Math.max(1, parameters),
      },
      setting: value.name,
      guesses: {},
    });
  }, [value]);

  if (error || !value) {
    return (
      <ModelNote
        model={model}
        busy={t("Opening the model’s file …")}
        error={error}
        retry={again}
        host={host}
      />
    );
  }
  if (covered) return null;
  const bytes = (count: number) => formatReading(count, "bytes");
  const rest = value.fileBytes - value.tensorTypes.reduce((sum, type) => sum + type.bytes, 0);
  const told = value.metadata.filter(({ key }) => TELLING.test(key));
  const license = value.metadata.find(({ key }) => key === LICENSE)?.value;
  return (
    <>
      <Figure
        caption={captionOf(value)}
        table={{
          columns: [t("Tensor"), t("Shape"), t("Numbers as"), t("Bytes")],
          rows: () =>
            value.largest.map(({ name, shape, type, bytes: size }) => [
              name,
              shape.join(" × "),
              type,
              formatCount(size),
            ]),
        }}
      >
        <Bars
          bars={[
            ...value.tensorTypes.map(({ type, tensors, weights, bytes: size }) => ({
              key: type,
              label: t("{0} tensors as {1}", formatCount(tensors), type),
              share: size / value.fileBytes,
              value: t(
                "{0} numbers, {1}, {2} bits each",
                formatReading(weights, "number"),
                bytes(size),
                formatReading((size * 8) / weights, "number"),
              ),
            })),
            {
              key: "rest",
              label: t("everything else"),
              share: rest / value.fileBytes,
              value: t("{0}: names, settings, the vocabulary", bytes(rest)),
            },
          ]}
        />
      </Figure>
      <dl class="gb-facts">
        {told.map(({ key, value: text }) => (
          <>
            <dt>{key}</dt>
            <dd>{text}</dd>
          </>
        ))}
        {license === undefined && (
          <>
            <dt>{LICENSE}</dt>
            <dd>{t("The file does not say. Look where you got it.")}</dd>
          </>
        )}
      </dl>
      <details class="lesson-details">
        <summary>{t("Everything that the header says in {0} short entries", value.metadata.length)}</summary>
        <dl class="gb-facts">
          {value.metadata.map(({ key, value: text }) => (
            <>
              <dt>{key}</dt>
              <dd>{text}</dd>
            </>
          ))}
        </dl>
      </details>
    </>
  );
}

function captionOf({ name, values, fileBytes }: ModelFacts): string {
  const parameters = values["model-parameters"] ?? 0;
  const bits = (fileBytes * 8) / Math.max(1, parameters);
  return t(
    "{0} has {1} parameters in {2}: {3} bits for each, all else included.",
    name,
    formatCount(parameters),
    formatReading(fileBytes, "bytes"),
    formatFixed(bits, 2),
  );
}
