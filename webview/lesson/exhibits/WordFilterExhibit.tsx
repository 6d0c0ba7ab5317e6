/** The exhibit of a filter: a list of forbidden words, and one text in forms that such a list does or does not see. */

import { useEffect } from "preact/hooks";
import { DISGUISES, onlyInside, stoppedBy } from "../../../src/core/lessons/disguises.js";
import { formatCount } from "../../../src/shared/formatCount.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import { quoted } from "../../../src/shared/quoted.js";
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
      <p class="gb-dim">{t("The filter’s list: {0}.", words.map(quoted).join(", "))}</p>
      <Figure
        caption={t("The filter stops {0} of {1} forms of the same text.", caught, forms.length)}
        table={{
          columns: [t("Form"), t("Text"), t("Tokens in {0}", encoding), t("Filter")],
          rows: () =>
            forms.map(({ name, text: written, tokens, stopped }) => [
              name,
              written,
              formatCount(tokens),
              stopped === undefined ? t("passes") : t("stopped by “{0}”", stopped),
            ]),
        }}
      >
        <ul class="lesson-forms">
          {forms.map(({ name, text: written, tokens, stopped }) => (
            <li key={name}>
              <span class={stopped === undefined ? "gb-contradicted" : "gb-verified"}>
                <span aria-hidden="true">{stopped === undefined ? "○" : "✓"}</span>{" "}
                {stopped === undefined ? t("passes") : t({ message: "stopped", comment: "by the filter" })}
              </span>
              <span class="gb-dim">{t("{0}, {1} tokens", name, formatCount(tokens))}</span>
              <code>{written}</code>
            </li>
          ))}
        </ul>
      </Figure>
    </>
  );
}
