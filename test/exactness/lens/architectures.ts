/** The architectures' part of the conformance matrix: small models with random F32 weights. */

import { engineVersion } from "../../../scripts/held.js";
import { SUPPORTED_ARCHITECTURES } from "../../../src/core/lens/architectures.js";
import { CASES, withStrongFeedForward } from "../../model/conformance/cases.js";
import { barInIntegers, Conformance, NOTICED, ROUNDED, SAME } from "../../model/conformance/matrix.js";
import type { Section } from "./section.js";
import { figure, table } from "./table.js";

const MODELS_EACH = 8;

/** @param count models of each kind, of different weights. */
export async function measureArchitectures(
  say: (line: string) => void,
  count = MODELS_EACH,
): Promise<Section> {
  const conformance = await Conformance.open();
  try {
    const rows: string[][] = [];
    const all = { exact: 0, positions: 0, without: 1, parts: 0 };
    const mixtures = { exact: 0, most: 0, of: "" };
    for (const each of CASES) {
      let largest = 0;
      let rounded = 0;
      const least = new Map<string, number>();
      let positions = 0;
      for (let seed = 1; seed <= count; seed++) {
        const name = `${each.architecture}, ${each.variant}, seed ${seed}`;
        const { agreement, integers, without } = await conformance.runCase(each, seed);
        if (!(agreement.maxProbabilityDifference < SAME)) {
          throw new Error(`${name}: probabilities differ by ${agreement.maxProbabilityDifference}`);
        }
        if (!(integers.maxProbabilityDifference < barInIntegers(each))) {
          throw new Error(`${name}, in integers: they differ by ${integers.maxProbabilityDifference}`);
        }
        rounded = Math.max(rounded, integers.maxProbabilityDifference);
        if (each.sizes.experts) {
          mixtures.exact = Math.max(mixtures.exact, agreement.maxProbabilityDifference);
          if (integers.maxProbabilityDifference > mixtures.most) {
            mixtures.most = integers.maxProbabilityDifference;
            mixtures.of = `\`${each.architecture}\`, model ${seed} of ${count}`;
          }
        }
        largest = Math.max(largest, agreement.maxProbabilityDifference);
        positions += agreement.positions;
        for (const [feature, difference] of without) {
          all.without = Math.min(all.without, difference);
          all.parts++;
          if (!(difference > NOTICED)) throw new Error(`${name}: only ${difference} without ${feature}`);
          least.set(feature, Math.min(difference, least.get(feature) ?? 1));
        }
      }
      all.exact = Math.max(all.exact, largest);
      all.positions += positions;
      const parts = [...least].map(([feature, difference]) => `${feature} ${figure(difference)}`).join("; ");
      say(`${each.architecture}, ${each.variant}: ${figure(largest)} over ${positions} positions`);
      rows.push([`\`${each.architecture}\``, each.variant, figure(largest), figure(rounded), parts]);
    }
    let border = 0;
    for (let seed = 1; seed <= count; seed++) {
      const { agreement } = await conformance.runCase({ ...withStrongFeedForward(), without: {} }, seed);
      border = Math.max(border, agreement.maxProbabilityDifference);
    }
    say(`GELU's border cases at full strength: ${figure(border)}`);
    const markdown = `${SUPPORTED_ARCHITECTURES.length} architectures, ${CASES.length} kinds of models, ${count} models of each kind with random F32 weights, 64 tokens of which most come several times. *Difference*: the largest between two probabilities, over all models, positions and tokens; it must be below ${figure(SAME)}. *In integers*: the same with the quicker arithmetic of the lens, which must be below ${ROUNDED}, but for mixtures of experts, see below. *Without*: the least of the same differences when the lens leaves a part out; each must be above ${figure(NOTICED)}, so that a part that is missing or wrong cannot pass.

${table(
  [
    { title: "Architecture" },
    { title: "Model" },
    { title: "Difference", figures: true },
    { title: "In integers", figures: true },
    { title: "Without" },
  ],
  rows,
)}

A mixture of experts may differ far more in integers: here by up to ${figure(mixtures.most)} in the probability of a token (${mixtures.of}), where in f32 it is at most ${figure(mixtures.exact)}. Nothing is computed wrongly there. A router sends every token to the few experts that it scores highest, and where two scores are nearly equal, a rounding in the fourth digit decides between them: the token goes to another expert, whose answer is another one altogether. \`test/core/lens/mixtures.test.ts\` holds that wherever the two ways are apart, the routers have sent this token or one before it elsewhere, and that the expert taken and the expert left had all but equal scores. This jump is the model's own. llama.cpp as it runs for everybody rounds too, and takes it at tokens of its own. It is large here because experts of random weights answer nothing alike, and because these models are so small that one expert is much of the whole. *Compute in 32-bit floats* in the panel takes the exact path.

llama.cpp looks GELU up in a table of 16-bit numbers when it computes on a processor, and the lens does as it does. A number on the border between two of them may then fall to either side, because the engines add in another order, and moves by a 1,024th. The models above have feed-forward parts that add less than attention does, so that this stays below the bar. In GPT-2's block with a feed-forward part as strong as attention the difference is up to ${figure(border)}.`;
    return {
      markdown,
      held: [
        {
          what: `probabilities of every next token: ${SUPPORTED_ARCHITECTURES.length} architectures, ${CASES.length} kinds of random models`,
          against: `${engineVersion()}, in F32 throughout`,
          cases: all.positions,
          of: "positions",
          found: { kind: "difference", largest: all.exact, unit: "probability", below: SAME },
        },
        {
          what: "the same with a part left out, which must be noticed",
          against: `${engineVersion()}, in F32 throughout`,
          cases: all.parts,
          of: "models",
          found: { kind: "noticed", least: all.without, unit: "probability", above: NOTICED },
        },
      ],
    };
  } finally {
    await conformance.dispose();
  }
}
