/** Turns chat messages into the exact prompt: the model's own template, with its special tokens. */

import type { LlamaText } from "node-llama-cpp";
import { breakMarkers, plainMarkers } from "../../core/explain/roleMarkers.js";
import { GlassboxError } from "../../shared/errors.js";
import type { PlacedModelToken } from "../../shared/types.js";
import type { ChatMessage, RenderedPrompt, ToolDeclaration } from "../../shared/workerProtocol.js";
import { contextText, templateFault } from "./chatTemplates.js";
import type { LoadedModel } from "./loadedModel.js";
import { placeTokens } from "./placeTokens.js";

async function rendered(render: () => Promise<LlamaText>): Promise<LlamaText> {
  try {
    return await render();
  } catch (error) {
    throw templateFault(error);
  }
}

/** BOS, EOS and their like, which a LlamaText names by their role, as the vocabulary spells them. */
function spell(loaded: LoadedModel, ids: readonly number[]): string {
  return ids
    .map((id) => {
      const { special, name, bytes } = loaded.vocabulary.token(id);
      return special ? name : new TextDecoder().decode(bytes);
    })
    .join("");
}

/** A template's text between its special tokens. */
function plainRuns(loaded: LoadedModel, templateText: string): string[] {
  const runs: number[][] = [[]];
  for (const id of loaded.model.tokenize(templateText, true)) {
    if (loaded.vocabulary.token(id).special) runs.push([]);
    else runs.at(-1)!.push(id);
  }
  return runs.map((ids) => spell(loaded, ids));
}

/**
 * Renders a chat as the prompt that goes to the model. Only the template makes special tokens; text in a message
 * that spells one stays plain text. Where it spells a role marker that the template itself writes as plain text, it
 * is broken up (see `roleMarkers`), so that only the template makes those as well.
 * A model without a template gets the last message as it is, to be continued.
 */
export async function renderChat(
  loaded: LoadedModel,
  messages: readonly ChatMessage[],
  tools?: readonly ToolDeclaration[],
): Promise<RenderedPrompt> {
  const last = messages.at(-1);
  if (!last) throw new GlassboxError("invalid-request", "A chat needs at least one message.");
  const { model } = loaded;
  const bos = model.tokens.shouldPrependBosToken ? model.tokens.bos : null;
  const start = bos === null ? "" : loaded.vocabulary.token(bos).name;
  const templates = await loaded.chatTemplates();
  if (templates === undefined) {
    const tokens = loaded.tokenize(last.content, bos !== null).map((token, index) => ({
      ...token,
      // BOS itself is spelled out before the text.
      start: bos !== null && index === 0 ? 0 : token.start + start.length,
      end: token.end + start.length,
    }));
    return { text: start + last.content, tokens, joints: [] };
  }

  const { LlamaText: llamaText, SpecialToken, SpecialTokensText } = await import("node-llama-cpp");
  const forTools = tools ? templates.forTools : undefined;
  const wrapper = forTools?.wrapper ?? templates.plain;
  const prompt = await rendered(() => contextText(wrapper, messages, forTools && tools));
  // What tools are declared in is no marker, and would break up the words of messages.
  const undeclared = forTools ? await rendered(() => contextText(wrapper, messages, undefined)) : prompt;
  // Plain strings are what the messages say; all else is the template's.
  const markers = plainMarkers(
    undeclared.values.flatMap((value) =>
      value instanceof SpecialTokensText ? plainRuns(loaded, value.value) : [],
    ),
  );
  const end = prompt.values.at(-1);
  const values =
    forTools && end instanceof SpecialTokensText && end.value.endsWith(forTools.beforeWords)
      ? [
          ...prompt.values.slice(0, -1),
          new SpecialTokensText(end.value.slice(0, -forTools.beforeWords.length || undefined)),
        ]
      : prompt.values;
  const joints: number[] = [];
  const parts = values.map((value) => {
    if (typeof value !== "string") return { part: llamaText(value), breaks: [] };
    const broken = breakMarkers(value, markers);
    return { part: llamaText(broken.text), breaks: broken.joints };
  });
  const startsWithBos = prompt.tokenize(model.tokenizer)[0] === bos;
  let text = "";
  const tokens: PlacedModelToken[] = [];
  function append(ids: readonly number[], partText: string): void {
    const offset = text.length;
    text += partText;
    for (const token of placeTokens(
      partText,
      ids.map((id) => loaded.vocabulary.token(id)),
    )) {
      tokens.push({ ...token, start: token.start + offset, end: token.end + offset });
    }
  }
  if (bos !== null && !startsWithBos) append([bos], start);
  const before = tokens.length;
  for (const { part, breaks } of parts) {
    joints.push(...breaks.map((at) => text.length + at));
    // The same parts in the same way as LlamaText itself does it, so that each token knows its part.
    const ids = part.tokenize(model.tokenizer, tokens.length > before ? "trimLeadingSpace" : undefined);
    const [value] = part.values;
    append(ids, value instanceof SpecialToken ? spell(loaded, ids) : part.toString());
  }
  return { text, tokens, joints };
}
