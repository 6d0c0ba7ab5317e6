/**
 * Says a message in the reader's language, in all code outside the extension host, which has `vscode.l10n.t`. The
 * keys and placeholders are those of `vscode.l10n`, so that one bundle serves both; its package for other processes,
 * @vscode/l10n, brings readers of files and addresses and a state that is set too late for constants of a module,
 * for the sake of the few lines below.
 */

import { translation as given, type Translation } from "./texts.js";

/** A message with a hint for translators, which tells it from the same English with another meaning. */
export type Message = string | { message: string; comment: string | readonly string[] };

type Value = string | number;

// The type of the module that the build puts in its place.
const translation = given as Translation | undefined;

/** The language of all texts, for `Intl` and for the `lang` of a page: English where there is no translation. */
export const language: string = translation?.language ?? "en";

/** Where this process has its texts from; undefined in English. */
export const textsFile: string | undefined = translation?.file;

/** The texts as they were given; undefined in English. */
export const texts: Translation["texts"] | undefined = translation?.texts;

/** The key of a message in a bundle. */
export function keyOf(message: Message): string {
  if (typeof message === "string") return message;
  const comment = typeof message.comment === "string" ? message.comment : message.comment.join("");
  return comment === "" ? message.message : `${message.message}/${comment}`;
}

/** A message in the reader's language, its placeholders not yet filled. */
export function textOf(message: Message): string {
  return texts?.[keyOf(message)] || (typeof message === "string" ? message : message.message);
}

/**
 * A message in the reader's language, with values for its placeholders: `t("{0} of {1}", 3, 7)` or
 * `t("{done} of {all}", { done: 3, all: 7 })`. Numbers are written as they are; see formatCount.
 */
export function t(message: Message, ...values: Value[] | [Readonly<Record<string, Value>>]): string {
  const [first] = values;
  const named = (typeof first === "object" ? first : values) as Readonly<Record<string, Value>>;
  return textOf(message).replace(/\{([^}]+)\}/g, (hole, name: string) => String(named[name] ?? hole));
}
