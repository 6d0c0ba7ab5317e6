/** Rows and lists that are one stop for the tab key: which of their items a key leads to. */

const STEPS: Readonly<Record<"across" | "down", Readonly<Record<string, number>>>> = {
  across: { ArrowLeft: -1, ArrowRight: 1 },
  down: { ArrowUp: -1, ArrowDown: 1 },
};

/** The item, counted from 0 and never beyond either end; undefined for a key that is not ours. */
export function itemByKey(
  key: string,
  from: number,
  count: number,
  way: "across" | "down" = "across",
): number | undefined {
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  const step = STEPS[way][key];
  return step === undefined ? undefined : Math.max(0, Math.min(count - 1, from + step));
}
