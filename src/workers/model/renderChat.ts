/** Turns chat messages into the exact prompt: the model's own template, with its special tokens. */

import type { ChatHistoryItem, LlamaModel } from "node-llama-cpp";
import { breakMarkers, plainMarkers } from "../../core/explain/roleMarkers.js";
import { GlassboxError } from "../../shared/errors.js";
import type { PlacedModelToken } from "../../shared/types.js";
import type { ChatMessage, RenderedPrompt } from "../../shared/workerProtocol.js";
import type { LoadedModel } from "./loadedModel.js";
import { placeTokens } from "./placeTokens.js";

function history(messages: readonly ChatMessage[]): ChatHistoryItem[] {
  const items = messages.map(({ role, content }): ChatHistoryItem => {
    if (role === "assistant") return { type: "model", response: [content] };
    return { type: role, text: content };
  });
  // An empty answer at the end asks the template for the words that open the model's turn.
  if (items.at(-1)?.type !== "model") items.push({ type: "model", response: [] });
  return items;
}

async function templatedText(model: LlamaModel, template: string, messages: readonly ChatMessage[]) {
  const { JinjaTemplateChatWrapper } = await import("node-llama-cpp");
  try {
    const wrapper = new JinjaTemplateChatWrapper({ template, tokenizer: model.tokenizer });
    return wrapper.generateContextState({ chatHistory: history(messages) }).contextText;
  } catch (error) {
    throw new GlassboxError(
      "unsupported",
      `The model's chat template cannot be rendered: ${error instanceof Error ? error.message : String(error)}`,
      "Choose another model in Settings > Glassbox > Model.",
      { cause: error },
    );
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
): Promise<RenderedPrompt> {
  const last = messages.at(-1);
  if (!last) throw new GlassboxError("invalid-request", "A chat needs at least one message.");
  const { model, chatTemplate: template } = loaded;
  const bos = model.tokens.shouldPrependBosToken ? model.tokens.bos : null;
  const start = bos === null ? "" : loaded.vocabulary.token(bos).name;
  if (template === undefined) {
    const tokens = loaded.tokenize(last.content, bos !== null).map((token, index) => ({
      ...token,
      // BOS itself is spelled out before the text.
      start: bos !== null && index === 0 ? 0 : token.start + start.length,
      end: token.end + start.length,
    }));
    return { text: start + last.content, tokens, joints: [] };
  }

  const { LlamaText, SpecialToken, SpecialTokensText } = await import("node-llama-cpp");
  const prompt = await templatedText(model, template, messages);
  // Plain strings are what the messages say; all else is the template's.
  const markers = plainMarkers(
    prompt.values.flatMap((value) =>
      value instanceof SpecialTokensText ? plainRuns(loaded, value.value) : [],
    ),
  );
  const joints: number[] = [];
  const parts = prompt.values.map((value) => {
    if (typeof value !== "string") return { part: LlamaText(value), breaks: [] };
    const broken = breakMarkers(value, markers);
    return { part: LlamaText(broken.text), breaks: broken.joints };
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
