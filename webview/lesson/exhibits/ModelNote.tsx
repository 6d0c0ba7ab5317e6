/** What stands in an exhibit's place while its model is not there: loading, failed, or none with the remedy. */

import type { WireError } from "../../../src/shared/errors.js";
import { fileNameOf } from "../../../src/shared/fileNameOf.js";
import { t } from "../../../src/shared/l10n.js";
import type { ModelState } from "../../../src/shared/panels/panel.js";
import { EmptyNote, ErrorNote, LoadingNote, ModelLoading } from "../../ui/notes.js";
import type { LessonHost } from "./registry.js";

/** Which model file a state is about: loading, failing and becoming ready are not another model. */
export function modelFile(model: ModelState): string {
  if (model.kind === "ready") return fileNameOf(model.info.path);
  return model.kind === "none" ? "" : model.name;
}

export function ModelNote(props: {
  model: ModelState;
  /** What is being done, where something is. */
  busy: string | undefined;
  error: WireError | undefined;
  retry(): void;
  host: LessonHost;
}) {
  const { model, busy, error, host } = props;
  const ask = (what: "chooseModel" | "showLog") => () => void host.call(what, {});
  if (error?.code === "no-model") {
    return (
      <EmptyNote
        text={t("This lesson looks into a model, and there is none yet.")}
        action={{ label: t("Choose a model"), run: ask("chooseModel") }}
      />
    );
  }
  if (error) return <ErrorNote error={error} retry={props.retry} showLog={ask("showLog")} />;
  if (busy === undefined)
    return <EmptyNote text={t("Stopped.")} action={{ label: t("Go on"), run: props.retry }} />;
  return model.kind === "loading" ? <ModelLoading model={model} /> : <LoadingNote text={busy} />;
}
