// Why there is no microphone, and how to get one: in words for who sits in front of it.

import type { Problem } from "../model/bridge";

export const UNPLUGGED: Problem = {
  what: "The microphone is gone.",
  fix: "Plug it in, or choose another one in your browser, and press the button again.",
};
export const DROPPED: Problem = {
  what: "This microphone is not heard any more: for a minute nothing came of it, or too many others are on.",
  fix: "Press the button again to go on.",
};
export const NO_DEVICE: Problem = {
  what: "There is no microphone here.",
  fix: "Plug one in, or switch it on in your system's settings, and press the button again.",
};
export const IN_USE: Problem = {
  what: "The microphone does not open: another program may be using it.",
  fix: "Close that program, and press the button again.",
};
export const REFUSED: Problem = {
  what: "The browser was not allowed to use the microphone.",
  fix: "Click the icon beside the page's address, allow the microphone, and press the button again.",
};
export const REFUSED_BY_SYSTEM: Problem = {
  what: "Your system does not let the browser use the microphone.",
  fix: "Allow it in the system's privacy settings, and press the button again.",
};
export const NOT_IN_VS_CODE: Problem = {
  what: "VS Code gives notebooks no microphone.",
  fix: "Open this notebook in a browser, with JupyterLab; or type what you want to say.",
};
export const NOT_IN_THIS_FRAME: Problem = {
  what: "This page is shown inside another one, which gives it no microphone.",
  fix: "Open the notebook in a tab of its own; or type what you want to say.",
};
export const NOT_SECURE: Problem = {
  what: "Browsers give a microphone only to pages with https, or on this computer.",
  fix: "Open the notebook by https, or at localhost: by SSH, forward its port. Or type what you want to say.",
};
export const NO_SUPPORT: Problem = {
  what: "This browser has no microphone for pages.",
  fix: "Use a newer one; or type what you want to say.",
};

/** What of a browser tells why a microphone cannot be had. */
export interface Scope {
  readonly isSecureContext?: boolean;
  readonly location?: { readonly protocol: string };
  readonly navigator: { readonly mediaDevices?: { readonly getUserMedia?: unknown } };
  readonly document?: Document;
}

/** Why there is none to be asked for; null where there may be one. */
export function findObstacle(scope: Scope): Problem | null {
  if (typeof scope.navigator.mediaDevices?.getUserMedia === "function") return null;
  if (isVsCode(scope)) return NOT_IN_VS_CODE;
  return scope.isSecureContext === false ? NOT_SECURE : NO_SUPPORT;
}

/** The service did not take the sound, in its player's words. */
export function explainRefusal(why: string): Problem {
  return { what: `The service takes no sound of this microphone: ${why}.`, fix: "Press the button again." };
}

/** What the browser's error means. */
export function explain(error: unknown, scope: Scope): Problem {
  const { name, message } = (error ?? {}) as Partial<Error>;
  switch (name) {
    case "NotAllowedError":
    case "SecurityError":
      if (isVsCode(scope)) return NOT_IN_VS_CODE;
      if (isForbiddenHere(scope)) return NOT_IN_THIS_FRAME;
      return /system/i.test(message ?? "") ? REFUSED_BY_SYSTEM : REFUSED;
    case "NotFoundError":
    case "OverconstrainedError":
      return NO_DEVICE;
    case "NotReadableError":
    case "AbortError":
      return IN_USE;
    default:
      return { what: `The microphone does not open: ${message || String(error)}.`, fix: "Press the button again." };
  }
}

function isVsCode({ location, document }: Scope): boolean {
  return location?.protocol === "vscode-webview:" || document?.body?.dataset.vscodeThemeKind !== undefined;
}

interface PermissionsPolicy {
  allowsFeature(name: string): boolean;
}

/** Whether the page around this one keeps the microphone for itself. Some browsers do not say so. */
function isForbiddenHere({ document }: Scope): boolean {
  const { featurePolicy } = (document ?? {}) as { featurePolicy?: PermissionsPolicy };
  return featurePolicy?.allowsFeature("microphone") === false;
}
