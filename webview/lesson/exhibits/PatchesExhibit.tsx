/** The exhibit of patches: a picture cut into squares, counted, and the numbers of the square that is chosen. */

import { useEffect, useRef, useState } from "preact/hooks";
import { patchesOf } from "../../../src/core/lessons/exhibits.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { sentence } from "../../ui/sentence.js";
import { Slider } from "../../ui/toolkit.js";
import type { ExhibitProps } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "patches" }>;

const SIZES = { min: 56, max: 1024, step: 8 };
const PATCHES = { min: 4, max: 64, step: 2 };
/** Pixels along the side of the drawing: twice as many as the page gives it, for sharp screens. */
const SHARPNESS = 720;
/** Pixels of a patch whose colours are written out. */
const WRITTEN = 6;

export function PatchesExhibit({ config, covered, onInstrument }: ExhibitProps<Config>) {
  const [size, setSize] = useState(config.size);
  const [patch, setPatch] = useState(config.patch);
  const [chosen, setChosen] = useState(0);
  const [colours, setColours] = useState<string[]>([]);
  const canvas = useRef<HTMLCanvasElement>(null);
  const { across, tokens, numbers } = patchesOf(size, patch);
  const at = Math.min(chosen, tokens - 1);
  const [column, row] = [at % across, Math.floor(at / across)];

  useEffect(() => {
    onInstrument({
      text: `${size} ${patch}`,
      readings: { size, patch, tokens, numbers },
      setting: t("{0} × {0} pixels, patches of {1}", size, patch),
      guesses: {},
    });
  }, [size, patch]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    const picture = document.createElement("canvas");
    picture.width = picture.height = size;
    const painting = picture.getContext("2d", { willReadFrequently: true });
    if (!context || !painting) return;
    paint(painting, size);
    const { data } = painting.getImageData(column * patch, row * patch, patch, patch);
    setColours(
      Array.from({ length: Math.min(WRITTEN, patch) }, (_, pixel) =>
        Array.from(data.subarray(pixel * 4, pixel * 4 + 3)).join(" "),
      ),
    );
    // The pixels of a small picture are to be seen, and the lines between its squares stay thin.
    context.imageSmoothingEnabled = size > SHARPNESS;
    context.drawImage(picture, 0, 0, SHARPNESS, SHARPNESS);
    drawGrid(context, size, patch, column, row);
  }, [size, patch, at, covered]);

  const choose = (event: MouseEvent & { currentTarget: HTMLCanvasElement }) => {
    const box = event.currentTarget.getBoundingClientRect();
    const cell = (offset: number, length: number) =>
      Math.min(across - 1, Math.max(0, Math.floor((offset / length) * (size / patch))));
    setChosen(cell(event.clientY - box.top, box.height) * across + cell(event.clientX - box.left, box.width));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = {
      ArrowLeft: -1,
      ArrowRight: 1,
      ArrowUp: -across,
      ArrowDown: across,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    setChosen(Math.min(tokens - 1, Math.max(0, at + step)));
  };
  return (
    <>
      <div class="lesson-sliders">
        <Slider
          label={t("picture")}
          {...SIZES}
          value={size}
          valueText={t("{0} × {0} pixels", size)}
          onInput={setSize}
        />
        <Slider
          label={t({ message: "patch", comment: "a square of a picture" })}
          {...PATCHES}
          value={patch}
          valueText={`${patch} × ${patch}`}
          onInput={setPatch}
        />
      </div>
      {!covered && (
        <Figure
          caption={
            tokens === 1
              ? t("{0} × {0} pixels make 1 × 1 = 1 patch; each is {1} numbers.", size, formatCount(numbers))
              : t(
                  "{0} × {0} pixels make {1} × {1} = {2} patches; each is {3} numbers.",
                  size,
                  formatCount(across),
                  formatCount(tokens),
                  formatCount(numbers),
                )
          }
          table={{
            columns: [t("Pixel of the chosen patch"), t("red green blue")],
            rows: () => colours.map((colour, pixel) => [String(pixel + 1), colour]),
          }}
        >
          <canvas
            ref={canvas}
            class="lesson-patches"
            role="img"
            tabIndex={0}
            width={SHARPNESS}
            height={SHARPNESS}
            aria-label={t(
              "A painted landscape, cut into {0} squares. Square {1}: row {2}, column {3}. The arrow keys choose another.",
              formatCount(tokens),
              at + 1,
              row + 1,
              column + 1,
            )}
            onClick={choose}
            onKeyDown={onKeyDown}
          />
          <p>
            {sentence(
              "Patch {0} begins with the pixels {1} and goes on to {2} numbers. One multiplication turns them into a row like that of a word.",
              formatCount(at + 1),
              <code>{colours.join(" | ")}</code>,
              formatCount(numbers),
            )}
          </p>
        </Figure>
      )}
    </>
  );
}

/** A small landscape, painted at any size: sky, sun, hill and house. */
function paint(context: CanvasRenderingContext2D, size: number): void {
  const fill = (colour: string, path: () => void) => {
    context.fillStyle = colour;
    context.beginPath();
    path();
    context.fill();
  };
  const sky = context.createLinearGradient(0, 0, 0, size);
  sky.addColorStop(0, "#6aa9e0");
  sky.addColorStop(1, "#d8ecf8");
  context.fillStyle = sky;
  context.fillRect(0, 0, size, size);
  fill("#f6d04d", () => context.arc(size * 0.78, size * 0.2, size * 0.1, 0, 2 * Math.PI));
  fill("#5d9b52", () =>
    context.ellipse(size * 0.35, size * 1.05, size * 0.7, size * 0.42, 0, 0, 2 * Math.PI),
  );
  fill("#437c45", () =>
    context.ellipse(size * 0.95, size * 1.08, size * 0.55, size * 0.36, 0, 0, 2 * Math.PI),
  );
  fill("#e8e1d2", () => context.rect(size * 0.28, size * 0.5, size * 0.24, size * 0.2));
  fill("#a5483c", () => {
    context.moveTo(size * 0.25, size * 0.5);
    context.lineTo(size * 0.4, size * 0.36);
    context.lineTo(size * 0.55, size * 0.5);
  });
  fill("#5b4636", () => context.rect(size * 0.37, size * 0.58, size * 0.06, size * 0.12));
}

function drawGrid(
  context: CanvasRenderingContext2D,
  size: number,
  patch: number,
  column: number,
  row: number,
): void {
  const side = (patch / size) * SHARPNESS;
  context.lineWidth = 2;
  context.strokeStyle = "rgba(0, 0, 0, 0.45)";
  context.beginPath();
  for (let line = side; line < SHARPNESS; line += side) {
    context.moveTo(line, 0);
    context.lineTo(line, SHARPNESS);
    context.moveTo(0, line);
    context.lineTo(SHARPNESS, line);
  }
  context.stroke();
  for (const [width, colour] of [
    [7, "#000000"],
    [3, "#ffffff"],
  ] as const) {
    context.lineWidth = width;
    context.strokeStyle = colour;
    context.strokeRect(column * side, row * side, side, side);
  }
}
