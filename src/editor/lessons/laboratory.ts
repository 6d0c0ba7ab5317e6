/** The host's side of the lessons that train and filter: whole files, pages, and the way to the training process. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { firstCharacters } from "../../shared/cutText.js";
import type { LaboratoryHost } from "../../shared/panels/laboratory.js";
import type { Passage } from "../../shared/panels/lesson.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import { MOST_TRAINING_CHARACTERS, type TrainingProtocol } from "../../shared/training.js";
import { Slices } from "../budget/slices.js";
import { entriesOf } from "./courseFiles.js";
import { READ_BY_LESSONS } from "./lessonRequests.js";

/** Files of the workspace that become pages, and how long a page may be. */
const MOST_PAGES = 60;
const MOST_PAGE_BYTES = 200_000;
const LONGEST_PAGE = 6000;

export interface LaboratoryParts {
  training: Caller<TrainingProtocol>;
  /** The document that the reader has in front of them. */
  document(): vscode.TextDocument | undefined;
  /** The folder of the course. */
  lessons: vscode.Uri;
}

export function laboratoryHandlers({
  training,
  document,
  lessons,
}: LaboratoryParts): Handlers<LaboratoryHost> {
  return {
    train: (params, { signal, emit }) => training.call("train", params, { signal, onEvent: emit }),
    nextCharacters: (params, { signal }) => training.call("nextCharacters", params, { signal }),
    wholeTexts: async () => {
      const example = await readText(vscode.Uri.joinPath(lessons, "06-learning", "example.txt"));
      const open = document();
      return {
        example: { fileName: undefined, text: example, cut: false },
        file: open ? wholeText(open) : null,
      };
    },
    pages: ({ from }, { signal }) =>
      from === "sample"
        ? samplePages(vscode.Uri.joinPath(lessons, "06-learning", "crawl"))
        : workspacePages(signal),
  };
}

/** At most so much of a document as a tiny model is trained on. */
function wholeText(document: vscode.TextDocument) {
  const end = document.positionAt(MOST_TRAINING_CHARACTERS);
  const text = document.getText(new vscode.Range(new vscode.Position(0, 0), end));
  return {
    fileName: basename(document.uri.path) || document.uri.path,
    // Cut between the halves of a character, the first half goes too.
    text: text.replace(/[\uD800-\uDBFF]$/, ""),
    cut: document.offsetAt(document.lineAt(document.lineCount - 1).range.end) > MOST_TRAINING_CHARACTERS,
  };
}

async function readText(uri: vscode.Uri): Promise<string> {
  return new TextDecoder().decode(await vscode.workspace.fs.readFile(uri));
}

/** The pages that ship with the lesson; the first line of each file is the address of the page. */
async function samplePages(folder: vscode.Uri): Promise<{ pages: Passage[]; left: number }> {
  const pages: Passage[] = [];
  for (const [name] of await entriesOf(folder)) {
    if (!name.endsWith(".txt")) continue;
    const content = await readText(vscode.Uri.joinPath(folder, name));
    const [address = "", ...lines] = content.split(/\r?\n/);
    pages.push({ id: address, text: lines.join("\n").trim() });
  }
  return { pages, left: 0 };
}

/** The files of the workspace as if each were a page; `left` is how many were too many, too long or not text. */
async function workspacePages(signal: AbortSignal): Promise<{ pages: Passage[]; left: number }> {
  const uris = await vscode.workspace.findFiles(...READ_BY_LESSONS);
  const pages: Passage[] = [];
  const slices = new Slices();
  for (const uri of uris.sort((a, b) => (a.path < b.path ? -1 : 1))) {
    if (signal.aborted || pages.length >= MOST_PAGES) break;
    const { size } = await vscode.workspace.fs.stat(uri);
    if (size > MOST_PAGE_BYTES) continue;
    const text = await readText(uri);
    if (text.includes("\0") || text.trim() === "") continue;
    pages.push({
      id: vscode.workspace.asRelativePath(uri, false),
      text: firstCharacters(text, LONGEST_PAGE),
    });
    await slices.breatheIfOver();
  }
  return { pages, left: uris.length - pages.length };
}
