/** All tools, for the panel that asks and for other agents. */

import { calculate } from "./calculate.js";
import { countCharacters, indexCharacters } from "./countCharacters.js";
import { countTokens } from "./countTokens.js";
import { readDiagnostics, readFile, searchWorkspace } from "./readWorkspace.js";
import { runCode } from "./runCode.js";
import type { Tool } from "./tool.js";

export const TOOLS: readonly Tool[] = [
  calculate,
  countCharacters,
  indexCharacters,
  countTokens,
  readDiagnostics,
  searchWorkspace,
  readFile,
  runCode,
];

export function toolNamed(name: string): Tool | undefined {
  return TOOLS.find((tool) => tool.name === name);
}
