/** What the reader has the loaded model do in goes: the row that runs, stops and forgets them, and how far one is. */

import { t } from "../../../src/shared/l10n.js";
import type { ModelState } from "../../../src/shared/panels/panel.js";
import { EmptyNote, LoadingNote } from "../../ui/notes.js";
import { Button } from "../../ui/toolkit.js";
import { ModelNote } from "./ModelNote.js";
import type { LessonHost } from "./registry.js";
import type { Task } from "./useTask.js";

export function RunsOfModel<Run>(props: {
  /** Its value are the runs so far. */
  task: Task<Run[]>;
  /** What the first button says. */
  label: string;
  run(): void;
  progress: { text: string; fraction: number };
  /** Said in the place of the results while there are none. */
  nothingYet: string;
  covered: boolean;
  model: ModelState;
  host: LessonHost;
}) {
  const { task, run, model, host } = props;
  const some = (task.value ?? []).length > 0;
  return (
    <>
      <div class="gb-row">
        <Button appearance="primary" onClick={run} disabled={task.running}>
          {props.label}
        </Button>
        {task.running && <Button onClick={task.stop}>{t("Stop")}</Button>}
        {some && !task.running && <Button onClick={task.clear}>{t("Forget them")}</Button>}
      </div>
      {task.error && <ModelNote model={model} busy="" error={task.error} retry={run} host={host} />}
      {task.running && <LoadingNote {...props.progress} />}
      {!props.covered && !some && !task.running && <EmptyNote text={props.nothingYet} />}
    </>
  );
}
