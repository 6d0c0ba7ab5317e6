/** Costs are sums over a dated table, made from a maintained package, with the reader's own prices over it. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { calcPrice } from "@pydantic/genai-prices";
import fc from "fast-check";
import { priceTable } from "../../../scripts/prices.js";
import {
  findPrice,
  formatCost,
  formatRate,
  inputCost,
  outputCost,
  type Price,
  type PriceTable,
  priceOn,
  readOwnPrices,
  withOwnPrices,
} from "../../../src/core/tokens/prices.js";
import { declaredSetting } from "../../manifest.js";

const table = JSON.parse(readFileSync(join(process.cwd(), "media/prices.json"), "utf8")) as PriceTable;
const { models } = table;

describe("prices", () => {
  it("are dated and sourced, and cost something", () => {
    assert.match(table.published, /^20\d\d-\d\d-\d\d$/);
    assert.ok(models.length > 150, `${models.length} models`);
    for (const price of models) {
      assert.equal(price.date, table.published);
      assert.equal(new URL(price.source).protocol, "https:");
      assert.ok(price.input > 0 && price.output >= price.input, price.model);
      assert.ok((price.cachedInput ?? 0) < price.input, price.model);
      assert.ok((price.contextWindow ?? 4096) >= 4096, price.model);
      if (price.since !== undefined) assert.ok(price.since <= table.published, price.model);
      for (const { from } of price.later ?? []) assert.ok(from > table.published, price.model);
    }
  });

  it("name each model once, and the models that people use", () => {
    const names = models.map(({ model }) => model);
    assert.equal(new Set(names).size, names.length);
    const vendors = new Set(models.map(({ vendor }) => vendor));
    for (const vendor of "OpenAI,Anthropic,Google,Mistral,DeepSeek,xAI,Cohere,Amazon Bedrock,Groq".split(
      ",",
    )) {
      assert.ok(vendors.has(vendor), vendor);
    }
    assert.ok(names.some((name) => name === declaredSetting("glassbox.tokens.priceModel").default));
  });

  it("are what the installed data package says, made anew", () => {
    const require = createRequire(join(process.cwd(), "package.json"));
    const manifest = join(require.resolve("@pydantic/genai-prices"), "../../package.json");
    const { version } = JSON.parse(readFileSync(manifest, "utf8"));
    assert.deepEqual(priceTable(version), table);
    assert.throws(() => priceTable("99.0.0"), /PUBLISHED/);
  });

  it("agree with the package's own calculation on the day of the table", () => {
    const providers = {
      OpenAI: "openai",
      Anthropic: "anthropic",
      Google: "google",
      Mistral: "mistral",
      xAI: "x-ai",
    };
    const timestamp = new Date(`${table.published}T12:00:00Z`);
    let compared = 0;
    for (const price of models) {
      const providerId = Object.entries(providers).find(([vendor]) => vendor === price.vendor)?.[1];
      if (providerId === undefined) continue;
      const usage = { input_tokens: 1000, output_tokens: 500 };
      const calculated = calcPrice(usage, price.model, { providerId, timestamp });
      // Some names are matched by no rule of the package, or by that of another entry.
      if (calculated?.model.id !== price.model) continue;
      assert.ok(Math.abs(calculated.input_price - inputCost(price, 1000)) < 1e-12, price.model);
      assert.ok(Math.abs(calculated.output_price - outputCost(price, 500)) < 1e-12, price.model);
      compared++;
    }
    assert.ok(compared > 100, `${compared} compared`);
  });

  it("add up, for input and output apart", () => {
    const price = findPrice(models, "gpt-4o")!;
    assert.equal(inputCost(price, 1_000_000), price.input);
    assert.equal(outputCost(price, 1_000_000), price.output);
    assert.ok(price.output > price.input);
    const count = fc.integer({ min: 0, max: 1e9 });
    fc.assert(
      fc.property(count, count, (a, b) => {
        const sum = inputCost(price, a) + inputCost(price, b);
        assert.ok(Math.abs(inputCost(price, a + b) - sum) <= 1e-9 * Math.max(1, sum));
      }),
    );
  });

  for (const [asked, found] of [
    ["gpt-4o", "gpt-4o"],
    ["GPT-4o", "gpt-4o"],
    ["openai/gpt-4o", "gpt-4o"],
    ["gpt-4o-2024-11-20", "gpt-4o"],
    ["gpt-4o-2024-05-13", "gpt-4o-2024-05-13"],
    ["claude-sonnet-4-5-20250929", "claude-sonnet-4-5"],
    ["claude-3-7-sonnet-20250219", "claude-3-7-sonnet-latest"],
    ["gpt-4", "gpt-4"],
    ["gpt", undefined],
    ["toString", undefined],
    ["", undefined],
  ] as const) {
    it(`find ${found ?? "none"} for "${asked}"`, () => assert.equal(findPrice(models, asked)?.model, found));
  }

  it("change on the day that was announced", () => {
    const price: Price = {
      model: "m",
      vendor: "v",
      input: 1,
      output: 2,
      cachedInput: 0.1,
      source: "s",
      later: [
        { from: "2027-01-01", input: 3, output: 4 },
        { from: "2028-01-01", input: 5, output: 6 },
      ],
    };
    assert.equal(priceOn(price, "2026-12-31"), price);
    const then = priceOn(price, "2027-01-01");
    assert.deepEqual(
      [then.input, then.output, then.cachedInput, then.since],
      [3, 4, undefined, "2027-01-01"],
    );
    assert.deepEqual(then.later, [{ from: "2028-01-01", input: 5, output: 6 }]);
    assert.equal(priceOn(price, "2030-01-01").input, 5);
    assert.equal(priceOn(price, "2030-01-01").later, undefined);
  });

  it("of the reader override the table", () => {
    const { prices, faults } = readOwnPrices({
      "gpt-4o": { input: 1, output: 2 },
      mine: { input: 0, output: 0, contextWindow: 4096 },
    });
    assert.deepEqual(faults, []);
    const all = withOwnPrices(models, prices, "settings");
    assert.equal(all.length, models.length + 1);
    const own = findPrice(all, "gpt-4o")!;
    assert.deepEqual([own.input, own.output, own.source, own.date], [1, 2, "settings", undefined]);
    assert.equal(own.contextWindow, findPrice(models, "gpt-4o")!.contextWindow, "the window is kept");
    assert.equal(findPrice(all, "mine")!.contextWindow, 4096);
    assert.equal(findPrice(all, "gpt-4o-mini")!.input, findPrice(models, "gpt-4o-mini")!.input);
  });

  for (const [entry, field] of [
    [{ input: 1 }, "output"],
    [{ output: 1 }, "input"],
    [{ input: "1", output: 2 }, "input"],
    [{ input: -1, output: 2 }, "input"],
    [{ input: 1, output: Number.NaN }, "output"],
    [{ input: 1, output: 2, contextWindow: 0.5 }, "contextWindow"],
    [{ input: 1, output: 2, cachedinput: 1 }, "cachedinput"],
    [5, ""],
    [null, ""],
    [[1, 2], ""],
  ] as const) {
    it(`of the reader are refused where they are ${JSON.stringify(entry)}`, () => {
      const { prices, faults } = readOwnPrices({ good: { input: 1, output: 2 }, bad: entry });
      assert.deepEqual([...prices.keys()], ["good"], "one wrong entry spoils no other");
      assert.equal(faults.length, 1);
      assert.deepEqual([faults[0]!.model, faults[0]!.field], ["bad", field]);
    });
  }

  it("of the reader may be anything without an error being thrown", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (setting) => {
        const { prices } = readOwnPrices(setting);
        for (const { input, output } of prices.values()) assert.ok(input >= 0 && output >= 0);
      }),
    );
  });

  for (const [dollars, text] of [
    [0, "$0"],
    [0.0000025, "$0.0000025"],
    [0.000002, "$0.000002"],
    [0.00312, "$0.0031"],
    [0.0099, "$0.0099"],
    [0.00999, "$0.01"],
    [0.01, "$0.01"],
    [1.5, "$1.50"],
    [1234.567, "$1234.57"],
  ] as const) {
    it(`write ${dollars} as ${text}`, () => assert.equal(formatCost(dollars), text));
  }

  for (const [dollars, text] of [
    [2.5, "$2.50"],
    [10, "$10.00"],
    [0.0028, "$0.0028"],
    [0.075, "$0.075"],
    [1.25, "$1.25"],
  ] as const) {
    it(`write the rate ${dollars} as ${text}`, () => assert.equal(formatRate(dollars), text));
  }
});
