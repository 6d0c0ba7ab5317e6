/** A panel alone in a window of 400 px: everything on it is in sight, and nothing scrolls sideways. */

import assert from "node:assert/strict";
import type { Frame } from "playwright-core";
import type { Workbench } from "./workbench.js";

export const NARROW_PX = 400;

/** Runs in the page of a panel: what sticks out of it, or out of something in it that hides or scrolls the rest. */
const STICKING_OUT = `(() => {
  const { scrollWidth, clientWidth } = document.documentElement;
  const nameOf = (element) =>
    element.tagName.toLowerCase() + [...element.classList].map((name) => "." + name).join("");
  const found = scrollWidth > clientWidth ? ["the page: " + scrollWidth + " of " + clientWidth + " px"] : [];
  for (const element of document.querySelectorAll("#root *")) {
    const { right } = element.getBoundingClientRect();
    if (found.length > 0 && right > clientWidth) found.push(nameOf(element) + ": ends at " + right);
    const { overflowX, textOverflow } = getComputedStyle(element);
    // What ends in an ellipsis says so; what only screen readers read has no place.
    if (overflowX === "visible" || textOverflow === "ellipsis") continue;
    if (element.closest(".gb-visually-hidden")) continue;
    // A pixel is lost where widths are rounded.
    if (element.scrollWidth > element.clientWidth + 1)
      found.push(nameOf(element) + ": " + element.scrollWidth + " of " + element.clientWidth + " px");
  }
  return found;
})()`;

/**
 * Gives a panel a window of 400 px by itself, lets its page be looked at, and puts the window back.
 * @param tab the label of its tab. @param look is to hold the page to something more, and may change what is on it.
 */
export async function inNarrowWindow(
  workbench: Workbench,
  { panel, tab }: { panel: string; tab: string },
  look: (page: Frame) => Promise<void> = assertFits,
): Promise<void> {
  const { width, height } = workbench.page.viewportSize()!;
  await workbench.showTab(tab);
  await workbench.toggleMaximizedGroup();
  await workbench.setSize(NARROW_PX, height);
  const page = await workbench.webview(panel);
  await page.waitForFunction(`innerWidth <= ${NARROW_PX}`);
  try {
    await look(page);
  } finally {
    await workbench.setSize(width, height);
    await workbench.toggleMaximizedGroup();
  }
}

/** Fails where something of the page cannot be seen without scrolling sideways. */
export async function assertFits(page: Frame): Promise<void> {
  assert.deepEqual(await page.evaluate<string[]>(STICKING_OUT), []);
}

/** The same of each of the page's pictures, and of the table behind it. */
export async function assertFiguresFit(page: Frame): Promise<void> {
  await assertFits(page);
  const figures = page.locator("figure");
  for (let at = 0; at < (await figures.count()); at++) {
    await figures.nth(at).getByText("As a table", { exact: true }).click();
    await figures.nth(at).locator(".gb-table").waitFor();
    await assertFits(page);
    await figures.nth(at).getByText("As a picture", { exact: true }).click();
  }
}
