/** Text stays readable on every level of every palette, edges stand out, and levels look different. */

import assert from "node:assert/strict";
import { DEFAULT_THRESHOLDS, LEVEL_COUNT, LEVEL_LOOKS } from "../../../src/core/surprisal/levels.js";
import { PALETTE_NAMES } from "../../../src/core/tokens/palettes.js";
import { declaredColours, declaredSetting } from "../../manifest.js";
import { contrast, distance, over, parseColour, VISIONS } from "../tokens/colour.js";
import { KEPT, THEMES, type ThemeKind } from "../tokens/themes.js";

/** Tenths in OKLab are told apart at a glance. */
const APART = 0.1;

describe("colours of surprise", () => {
  const colour = (id: string, kind: ThemeKind) => declaredColours.get(id)![kind];

  it("are all there to be redefined, and the thresholds are those of the setting", () => {
    const thresholds = declaredSetting("glassbox.surprisal.thresholds");
    assert.deepEqual(thresholds.default, [...DEFAULT_THRESHOLDS]);
    for (const name of PALETTE_NAMES) {
      assert.equal(LEVEL_LOOKS[name].length, LEVEL_COUNT);
      // Never colour alone.
      assert.equal(new Set(LEVEL_LOOKS[name].map(({ edge }) => edge)).size, LEVEL_COUNT);
      for (const { edgeColour, background } of LEVEL_LOOKS[name]) {
        assert.ok(declaredColours.has(edgeColour) && declaredColours.has(background), edgeColour);
      }
    }
  });

  for (const name of PALETTE_NAMES) {
    for (const kind of Object.keys(THEMES) as ThemeKind[]) {
      const { name: theme, background, foreground, code } = THEMES[kind];
      const ground = parseColour(background).rgb;

      it(`${name}: text is readable and edges stand out in ${theme}`, () => {
        for (const look of LEVEL_LOOKS[name]) {
          const tint = over(colour(look.background, kind), ground);
          assert.ok(contrast(parseColour(foreground).rgb, tint) >= 4.5, look.background);
          for (const hex of code) {
            const plain = contrast(parseColour(hex).rgb, ground);
            const tinted = contrast(parseColour(hex).rgb, tint);
            assert.ok(tinted >= Math.min(4.5, plain * KEPT), `${hex} on ${look.background}`);
          }
          const edge = over(colour(look.edgeColour, kind), ground);
          for (const behind of [ground, tint]) {
            const found = contrast(edge, behind);
            assert.ok(found >= 3, `${look.edgeColour}: ${found.toFixed(2)}`);
          }
        }
      });

      it(`${name}: levels look different in ${theme}`, () => {
        LEVEL_LOOKS[name].forEach((look, level) => {
          const next = LEVEL_LOOKS[name][level + 1];
          if (!next || name === "monochrome") return;
          const [a, b] = [look, next].map(({ edgeColour }) => over(colour(edgeColour, kind), ground));
          // The safe palette promises colours apart for everybody, the default for ordinary sight.
          for (const vision of name === "colorBlindSafe" ? Object.keys(VISIONS) : ["ordinary"]) {
            const apart = distance(a!, b!, vision);
            assert.ok(apart >= APART, `${look.edgeColour} and the next, ${vision}: ${apart.toFixed(3)}`);
          }
        });
      });
    }
  }
});
