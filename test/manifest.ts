/** What package.json declares, as the tests look it up: settings by their names, colours by their ids. */

import { readFileSync } from "node:fs";
import type { ThemeKind } from "./core/tokens/themes.js";

interface Setting {
  default?: unknown;
  enum?: string[];
  scope?: string;
}

interface Manifest {
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    colors: { id: string; defaults: Record<ThemeKind, string> }[];
    configuration: { properties: Record<string, Setting> }[];
  };
}

export const manifest = JSON.parse(readFileSync("package.json", "utf8")) as Manifest;

/** @throws Error where there is none of this name. */
export function declaredSetting(name: string): Setting {
  const found = manifest.contributes.configuration.find(({ properties }) => Object.hasOwn(properties, name));
  if (!found) throw new Error(`package.json declares no setting ${name}.`);
  return found.properties[name]!;
}

export const declaredColours: ReadonlyMap<string, Record<ThemeKind, string>> = new Map(
  manifest.contributes.colors.map(({ id, defaults }) => [id, defaults]),
);
