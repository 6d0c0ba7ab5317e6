/** Whether the extension runs in VS Code in a browser, without Node: the build puts a `process` of its own there. */

export const inBrowser = (process.platform as string) === "web";
