/**
 * The reader's settings, by their full names. The editor marks a value of the wrong type in its settings file and hands
 * it out all the same: whatever stands there, what is read here has the type that was asked for.
 */

import * as vscode from "vscode";
import { isFields } from "../shared/isFields.js";

/** A text without the spaces around it; empty where the setting holds none. */
export function textSetting(name: string): string {
  const value = settingOf(name);
  return typeof value === "string" ? value.trim() : "";
}

/** A number within bounds; `fallback` where the setting holds none. */
export function numberSetting(name: string, fallback: number, least: number, most: number): number {
  const value = settingOf(name);
  return typeof value === "number" && value >= least && value <= most ? value : fallback;
}

/** A whole number within bounds; `fallback` where the setting holds none. */
export function wholeSetting(name: string, fallback: number, least: number, most = 2 ** 31 - 1): number {
  const value = numberSetting(name, fallback, least, most);
  return Number.isInteger(value) ? value : fallback;
}

export function flagSetting(name: string, fallback: boolean): boolean {
  const value = settingOf(name);
  return typeof value === "boolean" ? value : fallback;
}

/** One of some words; the first of them where the setting holds none of them. */
export function wordSetting<Word extends string>(
  name: string,
  words: readonly [Word, ...Word[]],
  scope?: vscode.ConfigurationScope,
): Word {
  const value = settingOf(name, scope);
  return words.find((word) => word === value) ?? words[0];
}

/** An object by its keys; an empty one where the setting holds none. */
export function recordSetting(name: string, scope?: vscode.ConfigurationScope): Record<string, unknown> {
  const value = settingOf(name, scope);
  return isFields(value) ? value : {};
}

/** The texts of a list, without the spaces around them and without empty ones. */
export function textsSetting(name: string): string[] {
  const value = settingOf(name);
  const texts = Array.isArray(value) ? value.filter((item): item is string => typeof item === "string") : [];
  return texts.map((text) => text.trim()).filter((text) => text !== "");
}

/** Whatever stands there. */
export function settingOf(name: string, scope?: vscode.ConfigurationScope): unknown {
  return vscode.workspace.getConfiguration(undefined, scope).get<unknown>(name);
}
