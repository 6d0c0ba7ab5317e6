/** The exhibit of a filter: a list of forbidden words, and one text in forms that such a list does or does not see. */

import { useEffect } from "preact/hooks";
import { DISGUISES, onlyInside, stoppedBy } from "../../../src/core/lessons/disguises.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { Figure } from "../../ui/Figure.js";
import { ErrorNote } from "../../ui/notes.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "word-filter" }>;

interface Form {
  name: string;
  text: string;
  tokens: number;
  stopped: string | undefined;
}

export function WordFilterExhibit({ config, text, host, covered, onInstrument }: ExhibitProps<Config>) {
  const { words, encoding } = config;
  const { value, error, again } = useAnswer(text, async (signal) => {
    const written = DISGUISES.map(({ name, write }) => ({ name, text: write(text) }));
    const facts = written.map((form) => ({ fact: "token-count" as const, text: form.text, encoding }));
    const counts = await host.call("measure", { facts }, { signal });
    const forms = written.map(
      (form, at): Form => ({
        ...form,
        tokens: counts[at] ?? 0,
        stopped: stoppedBy(form.text, words),
      }),
    );
    return { text, forms };
  });

  useEffect(() => {
    if (!value) return;
    const caught = value.forms.filter(({ stopped }) => stopped !== undefined).length;
    onInstrument({
      text: value.text,
      readings: {
        caught,
        missed: value.forms.length - caught,
        plain: value.forms[0]?.stopped === undefined ? 0 : 1,
        inside: onlyInside(value.text, words),
      },
      setting: value.text,
      guesses: {},
    });
  }, [value]);

  if (error) return <ErrorNote error={error} retry={again} />;
  if (covered || !value) return null;
  const { forms } = value;
  const caught = forms.filter(({ stopped }) => stopped !== undefined).length;
  return (
    <>
      <p class="gb-dim">The filter’s list: {words.map((word) => `“${word}”`).join(", ")}.</p>
      <Figure
        caption={`The filter stops ${caught} of ${forms.length} forms of the same text.`}
        table={{
          columns: ["Form", "Text", `Tokens in ${encoding}`, "Filter"],
          rows: () =>
            forms.map(({ name, text: written, tokens, stopped }) => [
              name,
              written,
              formatCount(tokens),
              stopped === undefined ? "passes" : `stopped by “${stopped}”`,
            ]),
        }}
      >
        <ul class="lesson-forms">
          {forms.map(({ name, text: written, tokens, stopped }) => (
            <li key={name}>
              <span class={stopped === undefined ? "gb-contradicted" : "gb-verified"}>
                <span aria-hidden="true">{stopped === undefined ? "○" : "✓"}</span>{" "}
                {stopped === undefined ? "passes" : "stopped"}
              </span>
              <span class="gb-dim">
                {name}, {formatCount(tokens)} tokens
              </span>
              <code>{written}</code>
            </li>
          ))}
        </ul>
      </Figure>
    </>
  );
}
