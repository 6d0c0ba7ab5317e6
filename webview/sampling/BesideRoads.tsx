/** The greedy, the beam's and a drawn continuation of one prompt beside each other. */

import { textOfTokens } from "../../src/core/explain/textOfTokens.js";
import { Figure } from "../ui/Figure.js";
import { describeProbability, plural } from "../ui/format.js";
import { TokenChip } from "../ui/TokenChip.js";
import { LinkButton } from "../ui/toolkit.js";
import { type DrawnToken, type Sampling, WAY_NAMES, type Way } from "./useSampling.js";

interface Road {
  way: Way;
  leaf: number;
  steps: DrawnToken[];
  /** Natural logarithm of the probability of its tokens together. */
  logProbability: number;
}

export function BesideRoads({ sampling }: { sampling: Sampling }) {
  const { beside, tree } = sampling;
  if (!beside) return null;
  const before = tree.pathTo(beside.from).length;
  const roads = beside.roads.map(({ way, leaf }): Road => {
    const steps = tree
      .pathTo(leaf)
      .map(({ step }) => step)
      .slice(before);
    const logProbability = tree.logProbability(leaf) - tree.logProbability(beside.from);
    return { way, leaf, steps, logProbability };
  });
  const bits = ({ logProbability, steps }: Road) => -logProbability / Math.LN2 / Math.max(1, steps.length);
  return (
    <Figure
      name="three-ways"
      caption={captionOf(roads)}
      table={{
        columns: ["Way", "Text", "Tokens", "Together", "Bits a token"],
        rows: () =>
          roads.map((road) => [
            WAY_NAMES[road.way],
            textOf(road),
            String(road.steps.length),
            describeProbability(Math.exp(road.logProbability)),
            bits(road).toFixed(2),
          ]),
        exact: () =>
          roads.map((road) => [
            ...[WAY_NAMES[road.way], textOf(road), road.steps.length],
            ...[Math.exp(road.logProbability), bits(road)],
          ]),
      }}
    >
      <ol class="sampling-beside">
        {roads.map((road) => (
          <li key={road.way}>
            <LinkButton
              label={`${WAY_NAMES[road.way]}: go to its end`}
              onClick={() => sampling.goTo(road.leaf)}
            >
              {WAY_NAMES[road.way]}
            </LinkButton>
            <span class="gb-strip">
              {road.steps.map((step) => (
                <TokenChip key={step.index} token={step.token} band={step.index} probability={step.before} />
              ))}
            </span>
            <span class="gb-dim">
              {describeProbability(Math.exp(road.logProbability))}, {bits(road).toFixed(2)} bits a token
            </span>
          </li>
        ))}
      </ol>
    </Figure>
  );
}

function textOf({ steps }: Road): string {
  return textOfTokens(steps.map(({ token }) => token));
}

/** What the numbers say: which road is the more probable, and by how much. */
function captionOf(roads: readonly Road[]): string {
  const [greedy, beam, drawn] = (["greedy", "beam", "drawn"] as const).map((way) =>
    roads.find((road) => road.way === way),
  );
  if (!greedy || !beam || !drawn) return "";
  const sentences: string[] = [];
  const same = (one: Road, other: Road) => one.leaf === other.leaf;
  if (same(greedy, beam)) sentences.push("The beam found nothing more probable than the greedy choice.");
  else if (greedy.steps.length !== beam.steps.length)
    sentences.push("The beam found another road, of another length.");
  else sentences.push(`The beam found a road ${timesAs(beam, greedy)} the greedy one.`);
  if (same(greedy, drawn)) sentences.push("The draw took the greedy road.");
  else if (drawn.steps.length === greedy.steps.length)
    sentences.push(`The drawn one is ${timesAs(drawn, greedy)} the greedy one.`);
  else sentences.push(`The drawn one has ${plural(drawn.steps.length, "token")}.`);
  return sentences.join(" ");
}

function timesAs(one: Road, other: Road): string {
  const ratio = Math.exp(one.logProbability - other.logProbability);
  const times = Math.max(ratio, 1 / ratio);
  const written = times < 100 ? times.toFixed(1) : Number(times.toPrecision(2)).toLocaleString("en");
  return `${written} times as ${ratio >= 1 ? "probable" : "improbable"} as`;
}
