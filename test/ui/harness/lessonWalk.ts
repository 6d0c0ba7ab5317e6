/**
 * Walks through the course in a real window, as a reader does: opens each lesson, changes what its exhibits run on and
 * sees their numbers follow, answers its checks wrong and then right. What to type comes from the lessons themselves.
 */

import { statSync } from "node:fs";
import type { Frame, Locator } from "playwright-core";
import { placeOf } from "../../../src/core/lessons/calculator.js";
import { allLessons, buildCourse, type Course } from "../../../src/core/lessons/course.js";
import { exhibitOf, readingsOf } from "../../../src/core/lessons/exhibits.js";
import { isRight, judgeEstimate } from "../../../src/core/lessons/judge.js";
import { measureFact } from "../../../src/core/lessons/measureFact.js";
import { formatIssue } from "../../../src/core/lessons/parseLesson.js";
import { plainText } from "../../../src/core/lessons/plainText.js";
import type {
  CheckBlock,
  CheckConfig,
  CheckType,
  ExhibitBlock,
  ExhibitConfig,
  ExhibitType,
  Fact,
  Lesson,
} from "../../../src/shared/panels/lesson.js";
import { type Change, SOLUTIONS, WRITTEN } from "../../core/lessons/answers.js";
import { shippedSource } from "../../core/lessons/shippedCourse.js";
import { encoderOf } from "../../core/tokens/reference.js";
import { builtInModel } from "../../modelFiles.js";
import { until } from "./until.js";
import type { Workbench } from "./workbench.js";

/** What a lesson did when it was walked through. */
export interface WalkedLesson {
  id: string;
  opened: boolean;
  /** By the names of the exhibits: whether it gave a result, and another one for another input. */
  exhibits: Record<string, boolean>;
  /** By the names of the checks: whether a wrong answer left it open, and a right one closed it. */
  checks: Record<string, { wrongFails: boolean; rightPasses: boolean }>;
  /** Checks that take a search or a model that is not loaded; other tests hold them. */
  left: string[];
  faults: string[];
  ms: number;
}

/** Milliseconds until an exhibit must have answered. */
const PATIENCE_MS = 40_000;
/** Of an exhibit that has a chat model write: one of a billion parameters takes a minute on two cores. */
const CHAT_PATIENCE_MS = 120_000;
/** Milliseconds after a change before an exhibit that has not followed it is begun by hand. */
const ASK_AGAIN_MS = 3000;
const NOTHING_TO_SAY = "I do not know what to say about that.";
const PLACES = 1000;

/** The course as it ships. @throws Error where a file of it is no lesson. */
export function shippedCourse(): Course {
  const course = buildCourse([shippedSource("en")]);
  if (course.faults.length > 0) throw new Error(course.faults.map(formatIssue).join("\n"));
  return course;
}

/** The lessons of a model of this kind, in the order of the course. */
export function lessonsFor(course: Course, kind: "any" | "chat"): Lesson[] {
  return allLessons(course).filter(({ needs }) => (kind === "chat") === (needs === "chat"));
}

/** Walks through a lesson. What goes wrong in it is part of the answer. */
export async function walkLesson(workbench: Workbench, lesson: Lesson): Promise<WalkedLesson> {
  const begun = Date.now();
  const walked: WalkedLesson = {
    id: lesson.id,
    opened: false,
    exhibits: {},
    checks: {},
    left: [],
    faults: [],
    ms: 0,
  };
  try {
    const page = await open(workbench, lesson);
    walked.opened = true;
    await new Walk(page, lesson, walked).all();
  } catch (error) {
    walked.faults.push(error instanceof Error ? error.message : String(error));
  }
  walked.ms = Date.now() - begun;
  return walked;
}

async function open(workbench: Workbench, lesson: Lesson): Promise<Frame> {
  const isShown = async (frame: Frame) => (await frame.locator(`[data-lesson="${lesson.id}"]`).count()) > 0;
  // From a lesson that is open the way to the next one is a button; else it is found by its title.
  const frame = await workbench.webview("lesson", 500).catch(() => undefined);
  const next = frame
    ?.getByRole("navigation", { name: "Lessons" })
    .getByText(`Next: ${lesson.title}`, { exact: true });
  if (frame && next && (await next.count()) > 0) await next.click();
  else await pickLesson(workbench, lesson.title);
  return until(
    async () => {
      const shown = await workbench.webview("lesson");
      return (await isShown(shown)) && shown;
    },
    { what: `the lesson ${lesson.id}` },
  );
}

/** Finds a lesson by its title in the list of them all, wherever it stands in the tree, and opens it. */
export async function pickLesson(workbench: Workbench, title: string): Promise<void> {
  const filter = workbench.page.locator(".quick-input-widget:visible .quick-input-filter input");
  await until(
    async () => {
      await workbench.runCommand("Glassbox: Open Lesson");
      // The palette gives the focus back to the page that had it. On a busy machine it arrives there only when the
      // list is open already, which goes where it loses the focus.
      await filter.fill(title, { timeout: 5000 });
      return true;
    },
    { what: "the list of lessons", timeoutMs: 60_000 },
  );
  // The list is long: rows out of sight are not there to be picked.
  await workbench.pick(title);
}

type Readings = Record<string, number>;

class Walk {
  constructor(
    private readonly page: Frame,
    private readonly lesson: Lesson,
    private readonly walked: WalkedLesson,
  ) {}

  get #patienceMs(): number {
    return this.lesson.needs === "chat" ? CHAT_PATIENCE_MS : PATIENCE_MS;
  }

  async all(): Promise<void> {
    // What covers an exhibit comes first: who has seen it has nothing to guess.
    for (const block of this.lesson.blocks) {
      if (block.kind === "check") await this.#attempt(`check ${block.id}`, () => this.#check(block));
    }
    for (const block of this.lesson.blocks) {
      if (block.kind === "exhibit") await this.#attempt(`exhibit ${block.id}`, () => this.#exhibit(block));
    }
  }

  async #attempt(what: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      this.walked.faults.push(
        `${what}: ${error instanceof Error ? error.message.split("\n")[0] : String(error)}`,
      );
    }
  }

  // ---- Exhibits --------------------------------------------------------------------------------------------

  #section(id: string): Locator {
    return this.page.locator(`[data-exhibit="${id}"]`);
  }

  /** The numbers of an exhibit now, and, where it has none, what it says. */
  async #result({ id, config }: ExhibitBlock): Promise<string> {
    const section = this.#section(id);
    const readings = (await section.getAttribute("data-readings")) ?? "{}";
    const figures = section.locator("figure");
    const silent = Object.keys(readingsOf(config)).length === 0;
    if (readings === "{}") return silent ? (await figures.allInnerTexts()).join("\n") : "";
    // Nothing but zeros without a picture of them: it has not been begun.
    const begun = Object.values(JSON.parse(readings) as Readings).some((value) => value !== 0);
    if (!begun && (await figures.count()) === 0) return "";
    // What a tool answers is a text.
    return config.type === "tool" ? section.innerText() : readings;
  }

  async #known(exhibit: ExhibitBlock): Promise<string> {
    return until(async () => (await this.#result(exhibit)) || undefined, {
      what: `a result of the exhibit ${exhibit.id} of ${this.lesson.id}`,
      timeoutMs: this.#patienceMs,
    });
  }

  async #exhibit(exhibit: ExhibitBlock): Promise<void> {
    const { id, config } = exhibit;
    this.walked.exhibits[id] = false;
    const section = this.#section(id);
    const uncover = section.getByRole("button", { name: "Show it without guessing" });
    if ((await uncover.count()) > 0) await uncover.click();
    await this.#begin(section);
    const before = await this.#known(exhibit);
    if (config.type === "model-file") {
      // Its input is the file that is loaded: the page and the disk must agree about it.
      const readings = JSON.parse(before) as Readings;
      this.walked.exhibits[id] = readings["file-bytes"] === statSync(builtInModel()).size;
      return;
    }
    await this.#change(section, config);
    const changed = Date.now();
    await until(
      async () => {
        const after = await this.#result(exhibit);
        if (after !== "" && after !== before) return true;
        // What is computed for the asking is asked for again, also where the last picture still stands.
        await this.#begin(section, Date.now() - changed > ASK_AGAIN_MS);
        return false;
      },
      { what: `another result of the exhibit ${id} for another input`, timeoutMs: this.#patienceMs },
    );
    this.walked.exhibits[id] = true;
  }

  /** Presses what begins the work of an exhibit that waits to be asked. */
  async #begin(section: Locator, again = false): Promise<void> {
    if (!again && (await section.locator("figure").count()) > 0) return;
    const begin = section.locator('vscode-button[appearance="primary"]:not([disabled])').first();
    if ((await begin.count()) > 0) await begin.click();
  }

  /** Gives an exhibit something else to run on. */
  async #change(section: Locator, config: ExhibitConfig): Promise<void> {
    const special = CHANGES[config.type];
    if (special) return special(section);
    const text = section.locator("textarea").first();
    const slider = section.locator('input[type="range"]').first();
    // A slider that was moved by hand no longer follows the text.
    const byText = config.type !== "calculator" && (await text.count()) > 0;
    if (byText) return text.fill(otherText(config));
    if ((await slider.count()) > 0) {
      await slider.press("Home");
      await slider.press("ArrowRight");
      return;
    }
    throw new Error(`Nobody knows how to change an exhibit of type ${config.type}.`);
  }

  // ---- Checks ----------------------------------------------------------------------------------------------

  async #check(check: CheckBlock): Promise<void> {
    const { id, config } = check;
    const section = this.page.locator(`[data-check="${id}"]`);
    const answer = (ANSWERS[config.type] as Answering<CheckConfig> | undefined)?.bind(undefined);
    const steps = answer && (await answer({ ...this.#tools(check), section, check, config }));
    if (!steps) {
      this.walked.left.push(id);
      return;
    }
    const result = { wrongFails: false, rightPasses: false };
    this.walked.checks[id] = result;
    const done = async () => (await section.getAttribute("data-done")) === "true";
    await steps.wrong();
    result.wrongFails = !(await done());
    await steps.right();
    await until(done, {
      what: `the check ${id} of ${this.lesson.id} to be passed`,
      timeoutMs: this.#patienceMs,
    });
    result.rightPasses = true;
  }

  #tools(check: CheckBlock): Tools {
    const about = exhibitOf(check.config);
    const block = this.lesson.blocks.find((other) => other.kind === "exhibit" && other.id === about);
    const exhibit = block?.kind === "exhibit" ? block : undefined;
    const of = exhibit ? this.#section(exhibit.id) : undefined;
    return {
      lesson: this.lesson,
      exhibit,
      about: of,
      reading: async (name) => {
        if (!of || !exhibit) return undefined;
        await this.#begin(of);
        await this.#known(exhibit);
        const readings = JSON.parse((await of.getAttribute("data-readings")) ?? "{}") as Readings;
        return readings[name];
      },
    };
  }
}

interface Tools {
  lesson: Lesson;
  exhibit: ExhibitBlock | undefined;
  /** Where that exhibit stands on the page. */
  about: Locator | undefined;
  /** A number of that exhibit, once it is known. */
  reading(name: string): Promise<number | undefined>;
}

interface Steps {
  /** Answers wrong, and waits until that has been judged. */
  wrong(): Promise<void>;
  right(): Promise<void>;
}

type Answering<C extends CheckConfig> = (
  asked: Tools & { section: Locator; check: CheckBlock; config: C },
) => Promise<Steps | undefined>;

const measure = (fact: Fact) => measureFact(fact, (text, encoding) => encoderOf(encoding).encode(text));
const refused = (section: Locator) => section.getByText("not this").first().waitFor({ timeout: PATIENCE_MS });

/** How each kind of check is answered; one that is missing needs a search, and has a test of its own. */
const ANSWERS: { [T in CheckType]?: Answering<Extract<CheckConfig, { type: T }>> } = {
  choose: async ({ section, config }) => {
    const values: number[] = [];
    for (const fact of config.facts) values.push(await measure(fact));
    const right = config.options.findIndex((option) => isRight(option, values));
    const options = section.locator(".lesson-option");
    return {
      wrong: async () => {
        await options.nth(right === 0 ? 1 : 0).click();
        await refused(section);
      },
      right: () => options.nth(right).click(),
    };
  },

  order: async ({ section, config }) => {
    const answer = section.getByRole("button", { name: "This is my order" });
    const wanted = config.items.map(({ text }) => plainText(text));
    const items = section.locator(".lesson-order-item");
    const texts = () => items.allInnerTexts();
    return {
      wrong: async () => {
        await answer.click();
        await refused(section);
      },
      right: async () => {
        // One move at a time, each seen before the next.
        for (let order = await texts(); order.join() !== wanted.join(); order = await texts()) {
          const place = order.findIndex((text, at) => text !== wanted[at]);
          const from = order.indexOf(wanted[place] ?? "");
          await items.nth(from).press("Alt+ArrowUp");
          await until(async () => (await texts()).join() !== order.join(), { what: "an item to move" });
        }
        await answer.click();
      },
    };
  },

  explain: async ({ section, check }) => {
    const compare = async (text: string) => {
      await section.getByRole("textbox").fill(text);
      await section.getByRole("button", { name: "Compare" }).click();
    };
    return {
      wrong: async () => {
        await compare(NOTHING_TO_SAY);
        await refused(section);
      },
      right: () => compare(plainText(check.because)),
    };
  },

  estimate: async ({ section, check, config, lesson, exhibit, about, reading }) => {
    const { of, within } = config;
    const change = SOLUTIONS[`${lesson.id} ${check.id}`];
    if (change && exhibit && about) await apply(about, change, exhibit.config);
    if (config.when.length > 0)
      await until(async () => (await section.locator('[data-met="false"]').count()) === 0, {
        what: `what ${check.id} of ${lesson.id} is about to be set`,
      });
    const value = of.kind === "fact" ? await measure(of.fact) : await reading(of.reading);
    if (value === undefined) throw new Error("The number to be guessed is not known.");
    const wrong = 3 * Math.abs(value) + 7;
    if (judgeEstimate(wrong, value, within).right) throw new Error(`${wrong} is near enough to ${value}.`);
    const guess = async (number: number) => {
      const field = section.locator("vscode-text-field input");
      await field.fill(String(number));
      await field.press("Enter");
    };
    return {
      wrong: async () => {
        await guess(wrong);
        await refused(section);
      },
      right: () => guess(value),
    };
  },

  until: async ({ section, check, config, lesson, exhibit, about, reading }) => {
    const change = SOLUTIONS[`${lesson.id} ${check.id}`] ?? WRITTEN[`${lesson.id} ${check.id}`];
    if (!change || !exhibit || !about || config.submit || !canApply(change, exhibit.config)) return undefined;
    return {
      // What holds at the beginning is no answer: the conditions are shown, and one of them does not hold.
      wrong: async () => {
        const asked = config.conditions.find((condition) => "reading" in condition);
        if (!change.acts && asked) await reading(asked.reading);
        await section.locator('[data-met="false"]').first().waitFor({ timeout: PATIENCE_MS });
      },
      right: () => apply(about, change, exhibit.config),
    };
  },

  guess: async ({ section, check, lesson, about }) => {
    const written = WRITTEN[`${lesson.id} ${check.id}`];
    if (written?.guess === undefined || written.text === undefined || !about) return undefined;
    const { guess, text } = written;
    const answer = async (what: string | number) => {
      if (typeof what === "number") {
        await section.locator(".lesson-guess .gb-chip").nth(what).click({ timeout: PATIENCE_MS });
        return;
      }
      await section.locator("vscode-text-field input").fill(what, { timeout: PATIENCE_MS });
      await section.getByRole("button", { name: "Guess" }).click();
    };
    return {
      wrong: async () => {
        await answer(typeof guess === "number" ? guess + 2 : "xylophone");
        await refused(section);
      },
      // Whoever has guessed wrong has seen it: another text, another guess.
      right: async () => {
        await about.getByRole("textbox", { name: "Text of the exhibit" }).fill(text);
        await about
          .getByText("Covered until you have made your guess below.")
          .waitFor({ timeout: PATIENCE_MS });
        await answer(guess);
      },
    };
  },

  prompt: async ({ section, check, config, lesson }) => {
    const better = WRITTEN[`${lesson.id} ${check.id}`]?.text;
    if (better === undefined) return undefined;
    const run = async (text: string) => {
      await section.getByRole("textbox", { name: "Your prompt" }).fill(text);
      await section.getByRole("button", { name: /^Run it/ }).click();
    };
    return {
      wrong: async () => {
        await run(config.start);
        await refused(section);
      },
      right: () => run(better),
    };
  },
};

/** Whether a change can be made by typing and by sliders alone. */
function canApply(change: Change, config: ExhibitConfig): boolean {
  const kinds = Object.keys(change);
  return kinds.every((kind) =>
    kind === "values"
      ? config.type === "calculator"
      : ["text", "texts", "bins", "window", "acts"].includes(kind),
  );
}

async function apply(section: Locator, change: Change, config: ExhibitConfig): Promise<void> {
  if (change.text !== undefined)
    await section.getByRole("textbox", { name: "Text of the exhibit" }).fill(change.text);
  for (const act of change.acts ?? []) {
    if ("fill" in act) await section.getByRole("textbox", { name: act.fill }).fill(act.with);
    else {
      const button = section.getByRole("button", { name: act.press, exact: true });
      // Pressed as soon as it can be: what was begun before may take its time.
      await button.and(section.locator(":not([disabled])")).click({ timeout: PATIENCE_MS });
    }
  }
  if (config.type === "odds") {
    for (const [id, text] of Object.entries(change.texts ?? {})) {
      const at = config.prompts.findIndex((prompt) => prompt.id === id);
      await section.locator("textarea").nth(at).fill(text);
    }
  }
  if (config.type === "sort-claims") {
    for (const [id, bin] of Object.entries(change.bins ?? {})) {
      const at = config.bins.findIndex((other) => other.id === bin);
      await section.locator(`[data-claim="${id}"] button`).nth(at).click();
    }
  }
  if (change.window !== undefined)
    await section.getByRole("slider", { name: "Context window" }).fill(String(change.window));
  if (config.type !== "calculator") return;
  // Where the loaded model has numbers of its own, the others are the lesson's again.
  for (const [at, input] of config.inputs.entries()) {
    const value = change.values?.[input.id] ?? input.value;
    const linear = input.scale === "linear" && input.step > 0;
    const place = linear ? value : Math.round(placeOf(input, value) * PLACES);
    await section.locator('input[type="range"]').nth(at).fill(String(place));
  }
}

/** Stops a training, takes the other text where there are two, and begins anew. */
async function learnAnew(section: Locator): Promise<void> {
  for (const name of ["Stop", /^Use /, "Begin anew"]) {
    const button = section.getByRole("button", { name });
    if ((await button.count()) > 0) await button.first().click();
  }
}

/** Exhibits whose input is neither a text field nor a slider. */
const CHANGES: { [T in ExhibitType]?: (section: Locator) => Promise<void> } = {
  "sort-claims": async (section) => {
    const again = section.getByRole("button", { name: "Begin again" });
    if ((await again.count()) > 0) await again.click();
    else await section.locator("[data-claim] button").first().click();
  },
  "blind-pairs": async (section) => {
    const next = section.getByRole("button", { name: "Next pair" });
    if ((await next.count()) > 0) await next.click();
    await section.getByRole("button", { name: "Let both write" }).click();
    await section.getByRole("button", { name: "Left is better" }).click({ timeout: PATIENCE_MS });
  },
  evaluation: async (section) => {
    await section.getByRole("textbox", { name: "Case 1: what the answer must contain" }).fill("walrus");
  },
  reinforce: async (section) => {
    // Without a reward there is nothing to learn.
    await section.locator(".lesson-pick").first().click();
    await section.getByRole("button", { name: "Try 20 times" }).click();
  },
  gradient: (section) => section.getByRole("button", { name: "One step" }).click(),
  languages: (section) => section.locator("select, vscode-dropdown").first().press("ArrowDown"),
  // A step up from the least is where it begins.
  thinking: (section) => section.getByRole("slider", { name: "Numbers to add" }).press("Home"),
  training: learnAnew,
  distillation: learnAnew,
};

/** A text that is not the lesson's, of the kind that the exhibit takes. */
function otherText(config: ExhibitConfig): string {
  switch (config.type) {
    case "tool":
      return config.tool === "calculate" ? "12 * 13 + 1" : "bookkeeper";
    case "explanation":
    case "context-bar":
      return "function twice(x: number): number {\n  return x + x;\n}\n\nconst four = twice(2);\nconst eight = twice(four);";
    case "retrieval":
    case "links":
      return "How many parameters and training tokens does a small model need, and what does fine-tuning cost?";
    default:
      return "The dog sat down by the door, and then the rain began to fall on 12 red houses.";
  }
}
