/** The tiny models that lessons train: what may be tried with them, and what is told of it on the way. */

import type { Method } from "./rpc.js";

export type TrainingPlan =
  /** One model learns a text. */
  | { kind: "learn"; text: string; seed: number }
  /** Two equal models learn a text; the second one's has a line in it, so many times over. */
  | { kind: "poison"; text: string; seed: number; trigger: string; payload: string; copies: number }
  /**
   * A teacher learns a text for so many steps; two smaller students then get a short passage of it. The first is told
   * what really comes next, the second how probable the teacher finds everything that might.
   */
  | { kind: "distil"; text: string; seed: number; teacherSteps: number };

/** One of the models that are trained side by side. */
export interface TrainedModel {
  name: string;
  parameters: number;
  /** Characters that it learns from. */
  learnsFrom: number;
}

/** How a training stands, in the order of its models. What is null was not measured, or does not learn now. */
export interface TrainingProgress {
  steps: number;
  /** Mean loss since the report before, in nats a character. */
  losses: (number | null)[];
  /** Loss on the end of the text, which none of them learns from. */
  heldOut: (number | null)[];
  /** What a model that learns alone writes behind a line’s end. */
  sample: string | null;
  /** How probable the models find the payload behind the trigger, and how probable on average a character of it. */
  payload: { whole: number; character: number }[] | null;
  /** Milliseconds a step. */
  stepMs: number;
}

export interface TrainingStart {
  models: TrainedModel[];
  /** Characters of the vocabulary, and of the text that is kept back. */
  vocabulary: number;
  keptBack: number;
}

/** What a model finds probable behind a text, the most probable first. */
export interface NextCharacters {
  characters: string[];
  probabilities: number[];
}

/** Shorter texts teach nothing; longer ones are cut. */
export const FEWEST_TRAINING_CHARACTERS = 400;
export const MOST_TRAINING_CHARACTERS = 60_000;

/** What the training process answers; the lesson's host hands its page's requests on to it. */
export interface TrainingProtocol {
  /**
   * Trains until so many steps have been made in all, and reports on the way. Cancelling stops it after the step that
   * is under way; the next call with the same name goes on from there. With `plan` it begins anew. One that is asked
   * for while another of its name is under way waits for that one's end.
   * @throws GlassboxError `invalid-request` where there is nothing of that name to go on with.
   */
  train: Method<
    { name: string; plan: TrainingPlan | null; steps: number },
    { steps: number },
    { start: TrainingStart } | { progress: TrainingProgress }
  >;
  /** What each model of a training finds probable behind a text. */
  nextCharacters: Method<{ name: string; prefix: string; most: number }, NextCharacters[]>;
}
