/** A model's chat templates as the engine's chat wrappers: one for chats, and one for chats in which tools are called. */

import type {
  ChatHistoryItem,
  ChatModelFunctions,
  ChatWrapper,
  GbnfJsonSchema,
  LlamaModel,
  LlamaText,
} from "node-llama-cpp";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { CallFormat, ChatMessage, ToolDeclaration } from "../../shared/workerProtocol.js";

type EngineModule = typeof import("node-llama-cpp");
type TextPart = LlamaText | LlamaText["values"][number];

/** A template in which tools can be called. */
export interface ToolTemplate {
  wrapper: ChatWrapper;
  format: CallFormat;
  /** What the template puts at the end of a prompt that a call does not have before it. */
  beforeWords: string;
}

/** Names that stand in a template's output for what is not the template's own. */
const PROBE = {
  name: "gbprobetool",
  key: "gbprobekey",
  value: "gbprobevalue",
  result: "gbproberesult",
} as const;

const PROBE_TOOL: ToolDeclaration = {
  name: PROBE.name,
  description: "A tool.",
  parameters: {
    type: "object",
    properties: {
      [PROBE.key]: { type: "string", description: "A text.", enum: [PROBE.value] },
      another: { type: "integer", description: "A number.", minimum: 1 },
    },
    required: [PROBE.key],
  },
};

export class ChatTemplates {
  readonly #engine: EngineModule;
  readonly #model: Pick<LlamaModel, "tokenizer">;
  readonly #template: string;
  readonly #toolTemplate: string;
  #plain: ChatWrapper | undefined;
  /** Undefined until it was looked for. */
  #forTools: ToolTemplate | null | undefined;

  /**
   * @param template the Jinja source of the file's chat template.
   * @param toolTemplate the one that the file keeps for tools, where it has two.
   */
  static async of(
    model: Pick<LlamaModel, "tokenizer">,
    template: string,
    toolTemplate: string | undefined,
  ): Promise<ChatTemplates> {
    return new ChatTemplates(await import("node-llama-cpp"), model, template, toolTemplate);
  }

  private constructor(
    engine: EngineModule,
    model: Pick<LlamaModel, "tokenizer">,
    template: string,
    toolTemplate: string | undefined,
  ) {
    this.#engine = engine;
    this.#model = model;
    this.#template = template;
    this.#toolTemplate = toolTemplate ?? template;
  }

  /** @throws GlassboxError `unsupported` for a template that cannot be rendered. */
  get plain(): ChatWrapper {
    this.#plain ??= this.#jinja(this.#template);
    return this.#plain;
  }

  /** Undefined where the template has no form for calls, or one that is not JSON. */
  get forTools(): ToolTemplate | undefined {
    if (this.#forTools === undefined) {
      try {
        this.#forTools = this.#findForTools() ?? null;
      } catch (error) {
        // Templates are programs, and some run only in Python. The chat itself is rendered without tools.
        console.error(`The template's form of calls cannot be used: ${String(error)}`);
        this.#forTools = null;
      }
    }
    return this.#forTools ?? undefined;
  }

  #jinja(template: string): InstanceType<EngineModule["JinjaTemplateChatWrapper"]> {
    const { JinjaTemplateChatWrapper } = this.#engine;
    const options = { template, tokenizer: this.#model.tokenizer, reasoning: false };
    try {
      return new JinjaTemplateChatWrapper(options);
    } catch (error) {
      try {
        // Templates that were written for tools go over the list of them without asking whether there is one.
        return new JinjaTemplateChatWrapper({ ...options, additionalRenderParameters: { tools: [] } });
      } catch {
        throw templateFault(error);
      }
    }
  }

  #findForTools(): ToolTemplate | undefined {
    const wrapper = this.#jinja(this.#toolTemplate);
    if (wrapper.usingJinjaFunctionCallTemplate) return this.#checked(wrapper);
    // Its calls have made-up numbers of nine characters, which the engine does not find in the template by itself.
    if (this.#toolTemplate.includes("[TOOL_CALLS]") && this.#toolTemplate.includes("[AVAILABLE_TOOLS]")) {
      return this.#checked(new this.#engine.MistralChatWrapper());
    }
    return undefined;
  }

  /** The form of a call, if a call that is rendered by the template has it. */
  #checked(wrapper: ChatWrapper): ToolTemplate | undefined {
    const { call, parallelism } = wrapper.settings.functions;
    const section = parallelism?.call;
    const format: CallFormat = {
      before: `${this.#text(section?.sectionPrefix)}${this.#text(call.prefix)}`.trimStart(),
      between: this.#text(call.paramsPrefix),
      after: `${this.#text(call.suffix)}${this.#leadingText(section?.sectionSuffix)}`,
    };
    // Templates that write each argument in a tag of its own: the engine makes one of them, which is not their form.
    if (/\bparams\b/.test(format.between)) return undefined;
    const question: ChatHistoryItem = { type: "user", text: "?" };
    const rendered = (response: Extract<ChatHistoryItem, { type: "model" }>["response"]) =>
      wrapper
        .generateContextState({
          chatHistory: [question, { type: "model", response }],
          availableFunctions: functionsOf([PROBE_TOOL]),
          documentFunctionParams: true,
        })
        .contextText.toString();
    const called = rendered([
      {
        type: "functionCall",
        name: PROBE.name,
        params: { [PROBE.key]: PROBE.value },
        result: PROBE.result,
        startsNewChunk: true,
      },
    ]);
    const json = `{"${PROBE.key}": "${PROBE.value}"}`;
    const start = called.lastIndexOf(`${format.before}${PROBE.name}${format.between}${json}${format.after}`);
    if (start < 0) return undefined;
    const prompt = rendered([]);
    let shared = 0;
    while (shared < prompt.length && shared < start && prompt[shared] === called[shared]) shared++;
    return {
      wrapper,
      format,
      beforeWords: prompt.slice(shared).trimEnd() === "" ? "" : prompt.slice(shared),
    };
  }

  #text(text: TextPart | undefined): string {
    return text === undefined ? "" : this.#engine.LlamaText(text).toString();
  }

  /** Up to the first special token, behind which the turn has ended. */
  #leadingText(text: TextPart | undefined): string {
    const first = text === undefined ? undefined : this.#engine.LlamaText(text).values[0];
    return typeof first === "string" ? first : "";
  }
}

/** Tools as the engine's wrappers take them. */
function functionsOf(tools: readonly ToolDeclaration[]): ChatModelFunctions {
  return Object.fromEntries(
    tools.map(({ name, description, parameters }) => [
      name,
      { description, params: parameters as GbnfJsonSchema },
    ]),
  );
}

/** What is wrong with a model whose own template throws. */
export function templateFault(error: unknown): GlassboxError {
  return new GlassboxError(
    "unsupported",
    t(
      "The model's chat template cannot be rendered: {0}",
      error instanceof Error ? error.message : String(error),
    ),
    t("Choose another model in Settings > Glassbox > Model."),
    { cause: error },
  );
}

/**
 * Renders a chat, the values of calls as plain text between the template's: a template writes them as its own, so
 * that a marker in one would become a special token.
 */
export async function contextText(
  wrapper: ChatWrapper,
  messages: readonly ChatMessage[],
  tools: readonly ToolDeclaration[] | undefined,
): Promise<LlamaText> {
  const { LlamaText: llamaText, SpecialTokensText } = await import("node-llama-cpp");
  const hidden = new Map<string, string>();
  const hide = (value: string): string => {
    const name = `gbvalue${hidden.size}x${crypto.randomUUID().replaceAll("-", "")}`;
    hidden.set(name, JSON.stringify(value).slice(1, -1));
    return name;
  };
  const chatHistory = messages.map(({ role, content, call }): ChatHistoryItem => {
    if (role !== "assistant") return { type: role, text: content };
    if (!call) return { type: "model", response: [content] };
    const params = Object.fromEntries(
      Object.entries(call.input).map(([name, value]) => [
        name,
        typeof value === "string" ? hide(value) : value,
      ]),
    );
    return {
      type: "model",
      response: [
        { type: "functionCall", name: call.name, params, result: call.result, startsNewChunk: true },
      ],
    };
  });
  // An empty answer at the end asks the template for the words that open the model's turn; behind a call it has them.
  if (messages.at(-1)?.role !== "assistant") chatHistory.push({ type: "model", response: [] });
  const { contextText: text } = wrapper.generateContextState({
    chatHistory,
    ...(tools ? { availableFunctions: functionsOf(tools), documentFunctionParams: true } : {}),
  });
  if (hidden.size === 0) return text;
  const names = new RegExp(`(${[...hidden.keys()].join("|")})`);
  return llamaText(
    text.values.flatMap((value): TextPart[] => {
      const source =
        typeof value === "string" ? value : value instanceof SpecialTokensText ? value.value : undefined;
      if (source === undefined) return [value];
      return source
        .split(names)
        .filter((piece) => piece !== "")
        .map(
          (piece) => hidden.get(piece) ?? (typeof value === "string" ? piece : new SpecialTokensText(piece)),
        );
    }),
  );
}
