/** Running text without its marks: for labels, counts and the names of answers. */

import type { Inline } from "../../shared/panels/lesson.js";

export function plainText(children: readonly Inline[]): string {
  return children
    .map((child) => {
      switch (child.kind) {
        case "text":
        case "code":
          return child.text;
        case "break":
          return " ";
        default:
          return plainText(child.children);
      }
    })
    .join("");
}
