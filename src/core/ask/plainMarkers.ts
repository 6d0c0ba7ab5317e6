/** Keeps what others wrote from reading like a role of the chat: templates spell roles as text that a file can hold. */

/** Zero width, and no part of any marker: what it stands in is no marker any more. */
const JOINT = "\u2060";

/** `<|user|>`, `</s>`, `[INST]`, `<<SYS>>`, `<start_of_turn>`, `<tool_call>` and their like. */
const MARKER =
  /<(?=\|[^|<>\n]{1,40}\|>|\/?s>|<\/?SYS>>|\/?(?:start_of_turn|end_of_turn|begin_of_text|end_of_text|eos|bos|pad|unk|im_start|im_end|tool_call|tool_response|think|system|user|assistant)>|[｜])|\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\])/gi;

/** The text with a joint inside of each marker; what it looks like does not change. */
export function withPlainMarkers(text: string): string {
  return text.replace(MARKER, (sign) => `${sign}${JOINT}`);
}

/** Whether a text spells a marker of a role. */
export function spellsMarkers(text: string): boolean {
  return withPlainMarkers(text) !== text;
}
