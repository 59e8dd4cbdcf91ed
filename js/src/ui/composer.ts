// The text box: what the user types, the avatar says.

import { button } from "./controls";
import { h, isComposing, setAttribute } from "./dom";

export interface Composer {
  readonly element: HTMLElement;
  /** `talks`: what is typed is answered, and not said. */
  update(name: string, enabled: boolean, talks: boolean): void;
}

export function createComposer(say: (text: string) => void, signal: AbortSignal): Composer {
  const field = h("input", {
    type: "text",
    class: "ipyavatar-field",
    autocomplete: "off",
    dir: "auto",
    enterkeyhint: "send",
    "data-lm-suppress-shortcuts": "true",
  });
  const send = (): void => {
    if (field.value.trim() === "" || form.getAttribute("aria-disabled") === "true") return;
    say(field.value);
    field.value = "";
    updateButton();
  };
  const submit = button("send", "Send", send, signal);
  submit.classList.add("ipyavatar-send");
  // A form's own submit would reload some notebooks' frames; Enter is handled here instead.
  const form = h(
    "div",
    { class: "ipyavatar-composer", role: "group", "aria-label": "Tell the avatar what to say" },
    field,
    submit,
  );
  const updateButton = (): void => {
    const off = field.value.trim() === "" || form.getAttribute("aria-disabled") === "true";
    setAttribute(submit, "aria-disabled", off ? "true" : null);
  };
  field.addEventListener("input", updateButton, { signal });
  field.addEventListener(
    "keydown",
    (event) => {
      if (event.key !== "Enter" || isComposing(event)) return;
      event.preventDefault();
      send();
    },
    { signal },
  );
  return {
    element: form,
    update(name, enabled, talks) {
      const who = name || "the avatar";
      const prompt = talks ? `Ask ${who}` : `Tell ${who} what to say`;
      setAttribute(field, "placeholder", prompt);
      setAttribute(field, "aria-label", prompt);
      setAttribute(form, "aria-disabled", enabled ? null : "true");
      updateButton();
    },
  };
}
