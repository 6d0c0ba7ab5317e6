/** What tokens cost: a dated price table, the reader's own prices over it, and the sums made from them. */

import { formatFixed } from "../../shared/formatCount.js";
import { isFields } from "../../shared/isFields.js";
import { language } from "../../shared/l10n.js";

/** US dollars per million tokens. */
export interface Rates {
  input: number;
  output: number;
  /** For input that the vendor has kept from an earlier request. */
  cachedInput?: number;
  /** What a request of more than so many tokens costs instead. */
  above?: { tokens: number; input: number; output: number };
}

export interface Price extends Rates {
  /** The model's name at its vendor; at a host of others' models `HOST/NAME`. */
  model: string;
  /** Who sells it: `OpenAI`, `Groq`. */
  vendor: string;
  /** Tokens that a request and its answer may have together. */
  contextWindow?: number;
  /** The day of the table that the price is from, ISO 8601; the day of the reader's own price is unknown. */
  date?: string;
  /** The day from which it holds, where it has changed. */
  since?: string;
  /** Where it was published: an address, or the reader's settings. */
  source: string;
  /** Announced changes, in order. */
  later?: ({ from: string } & Rates)[];
  /** What it is at certain hours, "01:00–04:00, 06:00–10:00"; `input` and `output` are those of all others. */
  atHours?: { utc: string; input: number; output: number };
}

/** What media/prices.json holds. */
export interface PriceTable {
  /** Name and version of the data that it was made from. */
  data: string;
  /** The day of that data, ISO 8601. */
  published: string;
  models: Price[];
}

/** What a reader may say of a model in the settings: the parts that differ from the table, or all of it. */
export interface OwnPrice {
  input: number;
  output: number;
  cachedInput?: number;
  contextWindow?: number;
}

/** US dollars for reading `tokens` tokens, at the base price. */
export function inputCost(price: Pick<Price, "input">, tokens: number): number {
  return (tokens * price.input) / 1e6;
}

/** US dollars for writing `tokens` tokens, at the base price. */
export function outputCost(price: Pick<Price, "output">, tokens: number): number {
  return (tokens * price.output) / 1e6;
}

/**
 * An amount as a person reads it: two significant digits below a cent, cents above.
 * `0.0000025` -> `$0.0000025`, `0.00312` -> `$0.0031`, `1.5` -> `$1.50`.
 */
export function formatCost(dollars: number): string {
  if (dollars === 0) return fixedDollars(0, "0");
  if (dollars >= 0.01) return fixedDollars(dollars, dollars.toFixed(2));
  const digits = 1 - Math.floor(Math.log10(dollars));
  // The rounding may have carried into the next digit: 0.00996 is one cent.
  return fixedDollars(dollars, dollars.toFixed(digits).replace(/(\.\d*?[1-9])0+$/, "$1"));
}

/** A price per million tokens: all of its digits, at least cents. `0.0028` -> `$0.0028`, `2.5` -> `$2.50`. */
export function formatRate(dollars: number): string {
  const text = String(dollars);
  return fixedDollars(dollars, /\.\d\d|e/.test(text) ? text : dollars.toFixed(2));
}

/** @param english the digits as English has them, which say how many are wanted. */
function fixedDollars(dollars: number, english: string): string {
  const digits = /\.(\d+)$/.exec(english)?.[1]?.length ?? 0;
  return inDollars(language === "en" || english.includes("e") ? english : formatFixed(dollars, digits));
}

/** An amount with its sign where the reader's language has it. @param amount written in that language. */
export function inDollars(amount: string): string {
  return language === "en" ? `$${amount}` : `${amount} $`;
}

/** The price that holds on a day, ISO 8601: an announced change has come into force or not. */
export function priceOn(price: Price, day: string): Price {
  const { later, ...now } = price;
  const change = later?.findLast(({ from }) => from <= day);
  if (!change) return price;
  const { from, ...rates } = change;
  const { above: _above, cachedInput: _cachedInput, ...kept } = now;
  const rest = later?.filter((next) => next.from > day) ?? [];
  return { ...kept, ...rates, since: from, ...(rest.length > 0 && { later: rest }) };
}

/**
 * The price of a model: by its exact name, else without what vendors append to it (`gpt-4o-2024-11-20`,
 * `claude-…-20250929`, `…-latest`), a vendor's folder before it (`openai/gpt-4o`), and the case of its letters.
 */
export function findPrice(prices: readonly Price[], model: string): Price | undefined {
  const exact = prices.find((price) => price.model === model);
  if (exact) return exact;
  const bare = (name: string) => name.toLowerCase().replace(/-(latest|\d{8}|\d{4}-\d\d-\d\d)$/, "");
  const wanted = bare(model);
  const ofName = (name: string) => prices.find((price) => bare(price.model) === name);
  return ofName(wanted) ?? (wanted.includes("/") ? ofName(wanted.slice(wanted.indexOf("/") + 1)) : undefined);
}

/** What was found to be wrong with one entry of the reader's own prices. */
export interface PriceFault {
  model: string;
  /** `input`, or the entry as a whole where it is no object. */
  field: string;
  found: unknown;
}

const OWN_FIELDS = ["input", "output", "cachedInput", "contextWindow"] as const;

/** Reads `model -> {input, output, cachedInput?, contextWindow?}` as it stands in the settings, entry by entry. */
export function readOwnPrices(setting: unknown): { prices: Map<string, OwnPrice>; faults: PriceFault[] } {
  const prices = new Map<string, OwnPrice>();
  const faults: PriceFault[] = [];
  if (!isFields(setting)) {
    if (setting !== undefined && setting !== null) faults.push({ model: "", field: "", found: setting });
    return { prices, faults };
  }
  for (const [model, entry] of Object.entries(setting)) {
    if (!isFields(entry)) {
      faults.push({ model, field: "", found: entry });
      continue;
    }
    const wrong = Object.keys(entry).find((field) => !isRightField(field, entry[field]));
    const missing = OWN_FIELDS.slice(0, 2).find((field) => entry[field] === undefined);
    const field = wrong ?? missing;
    if (field !== undefined) faults.push({ model, field, found: entry[field] });
    else prices.set(model, entry as unknown as OwnPrice);
  }
  return { prices, faults };
}

function isRightField(field: string, value: unknown): boolean {
  if (!OWN_FIELDS.some((name) => name === field)) return false;
  if (typeof value !== "number" || !Number.isFinite(value) || value < 0) return false;
  return field !== "contextWindow" || (Number.isInteger(value) && value > 0);
}

/**
 * The table with the reader's own prices over it. Of a model that the table knows, the window is kept where the
 * reader says none; tiers and announced changes go, for they were of the price that is replaced.
 */
export function withOwnPrices(
  table: readonly Price[],
  own: ReadonlyMap<string, OwnPrice>,
  source: string,
): Price[] {
  const known = new Map(table.map((price) => [price.model, price]));
  const replaced = [...own].map(([model, { contextWindow, ...rates }]): Price => {
    const before = known.get(model);
    const window = contextWindow ?? before?.contextWindow;
    return {
      model,
      vendor: before?.vendor ?? "",
      ...rates,
      ...(window !== undefined && { contextWindow: window }),
      source,
    };
  });
  return [...replaced, ...table.filter(({ model }) => !own.has(model))];
}
