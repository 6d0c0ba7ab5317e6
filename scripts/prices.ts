/**
 * Makes media/prices.json, the price table, from the data of @pydantic/genai-prices. The table is kept in the
 * repository, so that a change of prices is seen in review; the build makes it anew and the result depends on the
 * package's version only.
 */

import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import {
  type ConditionalPrice,
  findProvider,
  type ModelInfo,
  type ModelPrice,
  type Provider,
  type TieredPrices,
} from "@pydantic/genai-prices";
import type { Price, PriceTable, Rates } from "../src/core/tokens/prices.js";

const PACKAGE = "@pydantic/genai-prices";
/** When a version was published, which is the day that its prices are of: the package itself does not say. */
const PUBLISHED: Readonly<Record<string, string>> = { "0.1.8": "2026-09-23" };

const file = join(process.cwd(), "media", "prices.json");

/** Whose prices are taken, and which of their models; a host's models carry its name to be told from others'. */
const PROVIDERS: readonly { id: string; vendor: string; models: RegExp; host?: true }[] = [
  { id: "openai", vendor: "OpenAI", models: /^(gpt|o\d|chatgpt|codex)/ },
  { id: "anthropic", vendor: "Anthropic", models: /^claude/ },
  { id: "google", vendor: "Google", models: /^gem(ini|ma)/ },
  { id: "mistral", vendor: "Mistral", models: /./ },
  { id: "deepseek", vendor: "DeepSeek", models: /./ },
  { id: "x-ai", vendor: "xAI", models: /^grok/ },
  { id: "cohere", vendor: "Cohere", models: /^(command|c4ai)/ },
  { id: "moonshotai", vendor: "Moonshot AI", models: /./ },
  { id: "perplexity", vendor: "Perplexity", models: /^sonar/ },
  { id: "aws", vendor: "Amazon Bedrock", models: /^(amazon\.nova|meta\.llama)/ },
  { id: "groq", vendor: "Groq", models: /llama-?[34]|gpt-oss|qwen|kimi/, host: true },
  { id: "together", vendor: "Together AI", models: /^meta-llama\/.*(3\.[13]|4)/, host: true },
  { id: "cerebras", vendor: "Cerebras", models: /llama|qwen|gpt-oss/, host: true },
];

/** What is not paid by the token of text alone, or cannot be chosen by everybody. */
const NOT_TEXT =
  /audio|realtime|image|tts|transcribe|vo(ice|xtral)|live|sonic|ocr|embed|guard|:free|:extended|^ft:|\.ft-|computer-use|specdec|preview-tts|omni/;

/** Prices in US dollars per million tokens; undefined where the model is not priced by tokens of text. */
function ratesOf(price: ModelPrice): Rates | undefined {
  const base = (key: string) => {
    const value = price[key];
    return typeof value === "object" ? value.base : value;
  };
  const input = base("input_mtok");
  const output = base("output_mtok");
  if (input === undefined || output === undefined || input === 0) return undefined;
  const cachedInput = base("cache_read_mtok");
  const tier = firstTier(price.input_mtok);
  return {
    input,
    output,
    ...(cachedInput !== undefined && { cachedInput }),
    ...(tier && {
      above: { tokens: tier.start, input: tier.price, output: firstTier(price.output_mtok)?.price ?? output },
    }),
  };
}

function firstTier(value: number | TieredPrices | undefined) {
  return typeof value === "object" ? value.tiers[0] : undefined;
}

/** The price on the day of the data, and those that are announced for days after it. */
function datedPrices(
  prices: readonly ConditionalPrice[],
  day: string,
): Omit<Price, "model" | "vendor" | "source"> | undefined {
  let now: { rates: Rates; since?: string } | undefined;
  const later: NonNullable<Price["later"]> = [];
  const hours: string[] = [];
  let dearest: Rates | undefined;
  for (const { constraint, prices: price } of prices) {
    const rates = ratesOf(price);
    if (!rates) continue;
    if (!constraint) now = { rates };
    else if (constraint.type === "time_of_date") {
      hours.push(`${constraint.start_time.slice(0, 5)}–${constraint.end_time.slice(0, 5)}`);
      dearest = rates;
    } else if (constraint.start_date <= day) now = { rates, since: constraint.start_date };
    else later.push({ from: constraint.start_date, ...rates });
  }
  if (!now) return undefined;
  return {
    ...now.rates,
    date: day,
    ...(now.since !== undefined && { since: now.since }),
    ...(later.length > 0 && { later }),
    ...(dearest && { atHours: { utc: hours.join(", "), input: dearest.input, output: dearest.output } }),
  };
}

function priceOf(
  model: ModelInfo,
  provider: Provider,
  day: string,
): Omit<Price, "model" | "vendor"> | undefined {
  const prices = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  const dated = datedPrices(prices, day);
  const source = provider.pricing_urls?.[0];
  if (!dated || source === undefined) return undefined;
  return { ...dated, source };
}

/** Tokens of context: of the provider's own entry, else of the entry for the same model at OpenRouter. */
function contextWindowOf(model: ModelInfo, router: Provider): number | undefined {
  const bare = (id: string) => id.slice(id.indexOf("/") + 1);
  return (
    model.context_window ??
    router.models.find(
      ({ id, context_window }) => context_window !== undefined && bare(id) === bare(model.id),
    )?.context_window
  );
}

/** @throws where the package has come in a version whose day is not written down above, or lacks a provider. */
export function priceTable(version: string): PriceTable {
  const published = PUBLISHED[version];
  if (!published) {
    throw new Error(
      `scripts/prices.ts does not know the day of ${PACKAGE} ${version}. ` +
        `"npm view ${PACKAGE} time" says it; write it into PUBLISHED.`,
    );
  }
  const provider = (providerId: string): Provider => {
    const found = findProvider({ providerId });
    if (!found) throw new Error(`${PACKAGE} ${version} has no provider "${providerId}".`);
    return found;
  };
  const router = provider("openrouter");
  const models = PROVIDERS.flatMap(({ id, vendor, models: wanted, host }) => {
    const { models: offered, ...rest } = provider(id);
    return offered
      .filter((model) => !model.deprecated && wanted.test(model.id) && !NOT_TEXT.test(model.id))
      .flatMap((model): Price[] => {
        const price = priceOf(model, { models: offered, ...rest }, published);
        if (!price) return [];
        const contextWindow = contextWindowOf(model, router);
        const name = host ? `${id}/${model.id.replace(/^[\w-]+\//, "")}` : model.id;
        return [{ model: name, vendor, ...(contextWindow !== undefined && { contextWindow }), ...price }];
      })
      .sort((a, b) => (a.model < b.model ? -1 : 1));
  });
  return { data: `genai-prices ${version}`, published, models };
}

/** Writes the table where it is not what the installed package says. */
export async function makePrices(): Promise<void> {
  const require = createRequire(join(process.cwd(), "package.json"));
  // The package does not export its package.json.
  const manifest = join(require.resolve(PACKAGE), "../../package.json");
  const { version } = JSON.parse(await readFile(manifest, "utf8")) as { version: string };
  const text = `${JSON.stringify(priceTable(version), null, 2)}\n`;
  if (existsSync(file) && (await readFile(file, "utf8")) === text) return;
  await writeFile(file, text);
}

export async function main(): Promise<void> {
  await makePrices();
}
