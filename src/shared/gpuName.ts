/** What kinds of graphics support are called. */

/** As people write it. @param kind such as "cuda". */
export function gpuName(kind: string): string {
  return { cuda: "CUDA", vulkan: "Vulkan", metal: "Metal" }[kind] ?? kind;
}
