/** Asks Hugging Face, or a mirror of it, which file an address means and which hash it has. */

import { huggingFaceUrl } from "../../core/models/address.js";
import { GlassboxError } from "../../shared/errors.js";
import { t } from "../../shared/l10n.js";
import type { ModelSource } from "../../shared/workerProtocol.js";
import type { RemoteFile } from "./httpDownload.js";

const PUBLIC_ENDPOINT = "https://huggingface.co";
/** The server moves renamed repositories by redirects of its own. */
const MOST_REDIRECTS = 4;

/** Mirrors are named by the variable that Hugging Face's own tools read. */
export function endpointOf(environment: Readonly<Record<string, string | undefined>>): string {
  return environment.HF_ENDPOINT || PUBLIC_ENDPOINT;
}

/** The file that a repository offers for a quantisation. @throws GlassboxError `failed` when it has none. */
export async function fileOfTag(
  endpoint: string,
  { user, repository, tag }: Extract<ModelSource, { kind: "hugging-face-tag" }>,
  signal: AbortSignal,
): Promise<Extract<ModelSource, { kind: "hugging-face" }>> {
  const url = `${endpoint.replace(/\/$/, "")}/v2/${user}/${repository}/manifests/${encodeURIComponent(tag)}`;
  // The manifest names a GGUF file only to those who come as llama.cpp.
  const response = await reach(url, { headers: { "user-agent": "llama-cpp" }, signal });
  const manifest: unknown = response.ok ? await response.json() : undefined;
  const file = rfilename(manifest);
  if (file === undefined) {
    throw new GlassboxError(
      "failed",
      t(
        '{0}/{1} has no GGUF file for "{2}" ({3} answered {4}).',
        user,
        repository,
        tag,
        new URL(url).host,
        response.status,
      ),
      t(
        "Open the repository's page in a browser to see its files, and name one: hf:user/repository/file.gguf.",
      ),
    );
  }
  return { kind: "hugging-face", user, repository, branch: "main", file };
}

function rfilename(manifest: unknown): string | undefined {
  if (typeof manifest !== "object" || manifest === null || !("ggufFile" in manifest)) return undefined;
  const { ggufFile } = manifest;
  if (typeof ggufFile !== "object" || ggufFile === null || !("rfilename" in ggufFile)) return undefined;
  return typeof ggufFile.rfilename === "string" ? ggufFile.rfilename : undefined;
}

/** Where the file lies, with the SHA-256 that the server keeps of large files. */
export async function remoteFile(
  endpoint: string,
  source: Extract<ModelSource, { kind: "hugging-face" }>,
  signal: AbortSignal,
): Promise<RemoteFile> {
  const url = huggingFaceUrl(endpoint, source);
  let asked = url;
  for (let redirects = 0; redirects <= MOST_REDIRECTS; redirects++) {
    const response = await reach(asked, { method: "HEAD", redirect: "manual", signal });
    const sha256 = /^"?([0-9a-f]{64})"?$/.exec(response.headers.get("x-linked-etag") ?? "")?.[1];
    if (sha256 !== undefined) return { url, sha256 };
    const location = response.headers.get("location");
    if (location === null) break;
    asked = new URL(location, asked).href;
  }
  return { url };
}

async function reach(url: string, options: RequestInit): Promise<Response> {
  try {
    return await fetch(url, options);
  } catch (error) {
    if (options.signal?.aborted) throw GlassboxError.cancelled();
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
    throw new GlassboxError(
      "failed",
      t(
        "{0} cannot be reached: {1}.",
        new URL(url).host,
        cause instanceof Error ? cause.message : String(cause),
      ),
      t("Check the connection. Where only a mirror is in reach, set HF_ENDPOINT to its address."),
      { cause: error },
    );
  }
}
