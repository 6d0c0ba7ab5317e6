/** The page of a lesson: connects to its host and draws again at whatever that says. */

import { t } from "../../src/shared/l10n.js";
import type {
  LessonHostProtocol,
  LessonPage,
  LessonWebviewProtocol,
} from "../../src/shared/panels/lesson.js";
import type { ModelState } from "../../src/shared/panels/panel.js";
import { connectToHost } from "../host.js";
import { mount } from "../ui/mount.js";
import { LoadingNote } from "../ui/notes.js";
import { LessonView } from "./LessonView.js";

let page: LessonPage | undefined;
let model: ModelState = { kind: "none" };

const host = connectToHost<LessonHostProtocol, LessonWebviewProtocol>({
  show: (shown) => {
    if (shown.lesson.id !== page?.lesson.id) window.scrollTo(0, 0);
    page = shown;
    draw();
    return null;
  },
  sourceChanged: ({ source }) => change({ source }),
  encodingChanged: ({ encoding }) => change({ encoding }),
  placesChanged: ({ places }) => change({ places }),
  modelChanged: (state) => {
    model = state;
    draw();
    return null;
  },
});

function change(part: Partial<LessonPage>): null {
  if (page) page = { ...page, ...part };
  draw();
  return null;
}

function draw(): void {
  if (!page) {
    mount(<LoadingNote text={t("Opening the lesson …")} />);
    return;
  }
  // A new key for each lesson: what was typed and guessed in one does not leak into the next.
  mount(<LessonView key={page.lesson.id} page={page} model={model} host={host} />);
}

draw();
