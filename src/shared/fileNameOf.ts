/** What a model file is called, wherever it lies. */

/** The last part of a path, of whatever system it is, or of a name with slashes such as `maker/model`. */
export function fileNameOf(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
