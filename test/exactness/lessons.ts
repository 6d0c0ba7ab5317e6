/**
 * The course against its curriculum, from real runs: each lesson is opened in a window, its exhibits are given another
 * input, its checks a wrong answer and a right one. What a window cannot search for is judged on the same numbers here.
 */

import type { ExactnessRun } from "../../scripts/exactness.js";
import type { Held } from "../../scripts/held.js";
import { chatModelPath, ensureChatModel } from "../../scripts/models.js";
import { type Course, findLesson } from "../../src/core/lessons/course.js";
import { exhibitOf, needsModel } from "../../src/core/lessons/exhibits.js";
import {
  inPlace,
  isRight,
  judgeCondition,
  judgeEstimate,
  namedPoints,
  shuffled,
} from "../../src/core/lessons/judge.js";
import { measureFact } from "../../src/core/lessons/measureFact.js";
import { plainText } from "../../src/core/lessons/plainText.js";
import type { CheckBlock, Fact, Lesson } from "../../src/shared/panels/lesson.js";
import { readingsAfter, SOLUTIONS, textsAfter } from "../core/lessons/answers.js";
import { encoderOf } from "../core/tokens/reference.js";
import { lessonsFor, shippedCourse, type WalkedLesson, walkLesson } from "../ui/harness/lessonWalk.js";
import { Rig } from "../ui/harness/rig.js";

/** Every lesson that the course is to have, by chapter. */
const CURRICULUM: readonly string[] = [
  "two-files three-schools not-a-person stateless",
  "tokens vocabulary-trade-off cannot-spell numbers-and-spaces chat-template everything-is-tokens cost",
  "embeddings position",
  "neural-network attention heads gates layers kv-cache mixture-of-experts mmoe",
  "softmax sampling autoregression hallucination tokens-to-think jagged",
  "data-pipeline training-loop gradient-descent cross-entropy base-model fine-tuning distillation lora scaling-laws poisoning",
  "guess-and-check move-37 reward-hacking dpo constitution thinking-models",
  "two-memories context-window few-shot use-tools function-calling retrieval agents stages llm-os system-two",
  "jailbreaks prompt-injection",
  "benchmarks open-and-closed run-locally life-cycle frontiers operators-manual resources",
].flatMap((chapter) => chapter.split(" "));

const measure = (fact: Fact) => measureFact(fact, (text, encoding) => encoderOf(encoding).encode(text));

/** Whether a right answer is accepted and a wrong one refused; undefined where that takes a model. */
async function judged(
  lesson: Lesson,
  { id, config, question, because }: CheckBlock,
): Promise<boolean | undefined> {
  const about = exhibitOf(config);
  const exhibit = lesson.blocks.find((block) => block.kind === "exhibit" && block.id === about);
  switch (config.type) {
    case "choose": {
      const values: number[] = [];
      for (const fact of config.facts) values.push(await measure(fact));
      return config.options.filter((option) => isRight(option, values)).length === 1;
    }
    case "order":
      return inPlace(shuffled(config.items.length, id)) < config.items.length;
    case "explain": {
      const named = (text: string) => namedPoints(text, config.points).filter(Boolean).length;
      return named(plainText(because)) >= config.need && named(plainText(question)) < config.need;
    }
    case "estimate": {
      const value =
        config.of.kind === "fact"
          ? await measure(config.of.fact)
          : exhibit?.kind === "exhibit"
            ? (await readingsAfter(exhibit.config, SOLUTIONS[`${lesson.id} ${id}`] ?? {}))?.[
                config.of.reading
              ]
            : undefined;
      if (value === undefined) return undefined;
      const right = (guess: number) => judgeEstimate(guess, value, config.within).right;
      return right(value) && !right(value * (1 + 1.2 * config.within));
    }
    case "guess":
    case "prompt":
      return undefined;
    case "until": {
      if (exhibit?.kind !== "exhibit" || needsModel(exhibit.config.type)) return undefined;
      const met = async (change: Parameters<typeof readingsAfter>[1]) => {
        const readings = await readingsAfter(exhibit.config, change);
        return config.conditions.every(
          (condition) =>
            judgeCondition(condition, readings, exhibit.config, textsAfter(exhibit.config, change)).met,
        );
      };
      // What is trained takes a process of its own; the tests of the laboratory hold it.
      if (!(await readingsAfter(exhibit.config, {}))) return undefined;
      const solution = SOLUTIONS[`${lesson.id} ${id}`];
      return solution !== undefined && !(await met({})) && (await met(solution));
    }
  }
}

/** Walks through all lessons: those that any model will do for, then those that need a chat model. */
async function walkAll(
  course: Course,
  wanted: (lesson: Lesson) => boolean,
  tell: (lesson: Lesson, walked: WalkedLesson) => Promise<void>,
): Promise<void> {
  const rig = await Rig.start();
  try {
    for (const kind of ["any", "chat"] as const) {
      const lessons = lessonsFor(course, kind).filter(wanted);
      if (lessons.length === 0) continue;
      if (kind === "chat") await ensureChatModel();
      const settings = kind === "chat" ? { "glassbox.model.path": chatModelPath() } : {};
      const workbench = await rig.open({ theme: "dark", reducedMotion: true, settings });
      for (const lesson of lessons) await tell(lesson, await walkLesson(workbench, lesson));
      await workbench.close();
    }
  } finally {
    await rig.stop();
  }
}

/** `part`: the id of a lesson, or several joined by commas; all without. */
export async function run({ say, keep, part }: ExactnessRun): Promise<void> {
  const course = shippedCourse();
  const only = part?.split(",");
  const wanted = ({ id }: Lesson) => only === undefined || only.includes(id);
  const missing = CURRICULUM.filter((id) => !findLesson(course, id));
  const complete = new Set<string>();
  const faults: string[] = [];
  await walkAll(course, wanted, async (lesson, walk) => {
    const { id } = lesson;
    const judgedHere: (boolean | undefined)[] = [];
    for (const block of lesson.blocks) {
      if (block.kind === "check" && !walk.checks[block.id]) judgedHere.push(await judged(lesson, block));
    }
    if (judgedHere.includes(false)) faults.push(`${id}: a check judges wrongly`);
    faults.push(...walk.faults.map((fault) => `${id}: ${fault}`));
    if (isComplete(walk)) {
      complete.add(id);
      await keep(id, heldIn(walk, judgedHere));
    }
    say(`${id}: ${inWords(walk, judgedHere)}`);
  });
  const covered = CURRICULUM.filter((id) => !missing.includes(id) && (complete.has(id) || !only));
  const whole = CURRICULUM.filter((id) => complete.has(id));
  say(`${whole.length} of ${CURRICULUM.length} ids of the curriculum walked through whole`);
  const rest = covered.filter((id) => !complete.has(id));
  if (rest.length > 0) say(`there, and not walked through whole: ${rest.join(", ")}`);
  if (missing.length > 0) say(`still to be written: ${missing.join(", ")}`);
  if (faults.length > 0) throw new Error(faults.join("\n"));
}

function isComplete({ opened, exhibits, checks, faults }: WalkedLesson): boolean {
  const answered = Object.values(checks);
  return (
    opened &&
    faults.length === 0 &&
    Object.values(exhibits).some(Boolean) &&
    answered.length > 0 &&
    answered.every(({ wrongFails, rightPasses }) => wrongFails && rightPasses)
  );
}

/** What a lesson that was walked through whole is a case of. */
function heldIn(walk: WalkedLesson, judgedHere: readonly (boolean | undefined)[]): Held[] {
  const answered = Object.keys(walk.checks).length;
  const here = judgedHere.filter((found) => found === true).length;
  const held = (what: string, against: string, cases: number, of: string): Held[] =>
    cases === 0 ? [] : [{ what, against, cases, of, found: { kind: "equal" } }];
  return [
    ...held("lessons that open in a window", "the curriculum", 1, "lessons"),
    ...held(
      "exhibits that compute, and compute another result for another input",
      "a change of what they run on",
      Object.values(walk.exhibits).filter(Boolean).length,
      "exhibits",
    ),
    ...held(
      "checks that refuse a wrong answer and accept a right one, in the window",
      "answers computed by the suite",
      answered,
      "checks",
    ),
    ...held("checks that judge so outside of it", "answers computed by the suite", here, "checks"),
  ];
}

function inWords(walk: WalkedLesson, judgedHere: readonly (boolean | undefined)[]): string {
  const of = (values: readonly boolean[]) => `${values.filter(Boolean).length} of ${values.length}`;
  const checks = Object.values(walk.checks);
  const here = judgedHere.filter((found) => found === true).length;
  const elsewhere = judgedHere.filter((found) => found === undefined).length;
  return [
    walk.opened ? "opens" : "does not open",
    `${of(Object.values(walk.exhibits))} exhibits computed from their input`,
    `right answer passes ${of(checks.map(({ rightPasses }) => rightPasses))}`,
    `wrong answer fails ${of(checks.map(({ wrongFails }) => wrongFails))}`,
    ...(here > 0 ? [`${here} judged outside of the window`] : []),
    ...(elsewhere > 0
      ? [`${elsewhere} that take a search or a model's own numbers, held by the model tests`]
      : []),
    `${(walk.ms / 1000).toFixed(1)} s`,
  ].join("; ");
}
