/** What the lessons that train and filter ask of their host: the reader's whole file, pages, and the training process. */

import type { Method } from "../rpc.js";
import type { TrainingProtocol } from "../training.js";
import type { Passage } from "./lesson.js";

/** A whole file to learn from. */
export interface WholeText {
  /** Its name; undefined for the example that ships with the lessons. */
  fileName: string | undefined;
  text: string;
  /** Whether the file is longer than a lesson takes. */
  cut: boolean;
}

export interface LaboratoryHost {
  train: TrainingProtocol["train"];
  nextCharacters: TrainingProtocol["nextCharacters"];
  /** The file in the editor, where there is one, and the lessons' example. */
  wholeTexts: Method<Record<string, never>, { file: WholeText | null; example: WholeText }>;
  /** Pages to be filtered, each with its address: those of the sample crawl, or the files of the workspace. */
  pages: Method<{ from: "sample" | "workspace" }, { pages: Passage[]; left: number }>;
}
