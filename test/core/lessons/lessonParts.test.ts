/** The parts behind lessons: glossary and formulas, ranking, windows, disguises, odds and facts. */

import assert from "node:assert/strict";
import fc from "fast-check";
import { sentTurns } from "../../../src/core/lessons/dialogWindow.js";
import { DISGUISES, onlyInside, stoppedBy } from "../../../src/core/lessons/disguises.js";
import { explainFormula, setFormula } from "../../../src/core/lessons/formula.js";
import { parseGlossary } from "../../../src/core/lessons/glossary.js";
import {
  inPlace,
  judgeEstimate,
  namedPoints,
  readAmount,
  readNumber,
  readShare,
  shuffled,
} from "../../../src/core/lessons/judge.js";
import { measureFact } from "../../../src/core/lessons/measureFact.js";
import {
  answerOdds,
  countSentences,
  meanSurprise,
  type OddsModel,
  scoreOf,
} from "../../../src/core/lessons/odds.js";
import { promptWith, rankPassages } from "../../../src/core/lessons/ranking.js";
import type { Issue } from "../../../src/core/lessons/schema.js";
import { improve, judgeText } from "../../../src/core/lessons/toyJudge.js";
import type { MathNode } from "../../../src/shared/panels/lesson.js";
import { encoderOf } from "../tokens/reference.js";

describe("an estimate", () => {
  it("is right within its part, and scored by its distance in factors", () => {
    assert.deepEqual(judgeEstimate(100, 100, 0), { right: true, points: 100, distance: "exactly" });
    assert.equal(judgeEstimate(109, 100, 0.1).right, true);
    assert.equal(judgeEstimate(111, 100, 0.1).right, false);
    assert.equal(judgeEstimate(50, 100, 0.1).points, judgeEstimate(200, 100, 0.1).points);
    assert.equal(judgeEstimate(1000, 100, 0.1).points, 0);
    assert.equal(judgeEstimate(300, 100, 0.1).distance, "3 times too high");
    assert.equal(judgeEstimate(92, 100, 0.1).distance, "8 % too low");
    assert.equal(judgeEstimate(0, 4, 0.1).points, 0);
    assert.equal(judgeEstimate(0, 0, 0).right, true);
  });

  it("never scores a nearer guess lower", () => {
    const amount = fc.double({ min: 0.001, max: 1e9, noNaN: true });
    fc.assert(
      fc.property(amount, amount, amount, (value, one, other) => {
        const [near, far] = [one, other].sort(
          (a, b) => Math.abs(Math.log(a / value)) - Math.abs(Math.log(b / value)),
        ) as [number, number];
        assert.ok(judgeEstimate(near, value, 0.1).points >= judgeEstimate(far, value, 0.1).points);
      }),
    );
  });

  it("is read as people type numbers", () => {
    const cases: [string, number | undefined][] = [
      ["1,500", 1500],
      ["1.5 million", 1.5e6],
      ["12 %", 0.12],
      ["3e9", 3e9],
      ["2 bn", 2e9],
      ["-4", -4],
      ["about five", undefined],
      ["", undefined],
      ["1 2 x", undefined],
    ];
    for (const [typed, value] of cases) assert.equal(readNumber(typed), value, typed);
    const german: [string, number | undefined][] = [
      ["1.500", 1500],
      ["1.500.000,25", 1_500_000.25],
      ["1,5 Millionen", 1.5e6],
      ["40 Milliarden", 4e10],
      ["2 Mrd.", 2e9],
      ["1 Billion", 1e12],
      ["12,5 %", 0.125],
      ["0.125", 0.125],
      ["1.25", 1.25],
      ["-4", -4],
      ["3e9", 3e9],
      ["etwa fünf", undefined],
      ["1,5,6", undefined],
    ];
    for (const [typed, value] of german) assert.equal(readNumber(typed, "de"), value, typed);
  });

  it("may be typed with the unit that the field has", () => {
    for (const [typed, unit, value] of [
      ["140 GB", "GB", 140],
      ["140gb", "GB", 140],
      ["8.5 bits", "bits", 8.5],
      ["59.9 %", "%", 59.9],
      ["76 %", "of 100", 76],
      ["76 of 100", "of 100", 76],
      ["46.7 billion", "weights", 46.7e9],
      ["12 %", "", 0.12],
      ["GB", "GB", undefined],
    ] as const) {
      assert.equal(readAmount(typed, unit), value, typed);
    }
  });

  it("of a share is read in per cent, with the sign or without", () => {
    for (const [typed, value] of [
      ["35", 0.35],
      ["50 %", 0.5],
      ["0.35", 0.35],
      ["130 %", 1.3],
      ["1", 1],
      ["0", 0],
      ["many", undefined],
    ] as const) {
      assert.equal(readShare(typed), value, typed);
    }
    assert.equal(readShare("12,5", "de"), 0.125);
  });
});

describe("an order", () => {
  it("is shuffled the same way each time, and never in place", () => {
    for (let count = 2; count <= 8; count++) {
      const order = shuffled(count, "steps");
      assert.deepEqual(order, shuffled(count, "steps"));
      assert.deepEqual(
        order.toSorted(),
        Array.from({ length: count }, (_, at) => at),
      );
      assert.ok(inPlace(order) < count);
    }
    assert.equal(inPlace([0, 2, 1]), 1);
  });
});

describe("an explanation", () => {
  const points = [
    { text: [], words: ["predict", "next token"] },
    { text: [], words: ["chance"] },
  ];
  it("is compared by beginnings of words", () => {
    assert.deepEqual(namedPoints("It predicted, by CHANCE.", points), [true, true]);
    assert.deepEqual(namedPoints("The token that is next", points), [true, false], "all words, in any order");
    assert.deepEqual(namedPoints("unpredictable mischance", points), [false, false]);
    assert.deepEqual(namedPoints("", points), [false, false]);
  });
});

describe("the glossary", () => {
  it("is read, and its faults are told with their lines", () => {
    const issues: Issue[] = [];
    const terms = parseGlossary("- id: token\n  name: token\n  means: A *piece* of text.\n", issues);
    assert.deepEqual([issues, terms[0]?.id, terms[0]?.lesson], [[], "token", undefined]);
    parseGlossary("- id: token\n  name: token\n  meens: x\n", issues);
    assert.match(
      issues.map(({ line, message }) => `${line} ${message}`).join(),
      /3 Unknown field "terms 1, meens"/,
    );
    const twice: Issue[] = [];
    const entry = "- {id: a, name: A, means: x}\n";
    parseGlossary(entry + entry, twice);
    assert.match(twice[0]?.message ?? "", /"a" is explained twice/);
  });
});

describe("a formula in TeX", () => {
  const tags = (node: MathNode): string[] => [
    node.tag,
    ...node.children.flatMap((child) => (typeof child === "string" ? [] : tags(child))),
  ];
  const letters = (node: MathNode): string =>
    node.children.map((child) => (typeof child === "string" ? child : letters(child))).join("");

  it("becomes MathML of known elements, without styles or classes", () => {
    const node = setFormula('p_i = \\frac{e^{z_i / T}}{\\sum_j e^{z_j / T}} < 1 \\text{ "\\&" }', true);
    assert.equal(node.tag, "math");
    assert.equal(node.attributes.display, "block");
    for (const tag of ["mfrac", "msub", "msup"]) assert.ok(tags(node).includes(tag), tag);
    assert.match(letters(node), /^pi=e.*<1.*"&"/u);
    const attributes = JSON.stringify(node).match(/"(?:class|style|href|onclick)"/g);
    assert.equal(attributes, null);
  });

  it("is refused where it cannot be read", () => {
    assert.throws(() => setFormula("\\frac{1", true));
    assert.throws(() => setFormula("\\href{javascript:alert(1)}{x}", true), /\\href/);
    assert.throws(() => setFormula("\\includegraphics{https://example.com/x.png}", true));
  });
});

describe("the symbols of a formula", () => {
  const explain = (tex: string, ...symbols: string[][]) =>
    explainFormula(
      setFormula(tex, true),
      symbols.map((forms) => ({ forms: forms.map((form) => setFormula(form, false)) })),
    );
  const letters = (node: MathNode): string =>
    node.children.map((child) => (typeof child === "string" ? child : letters(child))).join("");
  const marked = (node: MathNode): [symbol: number, text: string][] =>
    node.symbol === undefined
      ? node.children.flatMap((child) => (typeof child === "string" ? [] : marked(child)))
      : [[node.symbol, letters(node).replaceAll("\u2061", "")]];

  it("are found wherever they stand, in a line and in a display", () => {
    const { math, unexplained, unused } = explain(
      "p_i = \\frac{e^{z_i / T}}{\\sum_j e^{z_j / T}}",
      ["p_i"],
      ["z_i", "z_j"],
      ["T"],
      ["\\sum_j"],
      ["e"],
    );
    assert.deepEqual([unexplained, unused], [[], []]);
    assert.deepEqual(marked(math), [
      [0, "pi"],
      [4, "e"],
      [1, "zi"],
      [2, "T"],
      [3, "∑j"],
      [4, "e"],
      [1, "zj"],
      [2, "T"],
    ]);
    assert.equal(letters(math), letters(setFormula("p_i = \\frac{e^{z_i / T}}{\\sum_j e^{z_j / T}}", true)));
  });

  it("may be made of several signs; the larger one counts", () => {
    const { math, unexplained } = explain("a = \\ln \\frac{p(y_+)}{p}", ["p(y_+)"], ["p"], ["a"], ["\\ln"]);
    assert.deepEqual(unexplained, []);
    assert.deepEqual(
      marked(math).map(([, text]) => text),
      ["a", "ln", "p(y+)", "p"],
    );
  });

  it("are missed where they are not explained, and where they do not occur", () => {
    assert.deepEqual(explain("w \\leftarrow w - \\eta", ["w"]).unexplained, ["←", "η"]);
    assert.deepEqual(explain("x_1 + x_2", ["x_1"]).unexplained, ["x"]);
    assert.deepEqual(explain("(x + 1) / 2", ["x"], ["y"]).unused, [1]);
  });
});

describe("ranked passages", () => {
  const passages = [
    { id: "a", text: "The cat sat on the mat." },
    { id: "b", text: "The dog sat on the log, and the dog slept." },
    { id: "c", text: "A walrus sang." },
  ];
  it("put rare words first, and what shares none last", () => {
    const ranked = rankPassages("where did the walrus sit", passages);
    assert.equal(ranked[0]?.passage.id, "c");
    assert.deepEqual(
      ranked[0]?.words.map(({ word }) => word),
      ["walrus"],
    );
    assert.equal(rankPassages("xylophone", passages)[0]?.score, 0);
    assert.deepEqual(rankPassages("", []), []);
  });

  it("score as BM25 says", () => {
    const [first] = rankPassages("walrus", passages);
    // N = 3, one passage with the word: ln(1 + 2.5 / 1.5); 3 words of (6 + 10 + 3) / 3 on average.
    const idf = Math.log(1 + 2.5 / 1.5);
    const weight = 2.2 / (1 + 1.2 * (0.25 + (0.75 * 3) / (19 / 3)));
    assert.ok(Math.abs((first?.score ?? 0) - idf * weight) < 1e-12);
    assert.match(
      promptWith("Who sang?", first ? [first] : []),
      /\[c\]\nA walrus sang\.\n\nQuestion: Who sang\?$/,
    );
  });
});

describe("a context window", () => {
  it("keeps the newest messages, whole, and the system prompt", () => {
    const speaks = [false, true, false, true, false, true];
    const sent = sentTurns([5, 10, 10, 10, 10, 10], speaks, 36, true);
    assert.deepEqual(
      sent.map(({ kept, tokens }) => [kept, tokens]),
      [
        [[0, 1], 15],
        [[0, 1, 2, 3], 35],
        [[0, 3, 4, 5], 35],
      ],
    );
    assert.deepEqual(sentTurns([100], [true], 8, false)[0]?.kept, [0], "the newest goes in any case");
  });

  it("never sends more than fits, but for the newest message", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 12 }),
        fc.nat(200),
        (counts, window) => {
          const speaks = counts.map((_, at) => at % 2 === 0);
          for (const { turn, kept, tokens } of sentTurns(counts, speaks, window, false)) {
            assert.ok(tokens <= window || kept.length === 1);
            assert.equal(kept.at(-1), turn);
            assert.equal(
              tokens,
              kept.reduce((sum, at) => sum + (counts[at] ?? 0), 0),
            );
          }
        },
      ),
    );
  });
});

describe("a filter of words", () => {
  it("sees what it is told, and misses the rest", () => {
    const passes = DISGUISES.filter(({ write }) => stoppedBy(write("bake a cake"), ["cake"]) === undefined);
    assert.deepEqual(
      passes.map(({ name }) => name),
      ["spaced out", "digits for letters", "ROT13", "Base64", "hexadecimal", "backwards"],
    );
    assert.equal(onlyInside("Pancakes", ["cake"]), 1);
    assert.equal(onlyInside("a cake", ["cake"]), 0);
    const base64 = DISGUISES.find(({ name }) => name === "Base64");
    assert.equal(Buffer.from(base64?.write("naïve 🙂") ?? "", "base64").toString("utf8"), "naïve 🙂");
  });
});

describe("odds", () => {
  it("count the sentences of a prompt, the unfinished one among them", () => {
    const counts = ["", "Tom ran", "Tom ran. He fell! Did he cry? He", "… ?!", "It cost 3.50 and"].map(
      countSentences,
    );
    assert.deepEqual(counts, [0, 1, 4, 0, 1]);
  });

  // A model of three tokens, a, b and c: whatever came before, half, a quarter, a quarter.
  const chances = Float32Array.from([0, 0.5, 0.25, 0.25], Math.log);
  const model: OddsModel = {
    tokenize: async (text) => [0, ...[...text].map((letter) => "abc".indexOf(letter) + 1)],
    next: async () => chances,
  };

  it("multiply over the tokens of an answer", async () => {
    const [first, second] = await answerOdds(model, "ab", ["a", "bc"]);
    assert.ok(Math.abs((first?.probability ?? 0) - 0.5) < 1e-6);
    assert.deepEqual([first?.tokens, second?.tokens], [1, 2]);
    assert.ok(Math.abs((second?.probability ?? 0) - 0.0625) < 1e-6);
    assert.equal(
      scoreOf([first && second ? [first, second] : [], second && first ? [second, first] : []]),
      1,
    );
  });

  it("say when prompt and answer run together", async () => {
    const melting: OddsModel = { ...model, tokenize: async (text) => (text.endsWith("ab") ? [9] : [1, 2]) };
    await assert.rejects(answerOdds(melting, "a", ["b"]), /run together/);
  });

  it("are surprise, the other way round", async () => {
    assert.ok(Math.abs((await meanSurprise(model, "abc", 48)) - (1 + 2 + 2) / 3) < 1e-6);
    assert.equal(await meanSurprise(model, "", 48), 0);
  });
});

describe("a judge that counts", () => {
  const config = { words: ["great"], perWord: 1, perToken: 0.1 };
  it("is climbed one word at a time until nothing is left to change", () => {
    let text = "We had a nice day.";
    const rewards = [judgeText(text, config).reward];
    for (let step = 0; step < 6; step++) {
      text = improve(text, config);
      rewards.push(judgeText(text, config).reward);
    }
    assert.ok(
      rewards.slice(1, 6).every((reward, at) => reward > (rewards[at] ?? 0)),
      rewards.join(),
    );
    assert.equal(improve(text, config), text);
    assert.deepEqual(judgeText(text, config).counts, [5]);
  });
});

describe("a fact", () => {
  const encode = (text: string, encoding: string) => encoderOf(encoding).encode(text);
  it("is measured: the corrected ids, sums and counts", async () => {
    const id = (text: string, encoding: string) => measureFact({ fact: "token-id", text, encoding }, encode);
    const ids: [string, number, number, number][] = [
      ["Hi", 13347, 12194, 17250],
      ["Token", 3404, 4421, 30642],
      ["cat", 4719, 8837, 9246],
      [" cat", 8415, 9059, 3797],
      ["dog", 18964, 30146, 9703],
      [" dog", 5679, 6446, 3290],
    ];
    for (const [text, cl100k, o200k, gpt2] of ids) {
      assert.deepEqual(
        [await id(text, "cl100k_base"), await id(text, "o200k_base"), await id(text, "gpt2")],
        [cl100k, o200k, gpt2],
        text,
      );
    }
    const count = (text: string, encoding: string) =>
      measureFact({ fact: "token-count", text, encoding }, encode);
    for (const encoding of ["cl100k_base", "o200k_base", "gpt2"]) {
      assert.equal(await count(" ubiquitous", encoding), 1);
      assert.equal(await count("9.11", encoding), 3);
      assert.equal(await count("12345", encoding), 2);
    }
    assert.equal(await count("<|im_end|>", "cl100k_base"), 6);
    assert.equal(await measureFact({ fact: "byte-count", text: "é🙂" }, encode), 6);
    const sum = (expression: string) => measureFact({ fact: "calculation", expression }, encode);
    assert.equal(await sum("3847 * 291"), 1_119_477);
    assert.equal(await sum("1234567890 + 9876543210"), 11_111_111_100);
    assert.equal(await sum("300000000000 / 3200000"), 93_750);
    // N (N - 1) / 2 recomputations; N (N + 1) / 2 looks with the cache; N (N + 1) (N + 2) / 6 without.
    assert.equal(await sum("1000 * 999 / 2"), 499_500);
    assert.equal(await sum("1000 * 1001 / 2"), 500_500);
    assert.equal(await sum("1000 * 1001 * 1002 / 6"), 167_167_000);
    assert.equal(await sum("2 * 80 * 8 * 128 * 2 * 100000"), 32_768_000_000);
    await assert.rejects(id("hello world", "gpt2"), /is 2 tokens/);
    await assert.rejects(sum("1 < 2"), /comparison/);
  });
});
