/** The colours of heat maps: even steps, readable without colour, and scales that can be read backwards. */

import assert from "node:assert/strict";
import fc from "fast-check";
import {
  colourRamp,
  type HeatScale,
  heatPosition,
  heatValue,
  type Rgb,
  toLab,
} from "../../../webview/ui/heatScale.js";

const themes: Record<string, { ground: Rgb; accent: Rgb }> = {
  dark: { ground: [31, 31, 31], accent: [55, 148, 255] },
  light: { ground: [255, 255, 255], accent: [26, 133, 255] },
  "high contrast": { ground: [0, 0, 0], accent: [55, 148, 255] },
  "an accent like the ground": { ground: [30, 30, 46], accent: [60, 60, 80] },
};

describe("colourRamp", () => {
  for (const [name, { ground, accent }] of Object.entries(themes)) {
    it(`rises or falls evenly in lightness: ${name}`, () => {
      const lightness = colourRamp(ground, accent, 9).map((colour) => toLab(colour)[0]);
      const steps = lightness.slice(1).map((value, index) => value - (lightness[index] ?? 0));
      const direction = toLab(ground)[0] < 0.5 ? 1 : -1;
      const mean = steps.reduce((a, b) => a + b, 0) / steps.length;
      assert.ok(mean * direction * 8 > 0.3, `its ends are ${mean * 8} apart`);
      for (const step of steps)
        assert.ok(Math.abs(step - mean) < Math.abs(mean) * 0.3, `${step}, mean ${mean}`);
    });
  }

  it("ends in the accent where that stands out from the ground", () => {
    assert.deepEqual(colourRamp([31, 31, 31], [55, 148, 255], 256).at(-1), [55, 148, 255]);
  });
});

describe("heatPosition", () => {
  it("is 0 at nothing, 1 at the largest, and never leaves that range", () => {
    for (const scale of ["linear", "log"] satisfies HeatScale[]) {
      assert.equal(heatPosition(0, 0.5, scale), 0);
      assert.equal(heatPosition(0.5, 0.5, scale), 1);
      assert.equal(heatPosition(0, 0, scale), 0);
      fc.assert(
        fc.property(
          fc.double({ min: 0, max: 1, noNaN: true }),
          fc.double({ min: 0, max: 1, noNaN: true }),
          (a, b) => {
            const [low, high] = a < b ? [a, b] : [b, a];
            const position = heatPosition(low, high, scale);
            assert.ok(position >= 0 && position <= 1);
          },
        ),
      );
    }
  });

  it("can be read backwards: the legend's numbers are those of the colours", () => {
    for (const scale of ["linear", "log"] satisfies HeatScale[]) {
      for (const position of [0.1, 0.5, 0.9, 1]) {
        const back = heatPosition(heatValue(position, 0.73, scale), 0.73, scale);
        assert.ok(Math.abs(back - position) < 1e-9, `${scale} ${position}`);
      }
    }
  });

  it("shows a hundredth of the largest value on the log scale at a third of the ramp", () => {
    assert.ok(Math.abs(heatPosition(0.01, 1, "log") - 1 / 3) < 1e-9);
  });
});
