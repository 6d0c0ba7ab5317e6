/** The tokens of a folder's files as a tree whose sums stay true while files are counted, changed and removed. */

/** Why a file has no count. */
export type SkipReason = "binary" | "huge" | "link" | "unreadable";

export interface FileCount {
  tokens: number;
  /** Size on disk. */
  bytes: number;
}

export interface BudgetFile {
  kind: "file";
  name: string;
  /** From the root of the tree, with slashes: `src/a.ts`. */
  path: string;
  parent: BudgetFolder;
  tokens: number;
  bytes: number;
}

export interface BudgetFolder {
  kind: "folder";
  name: string;
  /** From the root of the tree; "" for the root. */
  path: string;
  parent: BudgetFolder | undefined;
  /** Sums over all files in it and in the folders below. */
  tokens: number;
  bytes: number;
  files: number;
  children: Map<string, BudgetNode>;
}

export type BudgetNode = BudgetFile | BudgetFolder;
export type BudgetOrder = "tokens" | "name";

/** One root: a workspace folder. An update costs the depth of the file. */
export class BudgetTree {
  readonly root: BudgetFolder;
  readonly #skipped = new Map<string, SkipReason>();

  constructor(name: string) {
    this.root = folderNode(name, "", undefined);
  }

  /** Files without a count, by path. */
  get skipped(): ReadonlyMap<string, SkipReason> {
    return this.#skipped;
  }

  /** Enters a count or replaces the one before; answers the file. */
  set(path: string, { tokens, bytes }: FileCount): BudgetFile {
    this.#skipped.delete(path);
    const before = this.file(path);
    if (before) {
      addUp(before.parent, tokens - before.tokens, bytes - before.bytes, 0);
      before.tokens = tokens;
      before.bytes = bytes;
      return before;
    }
    const names = path.split("/");
    const name = names.pop() ?? "";
    let folder = this.root;
    for (const part of names) {
      let next = folder.children.get(part);
      if (next?.kind !== "folder") {
        // A file that has become a folder.
        if (next) this.delete(next.path);
        next = folderNode(part, folder.path === "" ? part : `${folder.path}/${part}`, folder);
        folder.children.set(part, next);
      }
      folder = next;
    }
    // A folder that has become a file.
    if (folder.children.has(name)) this.delete(path);
    const file: BudgetFile = { kind: "file", name, path, parent: this.#attached(folder), tokens, bytes };
    file.parent.children.set(name, file);
    addUp(file.parent, tokens, bytes, 1);
    return file;
  }

  /** Deleting a folder's last node deletes the folder, which may be the one that a file is about to enter. */
  #attached(folder: BudgetFolder): BudgetFolder {
    for (let node = folder; node.parent; node = node.parent) node.parent.children.set(node.name, node);
    return folder;
  }

  skip(path: string, reason: SkipReason): void {
    this.delete(path);
    this.#skipped.set(path, reason);
  }

  /** Takes a file out, or a folder with all that is in it; answers whether there was one. */
  delete(path: string): boolean {
    let found = this.#skipped.delete(path);
    for (const skipped of this.#skipped.keys()) {
      if (skipped.startsWith(`${path}/`)) found = this.#skipped.delete(skipped);
    }
    const node = this.node(path);
    if (!node?.parent) return found;
    const { parent } = node;
    parent.children.delete(node.name);
    addUp(parent, -node.tokens, -node.bytes, node.kind === "file" ? -1 : -node.files);
    // Folders are there for their files.
    for (let empty = parent; empty.children.size === 0 && empty.parent; empty = empty.parent) {
      empty.parent.children.delete(empty.name);
    }
    return true;
  }

  node(path: string): BudgetNode | undefined {
    if (path === "") return this.root;
    let node: BudgetNode | undefined = this.root;
    for (const part of path.split("/")) {
      if (node?.kind !== "folder") return undefined;
      node = node.children.get(part);
    }
    return node;
  }

  file(path: string): BudgetFile | undefined {
    const node = this.node(path);
    return node?.kind === "file" ? node : undefined;
  }
}

function folderNode(name: string, path: string, parent: BudgetFolder | undefined): BudgetFolder {
  return { kind: "folder", name, path, parent, tokens: 0, bytes: 0, files: 0, children: new Map() };
}

function addUp(from: BudgetFolder, tokens: number, bytes: number, files: number): void {
  for (let folder: BudgetFolder | undefined = from; folder; folder = folder.parent) {
    folder.tokens += tokens;
    folder.bytes += bytes;
    folder.files += files;
  }
}

/** The nodes of a folder as they are shown: most tokens first, or folders before files by name. */
export function sortedChildren(folder: BudgetFolder, order: BudgetOrder): BudgetNode[] {
  const children = [...folder.children.values()];
  if (order === "tokens") return children.sort((a, b) => b.tokens - a.tokens || byName(a, b));
  return children.sort((a, b) => (a.kind === b.kind ? byName(a, b) : a.kind === "folder" ? -1 : 1));
}

const { compare } = new Intl.Collator("en", { numeric: true });

function byName(a: BudgetNode, b: BudgetNode): number {
  return compare(a.name, b.name);
}

/** All files of a node, in the order of their paths. */
export function* filesOf(node: BudgetNode): Generator<BudgetFile> {
  if (node.kind === "file") yield node;
  else for (const child of sortedChildren(node, "name")) yield* filesOf(child);
}

/** Whether all files of a node, of which there is one at least, fulfil a condition; it stops at the first that does not. */
export function everyFile(node: BudgetNode, holds: (file: BudgetFile) => boolean): boolean {
  if (node.kind === "file") return holds(node);
  if (node.children.size === 0) return false;
  for (const child of node.children.values()) if (!everyFile(child, holds)) return false;
  return true;
}
