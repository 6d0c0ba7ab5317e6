/** The exhibit of claims: each is put into a bin, and then told where the evidence puts it, and since when. */

import { useEffect, useState } from "preact/hooks";
import { plainText } from "../../../src/core/lessons/plainText.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { plural } from "../../ui/format.js";
import { LinkButton } from "../../ui/toolkit.js";
import { Words } from "../Prose.js";
import { Bars } from "./Bars.js";
import type { ExhibitProps } from "./registry.js";
import "./field.css";

type Config = Extract<ExhibitConfig, { type: "sort-claims" }>;

export function SortClaimsExhibit({ config, covered, onInstrument }: ExhibitProps<Config>) {
  const { bins, claims } = config;
  const [chosen, setChosen] = useState<Readonly<Record<string, string>>>({});
  const sorted = claims.filter(({ id }) => chosen[id] !== undefined);
  const right = sorted.filter(({ id, bin }) => chosen[id] === bin);

  useEffect(() => {
    onInstrument({
      text: JSON.stringify(chosen),
      readings: { sorted: sorted.length, right: right.length },
      setting: `${right.length} of ${plural(claims.length, "claim")}`,
      guesses: {},
    });
  }, [chosen]);

  return (
    <>
      <ul class="lesson-claims">
        {claims.map(({ id, text, bin, evidence }) => {
          const mine = chosen[id];
          return (
            <li key={id} class="lesson-claim" data-claim={id}>
              <p>
                <Words text={text} />
              </p>
              <fieldset class="gb-row lesson-choice" aria-label={`Where does it belong: ${plainText(text)}`}>
                {bins.map((each) => (
                  <button
                    key={each.id}
                    type="button"
                    class="lesson-option"
                    data-state={
                      mine === undefined
                        ? "open"
                        : each.id === bin
                          ? "right"
                          : each.id === mine
                            ? "wrong"
                            : "open"
                    }
                    aria-pressed={mine === each.id}
                    disabled={mine !== undefined}
                    onClick={() => setChosen((before) => ({ ...before, [id]: each.id }))}
                  >
                    {mine !== undefined && each.id === bin && <span aria-hidden="true">✓ </span>}
                    {mine === each.id && each.id !== bin && <span aria-hidden="true">✗ </span>}
                    {each.label}
                  </button>
                ))}
              </fieldset>
              {mine !== undefined && (
                <p class="gb-dim" role="status">
                  <span class={mine === bin ? "gb-verified" : "gb-contradicted"}>
                    {mine === bin ? "as the evidence says" : "the evidence says otherwise"}
                  </span>
                  . <Words text={evidence} />
                </p>
              )}
            </li>
          );
        })}
      </ul>
      {!covered && (
        <Figure
          caption={`You have sorted ${sorted.length} of ${plural(claims.length, "claim")}, ${right.length} of them as the evidence does${missedMost(bins, sorted, chosen)}.`}
          table={{
            columns: ["Claim", "You", "The evidence"],
            rows: () => {
              const label = (id: string | undefined) => bins.find((each) => each.id === id)?.label ?? "";
              return sorted.map(({ id, text, bin }) => [plainText(text), label(chosen[id]), label(bin)]);
            },
          }}
        >
          <Bars
            bars={bins.map(({ id, label }) => {
              const here = sorted.filter(({ bin }) => bin === id);
              const hit = here.filter((claim) => chosen[claim.id] === id).length;
              return {
                key: id,
                label,
                share: here.length === 0 ? 0 : hit / here.length,
                value: `${hit} of ${here.length}`,
              };
            })}
          />
        </Figure>
      )}
      {sorted.length > 0 && <LinkButton onClick={() => setChosen({})}>Begin again</LinkButton>}
    </>
  );
}

/** The bin in which the reader was wrong most often, as the end of a sentence. */
function missedMost(
  bins: Config["bins"],
  sorted: Config["claims"],
  chosen: Readonly<Record<string, string>>,
): string {
  const missed = bins.map(({ id, label }) => ({
    label,
    count: sorted.filter((claim) => claim.bin === id && chosen[claim.id] !== id).length,
  }));
  const most = missed.toSorted((a, b) => b.count - a.count)[0];
  return most && most.count > 0 ? `; most were missed among “${most.label}”, ${most.count}` : "";
}
