/** Holds the documents to the repository: what they link to and name is there, and the map leaves no folder out. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";

const DOCUMENTS = [
  "README.md",
  "CHANGELOG.md",
  "src/README.md",
  ".github/CONTRIBUTING.md",
  ".github/SECURITY.md",
  "test/ui/KEYBOARD.md",
  "test/exactness/ACCURACY.md",
];

/** Without what stands in `…`, which may look like a link or a name and be none. */
const prose = (text: string) => text.replace(/`[^`\n]*`/g, "");

/** The anchors that headings get: small letters, hyphens for spaces, nothing else. */
const anchorsOf = (text: string) =>
  Array.from(text.matchAll(/^#+ (.*)$/gm), ([, title = ""]) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );

describe("documents", () => {
  for (const path of DOCUMENTS) {
    it(`link only to what is there: ${path}`, () => {
      const text = readFileSync(path, "utf8");
      const links = Array.from(prose(text).matchAll(/\]\(([^)\s]+)\)/g), ([, link = ""]) => link);
      const broken = links.filter((link) => {
        if (/^https:/.test(link)) return false;
        const [file = "", anchor] = link.split("#");
        const target = file === "" ? path : join(dirname(path), file);
        if (!existsSync(target)) return true;
        return anchor !== undefined && !anchorsOf(readFileSync(target, "utf8")).includes(anchor);
      });
      assert.deepEqual(broken, []);
    });
  }

  it("name files and folders that there are", () => {
    const roots = /^(?:src|webview|test|scripts|media)\//;
    for (const path of DOCUMENTS) {
      const named = Array.from(readFileSync(path, "utf8").matchAll(/`([\w./-]+)`/g), ([, name = ""]) => name);
      // What the reader is to open lies in the sample.
      const isThere = (name: string) => existsSync(name) || existsSync(join("media/sample", name));
      const missing = named.filter((name) => roots.test(name) && !isThere(name));
      assert.deepEqual(missing, [], path);
    }
  });

  it("say in five sentences what leaves the machine, where whoever asks for security finds them", () => {
    const [, privacy = ""] =
      /^## Privacy\n+([\s\S]*?)(?=^## )/m.exec(readFileSync("README.md", "utf8")) ?? [];
    const sentences = new Intl.Segmenter("en", { granularity: "sentence" }).segment(
      privacy.replace(/\s+/g, " "),
    );
    assert.equal([...sentences].length, 5, privacy);
    assert.match(readFileSync(".github/SECURITY.md", "utf8"), /\]\(\.\.\/README\.md#privacy\)/);
  });

  it("have every folder of the code on the map", () => {
    const map = readFileSync("src/README.md", "utf8");
    const folders = ["src", "src/core", "src/editor", "src/workers", "webview"].flatMap((parent) =>
      readdirSync(parent, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => ({ parent, name })),
    );
    assert.ok(folders.length > 40);
    const missing = folders.filter(({ name }) => !new RegExp(`\`(?:\\.\\./)?${name}/?\``).test(map));
    assert.deepEqual(missing, []);
  });

  it("count the lessons that there are", () => {
    const lessons = readdirSync("media/lessons", { recursive: true, encoding: "utf8" }).filter(
      (path) => path.endsWith(".md") && !/\.\w+\.md$/.test(path),
    );
    const words: Record<number, string> = { 62: "sixty-two" };
    assert.match(
      readFileSync("README.md", "utf8"),
      new RegExp(`\\b${words[lessons.length] ?? lessons.length}\\b lessons`),
    );
  });
});
