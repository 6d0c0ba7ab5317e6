/** The lessons: what the tree lists, the panel that shows one, and what the reader's answers change. */

import { basename } from "node:path";
import * as vscode from "vscode";
import { allLessons, type Course, findLesson } from "../../core/lessons/course.js";
import { termsUsed } from "../../core/lessons/glossary.js";
import { measureFact } from "../../core/lessons/measureFact.js";
import {
  answered,
  askedAgain,
  type CourseProgress,
  courseSoFar,
  doneChecks,
  dueChecks,
  hintShown,
  lessonState,
  lessonToGoOn,
  NO_PROGRESS,
  opened,
  progressOf,
} from "../../core/lessons/progress.js";
import { searchLessons } from "../../core/lessons/searchLessons.js";
import { ID_BITS, PIECE_START, TokenBuffer } from "../../core/tokens/tokenBuffer.js";
import type { Tokenizer } from "../../core/tokens/tokenizer.js";
import { GlassboxError } from "../../shared/errors.js";
import {
  type EncodedToken,
  type GlossaryTerm,
  LESSON_COMMANDS,
  type Lesson,
  type LessonHostProtocol,
  type LessonNeeds,
  type LessonPage,
  type LessonProgress,
  type LessonWebviewProtocol,
  MOST_EXHIBIT_CHARACTERS,
} from "../../shared/panels/lesson.js";
import type { Caller, Handlers } from "../../shared/rpc.js";
import type { TrainingProtocol } from "../../shared/training.js";
import type { LensProtocol, ModelProtocol, SandboxProtocol } from "../../shared/workerProtocol.js";
import { WorkerClient } from "../../workers/client.js";
import { Disposable } from "../disposable.js";
import { BUILT_IN_MODEL, type ModelService } from "../models.js";
import { Panel, type PanelEnvironment } from "../panel.js";
import { reportError } from "../reportError.js";
import { SessionCounts } from "../sessionUse.js";
import { chosenTokenizer, TOKENIZER_SETTING, type Tokenizers } from "../tokenizers.js";
import { CodeAnchors } from "./codeAnchors.js";
import { CourseFiles } from "./courseFiles.js";
import { EditorText } from "./editorText.js";
import { ExhibitHosts } from "./exhibitHosts.js";
import { contextUseInLesson, type ExplanationGround, explainInLesson } from "./explanationHandlers.js";
import { KeptByExhibits } from "./keptByExhibits.js";
import { laboratoryHandlers } from "./laboratory.js";
import { LessonAuthoring } from "./lessonAuthoring.js";
import { readModelFacts, templatedChat, tryFunction, workspacePassages, write } from "./lessonRequests.js";
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
  readonly #sandbox: Caller<SandboxProtocol>;
  readonly #authoring: LessonAuthoring;
  readonly #training: WorkerClient<TrainingProtocol>;
  readonly #anchors: CodeAnchors;
  readonly #kept: KeptByExhibits;
  readonly #listChanged = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeList = this.#listChanged.event;
  readonly #opened = this._register(new vscode.EventEmitter<void>());
  readonly onDidOpen = this.#opened.event;
  #panel: Panel<LessonWebviewProtocol, LessonHostProtocol> | undefined;
  #editorText: EditorText | undefined;
  #shown: Lesson | undefined;
  /** A lesson that is being written, and what was answered in it; nothing of that is kept. */
  #preview: { document: vscode.TextDocument; progress: CourseProgress } | undefined;

  constructor(
    environment: PanelEnvironment,
    models: ModelService,
    lens: Caller<LensProtocol>,
    sandbox: Caller<SandboxProtocol>,
    tokenizers: Tokenizers,
    memento: vscode.Memento,
    log: vscode.LogOutputChannel,
    counts: SessionCounts = new SessionCounts(),
  ) {
    super();
    this.#environment = environment;
    this.#models = models;
    this.#log = log;
    this.#files = this._register(
      new CourseFiles(vscode.Uri.joinPath(environment.extensionUri, "media", "lessons"), log),
    );
    this.#authoring = this._register(new LessonAuthoring(this.#files));
    this.#store = this._register(new ProgressStore(memento));
    this.#kept = new KeptByExhibits(memento);
    this.#training = this._register(
      new WorkerClient<TrainingProtocol>({
        name: "training",
        script: vscode.Uri.joinPath(environment.extensionUri, "dist", "workers", "training.mjs").fsPath,
        log: (line) => log.info(line),
      }),
    );
    // A process of its own for the built-in model, where a lesson puts it beside the active one.
    const beside = this._register(
      new WorkerClient<ModelProtocol>({
        name: "model",
        script: vscode.Uri.joinPath(environment.extensionUri, "dist", "workers", "model.mjs").fsPath,
        log: (line) => log.info(line),
      }),
    );
    this.#exhibits = new ExhibitHosts(models, lens, beside, counts);
    this.#tokenizers = tokenizers;
    this.#sandbox = sandbox;
    const sample = vscode.Uri.joinPath(environment.extensionUri, "media", "sample");
    this.#anchors = this._register(new CodeAnchors(sample));
    this._register(this.#anchors.onDidChange((places) => this.#tell("placesChanged", { places })));
    this._register(this.#store.onDidChange(() => this.#listChanged.fire()));
    this._register(this.#files.onDidChange(() => this.#listChanged.fire()));
    this._register(
      this.#authoring.onDidValidate((document) => {
        if (document !== this.#preview?.document) return;
        this.#showPreview(document, this.#preview.progress).catch((error: unknown) =>
          reportError(error, log),
        );
      }),
    );
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
    const has = await this.#models.activePath().then(
      (path): LessonNeeds => (basename(path) === BUILT_IN_MODEL ? "model" : "chat"),
      (): LessonNeeds => "none",
    );
    const { progress } = this.#store;
    return {
      chapters: course.chapters.map(({ number, title, lessons }) => ({
        number,
        title,
        lessons: lessons.map((lesson) => ({
          ...lesson,
          locked:
            lesson.needs === has || lesson.needs === "none" || has === "chat" ? undefined : lesson.needs,
          state: lessonState(progress, lesson),
          checks: doneChecks(progress, lesson),
          due: dueChecks(progress, lesson, Date.now()).length,
        })),
      })),
      faults: course.faults.map(({ file, line, message }) => ({
        message: `${file}:${line} ${message}`,
        uri: this.#files.uri(file),
        line: line - 1,
      })),
    };
  }

  /** The lesson of the course that is on show; a preview is none of it. */
  get openLesson(): string | undefined {
    return this.#panel && !this.#preview ? this.#shown?.id : undefined;
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
    this.#preview = undefined;
    const link = (other: Lesson) => ({ id: other.id, title: other.title });
    await this.#show(course, lesson, {
      chapterTitle: chapter.title,
      progress: progressOf(progress, id),
      previous: previous && link(previous),
      next: next && link(next),
      last: next === undefined,
      due: allLessons(course)
        .filter((other) => other !== lesson && dueChecks(progress, other, Date.now()).length > 0)
        .slice(0, 3)
        .map(link),
    });
  }

  /** Shows the lesson that was open, in a window that comes back. */
  async reopen(): Promise<void> {
    const { last } = this.#store.progress;
    if (last !== undefined) await this.open(last);
  }

  /** Opens the lesson that was open last, or the next that is not done. */
  async resume(): Promise<void> {
    const course = await this.#files.course();
    await this.open(lessonToGoOn(this.#store.progress, allLessons(course), Date.now())?.id);
  }

  /** Shows the Markdown file in the active editor as the lesson that it would be; its faults become problems. */
  async preview(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    if (document?.languageId !== "markdown") {
      throw new GlassboxError(
        "invalid-request",
        vscode.l10n.t("There is no Markdown file in the active editor."),
        vscode.l10n.t("Open the lesson that you are writing, and run the command again."),
      );
    }
    await this.#showPreview(document, NO_PROGRESS);
  }

  async #showPreview(document: vscode.TextDocument, progress: CourseProgress): Promise<void> {
    const { lesson, issues } = await this.#authoring.validate(document);
    if (!lesson) {
      // While it is being edited, the last version that was right stays.
      if (this.#preview) return;
      const [first] = issues;
      throw new GlassboxError(
        "invalid-request",
        vscode.l10n.t("Line {0}: {1}", first?.line ?? 1, first?.message ?? ""),
        vscode.l10n.t("All faults are listed under Problems."),
      );
    }
    this.#preview = { document, progress };
    await this.#show(await this.#files.course(), lesson, {
      chapterTitle: vscode.l10n.t("preview"),
      progress: progressOf(progress, lesson.id),
      previous: undefined,
      next: undefined,
      last: false,
      due: [],
    });
  }

  async #show(
    course: Course,
    lesson: Lesson,
    page: Omit<LessonPage, "lesson" | "source" | "encoding" | "terms" | "places">,
  ): Promise<void> {
    this.#shown = lesson;
    this.#exhibits.show(lesson);
    const panel = this.#openPanel();
    panel.title = lesson.title;
    this.#opened.fire();
    const terms = termsUsed(lesson.blocks)
      .map((id) => course.glossary.get(id))
      .filter((term): term is GlossaryTerm => term !== undefined);
    const places = await this.#anchors.show(lesson);
    // Another one was opened meanwhile.
    if (this.#shown !== lesson) return;
    // The text in front is that of now: what the page was told of it meanwhile came before the lesson.
    await panel.page
      .call("show", {
        lesson,
        ...page,
        source: this.#editorText?.current,
        encoding: chosenTokenizer(),
        terms,
        places,
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

  /** A lesson that the reader chooses from all of them, or finds by any word that it says. */
  async #pick(course: Course): Promise<string | undefined> {
    interface LessonItem extends vscode.QuickPickItem {
      id?: string;
    }
    const { progress } = this.#store;
    const itemOf = (lesson: Lesson): LessonItem => {
      const state = stateInWords(lessonState(progress, lesson), doneChecks(progress, lesson));
      return {
        id: lesson.id,
        label: lesson.title,
        description: vscode.l10n.t("{0} min, {1}", lesson.minutes, state),
        detail: lesson.summary,
      };
    };
    const all = course.chapters.flatMap((chapter): LessonItem[] => [
      { label: `${chapter.number}  ${chapter.title}`, kind: vscode.QuickPickItemKind.Separator },
      ...chapter.lessons.map(itemOf),
    ]);
    const picker = vscode.window.createQuickPick<LessonItem>();
    picker.title = vscode.l10n.t("Open Lesson");
    picker.placeholder = vscode.l10n.t("A title, an idea, or any word of a lesson");
    picker.items = all;
    const next = lessonToGoOn(progress, allLessons(course), Date.now())?.id;
    picker.activeItems = all.filter(({ id }) => id !== undefined && id === next);
    return new Promise((resolve) => {
      picker.onDidChangeValue((value) => {
        const found = new Set(searchLessons(course, value).map(({ id }) => id));
        // Each keeps its place: what is accepted while a search is on its way is told by it.
        picker.items = all.map((item) => ({
          ...item,
          alwaysShow: item.id !== undefined && found.has(item.id),
        }));
      });
      picker.onDidAccept(() => {
        resolve(picker.selectedItems[0]?.id);
        picker.hide();
      });
      picker.onDidHide(() => {
        resolve(undefined);
        picker.dispose();
      });
      picker.show();
    });
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
      this.#preview = undefined;
      this.#editorText = undefined;
      editorText.dispose();
      void this.#anchors.show();
      // Nobody is left to go on with what it trained.
      this.#training.stop();
    });
    this.#panel = panel;
    return panel;
  }

  #handlers(): Handlers<LessonHostProtocol> {
    return {
      answered: ({ lessonId, checkId, answer, right, points }) =>
        this.#change(lessonId, checkId, (before, check) =>
          answered(before, lessonId, check, String(answer), right === true, Date.now(), points),
        ),
      hintShown: ({ lessonId, checkId }) =>
        this.#change(lessonId, checkId, (before, check) => hintShown(before, lessonId, check)),
      tryAgain: ({ lessonId, checkId }) =>
        this.#change(lessonId, checkId, (before, check) => askedAgain(before, lessonId, check)),
      soFar: async () =>
        courseSoFar(this.#store.progress, allLessons(await this.#files.course()), Date.now()),
      openLink: async ({ url }) => {
        if (!this.#shown || !webLinks(this.#shown).includes(url)) {
          throw new GlassboxError("invalid-request", vscode.l10n.t("The lesson has no link to {0}.", url));
        }
        await vscode.env.openExternal(vscode.Uri.parse(url, true));
        return null;
      },
      revealCode: async ({ id }) => {
        await this.#anchors.reveal(id);
        return null;
      },
      runCommand: async ({ command }) => {
        if (LESSON_COMMANDS.includes(command)) await vscode.commands.executeCommand(command);
        return null;
      },
      measure: async ({ facts }) => {
        const values: number[] = [];
        for (const fact of facts) {
          values.push(
            await measureFact(fact, async (text, encoding) =>
              (await this.#tokenizers.get(encoding)).encode(text),
            ),
          );
        }
        return values;
      },
      encode: async ({ text, encoding }) => {
        // A longer one would hold the extension host.
        const short = text.slice(0, MOST_EXHIBIT_CHARACTERS);
        return encodePieces(await this.#tokenizers.get(encoding), short);
      },
      replay: async ({ piece, encoding }) => (await this.#tokenizers.get(encoding)).replay(piece),
      modelFacts: (_, { signal }) => readModelFacts(this.#models, signal),
      renderChat: ({ turns }, { signal }) => templatedChat(this.#models, turns, signal),
      write: (request, context) => write(this.#models, request, context),
      tryFunction: (request, { signal }) => tryFunction(this.#sandbox, request, signal),
      passages: (_, { signal }) => workspacePassages(signal),
      explain: (request, context) => explainInLesson(this.#ground(), request, context),
      contextUse: (request, { signal }) => contextUseInLesson(this.#ground(), request, signal),
      kept: ({ exhibitId }) => this.#kept.get(this.#shown?.id ?? "", exhibitId),
      keep: async ({ exhibitId, value }) => {
        // Nothing of a lesson that is being written is kept.
        if (this.#shown && !this.#preview) await this.#kept.keep(this.#shown.id, exhibitId, String(value));
        return null;
      },
      exhibit: (request, context) => this.#exhibits.call(request, context),
      ...laboratoryHandlers({
        training: this.#training,
        document: () => this.#editorText?.document,
        lessons: vscode.Uri.joinPath(this.#environment.extensionUri, "media", "lessons"),
      }),
    };
  }

  /** What explanations in lessons run on. */
  #ground(): ExplanationGround {
    return {
      models: this.#models,
      sandbox: this.#sandbox,
      isTrusted: () => vscode.workspace.isTrusted,
    };
  }

  /** Changes the progress in a check that exists: progress holds nothing else. */
  async #change(
    lessonId: string,
    checkId: string,
    step: (before: CourseProgress, check: string) => CourseProgress,
  ): Promise<LessonProgress> {
    const check = await this.#check(lessonId, checkId);
    if (this.#preview) {
      this.#preview.progress = step(this.#preview.progress, check);
      return progressOf(this.#preview.progress, lessonId);
    }
    return progressOf(await this.#store.change((before) => step(before, check)), lessonId);
  }

  /** The id of a check, where the lesson has it. */
  async #check(lessonId: string, checkId: string): Promise<string> {
    const lesson =
      this.#preview && this.#shown?.id === lessonId
        ? this.#shown
        : allLessons(await this.#files.course()).find(({ id }) => id === lessonId);
    const check = lesson?.blocks.find((block) => block.kind === "check" && block.id === checkId);
    if (check?.kind === "check") return check.id;
    throw new GlassboxError("invalid-request", `The lesson "${lessonId}" has no check "${checkId}".`);
  }

  #tell<K extends "sourceChanged" | "encodingChanged" | "placesChanged">(
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
