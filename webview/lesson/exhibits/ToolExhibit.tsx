/** The exhibit of a tool: the request as a model would write it, and what the tool answers, run on the page. */

import { useEffect, useState } from "preact/hooks";
import { calculate } from "../../../src/core/tools/calculate.js";
import { countCharacters, indexCharacters } from "../../../src/core/tools/countCharacters.js";
import { callTool, type Tool } from "../../../src/core/tools/tool.js";
import { t } from "../../../src/shared/l10n.js";
import type { ExhibitConfig, LessonTool } from "../../../src/shared/panels/lesson.js";
import { ErrorNote, LoadingNote } from "../../ui/notes.js";
import { TextField } from "../../ui/toolkit.js";
import type { ExhibitProps } from "./registry.js";
import { useAnswer } from "./useAnswer.js";

type Config = Extract<ExhibitConfig, { type: "tool" }>;

const TOOLS: Record<LessonTool, { tool: Tool; takes: string }> = {
  calculate: { tool: calculate, takes: "expression" },
  count_characters: { tool: countCharacters, takes: "text" },
  index_characters: { tool: indexCharacters, takes: "text" },
};

export function ToolExhibit({ config, text, covered, onInstrument }: ExhibitProps<Config>) {
  const { tool, takes } = TOOLS[config.tool];
  const [own, setOwn] = useState<Record<string, string>>({});
  const rest = Object.fromEntries(
    Object.entries(config.fixed).map(([name, value]) => {
      const typed = own[name];
      if (typed === undefined) return [name, value];
      return [name, typeof value === "number" ? Number(typed) : typed];
    }),
  );
  const input = { [takes]: text.trim(), ...rest };
  const key = JSON.stringify(input);
  const { value, error, again } = useAnswer(key, (signal) => callTool(tool, input, {}, signal));

  useEffect(() => {
    if (!value) return;
    const number = Number(value.value);
    onInstrument({
      text: key,
      readings: {
        worked: value.ok ? 1 : 0,
        digits: (value.value?.match(/\d/g) ?? []).length,
        ...(value.ok && value.value !== undefined && Number.isFinite(number) ? { value: number } : {}),
      },
      setting: text,
      guesses: {},
    });
  }, [value]);

  if (error) return <ErrorNote error={error} retry={again} />;
  return (
    <>
      <div class="lesson-fields">
        {Object.entries(config.fixed).map(([name, begun]) => (
          <TextField
            key={name}
            label={labelOf(name) ?? tool.schema.properties[name]?.description ?? name}
            size={12}
            value={own[name] ?? String(begun)}
            onInput={(typed) => setOwn({ ...own, [name]: typed })}
          />
        ))}
      </div>
      <p class="lesson-call-label gb-dim">{t("The request, as text that a model can write:")}</p>
      <pre class="lesson-call">{JSON.stringify({ name: tool.name, arguments: input }, undefined, 2)}</pre>
      {!covered && (
        <>
          <p class="lesson-call-label gb-dim">
            {value && !value.ok ? t("What the program answers, refusing:") : t("What the program answers:")}
          </p>
          {value ? (
            <pre class="lesson-call">{value.text}</pre>
          ) : (
            <LoadingNote text={t("Running the tool …")} />
          )}
        </>
      )}
    </>
  );
}

/** A parameter of the course's exhibits as its reader is told of it; a model reads the tool's own English. */
function labelOf(name: string): string | undefined {
  switch (name) {
    case "start":
      return t("The first place that is spelled; 1 unless told.");
    case "every":
      return t("Spells every n-th character; 1 unless told.");
    case "of":
      return t("What is counted; with nothing here, every character.");
    default:
      return undefined;
  }
}
