/** "Guess the Next Token" on the host's side, in the extension host with the built-in model. */

import assert from "node:assert/strict";
import { type GuessSurface, guessHandlers } from "../../src/editor/guess/guessHandlers.js";
import { useBuiltInModels } from "./builtInModels.js";

const STORY =
  "Once upon a time, there was a little girl named Lily.\nShe loved to play outside with her red ball.";

describe("Guessing in the extension host", function () {
  this.timeout(60_000);
  const builtIn = useBuiltInModels();
  const quiet = { signal: new AbortController().signal, emit: () => {} };

  /** The handlers on a text, with what they have hidden last. */
  function play(text: string, caret: number) {
    const hidden: (string | undefined)[] = [];
    const surface: GuessSurface = {
      text: () => ({
        fileName: "a.txt",
        text,
        caret,
        cutAtStart: false,
        lineBreak: "\n",
        lineOf: (offset) => text.slice(0, offset).split("\n").length - 1,
      }),
      hide: (part) => hidden.push(part && text.slice(part.start, part.end)),
    };
    return { host: guessHandlers(builtIn().models, surface), hidden };
  }

  async function begun(text: string, caret: number) {
    const { host, hidden } = play(text, caret);
    const beginning = await host.begin({}, quiet);
    assert.equal(beginning.kind, "passage");
    return { host, hidden, passage: beginning.passage };
  }

  it("hides what is to be guessed, and shows each token that was", async () => {
    const caret = STORY.indexOf(" there");
    const { host, hidden, passage } = await begun(STORY, caret);
    assert.equal(passage.insideToken, false);
    assert.equal(passage.count, 20);
    assert.ok(hidden.at(-1)!.startsWith(" there was a little"));
    const round = await host.guess({ index: 0, typed: "there" }, quiet);
    assert.equal(round.hit, "whole");
    assert.equal(round.guess!.spaced, true);
    assert.equal(round.guess!.rule, "token");
    assert.ok(hidden.at(-1)!.startsWith(" was a little"));
    // The token by itself cannot be more probable than everything that begins with it.
    assert.ok(round.guess!.bits <= round.text!.bits + 1e-6);
    const tokenIds = (
      await builtIn().models.call("tokenize", { text: STORY.slice(0, caret), bos: true })
    ).map(({ id }) => id);
    const { logits } = await builtIn().models.call("next", { tokenIds });
    assert.ok(Math.abs(round.text!.bits + logits[round.text!.token.id]! / Math.LN2) < 0.01);
    assert.equal(round.favourite.token.id, logits.indexOf(Math.max(...logits)));
    await host.showAll({}, quiet);
    assert.equal(hidden.at(-1), undefined);
    await assert.rejects(async () => host.guess({ index: 1, typed: "was" }, quiet), /no place 1/);
  });

  it("says by which rule a part of a token and more than one were scored", async () => {
    const { host } = await begun(STORY, STORY.indexOf(" girl"));
    const part = await host.guess({ index: 0, typed: "gir" }, quiet);
    assert.equal(part.hit, "part");
    assert.ok(part.guess!.beginning > 0);
    const more = await host.guess({ index: 0, typed: "girl named Lily" }, quiet);
    assert.equal(more.hit, "whole");
    assert.equal(more.guess!.rule, "several");
    assert.ok(more.guess!.spelling.length > 2);
    assert.ok(more.guess!.bits > part.guess!.bits);
    const wrong = await host.guess({ index: 0, typed: "girl called" }, quiet);
    assert.equal(wrong.hit, "part");
    assert.equal((await host.guess({ index: 0, typed: "dragon" }, quiet)).hit, "miss");
    const none = await host.guess({ index: 0, typed: "" }, quiet);
    assert.equal(none.guess, undefined);
    assert.equal(none.hit, "miss");
  });

  it("begins at the start of the token that the caret stands in, and names a line break", async () => {
    const { host, passage } = await begun(STORY, STORY.indexOf("Lily.") + 5);
    assert.equal(passage.insideToken, false);
    assert.equal((await host.guess({ index: 0, typed: "\\n" }, quiet)).hit, "whole");
    const inside = await begun(STORY, STORY.indexOf("little") + 3);
    assert.equal(inside.passage.insideToken, true);
    assert.ok(inside.hidden.at(-1)!.startsWith(" little"));
  });

  it("lets only the model be guessed where nothing stands behind the caret", async () => {
    const { host, hidden, passage } = await begun("Once upon a", "Once upon a".length);
    assert.equal(passage.count, 0);
    assert.equal(hidden.at(-1), undefined);
    const round = await host.guess({ index: 0, typed: "time" }, quiet);
    assert.equal(round.text, undefined);
    assert.equal(round.hit, undefined);
    assert.ok(round.guess!.probability > 0.5);
  });

  it("begins an empty text with the model's own first token", async () => {
    const { passage } = await begun("", 0);
    assert.equal(passage.contextTokens, 1);
    const { host } = play("", 0);
    await assert.rejects(async () => host.guess({ index: 0, typed: "a" }, quiet), /no place/);
  });
});
