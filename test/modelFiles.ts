/** The model files of the tests: the set-up makes and fetches them, so that one that is missing is a failure. */

import { existsSync } from "node:fs";
import { availableParallelism } from "node:os";
import { builtInModelPath, chatModelPath, unroundedModelPath } from "../scripts/models.js";

/** Threads of the engine: more than there are cores would wait for each other most of the time. */
export const THREADS = Math.min(2, availableParallelism());

/** The model of stories that comes with the extension, in 8 bits. */
export const builtInModel = (): string => existing(builtInModelPath());
/** The same, unrounded. */
export const unroundedModel = (): string => existing(unroundedModelPath());
/** TinyLlama 1.1B Chat. */
export const chatModel = (): string => existing(chatModelPath());

function existing(path: string): string {
  if (!existsSync(path)) throw new Error(`The tests need ${path}: "node scripts/run.mjs models" brings it.`);
  return path;
}
