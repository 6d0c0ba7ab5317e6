/** The first look at what comes from outside: a setting, a file, an answer of a server. */

/** Whether it is an object with fields, none of them looked at yet, and no list. `Field` names those that are asked for. */
export function isFields<Field extends string = string>(
  value: unknown,
): value is Partial<Record<Field, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
