// Code that most pages never need (`src/*-bundle/`): a page asks Python for it when it first does. One copy serves every model of the page.

import type { Clock } from "../clock";
import type { BundleName, FromPage } from "../model/messages";
import { resend } from "./resend";

/** Names the builds of the bundles that belong to this code; written by build.mjs. */
declare const BUNDLE_BUILDS: Readonly<Record<BundleName, string>>;

/** Asked for, it is asked for again after this long, and then after twice as long: it is large, and may be under way. */
export const ASK_AGAIN_MS = 1_600;

type LoadState =
  | { readonly is: "absent" }
  /** It is here, or will be in a moment. */
  | { readonly is: "here"; readonly code: Promise<unknown> }
  /** The rejected promise stays until the code is asked for again: what it is for may come after it. */
  | { readonly is: "failed"; readonly code: Promise<unknown> };

interface PageSlot {
  state: LoadState;
  readonly waiting: Set<(code: Promise<unknown>) => void>;
}

/** Makes a module of its text, gzipped. */
export type Importer = (gzipped: DataView) => Promise<unknown>;

function pageSlot(name: BundleName): PageSlot {
  const page = globalThis as unknown as Record<symbol, PageSlot | undefined>;
  const key = Symbol.for(`ipyavatar.${name}.${BUNDLE_BUILDS[name]}`);
  page[key] ??= { state: { is: "absent" }, waiting: new Set() };
  return page[key];
}

/** Whether Python need not send the code. */
export function hasBundle(name: BundleName): boolean {
  return pageSlot(name).state.is === "here";
}

/** Has Python send the code, unless it is here; asks again until it is, or until `signal`. */
export function askForBundle(
  name: BundleName,
  clock: Clock,
  send: (message: FromPage) => void,
  signal: AbortSignal,
): void {
  if (hasBundle(name)) return;
  const slot = pageSlot(name);
  slot.state = { is: "absent" }; // what failed before says nothing of what comes now
  const cancel = resend(
    clock,
    () => {
      if (!hasBundle(name)) send({ type: "need-bundle", name });
    },
    ASK_AGAIN_MS,
  );
  const { waiting } = slot;
  waiting.add(cancel);
  // The slot is the page's: what it holds lives as long as the page.
  const forget = (): void => {
    cancel();
    waiting.delete(cancel);
  };
  signal.addEventListener("abort", forget, { once: true });
}

/** Takes the code that Python has sent. */
export function storeBundle(name: BundleName, gzipped: DataView, load: Importer = importFromBlob): void {
  const slot = pageSlot(name);
  if (hasBundle(name)) return;
  const code = load(gzipped);
  slot.state = { is: "here", code };
  code.catch(() => {
    slot.state = { is: "failed", code };
  });
  for (const resolve of slot.waiting) resolve(code);
  slot.waiting.clear();
}

/**
 * The code, which belongs to this build and so is what the caller says; null when it has not come before `signal`, or
 * within `ms`. Rejects when the page cannot load it.
 */
export function loadBundle<Code>(
  name: BundleName,
  signal: AbortSignal,
  within?: { readonly clock: Clock; readonly ms: number },
): Promise<Code | null> {
  const { state, waiting } = pageSlot(name);
  if (state.is !== "absent") return state.code as Promise<Code>;
  return new Promise((resolve) => {
    const finish = (code: Promise<unknown> | null): void => {
      waiting.delete(finish);
      cancel?.();
      resolve(code as Promise<Code> | null);
    };
    const cancel = within?.clock.after(within.ms, () => finish(null));
    waiting.add(finish);
    signal.addEventListener("abort", () => finish(null), { once: true });
  });
}

/** Works wherever anywidget does, which loads our own code the same way. */
async function importFromBlob(gzipped: DataView): Promise<unknown> {
  // A copy: the view may lie on memory that is shared, or part of a larger message.
  const bytes = new Uint8Array(gzipped.byteLength);
  bytes.set(new Uint8Array(gzipped.buffer, gzipped.byteOffset, gzipped.byteLength));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return await import(/* webpackIgnore: true */ /* @vite-ignore */ url);
  } finally {
    URL.revokeObjectURL(url);
  }
}
