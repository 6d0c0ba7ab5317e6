/** Where a model is fetched from: reads the addresses that a reader types and makes the URLs that are asked. */

import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ModelSource } from "../../shared/workerProtocol.js";

const EXAMPLE = "hf:Qwen/Qwen2.5-Coder-1.5B-Instruct-GGUF/qwen2.5-coder-1.5b-instruct-q4_k_m.gguf";
/** What Hugging Face allows in the names of users, repositories, branches and quantisations. */
const NAME = /^[\w][\w.-]*$/;

function invalid(text: string, what: string): GlassboxError {
  return new GlassboxError(
    "invalid-request",
    t('"{0}" is no address of a model: {1}.', text, what),
    t("Write it like {0}.", EXAMPLE),
  );
}

/**
 * Reads `hf:user/repository/file.gguf`, `hf:user/repository/file.gguf#branch`, `hf:user/repository:quantisation`,
 * or an http address of a GGUF file.
 * @throws GlassboxError `invalid-request`, saying what is wrong.
 */
export function parseModelAddress(text: string): ModelSource {
  const trimmed = text.trim();
  if (/^https?:\/\//i.test(trimmed)) {
    if (!URL.canParse(trimmed)) throw invalid(trimmed, t("it is no valid URL"));
    if (!/\.gguf$/i.test(new URL(trimmed).pathname)) throw invalid(trimmed, t("it does not end in .gguf"));
    return { kind: "url", url: trimmed };
  }
  const rest = /^(?:hf|huggingface):(?:\/\/)?(.*)$/i.exec(trimmed)?.[1];
  if (rest === undefined) throw invalid(trimmed, t('it begins with neither "hf:" nor "https:"'));
  const [path = "", branch = "main"] = rest.split("#");
  const [user = "", repositoryAndTag = "", ...fileParts] = path.split("/");
  const [repository = "", tag] = repositoryAndTag.split(":");
  if (!NAME.test(user) || !NAME.test(repository))
    throw invalid(trimmed, t("it names no user and repository"));
  if (!NAME.test(branch)) throw invalid(trimmed, t("its branch is not a name"));
  if (fileParts.length === 0) {
    if (tag !== undefined && !NAME.test(tag)) throw invalid(trimmed, t("its quantisation is not a name"));
    return { kind: "hugging-face-tag", user, repository, tag: tag ?? "latest" };
  }
  const file = fileParts.join("/");
  if (tag !== undefined) throw invalid(trimmed, t("it names both a quantisation and a file"));
  if (!/\.gguf$/i.test(file)) throw invalid(trimmed, t("its file does not end in .gguf"));
  if (fileParts.some((part) => !NAME.test(part))) throw invalid(trimmed, t("its file has an odd name"));
  return { kind: "hugging-face", user, repository, branch, file };
}

/** The address as a reader would type it. */
export function addressText(source: ModelSource): string {
  switch (source.kind) {
    case "url":
      return source.url;
    case "hugging-face": {
      const branch = source.branch === "main" ? "" : `#${source.branch}`;
      return `hf:${source.user}/${source.repository}/${source.file}${branch}`;
    }
    case "hugging-face-tag":
      return `hf:${source.user}/${source.repository}:${source.tag}`;
    case "npm":
      return `npm:${source.parts.map(({ spec }) => spec).join("+")}`;
  }
}

/** The file of a Hugging Face repository. @param endpoint such as `https://huggingface.co`; mirrors have another. */
export function huggingFaceUrl(
  endpoint: string,
  { user, repository, branch, file }: Extract<ModelSource, { kind: "hugging-face" }>,
): string {
  const path = file.split("/").map(encodeURIComponent).join("/");
  return `${endpoint.replace(/\/$/, "")}/${user}/${repository}/resolve/${encodeURIComponent(branch)}/${path}`;
}

/** The name under which a URL's file is kept: its last part, without anything that a folder could misread. */
export function fileNameOf(url: string): string {
  const last = new URL(url).pathname.split("/").at(-1) ?? "";
  return last.replace(/%[0-9a-f]{2}|[^\w.+-]/gi, "_").replace(/^\.+/, "") || "model.gguf";
}
