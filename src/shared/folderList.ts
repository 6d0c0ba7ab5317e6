/** How a folder of a package says what is in it, where it lies on a site that cannot be asked. */

/** A file with that name in the folder itself. */
export const FOLDER_LIST = "folder.json";

export interface FolderList {
  files: string[];
  folders: string[];
}
