/**
 * The only place that knows the component toolkit. `@vscode/webview-ui-toolkit` is archived upstream: its
 * successor is a change in this file.
 */

import {
  provideVSCodeDesignSystem,
  vsCodeButton,
  vsCodeCheckbox,
  vsCodeDropdown,
  vsCodeOption,
  vsCodeProgressRing,
  vsCodeTextArea,
  vsCodeTextField,
} from "@vscode/webview-ui-toolkit";
import type { ComponentChildren, HTMLAttributes } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { useUniqueId } from "./uniqueId.js";

provideVSCodeDesignSystem().register(
  vsCodeButton(),
  vsCodeCheckbox(),
  vsCodeDropdown(),
  vsCodeOption(),
  vsCodeProgressRing(),
  vsCodeTextArea(),
  vsCodeTextField(),
);

type ElementProps = HTMLAttributes<HTMLElement> & Record<string, unknown>;

declare module "preact" {
  namespace JSX {
    interface IntrinsicElements {
      "vscode-button": ElementProps;
      "vscode-checkbox": ElementProps;
      "vscode-dropdown": ElementProps;
      "vscode-option": ElementProps;
      "vscode-progress-ring": ElementProps;
      "vscode-text-area": ElementProps;
      "vscode-text-field": ElementProps;
    }
  }
}

export interface ButtonProps {
  children: ComponentChildren;
  onClick(): void;
  appearance?: "primary" | "secondary";
  disabled?: boolean;
  /** For a button whose text does not say enough by itself. */
  label?: string;
  pressed?: boolean;
}

export function Button({
  children,
  onClick,
  appearance = "secondary",
  disabled,
  label,
  pressed,
}: ButtonProps) {
  return (
    <vscode-button
      appearance={appearance}
      disabled={disabled === true}
      onClick={onClick}
      {...(label === undefined ? {} : { "aria-label": nameOf(children, label), title: label })}
      {...(pressed === undefined ? {} : { "aria-pressed": pressed })}
    >
      {children}
    </vscode-button>
  );
}

/** What is read aloud: it begins with what is seen, by which those who speak to the machine call the button. */
function nameOf(children: ComponentChildren, label: string): string {
  const seen = typeof children === "string" ? children : "";
  // A sign such as an arrow is not said.
  if (!/[\p{L}\p{N}]/u.test(seen)) return label;
  return label.toLowerCase().includes(seen.toLowerCase()) ? label : `${seen}: ${label}`;
}

/** A button that reads as a link: for jumps and for opening evidence. */
export function LinkButton(props: {
  children: ComponentChildren;
  onClick(): void;
  expanded?: boolean;
  label?: string;
}) {
  return (
    <button
      type="button"
      class="gb-link"
      onClick={props.onClick}
      {...(props.expanded === undefined ? {} : { "aria-expanded": props.expanded })}
      {...(props.label === undefined ? {} : { "aria-label": props.label })}
    >
      {props.children}
    </button>
  );
}

export interface TextFieldProps {
  label: string;
  value: string;
  onInput(value: string): void;
  onEnter?(): void;
  placeholder?: string;
  disabled?: boolean;
  /** Hides the label from the eye, not from the screen reader. */
  labelHidden?: boolean;
  /** Columns of the field, in characters. */
  size?: number;
}

export function TextField(props: TextFieldProps) {
  const field = useRef<HTMLElement & { value: string }>(null);
  // The element keeps its own value: it is set only where it differs, or the caret would jump; and at once, or a
  // key that was pressed meanwhile would be lost.
  useLayoutEffect(() => {
    if (field.current && field.current.value !== props.value) field.current.value = props.value;
  }, [props.value]);
  // Without text in it the element names itself "Text field" when it is connected, over what was set before.
  useEffect(() => {
    if (props.labelHidden) field.current?.setAttribute("aria-label", props.label);
  }, [props.labelHidden, props.label]);
  return (
    <vscode-text-field
      ref={field}
      disabled={props.disabled === true}
      placeholder={props.placeholder ?? ""}
      {...(props.size === undefined ? {} : { size: props.size })}
      onInput={(event: Event) =>
        props.onInput((event.currentTarget as HTMLElement & { value: string }).value)
      }
      onKeyDown={(event: KeyboardEvent) => {
        if (event.key === "Enter") props.onEnter?.();
      }}
    >
      {props.labelHidden ? null : props.label}
    </vscode-text-field>
  );
}

export function Checkbox(props: { label: string; checked: boolean; onChange(checked: boolean): void }) {
  const box = useRef<HTMLElement & { checked: boolean }>(null);
  useLayoutEffect(() => {
    if (box.current && box.current.checked !== props.checked) box.current.checked = props.checked;
  }, [props.checked]);
  return (
    <vscode-checkbox
      ref={box}
      checked={props.checked}
      onChange={(event: Event) => {
        const { checked } = event.currentTarget as HTMLElement & { checked: boolean };
        if (checked !== props.checked) props.onChange(checked);
      }}
    >
      {props.label}
    </vscode-checkbox>
  );
}

export interface DropdownProps {
  label: string;
  value: string;
  options: { value: string; label: string }[];
  onChange(value: string): void;
}

export function Dropdown(props: DropdownProps) {
  const id = useUniqueId();
  const list = useRef<HTMLElement & { value: string }>(null);
  useLayoutEffect(() => {
    if (list.current && list.current.value !== props.value) list.current.value = props.value;
  }, [props.value]);
  return (
    <div class="gb-field">
      <label for={id}>{props.label}</label>
      <vscode-dropdown
        id={id}
        ref={list}
        aria-label={props.label}
        onChange={(event: Event) => {
          const { value } = event.currentTarget as HTMLElement & { value: string };
          if (value !== props.value) props.onChange(value);
        }}
      >
        {props.options.map((option) => (
          <vscode-option key={option.value} value={option.value} selected={option.value === props.value}>
            {option.label}
          </vscode-option>
        ))}
      </vscode-dropdown>
    </div>
  );
}

/** The toolkit has no slider: the platform's own, in the theme's colours. */
export function Slider(props: {
  label: string;
  min: number;
  max: number;
  step: number;
  value: number;
  /** What the value means now, such as "off" or "0.95". */
  valueText: string;
  /** What screen readers say of the value, where that is more than `valueText`. */
  spokenText?: string;
  onInput(value: number): void;
  /** One sentence for the title: what the knob does. */
  hint?: string;
}) {
  const id = useUniqueId();
  return (
    <div class="gb-slider" {...(props.hint ? { title: props.hint } : {})}>
      <label for={id}>
        <span>{props.label}</span>
        <output for={id}>{props.valueText}</output>
      </label>
      <input
        id={id}
        type="range"
        min={props.min}
        max={props.max}
        step={props.step}
        value={props.value}
        aria-valuetext={props.spokenText ?? props.valueText}
        onInput={(event) => props.onInput(event.currentTarget.valueAsNumber)}
      />
    </div>
  );
}

export function Spinner({ label }: { label: string }) {
  return <vscode-progress-ring class="gb-spinner" aria-label={label} />;
}
