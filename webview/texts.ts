/** The texts of a panel: data that its page holds where the reader's language is not English. */

import type { Translation } from "../src/shared/texts.js";

const data = document.getElementById("texts")?.textContent;

export const translation: Translation | undefined = data
  ? { language: document.documentElement.lang, texts: JSON.parse(data) as Translation["texts"] }
  : undefined;
