/** Reads the files of the course from its folders and hands out the course; reads again when a teacher changes them. */

import { homedir } from "node:os";
import * as vscode from "vscode";
import {
  type Course,
  type CourseFile,
  type CourseSource,
  courseInSteps,
  describeFaults,
} from "../../core/lessons/course.js";
import { filesInLanguage, isLessonName } from "../../core/lessons/languages.js";
import { GlassboxError } from "../../shared/errors.js";
import { FOLDER_LIST, type FolderList } from "../../shared/folderList.js";
import { once } from "../../shared/once.js";
import { Slices } from "../budget/slices.js";
import { Disposable } from "../disposable.js";
import { textsSetting } from "../settings.js";

const CHAPTERS = "chapters.yaml";
const GLOSSARY = "glossary.yaml";
/** Where a workspace may keep lessons of its own. */
const WORKSPACE_FOLDER = ".glassbox/lessons";
const FOLDERS_SETTING = "glassbox.lessons.folders";
/** A folder of lessons is not a disk. */
const MOST_FILES = 300;
/** Milliseconds of parsing between two breaths; the longest single step takes about as long again. */
const STEPS_MS = 2;
/** Milliseconds of rest before a changed folder is read again. */
const REST_MS = 300;

export class CourseFiles extends Disposable {
  readonly #folder: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
  readonly #language: string;
  readonly #changed = this._register(new vscode.EventEmitter<void>());
  /** A file of a teacher's folder has changed. */
  readonly onDidChange = this.#changed.event;
  /** The course; faults in its files are logged and part of the answer. */
  readonly course = once(() => this.#read());
  #uris = new Map<string, vscode.Uri>();
  #watchers: vscode.Disposable[] = [];
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param folder holds `chapters.yaml` and a folder of Markdown files for each chapter.
   * @param language of the reader: what is not there in it is read in English.
   */
  constructor(folder: vscode.Uri, log: vscode.LogOutputChannel, language = vscode.env.language) {
    super();
    this.#folder = folder;
    this.#log = log;
    this.#language = language;
    this.#watch();
    const { workspace } = vscode;
    this._register(
      workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration(FOLDERS_SETTING)) this.#watch();
        if (event.affectsConfiguration(FOLDERS_SETTING)) this.#readAgain();
      }),
    );
    this._register(
      workspace.onDidChangeWorkspaceFolders(() => {
        this.#watch();
        this.#readAgain();
      }),
    );
    this._register({
      dispose: () => {
        clearTimeout(this.#timer);
        for (const watcher of this.#watchers) watcher.dispose();
      },
    });
  }

  /** Where a file that a fault names lies. */
  uri(file: string): vscode.Uri {
    return this.#uris.get(file) ?? vscode.Uri.joinPath(this.#folder, ...file.split("/"));
  }

  /** Whether a file lies in one of the folders of lessons. */
  holds(uri: vscode.Uri): boolean {
    return [this.#folder, ...teacherFolders()].some((folder) =>
      uri.toString().startsWith(`${folder.toString()}/`),
    );
  }

  async #read(): Promise<Course> {
    const uris = new Map<string, vscode.Uri>();
    const sources = [await this.#source(this.#folder, "", uris)];
    for (const folder of teacherFolders()) {
      const name = folder.path.split("/").filter(Boolean).at(-1) ?? "lessons";
      sources.push(await this.#source(folder, `${name}/`, uris));
    }
    this.#uris = uris;
    const steps = courseInSteps(sources);
    const slices = new Slices(STEPS_MS);
    for (;;) {
      const step = steps.next();
      if (step.done) {
        const { value: course } = step;
        if (course.faults.length > 0)
          this.#log.warn(`Lessons that cannot be shown:\n${describeFaults(course)}`);
        return course;
      }
      await slices.breatheIfOver();
    }
  }

  /** The files of a folder and of the folders in it. A folder that is not there has none. */
  async #source(folder: vscode.Uri, prefix: string, uris: Map<string, vscode.Uri>): Promise<CourseSource> {
    const { FileType } = vscode;
    const found: string[] = [];
    for (const [name, type] of await entriesOf(folder)) {
      if ((type & FileType.Directory) === 0) found.push(name);
      else
        for (const [inner] of await entriesOf(vscode.Uri.joinPath(folder, name)))
          found.push(`${name}/${inner}`);
    }
    const read = async (name: string): Promise<CourseFile> => {
      const uri = vscode.Uri.joinPath(folder, ...name.split("/"));
      const path = `${prefix}${name}`;
      uris.set(path, uri);
      return { path, source: new TextDecoder().decode(await vscode.workspace.fs.readFile(uri)) };
    };
    const chosen = filesInLanguage(found, this.#language);
    const [chapters, glossary] = [chosen.get(CHAPTERS), chosen.get(GLOSSARY)];
    const files: CourseFile[] = [];
    for (const name of [...chosen.values()].filter(isLessonName).slice(0, MOST_FILES))
      files.push(await read(name));
    return {
      chapters: chapters === undefined ? undefined : await read(chapters),
      glossary: glossary === undefined ? undefined : await read(glossary),
      files,
    };
  }

  #watch(): void {
    for (const watcher of this.#watchers.splice(0)) watcher.dispose();
    for (const folder of teacherFolders()) {
      const watcher = vscode.workspace.createFileSystemWatcher(
        new vscode.RelativePattern(folder, "**/*.{md,yaml}"),
      );
      const again = () => this.#readAgain();
      this.#watchers.push(
        watcher,
        watcher.onDidChange(again),
        watcher.onDidCreate(again),
        watcher.onDidDelete(again),
      );
    }
  }

  #readAgain(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.course.forget();
      this.#changed.fire();
    }, REST_MS);
  }
}

/** The folders of lessons beside the course's own: of the setting and of the workspace. */
function teacherFolders(): vscode.Uri[] {
  const { workspace } = vscode;
  const roots = (workspace.workspaceFolders ?? []).map(({ uri }) => uri);
  const folders = roots.map((root) => vscode.Uri.joinPath(root, ...WORKSPACE_FOLDER.split("/")));
  for (const path of textsSetting(FOLDERS_SETTING)) {
    if (/^(?:[/\\~]|[a-z]:)/i.test(path))
      folders.push(vscode.Uri.file(path.replace(/^~(?=[/\\])/, homedir())));
    else for (const root of roots) folders.push(vscode.Uri.joinPath(root, path));
  }
  return [...new Map(folders.map((folder) => [folder.toString(), folder])).values()];
}

/** What is in a folder, by name; also where that is a site that cannot be asked. */
export async function entriesOf(folder: vscode.Uri): Promise<[string, vscode.FileType][]> {
  try {
    const entries = await vscode.workspace.fs.readDirectory(folder);
    return entries.sort(([a], [b]) => (a < b ? -1 : 1));
  } catch (error) {
    if (error instanceof vscode.FileSystemError && error.code === "FileNotFound") return [];
    return listedEntries(folder, error);
  }
}

/** The entries by the list that a package for the browser has. @throws GlassboxError with `reason` where it has none. */
async function listedEntries(folder: vscode.Uri, reason: unknown): Promise<[string, vscode.FileType][]> {
  const bytes = await vscode.workspace.fs.readFile(vscode.Uri.joinPath(folder, FOLDER_LIST)).then(
    (read) => read,
    () => {
      throw GlassboxError.from(reason);
    },
  );
  const { files, folders } = JSON.parse(new TextDecoder().decode(bytes)) as FolderList;
  const { File, Directory } = vscode.FileType;
  const entries = [
    ...folders.map((name): [string, vscode.FileType] => [name, Directory]),
    ...files.map((name): [string, vscode.FileType] => [name, File]),
  ];
  return entries.sort(([a], [b]) => (a < b ? -1 : 1));
}
