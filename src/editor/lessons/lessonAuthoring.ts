/** Helps a teacher to write lessons: faults as diagnostics while the file is edited, and the text as a parsed lesson. */

import * as vscode from "vscode";
import { parseGlossary } from "../../core/lessons/glossary.js";
import { courseFileName, isLessonName } from "../../core/lessons/languages.js";
import { type ParsedLesson, parseLesson } from "../../core/lessons/parseLesson.js";
import type { Issue } from "../../core/lessons/schema.js";
import { Disposable } from "../disposable.js";
import type { CourseFiles } from "./courseFiles.js";

/** Milliseconds of rest in the editor before the file is looked through. */
const REST_MS = 250;

export class LessonAuthoring extends Disposable {
  readonly #files: CourseFiles;
  readonly #diagnostics = this._register(vscode.languages.createDiagnosticCollection("glassbox-lessons"));
  readonly #edited = this._register(new vscode.EventEmitter<vscode.TextDocument>());
  /** A lesson was edited and has been looked through. */
  readonly onDidValidate = this.#edited.event;
  readonly #timers = new Map<string, NodeJS.Timeout>();

  constructor(files: CourseFiles) {
    super();
    this.#files = files;
    const { workspace } = vscode;
    this._register(workspace.onDidOpenTextDocument((document) => this.#later(document, 0)));
    this._register(workspace.onDidChangeTextDocument(({ document }) => this.#later(document, REST_MS)));
    this._register(
      workspace.onDidCloseTextDocument((document) => {
        clearTimeout(this.#timers.get(document.uri.toString()));
        this.#timers.delete(document.uri.toString());
        this.#diagnostics.delete(document.uri);
      }),
    );
    this._register({
      dispose: () => {
        for (const timer of this.#timers.values()) clearTimeout(timer);
      },
    });
    for (const document of workspace.textDocuments) this.#later(document, 0);
  }

  /** Parses a document as a lesson and shows its faults, wherever it lies. */
  async validate(document: vscode.TextDocument): Promise<ParsedLesson> {
    const { glossary } = await this.#files.course();
    const name = document.uri.path.split("/").at(-1) ?? "";
    const parsed = parseLesson(document.getText(), name, new Set(glossary.keys()));
    this.#show(document, parsed.issues);
    return parsed;
  }

  #later(document: vscode.TextDocument, ms: number): void {
    const { uri } = document;
    const isGlossary = courseFileName(uri.path).base.endsWith("/glossary.yaml");
    if (!(isLessonName(uri.path) || isGlossary) || !this.#files.holds(uri)) return;
    clearTimeout(this.#timers.get(uri.toString()));
    const look = async () => {
      if (document.isClosed) return;
      if (isGlossary) {
        const issues: Issue[] = [];
        parseGlossary(document.getText(), issues);
        this.#show(document, issues);
      } else {
        await this.validate(document);
        this.#edited.fire(document);
      }
    };
    this.#timers.set(
      uri.toString(),
      setTimeout(() => void look(), ms),
    );
  }

  #show(document: vscode.TextDocument, issues: readonly Issue[]): void {
    const diagnostics = issues.map(({ line, message }) => {
      const at = Math.min(line - 1, document.lineCount - 1);
      const diagnostic = new vscode.Diagnostic(
        document.lineAt(at).range,
        message,
        vscode.DiagnosticSeverity.Error,
      );
      diagnostic.source = "Glassbox";
      return diagnostic;
    });
    this.#diagnostics.set(document.uri, diagnostics);
  }
}
