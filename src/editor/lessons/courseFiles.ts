/** Reads the files of the course from a folder, once, and hands out the course. */

import * as vscode from "vscode";
import { buildCourse, type Course, type CourseFile, describeFaults } from "../../core/lessons/course.js";

const CHAPTERS = "chapters.yaml";

export class CourseFiles {
  readonly #folder: vscode.Uri;
  readonly #log: vscode.LogOutputChannel;
  #course: Promise<Course> | undefined;

  /** @param folder holds `chapters.yaml` and a folder of Markdown files for each chapter. */
  constructor(folder: vscode.Uri, log: vscode.LogOutputChannel) {
    this.#folder = folder;
    this.#log = log;
  }

  /** The course; faults in its files are logged and part of the answer. */
  course(): Promise<Course> {
    this.#course ??= this.#read();
    return this.#course;
  }

  /** Where a file that a fault names lies. */
  uri(file: string): vscode.Uri {
    return vscode.Uri.joinPath(this.#folder, ...file.split("/"));
  }

  async #read(): Promise<Course> {
    const { FileType, workspace } = vscode;
    const folders = await workspace.fs.readDirectory(this.#folder);
    const files: CourseFile[] = [];
    for (const [folder, type] of folders) {
      if ((type & FileType.Directory) === 0) continue;
      for (const [name] of await workspace.fs.readDirectory(this.uri(folder))) {
        if (name.endsWith(".md")) files.push(await this.#file(`${folder}/${name}`));
      }
    }
    const course = buildCourse(await this.#file(CHAPTERS), files);
    if (course.faults.length > 0) this.#log.warn(`Lessons that cannot be shown:\n${describeFaults(course)}`);
    return course;
  }

  async #file(path: string): Promise<CourseFile> {
    const bytes = await vscode.workspace.fs.readFile(this.uri(path));
    return { path, source: new TextDecoder().decode(bytes) };
  }
}
