/**
 * Tells where a text seems to instruct the tutor. Rules of thumb: they miss some attempts and suspect some honest
 * texts. Nothing hangs on them but a note; what keeps text from commanding is that no text is ever run or made a role.
 */

import { t } from "../../shared/l10n.js";
import type { InstructionAttempt } from "../../shared/panels/explain.js";

/** Enough to warn; a hostile file may hold thousands. */
const MOST_ATTEMPTS = 20;
const LONGEST_QUOTE = 80;
/** More of a text is not looked through. */
const LONGEST_TEXT = 40_000;

const TOOLS =
  "run_code|calculate|count_characters|index_characters|count_tokens|read_diagnostics|search_workspace|read_file";

const RULES: readonly [looksLike: string, pattern: RegExp][] = [
  [
    t("spells a marker of a chat’s roles"),
    /<\|[a-z_]{2,24}\|>|<<\/?sys>>|\[\/?inst\]|<\/?(?:start|end)_of_turn>|<\/?(?:tool_call|function_call|tool_response)>|<｜[^｜]{2,24}｜>|(?:^| )#{2,4} ?(?:system|instruction|assistant|response) ?:|<\/?s>/giu,
  ],
  [
    t("tells the tutor to drop its instructions"),
    /\b(?:ignore|disregard|forget|override|bypass|drop)\b[^.]{0,30}\b(?:previous|prior|above|earlier|preceding|all|any|your|the|these|system)\b[^.]{0,25}\b(?:instructions?|prompts?|rules?|messages?|directions?|guidelines?|context|orders)\b/giu,
  ],
  [
    t("tells the tutor to drop its instructions"),
    /\b(?:ignoriere|vergiss)\b[^.]{0,40}\b(?:anweisung|regel|befehl)\w*|\bignor(?:a|e|ez)\b[^.]{0,40}\b(?:instruc\w+|consignes|instruções)\b|忽略.{0,12}(?:指令|指示|说明)/giu,
  ],
  [
    t("gives new instructions"),
    /\b(?:new|updated|real|actual|secret) (?:system )?(?:instructions?|prompt|rules|task|orders?) ?:|\bsystem (?:prompt|message|override|notice) ?[:=]|\b(?:system|assistant|developer) ?: ?(?:you|ignore|run|call|say|from now|always|never)\b/giu,
  ],
  [
    t("tells the tutor who to be"),
    /\byou are (?:now|no longer)\b|\bfrom now on,? you\b|\bpretend (?:to be|that you are|you are)\b|\bact as (?:an? |the )?(?:unrestricted|system|administrator|root|shell|terminal|dan|different|pirate|jailbroken)\b|\b(?:developer|dan|god|jailbreak) mode\b/giu,
  ],
  [
    t("speaks to the tutor"),
    /\b(?:(?:dear|hey|hello|attention|note to|message (?:to|for)|instructions? (?:to|for)) )?(?:the )?(?:ai|llm|language model|chatbot|copilot|(?:ai )?(?:assistant|tutor|model|agent)|glassbox)s?(?: (?:reading|explaining|processing|that reads?) [^,:;.]{0,30})?[,:;]? (?:please |you )?(?:must|should|shall|has to|have to|run|execute|call|use|say|tell|answer|reply|respond|write|print|output|send|read|delete|open|do not|don't|never|always)\b/giu,
  ],
  [
    t("asks for a tool"),
    new RegExp(
      String.raw`\b(?:call|use|invoke|run|execute|trigger)\b[^.]{0,20}\b(?:tools?|${TOOLS}|shell|terminal)\b|\b(?:${TOOLS}) ?\(|["'](?:tool|tool_name|function|name|action)["'] ?: ?["'](?:${TOOLS}|shell|bash|exec|python)["']|\b(?:action|tool) ?: ?(?:${TOOLS}|shell|bash)\b`,
      "giu",
    ),
  ],
  [
    t("asks for a command to be run"),
    /\b(?:run|execute|type|enter|paste)\b[^.]{0,25}(?:\brm -rf\b|\bcurl\b|\bwget\b|\bsudo\b|\bpowershell\b|\beval\b|\bchild_process\b|\bos\.system\b)/giu,
  ],
  [
    t("asks for the tutor’s own instructions"),
    /\b(?:reveal|print|show|repeat|output|leak|quote|disclose|tell me)\b[^.]{0,25}\b(?:your|the) (?:system |hidden |initial |secret |original )?(?:prompt|instructions)\b/giu,
  ],
  [
    t("asks for something to be sent away"),
    /\b(?:send|upload|post|exfiltrate|forward|transmit|e?mail|leak)\b[^.]{0,60}(?:https?:\/\/|\bto (?:the |this |an? )?(?:server|address|url|webhook|endpoint|attacker)\b)/giu,
  ],
  [
    t("asks to keep something from the reader"),
    /\b(?:do not|don't|never)\b[^.]{0,15}\b(?:tell|mention|inform|show|warn|alert|reveal|explain)\b[^.]{0,25}\b(?:user|reader|human|developer|anyone|anybody|this|them)\b/giu,
  ],
  [
    t("claims that the reader has allowed something"),
    /\b(?:reader|user|developer|owner|admin(?:istrator)?)s? (?:has |have )?(?:already )?(?:allowed|permitted|authori[sz]ed|approved|told)\b[^.]{0,12}\b(?:you|the (?:ai|assistant|tutor|model|agent)|(?:all|every|any) tools?)\b/giu,
  ],
  [
    t("dictates the answer"),
    /\b(?:answer|reply|respond|say|write|output)\b (?:only |just |exactly |always )+(?:with |in )?["'“‘`\p{L}]|\b(?:your|the) (?:only |next |final )?(?:answer|reply|response|explanation|output) (?:must|should|shall|has to) (?:be|say|contain|begin|start)\b/giu,
  ],
  [t("hides characters in the text"), /[\u{e0001}\u{e0020}-\u{e007f}]{2,}|[\u202a-\u202e\u2066-\u2069]/gu],
];

/** What opens a comment at the beginning of a line: an attempt may go over several. */
const LEAD =
  /^\s*(?:\/\/+|\/\*+|\*+\/?|#+(?!#* ?(?:system|instruction|assistant|response))|--+|;+|%+|"""|'''|<!--)?\s*/iu;
const INVISIBLE = /[\u200b-\u200d\u2060\u00ad\ufeff]/;

/** A text with invisible characters, comment signs and line breaks smoothed, and the line of each of its characters. */
function smoothed(text: string): { smooth: string; lineAt: number[]; sourceAt: number[] } {
  const kept: string[] = [];
  const lineAt: number[] = [];
  const sourceAt: number[] = [];
  const push = (character: string, line: number, at: number) => {
    kept.push(character);
    lineAt.push(line);
    sourceAt.push(at);
  };
  let start = 0;
  for (const [line, content] of text.slice(0, LONGEST_TEXT).split("\n").entries()) {
    for (let at = LEAD.exec(content)![0].length; at < content.length; at++) {
      const character = content[at]!;
      if (character > "~" && INVISIBLE.test(character)) continue;
      if (character > " " && character !== "\u00a0") push(character, line, start + at);
      else if (kept.at(-1) !== " ") push(" ", line, start + at);
    }
    if (kept.at(-1) !== " ") push(" ", line, start + content.length);
    start += content.length + 1;
  }
  return { smooth: kept.join(""), lineAt, sourceAt };
}

/** `ignore_previous-instructions` in a name is words as well. */
function wordsOfName(name: string): string {
  return name.replace(/[_\-+.]+/g, " ").replace(/([a-z])([A-Z])/g, "$1 $2");
}

/**
 * The places of a text that look like an attempt, in their order, one for each rule and line.
 * @param firstLine the document's line (0-based) on which the text begins, where it has lines.
 */
export function instructionAttempts(
  text: string,
  where: InstructionAttempt["where"],
  firstLine?: number,
): InstructionAttempt[] {
  const { smooth, lineAt, sourceAt } = smoothed(
    where === "file-name" ? `${text}\n${wordsOfName(text)}` : text,
  );
  const found = new Map<string, InstructionAttempt & { at: number }>();
  for (const [looksLike, pattern] of RULES) {
    for (const match of smooth.matchAll(pattern)) {
      const line = lineAt[match.index]!;
      const key = where === "file-name" ? looksLike : `${line} ${looksLike}`;
      if (found.has(key)) continue;
      const words = match[0].trim();
      found.set(key, {
        where,
        line: firstLine === undefined ? undefined : firstLine + line,
        quote: words.length > LONGEST_QUOTE ? `${words.slice(0, LONGEST_QUOTE - 1)}…` : words,
        looksLike,
        at: sourceAt[match.index]!,
      });
    }
  }
  return [...found.values()]
    .sort((a, b) => a.at - b.at)
    .slice(0, MOST_ATTEMPTS)
    .map(({ at: _, ...attempt }) => attempt);
}
