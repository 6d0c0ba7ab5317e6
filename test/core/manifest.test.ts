/** Holds package.json to what the platform asks of an extension, and to what the code really registers. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";

interface Manifest {
  activationEvents: string[];
  icon: string;
  capabilities: { untrustedWorkspaces: { restrictedConfigurations: string[] } };
  contributes: {
    commands: { command: string; title: string; category: string; icon?: string }[];
    menus: Record<string, { command?: string; submenu?: string; when?: string; group?: string }[]>;
    views: Record<string, { id: string }[]>;
    viewsWelcome: { view: string; contents: string }[];
    walkthroughs: { steps: { description: string; media: { image: Record<string, string> } }[] }[];
    configuration: {
      title: string;
      order: number;
      properties: Record<string, Setting>;
    }[];
  };
}

interface Setting {
  description?: string;
  markdownDescription?: string;
  order: number;
  scope?: string;
}

/** package.json as VS Code reads it in a language: `%key%` stands for a text. */
function manifestIn(language: string): Manifest {
  const texts = JSON.parse(readFileSync(`media/l10n/manifest/${language}.json`, "utf8")) as Record<
    string,
    string
  >;
  return JSON.parse(readFileSync("package.json", "utf8"), (_, value: unknown) => {
    const key = typeof value === "string" ? /^%(.+)%$/.exec(value)?.[1] : undefined;
    return key === undefined ? value : texts[key];
  }) as Manifest;
}

const commandLinks = (text: string) => [...text.matchAll(/\]\(command:([\w.]+)/g)].map(([, id = ""]) => id);

for (const language of ["en", "de"])
  describe(`The manifest in the language ${language}`, () => {
    const manifest = manifestIn(language);
    const { commands, views, viewsWelcome, walkthroughs, configuration } = manifest.contributes;
    const settings = new Map(configuration.flatMap(({ properties }) => Object.entries(properties)));
    const known = new Set(commands.map(({ command }) => command));

    it("wakes the extension for exactly the panels that it brings back", () => {
      const code = readFileSync("src/extension.ts", "utf8");
      const table = /const revivals: .* = \{([\s\S]*?)\n {2}\};/.exec(code)?.[1] ?? "";
      const revived = [...table.matchAll(/^ {4}(\w+): async/gm)].map(([, name]) => name).sort();
      const announced = manifest.activationEvents
        .map((event) => /^onWebviewPanel:glassbox\.(\w+)$/.exec(event)?.[1])
        .filter((name) => name !== undefined)
        .sort();
      assert.ok(revived.length > 5);
      assert.deepEqual(announced, revived);
      const pages = readdirSync("webview").filter((name) => existsSync(`webview/${name}/main.tsx`));
      assert.deepEqual(pages.sort(), revived);
    });

    it("keeps settings that name a file, a program or an address from workspaces that are not trusted", () => {
      const named = [...settings.keys()].filter((key) =>
        /path|folder|url|address|file|server|tokenizer|compare$/i.test(key.slice("glassbox.".length)),
      );
      // What is on one machine is not carried to another.
      for (const key of named) assert.match(settings.get(key)?.scope ?? "", /^machine/, key);
      const { restrictedConfigurations } = manifest.capabilities.untrustedWorkspaces;
      assert.ok(named.length > 4);
      assert.deepEqual(
        named.filter((key) => !restrictedConfigurations.includes(key)),
        [],
      );
      assert.deepEqual(
        restrictedConfigurations.filter((key) => !settings.has(key)),
        [],
      );
    });

    it("describes each setting, and names each command in its category, with an icon of VS Code's own", () => {
      for (const [key, { description, markdownDescription }] of settings)
        assert.ok((description ?? markdownDescription ?? "").length > 20, key);
      for (const { command, title, category, icon } of commands) {
        assert.equal(category, "Glassbox", command);
        assert.doesNotMatch(title, /Glassbox|\.$/, command);
        if (icon !== undefined) assert.match(icon, /^\$\([a-z-]+\)$/, command);
      }
    });

    it("groups the settings by what they are about, each group and each setting in a place of its own", () => {
      const places = configuration.map(({ order }) => order);
      assert.deepEqual(places, [...new Set(places)].sort());
      for (const { title, properties } of configuration) {
        const [group] = Object.keys(properties).map((key) => key.split(".")[1]);
        const orders = Object.values(properties).map(({ order }) => order);
        assert.deepEqual(orders, [...new Set(orders)].sort(), title);
        for (const key of Object.keys(properties)) assert.equal(key.split(".")[1], group, title);
      }
    });

    it("makes each entry of a menu depend on nothing but what VS Code or the extension really sets", () => {
      const set = new Set(["glassbox.lessons", "glassbox.budget"]);
      for (const path of readdirSync("src/editor", { recursive: true, encoding: "utf8" })) {
        if (!path.endsWith(".ts")) continue;
        const code = readFileSync(`src/editor/${path}`, "utf8");
        for (const [, key = ""] of code.matchAll(/"setContext",\s*"([\w.]+)"/g)) set.add(key);
      }
      const entries = Object.values(manifest.contributes.menus).flat();
      const read = entries.flatMap(
        ({ when = "" }) => when.match(/(?<![\w.])(?:config\.)?glassbox\.[\w.]+/g) ?? [],
      );
      assert.ok(read.length > 15);
      assert.deepEqual(
        read.filter((key) =>
          key.startsWith("config.") ? !settings.has(key.slice("config.".length)) : !set.has(key),
        ),
        [],
      );
      assert.deepEqual(
        entries.filter(({ command }) => command !== undefined && !known.has(command)),
        [],
      );
    });

    it("draws an icon for each command that stands as a button, and takes one line of the editor's own menu", () => {
      const { "editor/context": editorMenu = [], ...others } = manifest.contributes.menus;
      const buttons = Object.values(others)
        .flat()
        .filter(({ group = "" }) => /^(?:navigation|inline)/.test(group));
      assert.ok(buttons.length > 8);
      const drawn = new Set(commands.filter(({ icon }) => icon !== undefined).map(({ command }) => command));
      assert.deepEqual(
        buttons.filter(({ command = "" }) => !drawn.has(command)),
        [],
      );
      assert.deepEqual(
        editorMenu.map(({ submenu }) => submenu),
        ["glassbox.editor"],
      );
    });

    it("leaves out of the palette what a window without an editor, a folder or an explanation cannot do", () => {
      const when = (id: string) =>
        manifest.contributes.menus.commandPalette!.find(({ command }) => command === `glassbox.${id}`)?.when;
      for (const id of ["showAttention", "showSurprisal", "explainSelection", "whyDidItSplit"])
        assert.equal(when(id), "editorIsOpen", id);
      assert.equal(when("countTokenBudget"), "workspaceFolderCount > 0");
      assert.equal(when("saveExplanation"), "glassbox.explained");
      assert.equal(when("disconnectFromServer"), "config.glassbox.server.url");
    });

    it("offers one action, which exists, on each empty view", () => {
      for (const { id } of Object.values(views).flat()) {
        const welcomes = viewsWelcome.filter(({ view }) => view === id);
        assert.ok(welcomes.length > 0, id);
        for (const { contents } of welcomes) {
          const [link, ...more] = commandLinks(contents);
          assert.deepEqual(more, [], contents);
          assert.ok(link !== undefined && (known.has(link) || link.startsWith("vscode.")), contents);
        }
      }
    });

    it("leads through at most six steps, with pictures that are there and commands that exist", () => {
      for (const { steps } of walkthroughs) {
        assert.ok(steps.length <= 6);
        for (const { description, media } of steps) {
          assert.deepEqual(
            commandLinks(description).filter((id) => !known.has(id)),
            [],
          );
          for (const picture of Object.values(media.image)) assert.ok(existsSync(picture), picture);
        }
      }
      assert.ok(existsSync(manifest.icon));
    });
  });
