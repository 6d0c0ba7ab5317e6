/** The views of one panel, of which one is in sight; the others keep what was done in them. */

import type { ComponentChildren } from "preact";
import { useRef } from "preact/hooks";
import { useUniqueId } from "./uniqueId.js";

export interface Tab {
  id: string;
  label: string;
  content: ComponentChildren;
}

export interface TabsProps {
  label: string;
  tabs: readonly Tab[];
  shown: string;
  onShow(id: string): void;
}

export function Tabs({ label, tabs, shown, onShow }: TabsProps) {
  const own = useUniqueId();
  const list = useRef<HTMLDivElement>(null);
  const onKeyDown = (event: KeyboardEvent) => {
    const from = tabs.findIndex(({ id }) => id === shown);
    const places: Record<string, number> = {
      ArrowLeft: from - 1,
      ArrowRight: from + 1,
      Home: 0,
      End: tabs.length - 1,
    };
    const wanted = places[event.key];
    if (wanted === undefined) return;
    event.preventDefault();
    const to = (wanted + tabs.length) % tabs.length;
    onShow(tabs[to]!.id);
    list.current?.querySelectorAll<HTMLElement>(".gb-tab")[to]?.focus();
  };
  return (
    <>
      <div ref={list} class="gb-tabs" role="tablist" aria-label={label} onKeyDown={onKeyDown}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            type="button"
            class="gb-tab"
            role="tab"
            id={`${own}-${tab.id}`}
            aria-selected={tab.id === shown}
            aria-controls={`${own}-${tab.id}-view`}
            tabIndex={tab.id === shown ? 0 : -1}
            onClick={() => onShow(tab.id)}
          >
            {tab.label}
          </button>
        ))}
      </div>
      {tabs.map((tab) => (
        <div
          key={tab.id}
          role="tabpanel"
          id={`${own}-${tab.id}-view`}
          aria-labelledby={`${own}-${tab.id}`}
          hidden={tab.id !== shown}
        >
          {tab.content}
        </div>
      ))}
    </>
  );
}
