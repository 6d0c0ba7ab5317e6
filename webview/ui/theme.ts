/** The theme's colours for what is drawn on a canvas, and word of when they change. */

import { useEffect, useState } from "preact/hooks";
import type { Rgb } from "./heatScale.js";

/** What a canvas needs of the theme. */
export interface CanvasTheme {
  ground: Rgb;
  accent: Rgb;
  text: Rgb;
  dim: Rgb;
  line: Rgb;
  /** Of what cannot be, such as masked cells. */
  hatch: Rgb;
  focus: Rgb;
  /** The editor's font family. */
  codeFont: string;
}

function readTheme(): CanvasTheme {
  const style = getComputedStyle(document.body);
  const pixel = document.createElement("canvas");
  pixel.width = 1;
  pixel.height = 1;
  const context = pixel.getContext("2d", { willReadFrequently: true });
  const ground = style.getPropertyValue("--gb-ground").trim();
  // Painted over the ground, so that any notation is understood and transparent colours look as they do.
  const colour = (...names: string[]): Rgb => {
    const value = names.map((name) => style.getPropertyValue(name).trim()).find((found) => found !== "");
    if (!context || value === undefined) return [128, 128, 128];
    for (const layer of [ground, value]) {
      context.fillStyle = layer;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = context.getImageData(0, 0, 1, 1).data;
    return [red, green, blue];
  };
  return {
    ground: colour("--gb-ground"),
    accent: colour("--gb-accent"),
    text: colour("--gb-text"),
    dim: colour("--gb-dim", "--gb-text"),
    line: colour("--gb-line", "--gb-dim"),
    hatch: colour("--gb-hatch", "--gb-line"),
    focus: colour("--vscode-focusBorder", "--gb-accent"),
    codeFont: style.getPropertyValue("--gb-code").trim() || "monospace",
  };
}

/** The theme as it is now; a new object, and a new drawing, whenever the editor's theme changes. */
export function useCanvasTheme(): CanvasTheme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(readTheme()));
    // The editor writes its colours as variables on the root element, and the kind of theme on the body.
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ["style", "class"] });
    observer.observe(document.body, { attributes: true, attributeFilter: ["class"] });
    return () => observer.disconnect();
  }, []);
  return theme;
}

export function css([red, green, blue]: Rgb, alpha = 1): string {
  return `rgb(${red} ${green} ${blue} / ${alpha})`;
}
