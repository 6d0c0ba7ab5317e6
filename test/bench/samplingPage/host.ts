/**
 * The host of a sampling panel whose model has as many tokens as the bundle says, in the page itself, without an
 * editor; and the hand that moves its sliders.
 */

import { seededCoin } from "../../../src/core/sampling/randomness.js";
import type { CommonHostProtocol, CommonWebviewProtocol } from "../../../src/shared/panels/panel.js";
import type { SamplingHost, SamplingPage } from "../../../src/shared/panels/sampling.js";
import { connect, type Handlers } from "../../../src/shared/rpc.js";
import type { ModelInfo, ModelToken } from "../../../src/shared/types.js";

declare const VOCABULARY: number;

/** Normally distributed, as wide as those of real models: Box and Muller 1958. */
function logits(): Float32Array {
  const coin = seededCoin(1);
  return Float32Array.from(
    { length: VOCABULARY },
    () => 3 * Math.sqrt(-2 * Math.log(1 - coin())) * Math.cos(2 * Math.PI * coin()),
  );
}

const nameOf = (id: number): ModelToken => ({
  id,
  name: `t${id}`,
  bytes: new TextEncoder().encode(`t${id}`),
  special: false,
});

const model: ModelInfo = {
  path: "random.gguf",
  name: "Random logits",
  architecture: "llama",
  parameterCount: 7_000_000_000,
  fileBytes: 4_000_000_000,
  quantisation: "Q4_K",
  contextSize: 4096,
  trainedContext: 4096,
  vocabularySize: VOCABULARY,
  layerCount: 32,
  headCount: 32,
  chat: false,
};

const handlers: Partial<Handlers<SamplingHost & CommonHostProtocol>> = {
  prompt: () => ({
    kind: "prompt",
    prompt: {
      source: {
        fileName: "a.md",
        firstLine: 0,
        lastLine: 0,
        languageId: "markdown",
        scope: "given",
        cutAtStart: false,
      },
      tokens: Array.from({ length: 40 }, (_, at) => ({
        ...nameOf(at * 3),
        start: at,
        end: at + 1,
        startsInside: false,
        endsInside: false,
      })),
      cut: false,
      model,
      builtIn: false,
      engine: "none",
    },
  }),
  next: () => ({ logits: logits(), ms: 0, reused: 0 }),
  tokens: ({ ids }) => ids.map(nameOf),
};

/** Moves a slider to and fro; the times from its event until the changed page is laid out, in milliseconds. */
async function moveSlider(name: string, moves: number): Promise<number[]> {
  const sliders = [...document.querySelectorAll<HTMLInputElement>("input[type=range]")];
  const slider = sliders.find(({ labels }) => labels?.[0]?.firstChild?.textContent === name);
  const shown = slider?.parentElement?.querySelector("output");
  if (!slider || !shown) throw new Error(`There is no slider "${name}".`);
  const [min, max, step] = [Number(slider.min), Number(slider.max), Number(slider.step)];
  const steps = Math.round((max - min) / step);
  const times: number[] = [];
  for (let move = 0; move < moves; move++) {
    const before = shown.textContent;
    const value = min + step * Math.round(steps * (0.25 + 0.5 * ((move * 0.618) % 1)));
    const startedAt = performance.now();
    slider.value = String(value);
    slider.dispatchEvent(new InputEvent("input", { bubbles: true }));
    while (shown.textContent === before && performance.now() - startedAt < 2000) await Promise.resolve();
    document.body.getBoundingClientRect();
    times.push(performance.now() - startedAt);
    await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  }
  return times;
}

let toHost: (message: unknown) => void = () => {};
Object.assign(window, {
  moveSlider,
  acquireVsCodeApi: () => ({
    postMessage: (message: unknown) => toHost(message),
    getState: () => undefined,
    setState: () => {},
  }),
});
connect<SamplingPage & CommonWebviewProtocol, SamplingHost & CommonHostProtocol>(
  {
    post: (message) => void window.dispatchEvent(new MessageEvent("message", { data: message })),
    onMessage: (listener) => {
      toHost = listener;
    },
    onClose: () => {},
  },
  handlers as Handlers<SamplingHost & CommonHostProtocol>,
);
