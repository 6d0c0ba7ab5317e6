/** Guesses the language of a text by its little words: a rule of thumb in place of the classifiers of real pipelines. */

import { t } from "../../shared/l10n.js";
import { PAGE_LANGUAGES, type PageLanguage } from "../../shared/panels/lesson.js";

const LITTLE_WORDS: Readonly<Record<PageLanguage, string>> = {
  English:
    "the of and to a in is it that was he she for on are as with his her they at be this have from or one had by not but what all were we when your can said there an each which do how their if will up out about then them so some would make like him has two more go no way could my than been who its now did get come our",
  German:
    "der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein wurde wenn ich wir ihr wer",
  French:
    "de la le et les des en un du une que est pour qui dans a par plus pas au sur ne se ce il sont avec ils mais comme ou on si leur nous vous je elle son sa ses aux cette y été ont être fait c d l qu n s",
  Spanish:
    "de la que el en y a los del se las por un para con no una su al lo como más pero sus le ya o este sí porque esta entre cuando muy sin sobre también me hasta hay donde quien desde todo nos",
};

/** A language's name in the reader's own. */
export function languageName(name: PageLanguage): string {
  switch (name) {
    case "English":
      return t("English");
    case "German":
      return t("German");
    case "French":
      return t("French");
    case "Spanish":
      return t("Spanish");
  }
}

const SETS = new Map(PAGE_LANGUAGES.map((name) => [name, new Set(LITTLE_WORDS[name].split(" "))]));

/** The part of a text's words that are little words of each language, the largest first. */
export function languageScores(text: string): { language: PageLanguage; score: number }[] {
  const words = text.toLowerCase().match(/\p{L}+/gu) ?? [];
  return PAGE_LANGUAGES.map((language) => ({
    language,
    score: words.filter((word) => SETS.get(language)?.has(word)).length / Math.max(1, words.length),
  })).toSorted((a, b) => b.score - a.score);
}
