/** Text stays readable on every band of every palette, and no two neighbours look alike, with any colour vision. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { BAND_COUNT, PALETTE_NAMES, PALETTES } from "../../../src/core/tokens/palettes.js";
import type { PaletteName } from "../../../src/shared/types.js";
import { paletteVariables } from "../../../webview/ui/paletteVariables.js";
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
  const sheet = (name: string) => readFileSync(join(process.cwd(), "webview", name), "utf8");
  const rule = (css: string, selector: string) => {
    const body = css.split(`\n${selector} {\n`)[1]?.split("}")[0];
    assert.ok(body !== undefined, `there is no rule for ${selector}`);
    return body;
  };
  const css = sheet("ui/glassbox.css");
  const compare = sheet("compare/compare.css");
  const bands = Array.from({ length: BAND_COUNT }, (_, band) => band);

  it("have the colours and the tints of the bands in the text, in each palette", () => {
    for (const name of PALETTE_NAMES) {
      const variables = new Map(paletteVariables(name));
      for (const band of bands) {
        const look = PALETTES[name][band]!;
        const chip = rule(css, `.gb-band-${band}`);
        const aligned = rule(compare, `.cmp-band-${band}`);
        for (const [variable, id] of [
          [/--gb-band: var\((.+)\);/.exec(chip)?.[1], look.edgeColour],
          [/--gb-band-tint: var\((.+)\);/.exec(chip)?.[1], look.background],
          [/--cmp-band: var\((.+)\);/.exec(aligned)?.[1], look.edgeColour],
        ] as const) {
          assert.equal(variables.get(variable!), `var(--vscode-${id.replace(".", "-")})`, `${name} ${band}`);
        }
      }
    }
    assert.match(rule(css, ".gb-chip"), /border: 0 solid var\(--gb-band, /);
    assert.match(rule(css, ".gb-chip"), /background: var\(--gb-band-tint, /);
  });

  it("have edges that alternate", () => {
    for (const band of bands) {
      const [edgeBelow, next] = [band, (band + 1) % BAND_COUNT].map((each) =>
        rule(css, `.gb-band-${each}`).includes("border-bottom-width: 2px"),
      );
      assert.notEqual(edgeBelow, next, `${band} and its neighbour`);
    }
  });

  it("leave the lines and bars of a series their colours where tokens are grey", () => {
    const series = (name: PaletteName) =>
      paletteVariables(name).filter(([variable]) => variable.startsWith("--gb-series-"));
    for (const name of PALETTE_NAMES) {
      assert.equal(new Set(series(name).map(([, value]) => value)).size, BAND_COUNT, name);
    }
    assert.notDeepEqual(series("colorBlindSafe"), series("default"));
  });

  it("have every variable of a palette that a style sheet names", () => {
    const set = new Set(paletteVariables("default").map(([variable]) => variable));
    const folder = join(process.cwd(), "webview");
    const named = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith(".css"))
      .flatMap((file) => [
        ...readFileSync(join(folder, file), "utf8").matchAll(/--gb-(?:token|series)-\d[\w-]*/g),
      ]);
    assert.ok(named.length > 2 * BAND_COUNT);
    for (const [variable] of named) assert.ok(set.has(variable), variable);
  });

  for (const name of PALETTE_NAMES) {
    for (const kind of Object.keys(THEMES) as ThemeKind[]) {
      const { name: theme, background, foreground } = THEMES[kind];
      it(`${name}: text is readable on both tints of aligned rows, which differ, in ${theme}`, () => {
        const ground = parseColour(background).rgb;
        const tintOf = (selector: string, hex: string) => {
          const percent = /color-mix\(in srgb, var\(--cmp-band\) (\d+)%, transparent\)/.exec(
            rule(compare, selector),
          )?.[1];
          const alpha = Math.round((Number(percent) / 100) * 255);
          return over(`${hex.slice(0, 7)}${alpha.toString(16).padStart(2, "0")}`, ground);
        };
        const banded = '.cmp-token[class*="cmp-band-"]';
        for (const { edgeColour } of PALETTES[name]) {
          const hex = declaredColours.get(edgeColour)![kind];
          const tints = [banded, `${banded}.cmp-odd`].map((selector) => tintOf(selector, hex));
          for (const tint of tints) {
            const text = contrast(parseColour(foreground).rgb, tint);
            assert.ok(text >= 4.5, `text on ${edgeColour}: ${text.toFixed(2)}`);
          }
          // Neighbours in a row have one of the two each.
          const apart = distance(tints[0]!, tints[1]!, "ordinary");
          assert.ok(apart >= 0.03, `${edgeColour}: ${apart.toFixed(3)}`);
        }
      });
    }
  }
});
