/**
 * Patterns of questions that a tool answers for certain: arithmetic, letters in a word, two numbers to compare. A
 * small model chooses tools badly, so a rule that fits chooses in its place, with what the reader wrote and nothing
 * else, and says that it did.
 */

import { t } from "../../shared/l10n.js";
import { evaluate } from "../tools/arithmetic.js";
import type { ToolInput } from "../tools/tool.js";

/** What a rule knows beside the question. */
export interface RuleSubject {
  languageId: string;
  text: string;
  path: string | undefined;
}

export interface RuleChoice {
  /** In words: "The question asks how often a sign occurs." */
  rule: string;
  toolName: string;
  input: ToolInput;
}

/** Languages that the sandbox runs, by VS Code's names for them. */
const SANDBOX_LANGUAGES: Readonly<Record<string, string>> = {
  javascript: "javascript",
  javascriptreact: "javascript",
  typescript: "typescript",
  typescriptreact: "typescript",
  python: "python",
};

/** The language that the sandbox runs texts of a language of VS Code as; undefined where it does not run them. */
export function sandboxLanguage(languageId: string): string | undefined {
  return Object.hasOwn(SANDBOX_LANGUAGES, languageId) ? SANDBOX_LANGUAGES[languageId] : undefined;
}

type Rule = (question: string, subject: RuleSubject) => RuleChoice | undefined;

/** The first that fits counts. */
const RULES: readonly Rule[] = [
  callRule,
  tokenRule,
  spellRule,
  placeRule,
  countRule,
  compareRule,
  arithmeticRule,
  usesRule,
  problemRule,
];

/** The tool that a question asks for by its form; undefined where no rule fits. */
export function chooseByRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const plain = question
    .replace(/[“”„«»]/g, '"')
    .replace(/[‘’]/g, "'")
    .replace(/\s+/g, " ")
    .trim();
  for (const rule of RULES) {
    const choice = rule(plain, subject);
    if (choice) return choice;
  }
  return undefined;
}

/** "What does sum([1, 2]) return?", "What does this print?" */
function callRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const language = sandboxLanguage(subject.languageId);
  if (language === undefined || subject.text.trim() === "") return undefined;
  const runs = (added: string): RuleChoice => ({
    rule: t("The question asks what the selected code does when it runs."),
    toolName: "run_code",
    input: { language, code: added === "" ? subject.text : `${subject.text}\n${added}` },
  });
  if (
    /^(?:run (?:it|this|that|the (?:selection|code))|what (?:does|will) (?:it|this|that|the (?:selection|code|selected code)) (?:print|output|log))\b/i.test(
      question,
    )
  ) {
    return runs("");
  }
  const call =
    /^what (?:does|will|is|would) [`"']?(([\p{L}_$][\p{L}\p{N}_$]*)\(.*\))[`"']? ?(?:return|give|print|evaluate to|yield|come to)?\?*$/iu.exec(
      question,
    );
  const name = call?.[2];
  return call && name !== undefined && subject.text.includes(name) ? runs(call[1]!) : undefined;
}

/** "How many tokens does this selection have?" */
function tokenRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const asked =
    /^(?:how many tokens|count the tokens|number of tokens)\b ?(?:are|is|does|do|has|have)? ?(?:there)? ?(?:in|of|:)? ?(.*?)(?: (?:have|has|take|takes|need|needs|contain|contains))?\?*$/i.exec(
      question,
    );
  const text = asked && textOf(asked[1]!, subject);
  if (text === undefined || text === null) return undefined;
  return { rule: t("The question asks for a number of tokens."), toolName: "count_tokens", input: { text } };
}

const ORDINALS: Readonly<Record<string, number>> = {
  first: 1,
  second: 2,
  other: 2,
  third: 3,
  fourth: 4,
  fifth: 5,
  sixth: 6,
  seventh: 7,
  eighth: 8,
  ninth: 9,
  tenth: 10,
};

function ordinal(word: string): number | undefined {
  const known = ORDINALS[word.toLowerCase()];
  if (known !== undefined) return known;
  const number = /^(\d{1,6})(?:st|nd|rd|th)$/i.exec(word)?.[1];
  return number === undefined ? undefined : Number(number);
}

/** "Print every third character of ubiquitous, starting from the first." */
function spellRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const asked =
    /\bevery (\w+) (?:letter|character|sign) (?:of|in|from) (.*?)(?:,? (?:starting|beginning) (?:from|with|at) the (\w+)(?: (?:letter|character|one))?)?[.?!]*$/i.exec(
      question,
    );
  const every = asked && ordinal(asked[1]!);
  if (!asked || every === undefined || every === null) return undefined;
  const text = textOf(asked[2]!, subject);
  const start = asked[3] === undefined ? 1 : ordinal(asked[3]);
  if (text === undefined || start === undefined) return undefined;
  return {
    rule: t("The question asks for every so-many-th character."),
    toolName: "index_characters",
    input: { text, every, ...(start === 1 ? {} : { start }) },
  };
}

/** "At which places does r stand in strawberry?" */
function placeRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const asked =
    /^(?:at (?:which|what) (?:places?|positions?|index(?:es)?)|where|(?:give|list|what are) (?:me )?the (?:places?|positions?|index(?:es)?)) (.*?) ?\bin\b ?(.*)$/i.exec(
      question,
    );
  const of = asked && signOf(asked[1]!.replace(/^of /i, ""));
  if (!asked || of === undefined || of === null || of === "") return undefined;
  const text = textOf(asked[2]!, subject);
  if (text === undefined) return undefined;
  return {
    rule: t("The question asks where a sign stands."),
    toolName: "index_characters",
    input: { text, of },
  };
}

/** "How many r are in strawberry?", "Count the dots: .....", "How many letters does ubiquitous have?" */
function countRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  const whole =
    /^how many (?:letters|characters|signs) (?:does|do|has|have) (.*?)(?: (?:have|has|contain))?\?*$/i.exec(
      question,
    );
  const asked =
    /^(?:how many times|how many|how often|count(?: all)?|what is the number of)\b ?(.*?) ?(?:\b(?:in|of|inside|within)\b|:|\bhere\b:?) ?(.*)$/i.exec(
      question,
    );
  const rule = t("The question asks how often a sign occurs in a text.");
  if (whole) {
    const text = textOf(whole[1]!, subject);
    return text === undefined ? undefined : { rule, toolName: "count_characters", input: { text } };
  }
  const of = asked && signOf(asked[1]!);
  if (!asked || of === undefined || of === null) return undefined;
  const text = textOf(asked[2]!, subject);
  if (text === undefined) return undefined;
  return { rule, toolName: "count_characters", input: of === "" ? { text } : { text, of } };
}

const SIGN_NAMES: Readonly<Record<string, string>> = {
  dot: ".",
  period: ".",
  "full stop": ".",
  comma: ",",
  space: " ",
  hyphen: "-",
  dash: "-",
  "question mark": "?",
  "exclamation mark": "!",
  star: "*",
  asterisk: "*",
  slash: "/",
  underscore: "_",
  semicolon: ";",
  colon: ":",
};

/** The sign that words name: `r`, `"r"`, `Rs`, `r's`, `the letter r`, `dots`; "" for all characters. */
function signOf(words: string): string | undefined {
  const quoted = quotedIn(words);
  if (quoted !== undefined) return quoted;
  const all = /^(?:the )?(?:letters|characters)\b(?: (?:are|is|there))*$/i.test(words.trim());
  if (all) return "";
  const rest = words
    .replace(
      /\b(?:the|all|letters?|characters?|signs?|times|do(?:es)?|did|are|is|there|occurs?|appears?|comes?|stands?|you|we|see|find|can|up|show|shows)\b/gi,
      " ",
    )
    .replace(/\s+/g, " ")
    .trim();
  if ([...rest].length === 1) return rest;
  const letter = /^(\p{L})'?s$/iu.exec(rest)?.[1];
  if (letter !== undefined) return letter.toLowerCase();
  const name = rest
    .toLowerCase()
    .replace(/s$/, "")
    .replace(/^(.*) mark$/, "$1 mark");
  return Object.hasOwn(SIGN_NAMES, name) ? SIGN_NAMES[name] : undefined;
}

/** The text that words name: a quoted one, the selection, a word, or a short phrase. */
function textOf(words: string, subject: RuleSubject): string | undefined {
  const quoted = quotedIn(words);
  if (quoted !== undefined) return quoted;
  // A run of dots is a text, not the end of the sentence.
  const signs = /^(?:the (?:word|string|text|line) )?([^\p{L}\p{N}\s?"']{2,})\?*$/iu.exec(words)?.[1];
  if (signs !== undefined) return signs;
  const rest = words
    .replace(/[?!.]+$/, "")
    .replace(/^(?:the |this )?(?:words?|strings?|texts?|names?|line) (?=\S)(?!(?:in|of)\b)/i, "")
    .trim();
  if (
    /^(?:(?:the|this|my) (?:selection|selected (?:text|code|lines?)|text|code|line|file)|this|it|here)$/i.test(
      rest,
    )
  ) {
    return subject.text === "" ? undefined : subject.text;
  }
  return rest === "" || rest.split(" ").length > 12 ? undefined : rest;
}

function quotedIn(words: string): string | undefined {
  return /"([^"]+)"|`([^`]+)`|(?:^|[\s(:])'([^']+)'(?=$|[\s).,:;?!])/
    .exec(words)
    ?.slice(1)
    .find((found) => found !== undefined);
}

const NUMBER = String.raw`-?(?:\d{1,3}(?:,\d{3})+(?!\d)|\d+)(?:\.\d+)?`;
const MORE = "larger|bigger|greater|higher|more|larger number|bigger number|greater number";
const LESS = "smaller|less|lower|fewer|smaller number|lesser";

/** "Which is larger, 9.11 or 9.9?", "Is 9.11 greater than 9.9?", "Compare 9.11 and 9.9." */
function compareRule(question: string, _subject: RuleSubject): RuleChoice | undefined {
  const pair = `(${NUMBER})\\s*(?:or|and|,|vs\\.?|versus|against|with|to)\\s*(${NUMBER})`;
  const which = new RegExp(`\\b(?:which|what)\\b.*?\\b(?:(${MORE})|(${LESS}))\\b[^\\d-]*${pair}`, "i").exec(
    question,
  );
  const behind = new RegExp(`${pair}[^\\d]*\\b(?:which|what)\\b.*?\\b(?:(${MORE})|(${LESS}))\\b`, "i").exec(
    question,
  );
  const than = new RegExp(
    `\\bis\\s+(${NUMBER})\\s+(?:(${MORE})|(?:${LESS}))\\s+than\\s+(${NUMBER})`,
    "i",
  ).exec(question);
  const compare = new RegExp(`\\bcompare\\s+${pair}`, "i").exec(question);
  const signs = new RegExp(`(${NUMBER})\\s*(<=|>=|<|>|=|≤|≥)\\s*(${NUMBER})(?!\\s*[-+*/])`).exec(question);
  let expression: string | undefined;
  if (which) expression = `${which[3]} ${which[1] === undefined ? "<" : ">"} ${which[4]}`;
  else if (behind) expression = `${behind[1]} ${behind[3] === undefined ? "<" : ">"} ${behind[2]}`;
  else if (than) expression = `${than[1]} ${than[2] === undefined ? "<" : ">"} ${than[3]}`;
  else if (compare) expression = `${compare[1]} > ${compare[2]}`;
  else if (signs && /[<>=≤≥]/.test(question.replace(/[^<>=≤≥+*/×]/g, "")) && !/[+*/×]/.test(question))
    expression = `${signs[1]} ${signs[2]} ${signs[3]}`;
  return expression === undefined
    ? undefined
    : { rule: t("The question compares two numbers."), toolName: "calculate", input: { expression } };
}

/** Words for signs, replaced before an expression is looked for. */
const SIGN_WORDS: readonly [RegExp, string][] = [
  [/\b(?:multiplied by|times)\b/gi, "*"],
  [/(?<=[\d)])\s*[x✕]\s*(?=[\d(])/gi, " * "],
  [/[×·⋅∙]/g, "*"],
  [/\b(?:divided by|over)\b/gi, "/"],
  [/÷/g, "/"],
  [/\bplus\b/gi, "+"],
  [/\bminus\b/gi, "-"],
  [/[−–]/g, "-"],
  [/\bto the power of\b/gi, "^"],
  [/\bsquared\b/gi, "^ 2"],
  [/\bcubed\b/gi, "^ 3"],
  [/\b(?:mod|modulo)\b/gi, "%"],
];

/** Sentences that name the operation first; `a` and `b` are what is put into the expression. */
const PHRASES: readonly [RegExp, string][] = [
  [
    new RegExp(`\\b(?:multiply|(?:the )?product of)\\s+(${NUMBER})\\s+(?:by|with|and)\\s+(${NUMBER})`, "i"),
    "$1 * $2",
  ],
  [new RegExp(`\\b(?:add|(?:the )?sum of)\\s+(${NUMBER})\\s+(?:to|and|with)\\s+(${NUMBER})`, "i"), "$1 + $2"],
  [new RegExp(`\\bdivide\\s+(${NUMBER})\\s+by\\s+(${NUMBER})`, "i"), "$1 / $2"],
  [new RegExp(`\\bsubtract\\s+(${NUMBER})\\s+from\\s+(${NUMBER})`, "i"), "$2 - $1"],
  [new RegExp(`(${NUMBER})\\s*(?:%|percent)\\s+of\\s+(${NUMBER})`, "i"), "$1 / 100 * $2"],
  [new RegExp(`\\bsquare root of\\s+(${NUMBER})`, "i"), "sqrt($1)"],
  [
    new RegExp(`\\b(?:gcd|greatest common divisor) of\\s+(${NUMBER})\\s+and\\s+(${NUMBER})`, "i"),
    "gcd($1, $2)",
  ],
];

/** "What is 3847 × 291?", "Multiply 1234567890 by 9876543210." */
function arithmeticRule(question: string, _subject: RuleSubject): RuleChoice | undefined {
  const rule = t("The question holds an arithmetic expression.");
  for (const [pattern, template] of PHRASES) {
    const match = pattern.exec(question);
    if (match) {
      const expression = template.replace(/\$(\d)/g, (_all, group: string) => match[Number(group)] ?? "");
      return { rule, toolName: "calculate", input: { expression } };
    }
  }
  let signs = question;
  for (const [pattern, sign] of SIGN_WORDS) signs = signs.replace(pattern, ` ${sign} `);
  signs = signs.replace(/\s+/g, " ");
  const operand = `(?:[-(]\\s*)*(?:sqrt\\(|gcd\\()?${NUMBER}(?:\\s*,\\s*${NUMBER})?(?:\\s*\\))*`;
  const found = [
    ...signs.matchAll(
      new RegExp(`${operand}(?:\\s*(?:\\*\\*|[-+*/%^])\\s*${operand})+|(?:sqrt|gcd)\\([^a-z]*?\\)`, "gi"),
    ),
  ]
    .filter(({ 0: text, index }) => {
      const before = signs[index - 1] ?? " ";
      const behind = signs[index + text.length] ?? " ";
      // Part of a name, a path, a date or a version is no arithmetic.
      return (
        !/[\p{L}\p{N}_$/\\.#-]/u.test(before) &&
        !/^[\p{L}_$\\/#]/u.test(behind) &&
        !/^\d+(?:[-/]\d+)+$/.test(text)
      );
    })
    .map(({ 0: text }) => text.trim())
    .filter(canBeEvaluated)
    .sort((a, b) => b.length - a.length);
  const expression = found[0];
  return expression === undefined ? undefined : { rule, toolName: "calculate", input: { expression } };
}

function canBeEvaluated(text: string): boolean {
  try {
    evaluate(text);
    return true;
  } catch {
    // Not an expression after all: brackets that do not close, or no value. The model is asked then.
    return false;
  }
}

/** "Where is parseDate used?" */
function usesRule(question: string, _subject: RuleSubject): RuleChoice | undefined {
  const query =
    /^(?:where (?:is|are) |find (?:all )?(?:uses of |places of )?|search (?:the workspace )?for )[`"']?([\p{L}_$][\p{L}\p{N}_$.-]*)[`"']?(?: (?:used|called|declared|defined|mentioned|imported)| in (?:the|this) (?:workspace|project|folder))?[.?!]*$/iu.exec(
      question,
    )?.[1];
  if (query === undefined || /^(?:it|this|that|he|she|they|we|you)$/i.test(query)) return undefined;
  return {
    rule: t("The question asks where a name stands in the files."),
    toolName: "search_workspace",
    input: { query },
  };
}

/** "Which errors are in this file?" */
function problemRule(question: string, subject: RuleSubject): RuleChoice | undefined {
  if (
    !/^(?:what|which|are there|list|show|how many)\b.*\b(?:errors?|warnings?|diagnostics|problems)\b/i.test(
      question,
    )
  ) {
    return undefined;
  }
  const here =
    /\b(?:here|this|the (?:file|selection|code))\b/i.test(question) && !/workspace|project/i.test(question);
  return {
    rule: t("The question asks for errors and warnings."),
    toolName: "read_diagnostics",
    input: here && subject.path !== undefined ? { path: subject.path } : {},
  };
}
