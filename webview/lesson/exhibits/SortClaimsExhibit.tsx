/** The exhibit of claims: each is put into a bin, and then told where the evidence puts it, and since when. */

import { useEffect, useState } from "preact/hooks";
import { plainText } from "../../../src/core/lessons/plainText.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
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
      setting: t("{0} of {1}", right.length, countedClaims(claims.length)),
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
              <fieldset
                class="gb-row lesson-choice"
                aria-label={t("Where does it belong: {0}", plainText(text))}
              >
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
                    {mine === bin ? t("as the evidence says") : t("the evidence says otherwise")}
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
          caption={captionOf(config, sorted, right, chosen)}
          table={{
            columns: [t("Claim"), t("You"), t("The evidence")],
            rows: () => {
              const label = (id: string | undefined) => bins.find((each) => each.id === id)?.label ?? "";
              return sorted.map(({ id, text, bin }) => [plainText(text), label(chosen[id]), label(bin)]);
            },
          }}
        >
          <Bars
            bars={bins.flatMap(({ id, label }) => {
              const here = sorted.filter(({ bin }) => bin === id);
              if (here.length === 0) return [];
              const hit = here.filter((claim) => chosen[claim.id] === id).length;
              return {
                key: id,
                label,
                share: hit / here.length,
                value: t("{0} of {1}", hit, here.length),
              };
            })}
          />
        </Figure>
      )}
      {sorted.length > 0 && <LinkButton onClick={() => setChosen({})}>{t("Begin again")}</LinkButton>}
    </>
  );
}

function captionOf(
  { bins, claims }: Config,
  sorted: Config["claims"],
  right: Config["claims"],
  chosen: Readonly<Record<string, string>>,
): string {
  const missed = bins.map(({ id, label }) => ({
    label,
    count: sorted.filter((claim) => claim.bin === id && chosen[claim.id] !== id).length,
  }));
  const most = missed.toSorted((a, b) => b.count - a.count)[0];
  const all = countedClaims(claims.length);
  return most && most.count > 0
    ? t(
        "You have sorted {0} of {1}, {2} of them as the evidence does; most were missed among “{3}”, {4}.",
        sorted.length,
        all,
        right.length,
        most.label,
        most.count,
      )
    : t("You have sorted {0} of {1}, {2} of them as the evidence does.", sorted.length, all, right.length);
}

function countedClaims(count: number): string {
  return count === 1 ? t("1 claim") : t("{0} claims", formatCount(count));
}
