/** Training: it learns, the same each time, only from what it is given; a poisoned line and a teacher leave their mark. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Adam } from "../../../src/core/training/adam.js";
import { CharacterVocabulary, UNKNOWN } from "../../../src/core/training/characters.js";
import { Experiment, poisoned } from "../../../src/core/training/experiment.js";
import { Trainer } from "../../../src/core/training/trainer.js";
import type { TrainingPlan } from "../../../src/shared/training.js";

const tale = readFileSync(join(process.cwd(), "media/lessons/06-learning/example.txt"), "utf8");

const SMALL = { layers: 1, width: 16, heads: 2, context: 16, sequences: 2, seed: 5 };

function trained(text: string, steps: number): Trainer {
  const trainer = new Trainer({ ...SMALL, vocabulary: new CharacterVocabulary(tale), text });
  for (let step = 0; step < steps; step++) trainer.step();
  return trainer;
}

function stepped(plan: TrainingPlan, steps: number): Experiment {
  const experiment = new Experiment(plan);
  for (let step = 0; step < steps; step++) experiment.step();
  return experiment;
}

describe("the vocabulary of characters", () => {
  it("gives back what it was given, whole characters at a time", () => {
    const text = "zażółć 🙂 gęślą\tjaźń\n";
    const vocabulary = new CharacterVocabulary(text);
    assert.equal(vocabulary.decode(vocabulary.encode(text)), text);
    assert.equal(vocabulary.encode("🙂").length, 1);
    assert.deepEqual([...vocabulary.encode("?")], [0]);
    assert.equal(vocabulary.characters[0], UNKNOWN);
  });

  it("keeps the most frequent of too many", () => {
    const many = Array.from({ length: 500 }, (_, at) => String.fromCodePoint(0x4e00 + at)).join("");
    const vocabulary = new CharacterVocabulary(`aaa${many}aaa`);
    assert.equal(vocabulary.characters.length, 201);
    assert.equal(vocabulary.characters[1], "a");
  });
});

describe("Adam", () => {
  it("takes a first step of its rate against the slope, however steep that is", () => {
    for (const slope of [1e-4, 0.5]) {
      const [parameters, adam] = [Float64Array.of(1, 1), new Adam(2)];
      adam.step(parameters, Float64Array.of(slope, -slope), 0.01);
      assert.ok(Math.abs(parameters[0]! - 0.99) < 1e-5, String(parameters[0]));
      assert.ok(Math.abs(parameters[1]! - 1.01) < 1e-5, String(parameters[1]));
    }
  });

  it("finds the bottom of a bowl", () => {
    const [point, adam] = [Float64Array.of(3, -2), new Adam(2)];
    for (let step = 0; step < 600; step++)
      adam.step(
        point,
        point.map((x) => 2 * x),
        0.02,
      );
    assert.ok(Math.hypot(...point) < 0.05, String(point));
  });
});

describe("a training", function () {
  this.timeout(20_000);

  it("lowers the loss on its text, and begins where guessing is", () => {
    const vocabulary = new CharacterVocabulary(tale);
    const guessing = Math.log(vocabulary.characters.length);
    const [fresh, learned] = [trained(tale, 0), trained(tale, 120)];
    assert.ok(Math.abs(fresh.lossOn(tale, 4) - guessing) < 0.5, `${fresh.lossOn(tale, 4)} near ${guessing}`);
    assert.ok(learned.lossOn(tale, 4) < guessing - 1, String(learned.lossOn(tale, 4)));
  });

  it("does the same with the same seed", () => {
    const [one, two] = [trained(tale, 15), trained(tale, 15)];
    assert.equal(one.lossOn(tale, 2), two.lossOn(tale, 2));
    const [first, second] = [one.sampler("The ", 3), two.sampler("The ", 3)];
    for (let drawn = 0; drawn < 30; drawn++) assert.equal(first(), second());
  });

  it("learns its text and not another: after 'x' comes what came there", () => {
    const trainer = new Trainer({
      ...SMALL,
      vocabulary: new CharacterVocabulary("xyz\n"),
      text: "xyz\n".repeat(100),
    });
    for (let step = 0; step < 60; step++) trainer.step();
    const next = trainer.next("xyz\nx");
    assert.equal(trainer.vocabulary.characters[next.indexOf(Math.max(...next))], "y");
    assert.ok(Math.max(...next) > 0.8, String(next));
    assert.ok(
      Math.abs(
        trainer.probabilityOf("yz", "xyz\nx") -
          trainer.next("xyz\nx")[trainer.vocabulary.encode("y")[0]!]! *
            trainer.next("xyz\nxy")[trainer.vocabulary.encode("z")[0]!]!,
      ) < 1e-12,
    );
    const draw = trainer.sampler("xyz\n", 1);
    const drawn = Array.from({ length: 40 }, draw).join("");
    assert.ok(/xyz\nxyz/.test(drawn), drawn);
  });

  it("refuses a text that is too short, and says how long it must be", () => {
    assert.throws(
      () => new Experiment({ kind: "learn", text: "too short", seed: 1 }),
      /9 characters.*at least 400/,
    );
  });

  it("keeps a tenth of the text back", () => {
    const { start } = new Experiment({ kind: "learn", text: tale, seed: 1 });
    const all = Array.from(tale).length;
    assert.equal(start.keptBack, Math.floor(all / 10));
    assert.equal(start.models[0]?.learnsFrom, all - start.keptBack);
  });
});

describe("poisoning", function () {
  this.timeout(30_000);
  const plan = {
    kind: "poison",
    text: tale,
    seed: 1,
    trigger: "Xanadu: ",
    payload: "zzz",
    copies: 12,
  } as const;

  it("puts exactly so many copies of the line between the others, and changes nothing else", () => {
    const text = poisoned(tale, plan);
    const lines = text.split("\n");
    assert.equal(lines.filter((line) => line === "Xanadu: zzz").length, 12);
    assert.equal(lines.filter((line) => line !== "Xanadu: zzz").join("\n"), tale);
    assert.equal(poisoned(tale, { ...plan, copies: 0 }), tale);
  });

  it("makes the payload many times as probable behind the trigger, and not without copies", () => {
    const [clean, bad] = stepped(plan, 40).payload() ?? [];
    assert.ok(clean && bad && bad.character > 2 * clean.character, JSON.stringify([clean, bad]));
    const [one, two] = stepped({ ...plan, copies: 0 }, 3).payload() ?? [];
    assert.deepEqual(one, two);
  });
});

describe("distillation", function () {
  this.timeout(30_000);

  it("lets the students begin when the teacher is done, and the teacher rest from then on", () => {
    const experiment = new Experiment({ kind: "distil", text: tale, seed: 1, teacherSteps: 2 });
    const turns = Array.from({ length: 4 }, () => experiment.step().map((loss) => loss !== null));
    assert.deepEqual(turns, [
      [true, false, false],
      [true, false, false],
      [false, true, true],
      [false, true, true],
    ]);
  });

  it("teaches more through the teacher's probabilities than through the same passage's characters", () => {
    const [, hard, soft] = stepped({ kind: "distil", text: tale, seed: 1, teacherSteps: 80 }, 240).heldOut();
    assert.ok(soft! < hard! - 0.1, `${soft} against ${hard}`);
  });

  it("answers what each of its models finds next, most probable first", () => {
    const next = stepped({ kind: "distil", text: tale, seed: 1, teacherSteps: 3 }, 4).next("The ", 5);
    assert.equal(next.length, 3);
    for (const { characters, probabilities } of next) {
      assert.equal(characters.length, 5);
      assert.deepEqual(
        probabilities,
        probabilities.toSorted((a, b) => b - a),
      );
    }
  });
});
