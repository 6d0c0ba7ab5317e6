/** Finds the functions of a selection, in JavaScript, TypeScript or Python, that can be run on their own. */

import type { RunnableFunction } from "../../shared/workerProtocol.js";
import { namedChildren, type SyntaxNode } from "../explain/syntax.js";
import type { Parameter } from "./inputValues.js";
import { suggestInputs } from "./suggestInputs.js";
import { suggestPythonInputs } from "./suggestPythonInputs.js";

const DECLARATIONS = new Set(["function_declaration", "generator_function_declaration"]);
const FUNCTION_VALUES = new Set(["arrow_function", "function_expression", "function", "generator_function"]);

/** The functions that statements at the top declare, with their names. */
function declaredBy(statement: SyntaxNode): { name: SyntaxNode; node: SyntaxNode }[] {
  if (statement.type === "export_statement") {
    const declaration = statement.childForFieldName("declaration");
    return declaration ? declaredBy(declaration) : [];
  }
  if (DECLARATIONS.has(statement.type)) {
    const name = statement.childForFieldName("name");
    return name ? [{ name, node: statement }] : [];
  }
  if (statement.type !== "lexical_declaration" && statement.type !== "variable_declaration") return [];
  return namedChildren(statement).flatMap((declarator) => {
    const name = declarator.childForFieldName("name");
    const node = declarator.childForFieldName("value");
    return name?.type === "identifier" && node && FUNCTION_VALUES.has(node.type) ? [{ name, node }] : [];
  });
}

function parameterOf(node: SyntaxNode): Parameter | undefined {
  // TypeScript wraps a parameter with its type and default, JavaScript only one that has a default.
  const pattern = node.childForFieldName("pattern") ?? node.childForFieldName("left") ?? node;
  // `this: T` is no argument.
  if (pattern.type === "this") return undefined;
  const type = node.childForFieldName("type")?.text.replace(/^\s*:\s*/, "");
  const defaultValue = (node.childForFieldName("value") ?? node.childForFieldName("right"))?.text;
  return {
    name: pattern.text,
    ...(type === undefined ? {} : { type }),
    ...(defaultValue === undefined ? {} : { defaultValue }),
  };
}

function parametersOf(node: SyntaxNode): Parameter[] {
  const single = node.childForFieldName("parameter");
  if (single) return [{ name: single.text }];
  const list = node.childForFieldName("parameters");
  return list
    ? namedChildren(list)
        .filter((child) => !child.type.includes("comment"))
        .map(parameterOf)
        .filter((parameter) => parameter !== undefined)
    : [];
}

/** The functions that Python's statements at the top define; decorators may stand around them. */
function definedBy(statement: SyntaxNode): SyntaxNode[] {
  if (statement.type === "function_definition") return [statement];
  const definition = statement.childForFieldName("definition");
  return statement.type === "decorated_definition" && definition ? definedBy(definition) : [];
}

function pythonParameter(node: SyntaxNode): Parameter[] {
  const type = node.childForFieldName("type")?.text;
  const defaultValue = node.childForFieldName("value")?.text;
  const name = (node.childForFieldName("name") ?? namedChildren(node)[0] ?? node).text;
  // `/` and `*` alone only divide.
  if (node.type === "positional_separator" || node.type === "keyword_separator") return [];
  return [
    {
      name:
        node.type === "identifier" || node.text.startsWith("*") ? node.text.replace(/\s*:.*$/s, "") : name,
      ...(type === undefined ? {} : { type }),
      ...(defaultValue === undefined ? {} : { defaultValue }),
    },
  ];
}

function pythonFunctions(root: SyntaxNode): RunnableFunction[] {
  return namedChildren(root)
    .flatMap(definedBy)
    .filter((node) => !node.hasError)
    .flatMap((node) => {
      const name = node.childForFieldName("name");
      const list = node.childForFieldName("parameters");
      if (!name || !list) return [];
      const children = namedChildren(list).filter((child) => child.type !== "comment");
      const bare = children.findIndex(
        (child) => child.type === "keyword_separator" || /^\*[^*]/.test(child.text),
      );
      const parameters = children.flatMap((child, index) =>
        pythonParameter(child).map((each) => ({
          ...each,
          keywordOnly: bare >= 0 && index > bare && !each.name.startsWith("**"),
        })),
      );
      return [
        {
          name: name.text,
          parameters: parameters.map((parameter) => parameter.name),
          suggestedInputs: suggestPythonInputs(parameters, node.childForFieldName("body")?.text ?? ""),
        },
      ];
    });
}

/** @param root the tree of a whole selection. Methods are left out: they need an object. */
export function runnableFunctions(root: SyntaxNode): RunnableFunction[] {
  // Python's grammar calls its root so; that of JavaScript says "program".
  if (root.type === "module") return pythonFunctions(root);
  return namedChildren(root)
    .flatMap(declaredBy)
    .filter(({ node }) => !node.hasError)
    .map(({ name, node }) => {
      const parameters = parametersOf(node);
      return {
        name: name.text,
        parameters: parameters.map((parameter) => parameter.name),
        suggestedInputs: suggestInputs(parameters, node.childForFieldName("body")?.text ?? ""),
      };
    });
}
