/** The parser of lessons: what it reads, what it refuses, and in which line it says so. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  countWords,
  formatIssue,
  lessonInSteps,
  MOST_WORDS,
  parseLesson,
} from "../../../src/core/lessons/parseLesson.js";
import type { Inline, LessonBlock } from "../../../src/shared/panels/lesson.js";

const FRONT = `---
id: demo
title: A demonstration
chapter: 2
order: 1
minutes: 5
summary: What it is about.
needs: none
---
`;
const EXHIBIT = `\`\`\`exhibit
id: strip
type: token-strip
text: Hello world
\`\`\`
`;
const CHECK = `\`\`\`check
id: first
type: choose
question: How many?
options:
  - text: One
    why: Yes.
    right: true
  - text: Two
    why: No.
\`\`\`
`;
const WHOLE = `${FRONT}\n${EXHIBIT}\n${CHECK}`;

function issuesOf(source: string): string[] {
  return parseLesson(source, "x/demo.md").issues.map(formatIssue);
}

function blocksOf(body: string): LessonBlock[] {
  const { lesson, issues } = parseLesson(`${WHOLE}\n${body}`, "x/demo.md");
  assert.ok(lesson, issues.map(formatIssue).join("\n"));
  return lesson.blocks.slice(2);
}

/** The 1-based line of the first line that contains `part`. */
function lineOf(source: string, part: string): number {
  return source.slice(0, source.indexOf(part)).split("\n").length;
}

/** One issue, in the line where `part` stands, whose message has `message` in it. */
function assertIssue(source: string, part: string, message: RegExp): void {
  const issues = issuesOf(source);
  const expected = `x/demo.md:${lineOf(source, part)}: `;
  assert.ok(
    issues.some((issue) => issue.startsWith(expected) && message.test(issue)),
    `expected ${expected}${message}, got ${JSON.stringify(issues, undefined, 2)}`,
  );
}

describe("a lesson", () => {
  it("has a head, exhibits and checks", () => {
    const { lesson, issues } = parseLesson(WHOLE, "x/demo.md");
    assert.deepEqual(issues, []);
    assert.ok(lesson);
    assert.equal(lesson.title, "A demonstration");
    assert.equal(lesson.needs, "none");
    assert.deepEqual(lesson.blocks[0], {
      kind: "exhibit",
      id: "strip",
      coveredBy: undefined,
      config: { type: "token-strip", text: "Hello world", own: false, encoding: "", replay: true },
    });
    const check = lesson.blocks[1];
    assert.ok(check?.kind === "check" && check.config.type === "choose");
    assert.deepEqual(
      check.config.options.map((option) => option.answer),
      [{ right: true }, { right: false }],
    );
    assert.deepEqual(check.hints, []);
  });

  it("keeps its lines with CRLF and a byte order mark", () => {
    const source = WHOLE.replace("type: token-strip", "type: hologram");
    const windows = `\uFEFF${source.replaceAll("\n", "\r\n")}`;
    assert.deepEqual(issuesOf(windows), issuesOf(source));
    assert.match(
      issuesOf(source)[0] ?? "",
      /^x\/demo\.md:11: Unknown exhibit "hologram"\. Known: token-strip/,
    );
  });

  it("counts words of prose only", () => {
    assert.equal(
      countWords(blocksOf("## Two words\n\nAnd *three* `more` – here\n\n- a\n- b c\n")),
      2 + 4 + 3,
    );
    const long = `${WHOLE}\n${"word ".repeat(MOST_WORDS + 1)}`;
    assert.match(issuesOf(long).join(), /The prose has 401 words; a lesson has at most 400/);
  });

  it("measures answers by facts, with a value for each fact", () => {
    const source = WHOLE.replace(
      "question: How many?\n",
      `question: How many?
facts:
  - fact: token-count
    text: " ubiquitous"
    encoding: o200k_base
`,
    )
      .replace("right: true", "values: [1]")
      .replace("why: No.", "why: No.\n    values: [2]");
    const check = parseLesson(source, "demo.md").lesson?.blocks[1];
    assert.ok(check?.kind === "check" && check.config.type === "choose");
    assert.deepEqual(check.config.facts, [
      { fact: "token-count", text: " ubiquitous", encoding: "o200k_base" },
    ]);
    assert.deepEqual(check.config.options[1]?.answer, { values: [2] });
    assertIssue(source.replace("values: [2]", "values: [2, 3]"), "```check", /a list of 1/);
    assertIssue(source.replace("o200k_base", "klingon"), "klingon", /must be one of o200k_base, .*"klingon"/);
  });
});

describe("a fault in a lesson", () => {
  it("is told with the line of the field", () => {
    assertIssue(WHOLE.replace("minutes: 5", "minutes: soon"), "minutes", /"minutes" must be a whole number/);
    assertIssue(WHOLE.replace("minutes: 5", "minuets: 5"), "minuets", /Unknown field "minuets"\. Known here/);
    assertIssue(WHOLE.replace("    why: No.\n", ""), "text: Two", /"options 2, why" is missing/);
    assertIssue(WHOLE.replace("    right: true\n", ""), "```check", /Exactly one option .* found 0/);
    assertIssue(
      WHOLE.replace("type: choose", "type: duel"),
      "```check",
      /Unknown check "duel"\. Known: choose/,
    );
    assertIssue(WHOLE.replace("type: choose\n", ""), "```check", /The check has no "type"/);
    assertIssue(WHOLE.replace("options:", "options"), "options", /Not valid YAML/);
    assertIssue(WHOLE.replace("id: first", "id: strip"), "```check", /"strip" is used twice/);
    assertIssue(
      WHOLE.replace("id: demo", "id: other"),
      "id: other",
      /must be the file's name, which is "demo"/,
    );
    assertIssue(
      WHOLE.replace("type: token-strip", "type: next-token"),
      "```exhibit",
      /needs a model, but .* "needs: none"/,
    );
  });

  it("is told for what refers to nothing", () => {
    const until = (rest: string) =>
      `${WHOLE}\n\`\`\`check\nid: second\ntype: until\nquestion: Change it.\n${rest}\n\`\`\`\n`;
    const last = "id: second";
    const good = until("exhibit: strip\nconditions:\n  - reading: tokens\n    at-most: 3");
    assert.deepEqual(issuesOf(good), []);
    const fence = (source: string) => `\`\`\`check\n${source}`;
    assertIssue(
      good.replace("exhibit: strip", "exhibit: stripe"),
      fence(last),
      /"stripe", which is not here/,
    );
    assertIssue(
      good.replace("reading: tokens", "reading: joy"),
      fence(last),
      /no reading "joy"\. Known: char/,
    );
    assertIssue(
      good.replace("    at-most: 3", "    over: 1\n    under: 3"),
      "reading: tokens",
      /exactly one/,
    );
    const words = (rest: string) => good.replace("reading: tokens\n    at-most: 3", rest);
    assert.deepEqual(issuesOf(words("words: [red, blue]")), []);
    assertIssue(words("words: [red]\n    at-most: 3"), "words: [red]", /has words, and therefore no reading/);
    assertIssue(words("words: [red]\n    prompt: one"), fence(last), /has one text; words need no prompt/);
    assertIssue(good.replace("at-most: 3", "at-most: 3\n    prompt: one"), "reading: tokens", /words only/);
    assertIssue(words("at-most: 3"), "at-most: 3", /"conditions 1, reading" is missing/);
    assertIssue(
      WHOLE.replace("text: Hello world", "text: Hello world\ncovered-by: nobody"),
      "```exhibit",
      /names the check "nobody"/,
    );
    assertIssue(
      `${WHOLE}\n\`\`\`check\n${last}\ntype: guess\nquestion: What?\nexhibit: strip\nabout: next-token\n\`\`\``,
      fence(last),
      /"token-strip" cannot be asked for "next-token"\. It has nothing to guess/,
    );
  });

  it("is told when exhibits or checks are missing or buried in a list", () => {
    assert.match(issuesOf(`${FRONT}\n${CHECK}`).join(), /at least one exhibit/);
    assert.match(issuesOf(`${FRONT}\n${EXHIBIT}`).join(), /at least one check/);
    const buried = `${WHOLE}\n- item\n\n  \`\`\`exhibit\n  id: x\n  \`\`\`\n`;
    assertIssue(buried, "  ```exhibit", /cannot stand inside a list/);
  });

  it("is told for what is no lesson at all", () => {
    assert.match(issuesOf("").join(), /demo\.md:1: A lesson begins with front matter/);
    assert.match(issuesOf("---\nid: demo\n").join(), /begins with front matter/);
    assert.match(issuesOf("x".repeat(100_001)).join(), /at most 100000/);
    assert.match(issuesOf("---\n---\n").join(), /The block is empty/);
    assert.match(issuesOf("---\n- a\n---\n").join(), /must be a mapping of fields, found a list/);
  });
});

describe("a lesson with parts of its own", () => {
  const fence = (kind: string, body: string) => `${WHOLE}\n\`\`\`${kind}\n${body}\n\`\`\`\n`;
  const calculator = `id: sum
type: calculator
inputs:
  - {id: a-b, label: A, value: 1, min: 0, max: 2}
outputs:
  - {id: c, label: C, formula: a_b * 2}`;

  it("is read in many steps, so that nobody has to wait for the whole", () => {
    const source = fence("formula", 'tex: "x^2"\nsymbols:\n  - {tex: x, means: a number}');
    const steps = lessonInSteps(source, "demo.md");
    let count = 1;
    while (!steps.next().done) count++;
    const fences = source.match(/^```[a-z]/gm)?.length ?? 0;
    assert.ok(fences >= 3 && count > 2 * fences + 2, `${count} steps for ${fences} blocks`);
  });

  it("sets formulas and tells what is wrong with them", () => {
    const blocks = parseLesson(
      fence("formula", 'tex: "x^2"\nsymbols:\n  - {tex: x, means: a *number*}'),
      "demo.md",
    ).lesson?.blocks;
    const formula = blocks?.at(-1);
    assert.ok(formula?.kind === "formula" && formula.symbols.length === 1);
    assert.equal(formula.math.tag, "math");
    const explaining = (symbol: string) => `\nsymbols:\n  - {tex: ${symbol}, means: a number}`;
    assertIssue(
      fence("formula", `tex: "x^{2"${explaining("x")}`),
      "```formula",
      /The formula cannot be set: .*expected/i,
    );
    const source = fence("formula", `tex: "x + y"${explaining("x")}`);
    assertIssue(source, "```formula", /The formula has "y", which none of its symbols explains/);
    assertIssue(
      fence("formula", `tex: "x^2"${explaining("x")}\n  - {tex: y, means: another}`),
      "```formula",
      /The symbol "y" does not occur in the formula/,
    );
    assertIssue(fence("formula", "tex: x"), "tex: x", /"symbols" is missing/);
  });

  it("reads checks in which a prompt is to be written, and tells what is wrong with them", () => {
    const prompt = (must: string, more = "") => `id: snow
type: prompt
question: Let it snow.
start: One day
runs: 3
need: 2
must:
  - ${must}${more}`;
    const read = parseLesson(
      fence("check", prompt("contains: [snow]", "\n  - {number: 3, within: 1}")).replace(
        "needs: none",
        "needs: model",
      ),
      "demo.md",
    ).lesson?.blocks.at(-1);
    assert.ok(read?.kind === "check" && read.config.type === "prompt");
    assert.deepEqual(read.config.must, [
      { rule: "contains", texts: ["snow"] },
      { rule: "number", value: 3, within: 1 },
    ]);
    const bad = (source: string, at: string, message: RegExp) =>
      assertIssue(fence("check", source).replace("needs: none", "needs: model"), at, message);
    bad(prompt("{contains: [a], json: []}"), "- {contains", /exactly one rule of contains/);
    bad(prompt("{contains: [a], within: 1}"), "- {contains", /"within" belongs to "number"/);
    bad(prompt("matches: '(['"), "matches:", /Invalid regular expression/);
    const anyLine = (source: string, message: RegExp) => {
      const issues = issuesOf(source);
      assert.ok(issues.length > 0 && issues.every((issue) => message.test(issue)), issues.join());
    };
    const tooMany = fence("check", prompt("contains: [a]").replace("need: 2", "need: 4"));
    anyLine(tooMany.replace("needs: none", "needs: model"), /"need" is 4, but there are 3 runs/);
    anyLine(fence("check", prompt("contains: [a]")), /needs a model/);
  });

  it("points at code by anchors, each of which is used and stays in its folder", () => {
    const anchored = (file: string, link = "code:loop") =>
      WHOLE.replace(
        "needs: none",
        `needs: none\nanchors:\n  - {id: loop, file: ${file}, text: for (;;)}`,
      ).concat(`\nSee [the loop](${link}).\n`);
    const { lesson } = parseLesson(anchored("src/sum.ts"), "demo.md");
    assert.deepEqual(lesson?.anchors, [{ id: "loop", file: "src/sum.ts", text: "for (;;)" }]);
    for (const path of ["../secret.txt", "/etc/passwd", "a/../../b", "'C:\\x'", "a\\b", "./a"]) {
      const issues = issuesOf(anchored(path));
      assert.ok(
        issues.some((issue) => /"anchors 1, file" must be a path such as/.test(issue)),
        path,
      );
    }
    assert.ok(
      issuesOf(anchored("a.ts", "code:lop")).some((issue) => /"lop", which is not there/.test(issue)),
    );
    assert.ok(
      issuesOf(anchored("a.ts", "https://example.com")).some((issue) =>
        /Nothing links to .*"loop"/.test(issue),
      ),
    );
  });

  it("knows the terms of the glossary, where it is told them", () => {
    const source = `${WHOLE}\nA [word](term:token) and another [one](term:toucan).\n`;
    assert.deepEqual(issuesOf(source), []);
    const { issues } = parseLesson(source, "demo.md", new Set(["token"]));
    assert.deepEqual(
      issues.map(({ message }) => message),
      ['The glossary has no term "toucan".'],
    );
  });

  it("checks the formulas and names of a calculator", () => {
    assert.deepEqual(issuesOf(fence("exhibit", calculator)), []);
    const bad = (from: string, to: string, message: RegExp) =>
      assertIssue(fence("exhibit", calculator.replace(from, to)), "```exhibit\nid: sum", message);
    bad("a_b * 2", "a_b * d", /uses "d", which is not above it/);
    bad("a_b * 2", "a_b *", /formula of "c": .*ends where/);
    bad("id: c", "id: a-b", /"a-b" is used twice/);
    bad("value: 1", "value: 3", /must begin between its min and its max/);
    bad("max: 2}", "max: 2, scale: log}", /min must be above 0/);
    const curve = `${calculator}\ncurve: {along: c, outputs: [d]}`;
    assert.match(issuesOf(fence("exhibit", curve)).join(), /names no input.*names no output "d"/s);
  });

  it("has estimates of one thing, orders and explanations that can be given", () => {
    const check = (body: string) => fence("check", `id: more\nquestion: What?\n${body}`);
    assert.deepEqual(issuesOf(check("type: estimate\nexhibit: strip\nreading: tokens\nwithin: 0.1")), []);
    const at = "```check\nid: more";
    const when = "within: 0.1\nwhen: [{reading: bytes, at-least: 2}]";
    assert.deepEqual(issuesOf(check(`type: estimate\nexhibit: strip\nreading: tokens\n${when}`)), []);
    assertIssue(
      check(`type: estimate\nexhibit: strip\nreading: tokens\n${when.replace("bytes", "joy")}`),
      at,
      /no reading "joy"/,
    );
    assertIssue(
      check(`type: estimate\n${when}\nfact: {fact: byte-count, text: x}`),
      at,
      /"when" goes with the reading/,
    );
    assertIssue(check("type: estimate\nwithin: 0.1"), at, /either a "fact", or an "exhibit"/);
    assertIssue(check("type: estimate\nexhibit: strip\nreading: joy\nwithin: 0.1"), at, /no reading "joy"/);
    assertIssue(
      check("type: explain\nneed: 3\npoints:\n  - {text: a, words: [x]}\n  - {text: b, words: [y]}"),
      at,
      /"need" is 3, but there are 2 points/,
    );
    assert.match(issuesOf(check("type: order\nitems:\n  - {text: a, why: b}")).join(), /a list of 3 to 8/);
    assert.match(
      issuesOf(check("type: estimate\nwithin: 0\nfact: {fact: mood}")).join(),
      /one of the facts token-count, token-id/,
    );
  });
});

describe("a hostile lesson", () => {
  const flat = (children: Inline[]): Inline[] =>
    children.flatMap((child) => ("children" in child ? [child, ...flat(child.children)] : [child]));

  it("gets its HTML shown as the text that it is", () => {
    const [block, second] = blocksOf('<script>alert(1)</script> <img src=x onerror="go()">\n\n<!-- hm -->');
    assert.deepEqual(block, {
      kind: "paragraph",
      children: [{ kind: "text", text: '<script>alert(1)</script> <img src=x onerror="go()">' }],
    });
    assert.deepEqual(second, { kind: "paragraph", children: [{ kind: "text", text: "<!-- hm -->" }] });
  });

  it("cannot link to anything but https, lessons and listed commands", () => {
    for (const href of [
      "javascript:alert(1)",
      "JaVaScRiPt:alert(1)",
      "data:text/html,x",
      "http://example.com",
      "file:///etc/passwd",
      "command:workbench.action.terminal.new",
      "command:glassbox.showSampling?%5B1%5D",
      "vscode://file/etc/passwd",
      "https://bank.example@evil.example/",
      "lesson:../../x",
      "//evil.example",
      "https://",
    ]) {
      const source = `${WHOLE}\nfirst line\n[click](<${href}>)\n`;
      assertIssue(source, "[click]", /A link may lead to https:/);
    }
    assertIssue(`${WHOLE}\n![x](https://example.com/a.png)\n`, "![x]", /Pictures have no place/);
  });

  it("links to what is allowed", () => {
    const [block] = blocksOf(
      "[a](https://example.com/x) [b](lesson:tokens) [c](command:glassbox.showSampling)",
    );
    assert.ok(block?.kind === "paragraph");
    const targets = flat(block.children).flatMap((child) => (child.kind === "link" ? [child.target] : []));
    assert.deepEqual(targets, [
      { kind: "web", url: "https://example.com/x" },
      { kind: "lesson", id: "tokens" },
      { kind: "command", command: "glassbox.showSampling" },
    ]);
  });

  it("may show the same meaning in many languages, with sentences of its own", () => {
    const exhibit = (fields: string) => `\`\`\`exhibit\nid: tongues\ntype: languages\n${fields}\`\`\`\n`;
    assert.deepEqual(blocksOf(exhibit("meaning: bread\nencodings: [gpt2, o200k_base]\n")), [
      {
        kind: "exhibit",
        id: "tongues",
        coveredBy: undefined,
        config: { type: "languages", meaning: "bread", encodings: ["gpt2", "o200k_base"] },
      },
    ]);
    const unknown = `${WHOLE}\n${exhibit("meaning: riddle\n")}`;
    assertIssue(unknown, "meaning: riddle", /"meaning" must be one of rights, bread, letter/);
  });

  it("cannot blow up YAML by aliases, tags or prototypes", () => {
    const bomb = `a: &a [x,x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n`;
    assert.match(issuesOf(WHOLE.replace("id: demo\n", `id: demo\n${bomb}`)).join(), /Unknown field "a"/);
    assert.match(issuesOf(WHOLE.replace("minutes: 5", "minutes: !!js/function x")).join(), /Not valid YAML/);
    assert.match(
      issuesOf(WHOLE.replace("minutes: 5", "__proto__: {x: 1}\nminutes: 5")).join(),
      /"__proto__"/,
    );
    assert.match(issuesOf(WHOLE.replace("minutes: 5", "minutes: 5\nminutes: 6")).join(), /Not valid YAML/);
    assert.equal(({} as Record<string, unknown>).x, undefined);
  });

  it("is read or refused, whatever it holds", () => {
    const pieces = fc.constantFrom(
      ...WHOLE.split(/(?<=\n)|(?<=: )/),
      "```",
      "> ",
      "- ",
      "[x](javascript:y)",
      "<b>",
      "&x *x",
      "\u0000",
      "{{",
      "💥",
      "\r",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
        for (const source of [parts.join(""), `${WHOLE}\n${parts.join("")}`]) {
          const { lesson, issues } = parseLesson(source, "x/demo.md");
          assert.ok(lesson ? issues.length === 0 : issues.length > 0);
          const lines = source.split(/\r\n|\n|\r/).length;
          for (const { line } of issues) assert.ok(line >= 1 && line <= lines + 1, `${line} of ${lines}`);
        }
      }),
      { numRuns: 300 },
    );
  });
});
