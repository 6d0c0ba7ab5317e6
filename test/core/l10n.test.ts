/** Holds the translations against the code: what it says is there in each language, once, whole and with its placeholders. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { compareTexts, type Faults, type Found, findTexts } from "../../scripts/textKeys.js";
import { areaOf, languages, type Part, readManifestTexts, readParts } from "../../scripts/texts.js";
import { keyOf, t, textOf } from "../../src/shared/l10n.js";

describe("messages", () => {
  it("are said in English where there is no translation, with values by number and by name", () => {
    assert.equal(t("{0} of {1}, {0}", 3, "seven"), "3 of seven, 3");
    assert.equal(t("{done} of {all}", { done: 3, all: 7 }), "3 of 7");
    assert.equal(t("{0} of {1} and {x}", 3), "3 of {1} and {x}");
  });

  it("have the keys of vscode.l10n", () => {
    assert.equal(keyOf("Open"), "Open");
    assert.equal(keyOf({ message: "Open", comment: "a lock" }), "Open/a lock");
    assert.equal(keyOf({ message: "Open", comment: ["a lock,", " not a file"] }), "Open/a lock, not a file");
    assert.equal(textOf({ message: "Open", comment: "a lock" }), "Open");
  });
});

describe("translations", () => {
  let found: Found;
  const parts = new Map<string, Map<string, Part>>();
  const faults = new Map<string, Faults>();

  before(async function () {
    this.timeout(30_000);
    found = await findTexts();
    for (const language of await languages()) {
      const its = await readParts(language);
      parts.set(language, its);
      faults.set(language, compareTexts(found.said, its));
    }
  });

  it("are compared with what the code really says", () => {
    assert.deepEqual([...parts.keys()], ["de"]);
    assert.ok(found.said.length > 1000, `${found.said.length}`);
    const german = faults.get("de")!;
    const one = found.said.find(({ key }) => key === "Choose Model")!;
    const without = new Map([["host", { "Choose Modell": "", "{0} of {1}": "{0}" }]]);
    const compared = compareTexts([one, { ...one, key: "{0} of {1}", message: "{0} of {1}" }], without);
    assert.deepEqual(compared.missing.get("host"), [one]);
    assert.deepEqual(compared.unused.get("host"), ["Choose Modell"]);
    assert.deepEqual(compared.mismatched.get("host"), ["{0} of {1}"]);
    assert.deepEqual([...german.doubled], [], "a key stands in one part only");
  });

  it("are of messages that are written out where they are said", () => {
    assert.deepEqual(found.unreadable, []);
  });

  it("leave nothing out, hold nothing that is not said, and keep every placeholder", () => {
    for (const [language, { missing, unused, mismatched }] of faults) {
      const lacking = [...missing.values()].flat().map(({ key, file, line }) => `${file}:${line} ${key}`);
      assert.deepEqual(lacking, [], `missing in ${language}`);
      assert.deepEqual([...unused], [], `unused in ${language}`);
      assert.deepEqual([...mismatched], [], `other placeholders in ${language}`);
    }
  });

  it("reach all that is plainly said to a reader", () => {
    const bare = found.bare.map(({ file, line, what }) => `${file}:${line} ${what}`);
    assert.deepEqual(bare, []);
  });

  it("are sorted, and lie in parts that there is code for", () => {
    for (const [language, its] of parts) {
      for (const [area, part] of its) {
        assert.deepEqual(Object.keys(part), Object.keys(part).sort(), `${language}/${area}.json`);
      }
    }
    assert.equal(areaOf("webview/attention/ArcView.tsx"), "attention");
    assert.throws(() => areaOf("media/x.ts"));
  });

  it("call commands as the palette of the language does", async () => {
    const english = await readManifestTexts("en");
    const titles = Object.keys(english).filter((key) => key.startsWith("command."));
    for (const [language, its] of parts) {
      const translated = await readManifestTexts(language);
      const wrong = [...its].flatMap(([area, part]) =>
        Object.entries(part)
          .filter(([key, text]) =>
            titles.some((id) => key.includes(`Glassbox: ${english[id]}`) && !text.includes(translated[id]!)),
          )
          .map(([key]) => `${area}: ${key}`),
      );
      assert.deepEqual(wrong, []);
    }
  });

  it("name every text of package.json in each language, and no other", async () => {
    const manifest = readFileSync("package.json", "utf8");
    const keys = [...new Set(Array.from(manifest.matchAll(/"%([^%"]+)%"/g), ([, key = ""]) => key))].sort();
    assert.ok(keys.length > 150);
    const english = await readManifestTexts("en");
    assert.deepEqual(Object.keys(english), keys);
    for (const language of await languages()) {
      const texts = await readManifestTexts(language);
      assert.deepEqual(Object.keys(texts), keys);
      for (const key of keys) {
        assert.ok(texts[key]!.trim() !== "", key);
        // Settings and commands have the same names in every language.
        const named = (text: string) => (text.match(/`#?glassbox\.[^`]+`|\(command:[^)]+\)/g) ?? []).sort();
        assert.deepEqual(named(texts[key]!), named(english[key]!), key);
      }
    }
  });

  it("are asked for by package.json wherever it says something to a reader", () => {
    const read =
      /^(title|description|markdownDescription|userDescription|displayName|name|label|contents|altText)$/;
    const said: string[] = [];
    JSON.parse(readFileSync("package.json", "utf8"), (name: string, value: unknown) => {
      if (typeof value === "string" && read.test(name) && value.includes(" ")) said.push(value);
      return value;
    });
    assert.deepEqual(
      said.filter((text) => !toolTexts().has(text)),
      [],
    );
  });
});

/** The descriptions of what tools take, which a model reads. */
function toolTexts(): Set<string> {
  const texts = new Set<string>();
  const manifest = JSON.parse(readFileSync("package.json", "utf8")) as {
    contributes: {
      languageModelTools: { inputSchema: { properties: Record<string, { description: string }> } }[];
    };
  };
  for (const { inputSchema } of manifest.contributes.languageModelTools)
    for (const { description } of Object.values(inputSchema.properties)) texts.add(description);
  return texts;
}
