/** The price table that ships with Glassbox, the reader's own prices over it, and the price that the reader chose. */

import * as vscode from "vscode";
import table from "../../../media/prices.json";
import { tokenizerOfModel } from "../../core/tokens/modelNames.js";
import {
  findPrice,
  formatCost,
  formatRate,
  inputCost,
  outputCost,
  type Price,
  type PriceFault,
  type PriceTable,
  priceOn,
  readOwnPrices,
  withOwnPrices,
} from "../../core/tokens/prices.js";
import { formatCount } from "../../shared/formatCount.js";
import type { TokenPrice } from "../../shared/panels/explain.js";
import { Disposable } from "../disposable.js";
import { settingOf, textSetting } from "../settings.js";

const TABLE: PriceTable = table;

/** What the settings say, and what was made of it. */
interface Made {
  /** The name in `glassbox.tokens.priceModel`. */
  model: string;
  prices: readonly Price[];
  faults: readonly PriceFault[];
  /** The prices that were looked for, by the name in the settings and the day. */
  found: Map<string, Price | undefined>;
}

/** Kept while `PriceWatch` sees the settings change: to ask for them costs more than all else that a redraw does. */
let made: Made | undefined;
let watches = 0;

function current(): Made {
  if (made) return made;
  const { prices, faults } = readOwnPrices(settingOf("glassbox.tokens.prices"));
  const source = vscode.l10n.t('your setting "glassbox.tokens.prices"');
  const read = {
    model: textSetting("glassbox.tokens.priceModel"),
    prices: withOwnPrices(TABLE.models, prices, source),
    faults,
    found: new Map(),
  };
  if (watches > 0) made = read;
  return read;
}

/** All prices, the reader's own first. */
export function allPrices(): readonly Price[] {
  return current().prices;
}

/** The price of a model on this day; undefined where neither the table nor the reader has it. */
export function priceOfModel(model: string): Price | undefined {
  const { prices, found } = current();
  const day = new Date().toISOString().slice(0, 10);
  const key = `${day} ${model}`;
  if (!found.has(key)) {
    const price = findPrice(prices, model);
    found.set(key, price && priceOn(price, day));
  }
  return found.get(key);
}

/** The name in `glassbox.tokens.priceModel`. */
export function chosenPriceModel(): string {
  return current().model;
}

/** The price of `glassbox.tokens.priceModel`; undefined where there is no such model. */
export function chosenPrice(): Price | undefined {
  return priceOfModel(chosenPriceModel());
}

/** "$2.50 per million tokens in, $10.00 out". */
export function describeRates({ input, output, cachedInput }: Price): string {
  return cachedInput === undefined
    ? vscode.l10n.t("{0} per million tokens in, {1} out", formatRate(input), formatRate(output))
    : vscode.l10n.t(
        "{0} per million tokens in ({1} where cached), {2} out",
        formatRate(input),
        formatRate(cachedInput),
        formatRate(output),
      );
}

/** "price of 2026-09-23, from genai-prices 0.1.8 after openai.com". */
export function describeSource(price: Price): string {
  if (price.date === undefined) return vscode.l10n.t("from {0}", price.source);
  return vscode.l10n.t(
    "price of {0}, from {1} after {2}",
    price.date,
    TABLE.data,
    vscode.Uri.parse(price.source).authority,
  );
}

/**
 * "$0.00002 as input of gpt-4o, $0.00008 as its output (price of 2026-09-23, from genai-prices 0.1.8 after openai.com)".
 * @param about stands before each cost: "~" where it is an estimate.
 */
export function describeCost(price: Price, tokens: number, about = ""): string {
  return vscode.l10n.t(
    "{0} as input of {1}, {2} as its output ({3})",
    about + formatCost(inputCost(price, tokens)),
    price.model,
    about + formatCost(outputCost(price, tokens)),
    describeSource(price),
  );
}

/** The price that the reader has chosen as pages get it, for what the same tokens would cost elsewhere. */
export function chosenTokenPrice(): TokenPrice | undefined {
  const price = chosenPrice();
  return (
    price && {
      model: price.model,
      vendor: price.vendor,
      input: price.input,
      output: price.output,
      source: describeSource(price),
    }
  );
}

/** "gpt-4o: $2.50 per million tokens in, $10.00 out; price of 2026-09-23, from genai-prices 0.1.8 after openai.com". */
export function describePrice(price: Price): string {
  return `${price.model}: ${describeRates(price)}; ${describeSource(price)}`;
}

/** What the base price leaves out: tiers, hours, announced changes. Each is one sentence. */
export function priceNotes({ above, atHours, later, since }: Price): string[] {
  const notes: string[] = [];
  if (since !== undefined) notes.push(vscode.l10n.t("This price holds since {0}.", since));
  if (above) {
    notes.push(
      vscode.l10n.t(
        "Requests of more than {0} tokens cost {1} in and {2} out; costs here are at the base price.",
        formatCount(above.tokens),
        formatRate(above.input),
        formatRate(above.output),
      ),
    );
  }
  if (atHours) {
    notes.push(
      vscode.l10n.t(
        "At {0} UTC it costs {1} in and {2} out; costs here are those of the other hours.",
        atHours.utc,
        formatRate(atHours.input),
        formatRate(atHours.output),
      ),
    );
  }
  for (const { from, input, output } of later ?? []) {
    notes.push(
      vscode.l10n.t("From {0} on it costs {1} in and {2} out.", from, formatRate(input), formatRate(output)),
    );
  }
  return notes;
}

/**
 * Why the cost is an estimate when tokens were counted with another tokenizer than the model's own; undefined
 * where it is none.
 */
export function estimateNote(price: Price, tokenizer: string): string | undefined {
  const own = tokenizerOfModel(price.model);
  if (own?.exact && own.tokenizer === tokenizer) return undefined;
  if (own?.exact) {
    return vscode.l10n.t("{0} counts with {1}: the cost is an estimate.", price.model, own.tokenizer);
  }
  return vscode.l10n.t(
    "{0} counts with a tokenizer of its own, not with {1}: the cost is an estimate.",
    price.model,
    tokenizer,
  );
}

/** In what counts and costs are not exact: the signs before them, and why. */
export interface Doubts {
  count: "~" | "";
  cost: "~" | "";
  reasons: readonly string[];
}

/**
 * @param tokenizer that counted.
 * @param approximate why it stands for another one, where it does.
 */
export function doubtsAbout(
  tokenizer: string,
  approximate: string | undefined,
  price: Price | undefined,
): Doubts {
  const estimate = price && estimateNote(price, tokenizer);
  const reasons = [approximate, estimate].filter((reason) => reason !== undefined);
  return { count: approximate === undefined ? "" : "~", cost: reasons.length === 0 ? "" : "~", reasons };
}

/** Lets the reader choose the model whose prices are used; the choice is kept in the settings. */
export async function choosePriceModel(): Promise<void> {
  const chosen = chosenPrice()?.model;
  let vendor: string | undefined;
  const items = allPrices().flatMap((listed): (vscode.QuickPickItem & { model?: string })[] => {
    const price = priceOfModel(listed.model) ?? listed;
    const heading = price.date === undefined ? vscode.l10n.t("Your own prices") : price.vendor;
    const separator =
      heading === vendor ? [] : [{ label: heading, kind: vscode.QuickPickItemKind.Separator }];
    vendor = heading;
    const window = price.contextWindow === undefined ? undefined : formatCount(price.contextWindow);
    const facts = [
      vscode.l10n.t("{0} in, {1} out", formatRate(price.input), formatRate(price.output)),
      ...(window === undefined ? [] : [vscode.l10n.t("window of {0}", window)]),
      describeSource(price),
    ];
    return [
      ...separator,
      {
        model: price.model,
        label: price.model === chosen ? `$(check) ${price.model}` : price.model,
        description: facts.join(" · "),
      },
    ];
  });
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t("Choose Price Model"),
    placeHolder: vscode.l10n.t(
      "US dollars per million tokens, base prices of {0}; your own go into the settings",
      TABLE.published,
    ),
    matchOnDescription: true,
  });
  if (picked?.model === undefined || picked.model === chosen) return;
  await vscode.workspace
    .getConfiguration("glassbox")
    .update("tokens.priceModel", picked.model, vscode.ConfigurationTarget.Global);
}

/**
 * Lets the prices be read anew when the settings change, and says once for each that an entry of the reader's own, or
 * the model that was chosen, is not to be used. To be made before what shows prices.
 */
export class PriceWatch extends Disposable {
  readonly #said = new Set<string>();

  constructor() {
    super();
    watches++;
    this._register(
      vscode.workspace.onDidChangeConfiguration((event) => {
        if (
          !event.affectsConfiguration("glassbox.tokens.prices") &&
          !event.affectsConfiguration("glassbox.tokens.priceModel")
        ) {
          return;
        }
        made = undefined;
        this.#check();
      }),
    );
    this._register({
      dispose: () => {
        watches--;
        made = undefined;
      },
    });
    this.#check();
  }

  #check(): void {
    for (const fault of current().faults) this.#say(faultText(fault), "glassbox.tokens.prices");
    const model = chosenPriceModel();
    if (model !== "" && !chosenPrice()) {
      this.#say(
        vscode.l10n.t(
          'There is no price for "{0}". Choose another model, or give its price in "glassbox.tokens.prices".',
          model,
        ),
        "glassbox.tokens.priceModel",
      );
    }
  }

  #say(text: string, setting: string): void {
    if (this.#said.has(text)) return;
    this.#said.add(text);
    const open = vscode.l10n.t("Open Settings");
    void vscode.window.showWarningMessage(text, open).then((action) => {
      if (action === open) void vscode.commands.executeCommand("workbench.action.openSettings", setting);
    });
  }
}

/** What is wrong with an entry of `glassbox.tokens.prices`, and what it should be. */
export function faultText({ model, field, found }: PriceFault): string {
  const shown = found === undefined ? vscode.l10n.t("nothing") : JSON.stringify(found);
  if (model === "") {
    return vscode.l10n.t(
      '"glassbox.tokens.prices" must be an object of models and their prices, found {0}.',
      shown,
    );
  }
  const example = '{ "input": 2.5, "output": 10, "contextWindow": 128000 }';
  if (field === "") {
    return vscode.l10n.t(
      'The price of "{0}" in "glassbox.tokens.prices" must look like {1}, found {2}. The entry is not used.',
      model,
      example,
      shown,
    );
  }
  return vscode.l10n.t(
    '"{0}" of "{1}" in "glassbox.tokens.prices" was {2}; an entry must look like {3}. The entry is not used.',
    field,
    model,
    shown,
    example,
  );
}
