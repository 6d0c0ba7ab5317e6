/** Lessons that are looked for by words: by what they are called, what they are about, and every word that they say. */

import type { GlossaryTerm, Lesson } from "../../shared/panels/lesson.js";
import { allLessons, type Course } from "./course.js";
import { termsUsed } from "./glossary.js";
import { wordsOf } from "./ranking.js";

/** What a word counts by where it stands: a lesson that is about something goes before one that mentions it. */
const NAME = 8;
const SUMMARY = 4;
const TERM = 3;
const TEXT = 1;
/** A word of so many letters is also looked for inside longer ones, as German makes them, and counts for half. */
const INSIDE = 4;
/** Of the best score, what is found beside it has at least so much. */
const CLOSE = 0.5;

/** The lessons in which each word of a query stands, best first; where some are about it, none that only mention it. */
export function searchLessons(course: Course, query: string): Lesson[] {
  const asked = [...new Set(wordsOf(query))];
  const scored = allLessons(course)
    .map((lesson) => ({ lesson, score: scoreOf(asked, fieldsOf(lesson, course.glossary)) }))
    .filter(({ score }) => score > 0)
    .toSorted((a, b) => b.score - a.score);
  const best = scored[0]?.score ?? 0;
  return scored.filter(({ score }) => score >= best * CLOSE).map(({ lesson }) => lesson);
}

interface Field {
  weight: number;
  words: string[];
}

function fieldsOf(lesson: Lesson, glossary: Course["glossary"]): Field[] {
  const used = termsUsed(lesson.blocks).map((id) => glossary.get(id));
  const ofItsOwn = [...glossary.values()].filter((term) => term.lesson === lesson.id);
  const namesOf = (terms: readonly (GlossaryTerm | undefined)[]) =>
    terms.map((term) => (term ? `${term.name} ${term.id}` : "")).join(" ");
  return [
    // The name in the file is the field's own word, also where the title is not, and in every language.
    { weight: NAME, words: wordsOf(`${lesson.title} ${lesson.id} ${namesOf(ofItsOwn)}`) },
    { weight: SUMMARY, words: wordsOf(lesson.summary) },
    { weight: TERM, words: wordsOf(namesOf(used)) },
    { weight: TEXT, words: wordsOf(textsOf(lesson.blocks).join(" ")) },
  ];
}

/** 0 where one of the words stands nowhere. */
function scoreOf(asked: readonly string[], fields: readonly Field[]): number {
  let sum = 0;
  for (const word of asked) {
    const best = Math.max(...fields.map((field) => found(word, field)));
    if (best === 0) return 0;
    sum += best;
  }
  return sum;
}

function found(word: string, { weight, words }: Field): number {
  if (words.some((other) => other.startsWith(word))) return weight;
  return word.length >= INSIDE && words.some((other) => other.includes(word)) ? weight / 2 : 0;
}

/** Every stretch of running text, in prose, questions, answers and hints. */
function textsOf(part: unknown): string[] {
  if (typeof part !== "object" || part === null) return [];
  const { kind, text } = part as { kind?: unknown; text?: unknown };
  if ((kind === "text" || kind === "code") && typeof text === "string") return [text];
  return Object.values(part).flatMap(textsOf);
}
