/** The tools `count_characters` and `index_characters`: what is in a text, letter by letter. */

import { firstCharacters } from "../../shared/cutText.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import { graphemes, LONGEST_COUNTED, occurrences } from "./characters.js";
import { counted, type Tool, type ToolInput } from "./tool.js";

const LONGEST_QUOTE = 60;
const MOST_LISTED = 400;

const text = {
  type: "string",
  description: "The text to look into.",
  maxLength: LONGEST_COUNTED,
} as const;

const caseSensitive = {
  type: "boolean",
  description: "Whether R and r differ. false unless told.",
} as const;

export const countCharacters: Tool = {
  name: "count_characters",
  title: t("Count characters"),
  description:
    "Counts how often a character or a run of characters occurs in a text, or all characters of it. Use it for every " +
    "question about how many letters, dots or signs there are.",
  schema: {
    type: "object",
    properties: {
      text,
      of: {
        type: "string",
        description: "What is counted, such as r. Left out, all characters are.",
        maxLength: 1000,
      },
      case_sensitive: caseSensitive,
    },
    required: ["text"],
    additionalProperties: false,
  },
  async run(input) {
    const whole = String(input.text);
    if (input.of === undefined) {
      const count = graphemes(whole).length;
      const said = `${quote(whole)} has ${counted(count, "character")}.`;
      const evidence =
        count === 1
          ? t("{0} has 1 character.", quote(whole))
          : t("{0} has {1} characters.", quote(whole), count);
      return { ok: true, text: said, evidence, value: `${count}` };
    }
    const of = String(input.of);
    const { starts, apart } = occurrences(whole, of, input.case_sensitive === true);
    const overlap = apart < starts.length ? ` (${apart} where none may overlap the one before)` : "";
    const said = `${quote(of)} occurs ${times(starts.length)} in ${quote(whole)}${overlap}.`;
    return {
      ok: true,
      text: said,
      evidence: occurring(of, starts.length, apart, whole),
      value: `${starts.length}`,
    };
  },
};

export const indexCharacters: Tool = {
  name: "index_characters",
  title: t("Index characters"),
  description:
    "Says at which places a character or a run of characters stands in a text, counted from 1; or, without `of`, spells " +
    "the text out, every character or every n-th. Use it for questions about the order or the place of letters.",
  schema: {
    type: "object",
    properties: {
      text,
      of: { type: "string", description: "What is looked for, such as r.", maxLength: 1000 },
      every: { type: "integer", description: "Spells every n-th character; 1 unless told.", minimum: 1 },
      start: { type: "integer", description: "The first place that is spelled; 1 unless told.", minimum: 1 },
      case_sensitive: caseSensitive,
    },
    required: ["text"],
    additionalProperties: false,
  },
  async run(input) {
    return input.of === undefined ? spelled(input) : placed(input, String(input.of));
  },
};

function placed(input: ToolInput, of: string) {
  const whole = String(input.text);
  const { starts } = occurrences(whole, of, input.case_sensitive === true);
  const places = starts.map((start) => start + 1);
  const said =
    places.length === 0
      ? `${quote(of)} does not occur in ${quote(whole)}.`
      : `${quote(of)} stands at ${places.length === 1 ? "place" : "places"} ${listed(places)} of ${quote(whole)}.`;
  const shown = { of: quote(of), places: listed(places), text: quote(whole) };
  const evidence =
    places.length === 0
      ? t("{of} does not occur in {text}.", shown)
      : places.length === 1
        ? t("{of} stands at place {places} of {text}.", shown)
        : t("{of} stands at places {places} of {text}.", shown);
  return { ok: true, text: said, evidence, value: places.slice(0, MOST_LISTED).join(", ") };
}

function spelled(input: ToolInput) {
  const whole = String(input.text);
  const every = Number(input.every ?? 1);
  const start = Number(input.start ?? 1);
  const all = graphemes(whole);
  if (start > all.length) {
    throw new GlassboxError(
      "invalid-request",
      `The text has ${counted(all.length, "character")}; there is no place ${start}.`,
    );
  }
  const taken = all.flatMap((character, at) =>
    at >= start - 1 && (at - start + 1) % every === 0 ? [{ place: at + 1, character }] : [],
  );
  const joined = taken.map(({ character }) => character).join("");
  const pairs = listed(taken.map(({ place, character }) => `${place} ${character}`));
  const which =
    every === 1 && start === 1
      ? `${quote(whole)} is spelled`
      : `From place ${start} on, taking one of every ${every}, ${quote(whole)} gives ${quote(joined)}:`;
  const shown = { start, every, text: quote(whole), joined: quote(joined), pairs };
  const evidence =
    every === 1 && start === 1
      ? t("{text} is spelled {pairs}.", shown)
      : t("From place {start} on, taking one of every {every}, {text} gives {joined}: {pairs}.", shown);
  return { ok: true, text: `${which} ${pairs}.`, evidence, value: joined };
}

/** For people what the model reads in English. */
function occurring(of: string, count: number, apart: number, whole: string): string {
  const shown = { of: quote(of), count, apart, text: quote(whole) };
  if (apart < count)
    return t("{of} occurs {count} times in {text} ({apart} where none may overlap the one before).", shown);
  return count === 1
    ? t("{of} occurs 1 time in {text}.", shown)
    : t("{of} occurs {count} times in {text}.", shown);
}

function listed(items: readonly (string | number)[]): string {
  const shown = items.slice(0, MOST_LISTED).join(", ");
  return items.length > MOST_LISTED ? `${shown}, … (${items.length} in all)` : shown;
}

function times(count: number): string {
  return count === 1 ? "1 time" : `${count} times`;
}

/** A text in quotation marks, cut to a length. */
function quote(whole: string): string {
  return JSON.stringify(whole.length <= LONGEST_QUOTE ? whole : `${firstCharacters(whole, LONGEST_QUOTE)} …`);
}
