/** Text stays readable on every band of every palette, and no two neighbours look alike, with any colour vision. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { BAND_COUNT, PALETTE_NAMES, PALETTES } from "../../../src/core/tokens/palettes.js";
import { declaredColours, declaredSetting } from "../../manifest.js";
import { contrast, distance, over, parseColour, VISIONS } from "./colour.js";
import { KEPT, THEMES, type ThemeKind } from "./themes.js";

/** Tenths in OKLab are told apart at a glance, also in a line a pixel thick. */
const APART = 0.1;

describe("palettes of token bands", () => {
  const kinds = Object.keys(THEMES) as ThemeKind[];
  const colour = (id: string, kind: ThemeKind) => declaredColours.get(id)![kind];

  it("are those of the setting, and all their colours can be redefined", () => {
    const setting = declaredSetting("glassbox.tokens.palette");
    assert.deepEqual(setting.enum, [...PALETTE_NAMES]);
    assert.equal(setting.default, "default");
    for (const name of PALETTE_NAMES) {
      assert.equal(PALETTES[name].length, BAND_COUNT);
      for (const { edgeColour, background } of PALETTES[name]) {
        assert.ok(declaredColours.has(edgeColour) && declaredColours.has(background), edgeColour);
      }
    }
  });

  it("are measured by a yardstick that tells black from white and red from green", () => {
    const white = parseColour("#ffffff").rgb;
    const black = parseColour("#000000").rgb;
    assert.equal(contrast(white, black), 21);
    assert.ok(Math.abs(distance(white, black, "ordinary") - 1) < 1e-6);
    // Of equal lightness: plainly different, but not for everybody.
    const red = parseColour("#c06a5a").rgb;
    const green = parseColour("#708a3a").rgb;
    assert.ok(distance(red, green, "deuteranopia") < distance(red, green, "ordinary") / 2);
  });

  for (const name of PALETTE_NAMES) {
    for (const kind of kinds) {
      const { name: theme, background, foreground, code } = THEMES[kind];
      const ground = parseColour(background).rgb;

      it(`${name}: text is readable on every band in ${theme}`, () => {
        for (const look of PALETTES[name]) {
          const band = over(colour(look.background, kind), ground);
          assert.ok(contrast(parseColour(foreground).rgb, band) >= 4.5, look.background);
          for (const hex of code) {
            const plain = contrast(parseColour(hex).rgb, ground);
            const onBand = contrast(parseColour(hex).rgb, band);
            assert.ok(
              onBand >= Math.min(4.5, plain * KEPT),
              `${hex} on ${look.background}: ${onBand.toFixed(2)} of ${plain.toFixed(2)}`,
            );
          }
        }
      });

      it(`${name}: edges stand out in ${theme}`, () => {
        for (const look of PALETTES[name]) {
          const edge = over(colour(look.edgeColour, kind), ground);
          for (const behind of [ground, over(colour(look.background, kind), ground)]) {
            const found = contrast(edge, behind);
            assert.ok(found >= 3, `${look.edgeColour}: ${found.toFixed(2)}`);
          }
        }
        const split = over(colour("glassbox.tokenSplit", kind), ground);
        assert.ok(contrast(split, ground) >= 4.5);
      });

      it(`${name}: neighbours never look alike in ${theme}, with any colour vision`, () => {
        PALETTES[name].forEach((look, band) => {
          const next = PALETTES[name][(band + 1) % BAND_COUNT]!;
          // However colours are seen, the edges' styles alternate.
          assert.notEqual(look.edge, next.edge);
          const [a, b] = [look, next].map(({ edgeColour }) => over(colour(edgeColour, kind), ground));
          const [left, right] = [look, next].map((each) => over(colour(each.background, kind), ground));
          for (const vision of Object.keys(VISIONS)) {
            const edges = distance(a!, b!, vision);
            const tints = distance(left!, right!, vision);
            const what = `${look.edgeColour} and ${next.edgeColour}, ${vision}: ${edges.toFixed(3)}, ${tints.toFixed(3)}`;
            // The safe palette promises colours apart for everybody, the default for ordinary sight.
            if (name === "colorBlindSafe") assert.ok(edges >= APART, what);
            if (name === "default" && vision === "ordinary") assert.ok(edges >= APART, what);
            if (name === "monochrome") assert.ok(tints >= 0.03, what);
          }
        });
      });
    }
  }
});

describe("token chips of panels", () => {
  const page = (name: string) => readFileSync(join(process.cwd(), "webview/ui", name), "utf8");
  const css = page("glassbox.css");
  // The component itself needs a page.
  const chipBands = Number(/export const BAND_COUNT = (\d+);/.exec(page("TokenChip.tsx"))?.[1]);
  const rule = (selector: string) => {
    const body = css.split(`\n${selector} {\n`)[1]?.split("}")[0];
    assert.ok(body !== undefined, `${selector} is not in glassbox.css`);
    return body;
  };
  /** The colour of a chip's band, by its variable. */
  const colourOf = (band: number) => {
    const variable = /--gb-band: var\((--gb-token-\d)\)/.exec(rule(`.gb-band-${band}`))?.[1];
    const id = new RegExp(`${variable}: var\\(--vscode-glassbox-(\\w+),`).exec(css)?.[1];
    assert.ok(id !== undefined, `band ${band} has no colour`);
    return declaredColours.get(`glassbox.${id}`)!;
  };
  const bands = Array.from({ length: chipBands }, (_, band) => ({
    colours: colourOf(band),
    edgeBelow: rule(`.gb-band-${band}`).includes("border-bottom-width: 2px"),
  }));

  it("have the colours of the bands in the text, and edges that alternate", () => {
    assert.equal(chipBands, BAND_COUNT);
    bands.forEach(({ colours, edgeBelow }, band) => {
      assert.equal(colours, declaredColours.get(PALETTES.default[band]!.edgeColour));
      assert.notEqual(edgeBelow, bands[(band + 1) % chipBands]!.edgeBelow, `${band} and its neighbour`);
    });
  });

  for (const kind of Object.keys(THEMES) as ThemeKind[]) {
    const { name, background, foreground } = THEMES[kind];
    it(`are readable, with edges that stand out, in ${name}`, () => {
      const part = /var\(--gb-band, var\(--gb-dim\)\) (\d+)%, transparent/.exec(rule(".gb-chip"))?.[1];
      const alpha = Math.round((Number(part) / 100) * 255);
      const ground = parseColour(background).rgb;
      for (const { colours } of bands) {
        const tint = `${colours[kind].slice(0, 7)}${alpha.toString(16).padStart(2, "0")}`;
        const chip = over(tint, ground);
        const text = contrast(parseColour(foreground).rgb, chip);
        assert.ok(text >= 4.5, `text on ${tint}: ${text.toFixed(2)}`);
        const edge = over(colours[kind], ground);
        for (const behind of [ground, chip]) {
          const found = contrast(edge, behind);
          assert.ok(found >= 3, `${colours[kind]}: ${found.toFixed(2)}`);
        }
      }
    });
  }
});
