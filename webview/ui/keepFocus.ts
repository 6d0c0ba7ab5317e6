/**
 * Hands the focus on where what has it goes away, as Stop does at the end of a run: a browser lets it fall to the
 * page, and a reader at the keyboard has lost their place.
 */

/** What Tab may stop at; the toolkit's components have their button or field inside. */
const STOPS = [
  "a[href]",
  "button",
  "input",
  "select",
  "summary",
  "textarea",
  "[tabindex]",
  "vscode-button",
  "vscode-checkbox",
  "vscode-dropdown",
  "vscode-text-area",
  "vscode-text-field",
].join();

/**
 * Watches over a page, from now on. What is hidden or disabled does not take the focus; who uses a pointer is left alone,
 * for a token that is given the focus opens its card.
 */
export function keepFocus(page: HTMLElement): void {
  let last: Element | undefined;
  /** What Tab leads to from there, and then what Shift+Tab does. */
  let heirs: HTMLElement[] = [];
  let atKeyboard = false;
  page.addEventListener("keydown", () => (atKeyboard = true), { capture: true });
  page.addEventListener("pointerdown", () => (atKeyboard = false), { capture: true });
  page.addEventListener("focusin", ({ target }) => {
    last = target as Element;
    const stops = stopsOf(page);
    const place = stops.indexOf(target as HTMLElement);
    heirs = [...stops.slice(place + 1), ...stops.slice(0, Math.max(0, place)).reverse()];
  });
  const observer = new MutationObserver(() => {
    if (!last || last.isConnected) return;
    last = undefined;
    // Where the reader has gone elsewhere, in the page or to the text, they stay there.
    if (!atKeyboard || document.activeElement !== document.body || !document.hasFocus()) return;
    for (const heir of [...heirs, ...stopsOf(page)]) {
      heir.focus({ preventScroll: true });
      if (document.activeElement === heir) return;
    }
  });
  observer.observe(page, { childList: true, subtree: true });
}

/** In the order of the page, which is the order of Tab. */
function stopsOf(page: HTMLElement): HTMLElement[] {
  return [...page.querySelectorAll<HTMLElement>(STOPS)].filter(
    (stop) => stop.getAttribute("tabindex") !== "-1",
  );
}
