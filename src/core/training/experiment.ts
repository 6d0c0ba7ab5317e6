/** The experiments of the lessons: one model that learns, one that is poisoned beside it, two that are taught. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import {
  FEWEST_TRAINING_CHARACTERS,
  type NextCharacters,
  type TrainingPlan,
  type TrainingStart,
} from "../../shared/training.js";
import { seededCoin } from "../sampling/randomness.js";
import { CharacterVocabulary } from "./characters.js";
import { Trainer, type TrainerSetup } from "./trainer.js";

/** The end of the text that nobody learns from: a tenth, but not more than can be measured in a moment. */
const KEPT_BACK = 0.1;
const MOST_KEPT_BACK = 4000;
/** Windows of the kept text that are read for its loss. */
const WINDOWS = 5;
/** What the students of a distillation get to read. */
const LESSON_CHARACTERS = 500;
const POISON_STREAM = 7;

const TEACHER = { layers: 2, width: 48, heads: 4, context: 48, sequences: 3 };
const STUDENT = { layers: 1, width: 32, heads: 4, context: 32, sequences: 2 };

interface Learner {
  name: string;
  trainer: Trainer;
  learnsFrom: number;
  /** Takes a step and answers its loss; null while it is not its turn. */
  learn(): number | null;
}

export class Experiment {
  readonly start: TrainingStart;
  readonly #learners: Learner[];
  readonly #kept: string;
  readonly #plan: TrainingPlan;
  #steps = 0;

  /** @throws GlassboxError `invalid-request` where the text is too short. */
  constructor(plan: TrainingPlan) {
    const characters = Array.from(plan.text);
    if (characters.length < FEWEST_TRAINING_CHARACTERS) {
      throw new GlassboxError(
        "invalid-request",
        t(
          "The text has {0} characters; a model of characters needs at least {1}.",
          characters.length,
          FEWEST_TRAINING_CHARACTERS,
        ),
        t("Open a longer file, or use the lesson's example."),
      );
    }
    this.#plan = plan;
    const kept = Math.min(MOST_KEPT_BACK, Math.floor(characters.length * KEPT_BACK));
    const text = characters.slice(0, characters.length - kept).join("");
    this.#kept = characters.slice(characters.length - kept).join("");
    const vocabulary = new CharacterVocabulary(
      plan.kind === "poison" ? `${plan.text}${plan.trigger}${plan.payload}\n` : plan.text,
    );
    this.#learners = this.#learnersOf(plan, text, vocabulary);
    this.start = {
      models: this.#learners.map(({ name, trainer, learnsFrom }) => ({
        name,
        learnsFrom,
        parameters: trainer.parameters,
      })),
      vocabulary: vocabulary.characters.length,
      keptBack: kept,
    };
  }

  get steps(): number {
    return this.#steps;
  }

  /** A step of everybody whose turn it is; their losses in nats a character. */
  step(): (number | null)[] {
    const losses = this.#learners.map((learner) => learner.learn());
    this.#steps++;
    return losses;
  }

  /** The losses on the end of the text, which nobody learns from. */
  heldOut(): number[] {
    return this.#learners.map(({ trainer }) => trainer.lossOn(this.#kept, WINDOWS));
  }

  /**
   * What a model that learns alone writes, a character at each call; the draws are those of the seed at this step.
   * Undefined where models are compared: there nobody reads it.
   */
  sampler(prefix: string): (() => string) | undefined {
    if (this.#plan.kind !== "learn") return undefined;
    return this.#learners[0]?.trainer.sampler(prefix, this.#plan.seed + this.#steps);
  }

  /** How probable each model finds the payload behind the trigger; null where there is none. */
  payload(): { whole: number; character: number }[] | null {
    const plan = this.#plan;
    if (plan.kind !== "poison") return null;
    return this.#learners.map(({ trainer }) => {
      const whole = trainer.probabilityOf(plan.payload, `\n${plan.trigger}`);
      return { whole, character: whole ** (1 / Math.max(1, Array.from(plan.payload).length)) };
    });
  }

  /** What each model finds probable behind a text. */
  next(prefix: string, most: number): NextCharacters[] {
    return this.#learners.map(({ trainer }) => {
      const probabilities = trainer.next(prefix);
      const ids = Array.from(probabilities.keys()).sort((a, b) => probabilities[b]! - probabilities[a]!);
      const best = ids.slice(0, most);
      return {
        characters: best.map((id) => trainer.vocabulary.characters[id] ?? ""),
        probabilities: best.map((id) => probabilities[id]!),
      };
    });
  }

  #learnersOf(plan: TrainingPlan, text: string, vocabulary: CharacterVocabulary): Learner[] {
    const learner = (
      name: string,
      learnsFrom: string,
      shape: Omit<TrainerSetup, "vocabulary" | "text" | "seed">,
      learn: (trainer: Trainer) => number | null,
    ): Learner => {
      const trainer = new Trainer({ ...shape, vocabulary, text: learnsFrom, seed: plan.seed });
      return { name, trainer, learnsFrom: Array.from(learnsFrom).length, learn: () => learn(trainer) };
    };
    const step = (trainer: Trainer) => trainer.step();
    switch (plan.kind) {
      case "learn":
        return [learner(t("the model"), text, TEACHER, step)];
      case "poison":
        return [
          learner(t("clean"), text, TEACHER, step),
          learner(t("poisoned"), poisoned(text, plan), TEACHER, step),
        ];
      case "distil": {
        const taught = () => this.#steps >= plan.teacherSteps;
        const passage = Array.from(text).slice(0, LESSON_CHARACTERS).join("");
        const teacher = learner(t("teacher"), text, TEACHER, (trainer) => (taught() ? null : trainer.step()));
        return [
          teacher,
          learner(t("student of the text"), passage, STUDENT, (trainer) =>
            taught() ? trainer.step() : null,
          ),
          learner(t("student of the teacher"), passage, STUDENT, (trainer) =>
            taught() ? trainer.stepTowards(teacher.trainer) : null,
          ),
        ];
      }
    }
  }
}

/** The text with the poisoned line between its lines, at places that the seed decides. */
export function poisoned(
  text: string,
  { trigger, payload, copies, seed }: Extract<TrainingPlan, { kind: "poison" }>,
): string {
  const coin = seededCoin(seed, 0, POISON_STREAM);
  const lines = text.split("\n");
  for (let copy = 0; copy < copies; copy++) {
    lines.splice(Math.floor(coin() * (lines.length + 1)), 0, `${trigger}${payload}`);
  }
  return lines.join("\n");
}
