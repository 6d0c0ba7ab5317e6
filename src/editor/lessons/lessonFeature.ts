/** The lessons: what the tree lists, the panel that shows one, and what the reader's answers change. */

import * as vscode from "vscode";
import { allLessons, type Course, findLesson } from "../../core/lessons/course.js";
import {
  answered,
  doneChecks,
  hintShown,
  lessonState,
  opened,
  progressOf,
} from "../../core/lessons/progress.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "../../core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { GlassboxError } from "../../shared/errors.js";
import {
  type EncodedToken,
  LESSON_COMMANDS,
  type Lesson,
  type LessonHostProtocol,
  type LessonPage,
  type LessonWebviewProtocol,
  MOST_EXHIBIT_CHARACTERS,
} from "../../shared/panels/lesson.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { LensProtocol } from "../../shared/workerProtocol.js";
import { Disposable } from "../disposable.js";
import type { ModelService } from "../models.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import { chosenTokenizer, TOKENIZER_SETTING, type Tokenizers } from "../tokenizers.js";
import { CourseFiles } from "./courseFiles.js";
import { EditorText } from "./editorText.js";
import { ExhibitHosts } from "./exhibitHosts.js";
import { type CourseList, type CourseLister, stateInWords } from "./lessonTree.js";
import { ProgressStore } from "./progressStore.js";

export class LessonFeature extends Disposable implements CourseLister {
  readonly #environment: PanelEnvironment;
  readonly #models: ModelService;
  readonly #log: vscode.LogOutputChannel;
  readonly #files: CourseFiles;
  readonly #store: ProgressStore;
  readonly #exhibits: ExhibitHosts;
  readonly #tokenizers: Tokenizers;
  readonly #listChanged = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeList = this.#listChanged.event;
  #panel: Panel<LessonWebviewProtocol, LessonHostProtocol> | undefined;
  #editorText: EditorText | undefined;
  #shown: Lesson | undefined;

  constructor(
    environment: PanelEnvironment,
    models: ModelService,
    lens: Caller<LensProtocol>,
    tokenizers: Tokenizers,
    memento: vscode.Memento,
    log: vscode.LogOutputChannel,
  ) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#log = log;
    this.#files = new CourseFiles(vscode.Uri.joinPath(environment.extensionUri, "media", "lessons"), log);
    this.#store = this._register(new ProgressStore(memento));
    this.#exhibits = new ExhibitHosts(models, lens);
    this.#tokenizers = tokenizers;
    this._register(this.#store.onDidChange(() => this.#listChanged.fire()));
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (event.affectsConfiguration("glassbox.model")) this.#listChanged.fire();
        if (event.affectsConfiguration(TOKENIZER_SETTING)) {
          this.#tell("encodingChanged", { encoding: chosenTokenizer() });
        }
      }),
    );
    this._register({ dispose: () => this.#panel?.dispose() });
  }

  /** The course with the reader's progress, as the tree shows it. */
  async list(): Promise<CourseList> {
    const course = await this.#files.course();
    const hasModel = await this.#models.activePath().then(
      () => true,
      () => false,
    );
    const { progress } = this.#store;
    return {
      chapters: course.chapters.map(({ number, title, lessons }) => ({
        number,
        title,
        lessons: lessons.map((lesson) => ({
          ...lesson,
          locked: lesson.needs !== "none" && !hasModel,
          state: lessonState(progress, lesson),
          checks: doneChecks(progress, lesson),
        })),
      })),
      faults: course.faults.map(({ file, line, message }) => ({
        message: `${file}:${line} ${message}`,
        uri: this.#files.uri(file),
        line: line - 1,
      })),
    };
  }

  /** Shows a lesson; without an id, the one that the reader picks. */
  async open(lessonId?: string): Promise<void> {
    const course = await this.#files.course();
    const id = lessonId ?? (await this.#pick(course));
    if (id === undefined) return;
    const found = findLesson(course, id);
    if (!found) {
      throw new GlassboxError(
        "invalid-request",
        vscode.l10n.t('There is no lesson "{0}".', id),
        vscode.l10n.t("Run Glassbox: Open Lesson to choose one."),
      );
    }
    const { lesson, chapter, previous, next } = found;
    const progress = await this.#store.change((before) => opened(before, id));
    this.#shown = lesson;
    this.#exhibits.show(lesson);
    const panel = this.#openPanel();
    panel.title = lesson.title;
    await panel.page
      .call("show", {
        lesson,
        chapterTitle: chapter.title,
        progress: progressOf(progress, id),
        previous: previous && { id: previous.id, title: previous.title },
        next: next && { id: next.id, title: next.title },
        source: this.#editorText?.current,
        encoding: chosenTokenizer(),
      } satisfies LessonPage)
      .catch((error: unknown) => {
        // The reader may close the panel before its page is there.
        if (GlassboxError.from(error).code !== "closed") throw error;
      });
  }

  /** Forgets what the reader has done in the lessons, once confirmed. */
  async resetProgress(): Promise<void> {
    const reset = vscode.l10n.t("Reset");
    const answer = await vscode.window.showWarningMessage(
      vscode.l10n.t("Reset the progress in all lessons?"),
      { modal: true, detail: vscode.l10n.t("Answers, wrong guesses and hints are forgotten.") },
      reset,
    );
    if (answer !== reset) return;
    await this.#store.reset();
    if (this.#panel && this.#shown) await this.open(this.#shown.id);
  }

  async #pick(course: Course): Promise<string | undefined> {
    interface LessonItem extends vscode.QuickPickItem {
      id?: string;
    }
    const { progress } = this.#store;
    const items = course.chapters.flatMap((chapter): LessonItem[] => [
      { label: `${chapter.number}  ${chapter.title}`, kind: vscode.QuickPickItemKind.Separator },
      ...chapter.lessons.map((lesson) => {
        const state = stateInWords(lessonState(progress, lesson), doneChecks(progress, lesson));
        return {
          id: lesson.id,
          label: lesson.title,
          description: vscode.l10n.t("{0} min, {1}", lesson.minutes, state),
          detail: lesson.summary,
        };
      }),
    ]);
    const picked = await vscode.window.showQuickPick(items, {
      title: vscode.l10n.t("Open Lesson"),
      matchOnDetail: true,
    });
    return picked?.id;
  }

  #openPanel(): Panel<LessonWebviewProtocol, LessonHostProtocol> {
    if (this.#panel) {
      this.#panel.reveal();
      return this.#panel;
    }
    // Before the panel opens: it takes the place of the active editor.
    const editorText = new EditorText();
    this.#editorText = editorText;
    editorText.onDidChange((source) => this.#tell("sourceChanged", { source }));
    const panel = new Panel<LessonWebviewProtocol, LessonHostProtocol>(this.#environment, {
      name: "lesson",
      title: vscode.l10n.t("Lesson"),
      handlers: this.#handlers(),
    });
    panel.onDidClose(() => {
      this.#panel = undefined;
      this.#editorText = undefined;
      editorText.dispose();
    });
    this.#panel = panel;
    return panel;
  }

  #handlers(): Handlers<LessonHostProtocol> {
    return {
      answered: async ({ lessonId, checkId, answer, right }) => {
        const check = await this.#check(lessonId, checkId);
        const progress = await this.#store.change((before) =>
          answered(before, lessonId, check, String(answer), right === true),
        );
        return progressOf(progress, lessonId);
      },
      hintShown: async ({ lessonId, checkId }) => {
        const check = await this.#check(lessonId, checkId);
        return progressOf(await this.#store.change((before) => hintShown(before, lessonId, check)), lessonId);
      },
      openLink: async ({ url }) => {
        if (!this.#shown || !webLinks(this.#shown.blocks).includes(url)) {
          throw new GlassboxError("invalid-request", vscode.l10n.t("The lesson has no link to {0}.", url));
        }
        await vscode.env.openExternal(vscode.Uri.parse(url, true));
        return null;
      },
      runCommand: async ({ command }) => {
        if (LESSON_COMMANDS.includes(command)) await vscode.commands.executeCommand(command);
        return null;
      },
      measure: async ({ facts }) => {
        const values: number[] = [];
        for (const { text, encoding } of facts) {
          values.push((await this.#tokenizers.get(encoding)).encode(text).length);
        }
        return values;
      },
      encode: async ({ text, encoding }) => {
        // A longer one would hold the extension host.
        const short = text.slice(0, MOST_EXHIBIT_CHARACTERS);
        return encodePieces(await this.#tokenizers.get(encoding), short);
      },
      replay: async ({ piece, encoding }) => (await this.#tokenizers.get(encoding)).replay(piece),
      exhibit: (request, context) => this.#exhibits.call(request, context),
    };
  }

  /** The id of a check that exists: progress holds nothing else. */
  async #check(lessonId: string, checkId: string): Promise<string> {
    const lesson = allLessons(await this.#files.course()).find(({ id }) => id === lessonId);
    const check = lesson?.blocks.find((block) => block.kind === "check" && block.id === checkId);
    if (check?.kind === "check") return check.id;
    throw new GlassboxError("invalid-request", `The lesson "${lessonId}" has no check "${checkId}".`);
  }

  #tell<K extends "sourceChanged" | "encodingChanged">(
    method: K,
    params: LessonWebviewProtocol[K]["params"],
  ): void {
    this.#panel?.page.call(method, params as never).catch((error: unknown) => {
      if (GlassboxError.from(error).code !== "closed") reportError(error, this.#log);
    });
  }
}

/** The tokens of a text with their bytes and the borders of pieces. */
function encodePieces(tokenizer: Tokenizer, text: string): EncodedToken[] {
  const tokens = new TokenBuffer();
  tokenizer.encodeRange(text, 0, text.length, tokens);
  return Array.from(tokens.toArray(), (word) => {
    const id = word & ID_BITS;
    return { id, bytes: tokenizer.bytesOf(id), startsPiece: (word & PIECE_START) !== 0 };
  });
}

/** The web addresses that a lesson links to; the page may ask for no other. */
function webLinks(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  if ("kind" in part && part.kind === "web" && "url" in part) return [String(part.url)];
  return Object.values(part).flatMap(webLinks);
}
