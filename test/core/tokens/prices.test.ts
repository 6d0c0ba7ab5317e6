/** Costs are sums over a dated table. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isEncodingName } from "../../../src/core/tokens/encodings.js";
import { formatCost, inputCost, type Price } from "../../../src/core/tokens/prices.js";

const table = JSON.parse(readFileSync(join(process.cwd(), "media/prices.json"), "utf8")) as {
  models: Price[];
};

describe("prices", () => {
  it("are dated, sourced and name an encoding that there is", () => {
    for (const price of table.models) {
      assert.match(price.date, /^20\d\d-\d\d-\d\d$/);
      assert.ok(price.source.length > 0);
      assert.ok(isEncodingName(price.encoding), price.model);
      assert.ok(price.input > 0 && price.output >= price.input, price.model);
    }
  });

  it("name each model once", () => {
    assert.equal(new Set(table.models.map(({ model }) => model)).size, table.models.length);
  });

  it("are those that the setting offers", () => {
    const manifest = JSON.parse(readFileSync(join(process.cwd(), "package.json"), "utf8"));
    const setting = manifest.contributes.configuration.properties["glassbox.tokens.priceModel"];
    assert.deepEqual(
      setting.enum,
      table.models.map(({ model }) => model),
    );
    assert.ok(setting.enum.includes(setting.default));
  });

  it("add up", () => {
    const price = table.models.find(({ model }) => model === "gpt-4o")!;
    assert.equal(inputCost(price, 1_000_000), price.input);
    assert.equal(inputCost(price, 0), 0);
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
});
