/**
 * The course against its curriculum: for each id whether the lesson is there and valid, how many of its checks accept
 * a right answer and refuse a wrong one, and what is still to be written.
 */

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { buildCourse, type CourseFile, findLesson } from "../../src/core/lessons/course.js";
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
import { formatIssue } from "../../src/core/lessons/parseLesson.js";
import { plainText } from "../../src/core/lessons/plainText.js";
import type { CheckBlock, Fact, Lesson } from "../../src/shared/panels/lesson.js";
import { readingsAfter, SOLUTIONS } from "../core/lessons/answers.js";
import { encoderOf } from "../core/tokens/reference.js";

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

const folder = join(process.cwd(), "media/lessons");
const file = (path: string): CourseFile => ({ path, source: readFileSync(join(folder, path), "utf8") });
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
            ? (await readingsAfter(exhibit.config, {}))?.[config.of.reading]
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
          (condition) => judgeCondition(condition, readings, exhibit.config).met,
        );
      };
      const solution = SOLUTIONS[`${lesson.id} ${id}`];
      return solution !== undefined && !(await met({})) && (await met(solution));
    }
  }
}

export async function run(say: (line: string) => void): Promise<void> {
  const paths = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".md"),
  );
  const chapters = file("chapters.yaml");
  const course = buildCourse([{ chapters, glossary: file("glossary.yaml"), files: paths.map(file) }]);
  for (const fault of course.faults) say(`fault: ${formatIssue(fault)}`);
  const missing: string[] = [];
  let wrong = 0;
  for (const id of CURRICULUM) {
    const { lesson } = findLesson(course, id) ?? {};
    if (!lesson) {
      missing.push(id);
      continue;
    }
    const answers: (boolean | undefined)[] = [];
    for (const block of lesson.blocks) if (block.kind === "check") answers.push(await judged(lesson, block));
    const count = (value: boolean | undefined) => answers.filter((answer) => answer === value).length;
    wrong += count(false);
    const live = count(undefined);
    say(
      `${id}: valid; ${count(true)} of ${answers.length} checks accept a right answer and refuse a wrong one` +
        (live > 0 ? `, ${live} judged on a loaded model` : ""),
    );
  }
  say(`${CURRICULUM.length - missing.length} of ${CURRICULUM.length} lessons of the curriculum`);
  say(`still to be written: ${missing.join(", ")}`);
  if (wrong > 0 || course.faults.length > 0) throw new Error(`${wrong} checks judge wrongly.`);
}
