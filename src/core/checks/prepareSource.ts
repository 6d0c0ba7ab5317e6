/** Turns JavaScript or TypeScript as it stands in an editor into a script that QuickJS runs. */

import { parse } from "acorn";
import { type Transform, transform } from "sucrase";

/** At the beginning of a statement; `import(…)` is an expression. */
const MODULE_SYNTAX = /(?:^|[;}])\s*(?:import|export)\b(?!\s*\()/m;

/**
 * Strips types, compiles JSX, and turns `import` and `export` into their CommonJS form; line numbers stay.
 * @throws SyntaxError when the source does not parse.
 */
export function prepareSource(source: string, languageId: string): string {
  const transforms: Transform[] = [];
  if (languageId.startsWith("typescript")) transforms.push("typescript");
  if (languageId.endsWith("react")) transforms.push("jsx");
  if (MODULE_SYNTAX.test(source)) transforms.push("imports");
  if (transforms.length === 0) return source;
  return transform(source, {
    transforms,
    disableESTransforms: true,
    jsxRuntime: "classic",
    production: true,
  }).code;
}

/**
 * Prepares code whose last expression is its value. Where it awaits at the top, it becomes the body of an async
 * function that returns that expression.
 * @throws SyntaxError when the source does not parse.
 */
export function prepareCode(source: string, languageId: string): string {
  const script = prepareSource(source, languageId);
  if (!/\bawait\b/.test(script)) return script;
  const { body } = parse(script, { ecmaVersion: "latest", allowAwaitOutsideFunction: true });
  const last = body.at(-1);
  const value =
    last?.type === "ExpressionStatement"
      ? `${script.slice(0, last.start)}return (${script.slice(last.expression.start, last.expression.end)});`
      : script;
  return `(async () => {${value}\n})()`;
}

/** The languages whose functions the sandbox runs. */
export function isRunnableLanguage(languageId: string): boolean {
  return languageId === "python" || /^(?:java|type)script(?:react)?$/.test(languageId);
}
