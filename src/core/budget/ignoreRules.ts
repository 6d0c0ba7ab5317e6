/** Which files of a folder are left out: by nested .gitignore files, and by globs of the editor's settings. */

import ignore, { type Ignore } from "ignore";

/** The rules of one .gitignore. */
interface Scope {
  /** Path of its folder from the root, with a slash behind it; empty for the root. */
  folder: string;
  rules: Ignore;
}

/**
 * The rules that hold in one folder: its own and those of the folders above it. What the deepest file says of a
 * path counts, as git has it. A folder that is ignored must not be entered: nothing in it can be brought back.
 */
export class IgnoreRules {
  readonly #scopes: readonly Scope[];

  private constructor(scopes: readonly Scope[]) {
    this.#scopes = scopes;
  }

  static readonly none = new IgnoreRules([]);

  /** @param folder path from the root, without a slash at its end; "" for the root. */
  with(folder: string, text: string): IgnoreRules {
    const rules = ignore({ ignorecase: false }).add(text);
    // The deepest comes first.
    return new IgnoreRules([{ folder: folder === "" ? "" : `${folder}/`, rules }, ...this.#scopes]);
  }

  /** @param path from the root: `src/a.ts`; a folder with a slash at its end, for some rules are for folders only. */
  ignores(path: string): boolean {
    for (const { folder, rules } of this.#scopes) {
      if (!path.startsWith(folder) || path === folder) continue;
      const { ignored, unignored } = rules.test(path.slice(folder.length));
      if (ignored) return true;
      if (unignored) return false;
    }
    return false;
  }
}

/**
 * A test for paths by the editor's globs, as in `files.exclude`: `*`, `?`, `**`, `[…]` and `{a,b}`, matched against
 * the whole path from the root, and true for everything below a folder that matches.
 */
export function globMatcher(globs: readonly string[]): (path: string) => boolean {
  const rules = ignore({ ignorecase: false });
  for (const glob of globs) {
    for (const plain of expandBraces(glob)) {
      if (plain === "") continue;
      // Without a slash inside, git's rules match in every folder, the editor's in the root only.
      rules.add(plain.startsWith("**/") || plain.startsWith("/") ? plain : `/${plain}`);
    }
  }
  return (path) => rules.ignores(path);
}

/** `*.{ts,js}` -> `*.ts`, `*.js`; groups may hold groups. */
export function expandBraces(glob: string): string[] {
  const open = glob.indexOf("{");
  if (open === -1) return [glob];
  const commas: number[] = [];
  let depth = 0;
  for (let i = open; i < glob.length; i++) {
    if (glob[i] === "{") depth++;
    else if (glob[i] === "}") depth--;
    else if (glob[i] === "," && depth === 1) commas.push(i);
    if (depth > 0) continue;
    const borders = [open, ...commas, i];
    return borders.slice(1).flatMap((end, index) => {
      const option = glob.slice(borders[index]! + 1, end);
      return expandBraces(glob.slice(0, open) + option + glob.slice(i + 1));
    });
  }
  // Never closed: a brace is a brace.
  return [glob];
}
