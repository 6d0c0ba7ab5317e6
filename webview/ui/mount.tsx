/** Puts a panel's component on its page, with the styles that all panels share. */

import "./glassbox.css";
import { type ComponentChild, render } from "preact";
import { keepFocus } from "./keepFocus.js";

let watched: HTMLElement | undefined;

/** Draws it, or draws it anew. */
export function mount(panel: ComponentChild): void {
  const root = document.getElementById("root");
  if (!root) throw new Error('The page has no element "root".');
  if (watched !== root) keepFocus(root);
  watched = root;
  render(panel, root);
}
