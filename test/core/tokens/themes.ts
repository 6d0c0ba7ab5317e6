/** The themes that colours of ours are held to. */

export type ThemeKind = "dark" | "light" | "highContrast" | "highContrastLight";

/** VS Code's default themes: the editor's background and foreground, and the colours of code. */
export const THEMES: Record<
  ThemeKind,
  { name: string; background: string; foreground: string; code: string[] }
> = {
  dark: {
    name: "Dark Modern",
    background: "#1f1f1f",
    foreground: "#cccccc",
    code: "#6a9955 #ce9178 #569cd6 #c586c0 #b5cea8 #dcdcaa #4ec9b0 #9cdcfe #4fc1ff #d16969 #d7ba7d #179fff".split(
      " ",
    ),
  },
  light: {
    name: "Light Modern",
    background: "#ffffff",
    foreground: "#3b3b3b",
    code: "#008000 #a31515 #0000ff #af00db #098658 #795e26 #267f99 #001080 #0070c1 #811f3f #e50000".split(
      " ",
    ),
  },
  highContrast: {
    name: "Dark High Contrast",
    background: "#000000",
    foreground: "#ffffff",
    code: "#7ca668 #ce9178 #569cd6 #c586c0 #b5cea8 #dcdcaa #4ec9b0 #9cdcfe #d16969".split(" "),
  },
  highContrastLight: {
    name: "Light High Contrast",
    background: "#ffffff",
    foreground: "#292929",
    code: "#515151 #0f4a85 #b5200d #096d48 #5e2cbc #185e73 #001080 #02715d #811f3f".split(" "),
  },
};

/** A tint may take this much of the contrast that a theme gives a colour of code, where it gives little itself. */
export const KEPT = 0.83;
