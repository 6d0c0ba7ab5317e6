/** The exhibit of languages in a lesson: the comparison's own picture, counted by the lesson's host. */

import { useMemo } from "preact/hooks";
import type { ComparedTokenizer, CompareHost } from "../../../src/shared/panels/compare.js";
import type { ExhibitConfig } from "../../../src/shared/panels/lesson.js";
import type { Caller } from "../../../src/shared/rpc.js";
import { LanguagesExhibit } from "../../compare/LanguagesExhibit.js";
import type { ExhibitProps, LessonHost } from "./registry.js";

type Config = Extract<ExhibitConfig, { type: "languages" }>;

export function SameMeaningExhibit({ config, host, covered }: ExhibitProps<Config>) {
  const counting = useMemo(() => countingHost(host), [host]);
  const tokenizers = useMemo(
    () =>
      config.encodings.map(
        (name): ComparedTokenizer => ({ name, label: name, detail: "", approximate: undefined }),
      ),
    [config],
  );
  if (covered) return null;
  return <LanguagesExhibit host={counting} tokenizers={tokenizers} said={0} meaning={config.meaning} />;
}

/** Counts as the comparison's host does, by way of the lesson's. */
function countingHost(host: LessonHost): Caller<Pick<CompareHost, "countTexts">> {
  return {
    call: async (_method, { tokenizer, texts }, options) => {
      const { signal } = options ?? {};
      const encoded = texts.map((text) =>
        host.call("encode", { text, encoding: tokenizer }, signal ? { signal } : {}),
      );
      return (await Promise.all(encoded)).map((tokens) => tokens.length);
    },
  };
}
