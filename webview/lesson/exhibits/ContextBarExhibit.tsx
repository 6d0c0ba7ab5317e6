/** The exhibit of the context bar: what a request about the text would take of the loaded model's context. */

import { useEffect } from "preact/hooks";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { ContextBar } from "../../explain/ContextBar.js";
import "../../explain/explain.css";
import { languageOf } from "./languageOf.js";
import { ModelNote, modelFile } from "./ModelNote.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "context-bar" }>;

export function ContextBarExhibit(props: ExhibitProps<Config>) {
  const { config, text, source, model, host, covered, onInstrument } = props;
  const languageId = languageOf(config.language, text, source);
  const { value, current, error, again } = useAnswer(
    `${modelFile(model)}\n${languageId}\n${text}`,
    (signal) => host.call("contextUse", { text, languageId }, { signal }),
  );

  useEffect(() => {
    const part = (kind: string) => value?.parts.find((each) => each.kind === kind)?.tokens ?? 0;
    onInstrument({
      text,
      readings:
        value && current
          ? {
              size: value.size,
              used: value.used,
              code: part("code"),
              instructions: part("instructions"),
              share: value.used / value.size,
            }
          : {},
      setting: "",
      guesses: {},
    });
  }, [text, value, current]);

  if (error || !value) {
    return (
      <ModelNote model={model} busy={t("Counting the request …")} error={error} retry={again} host={host} />
    );
  }
  return covered ? null : <ContextBar context={value} estimated={false} />;
}
