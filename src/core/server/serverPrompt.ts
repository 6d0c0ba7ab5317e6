/**
 * A chat for a server, as *What was sent* shows it and as it fits the context. The server has a template and a
 * tokenizer of its own that nobody sees from here: the tokens are estimated, and the prompt says so.
 */

import type { PlacedModelToken } from "../../shared/types.js";
import type { ChatMessage, RenderedPrompt } from "../../shared/workerProtocol.js";
import { JOINT } from "../explain/roleMarkers.js";

/**
 * Where a text spells a marker of a known template: `<|im_start|>`, `[INST]`, `<<SYS>>`, `<start_of_turn>`, `</s>`,
 * `<think>`, `### Assistant:`. A server reads the markers of its own template out of messages, too.
 */
const MARKER =
  /<(?=[|｜])|<(?=<\/?SYS>>)|<(?=\/?(?:s|bos|eos|start_of_turn|end_of_turn|think|tool_call|tool_response|tools)>)|\[(?=\/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|TOOL_CONTENT)\])|(?<=^[ \t]*)#(?=##[ \t]*(?:Instruction|Response|System|User|Assistant|Human)\b)|(?<=^[ \t]*)(?:U(?=SER:)|A(?=SSISTANT:))/gm;

/** The messages as they are sent: a word joiner in each marker keeps data from being a role. */
export function withoutMarkers(messages: readonly ChatMessage[]): ChatMessage[] {
  return messages.map(({ role, content }) => ({
    role,
    content: content.replace(MARKER, (beginning) => beginning + JOINT),
  }));
}

/** The messages one below the other, each under its role. */
export function serverPrompt(messages: readonly ChatMessage[]): RenderedPrompt {
  let text = "";
  const joints: number[] = [];
  for (const { role, content } of messages) {
    text += `${text === "" ? "" : "\n\n"}${role}:\n`;
    const original = text.length;
    const sent = content.replace(MARKER, (beginning, at: number) => {
      joints.push(original + at + beginning.length + joints.filter((joint) => joint >= original).length);
      return beginning + JOINT;
    });
    text += sent;
  }
  return { text, tokens: estimatedTokens(text), joints, estimated: true };
}

/** Four letters, three digits or one sign: about as many as the tokenizers of today make, rather more. */
const PIECE = / ?\p{L}{1,4}|\d{1,3}|\s+|[^\p{L}\d\s]/gu;

function estimatedTokens(text: string): PlacedModelToken[] {
  const encoder = new TextEncoder();
  return [...text.matchAll(PIECE)].map((match) => ({
    id: -1,
    bytes: encoder.encode(match[0]),
    name: match[0],
    special: false,
    start: match.index,
    end: match.index + match[0].length,
    startsInside: false,
    endsInside: false,
  }));
}
