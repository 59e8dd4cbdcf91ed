// Code that most pages never need (`src/*-bundle/`): a page asks Python for it when it first does. One copy serves every model of the page.

import type { Clock } from "../clock";
import type * as Microphone from "../microphone-bundle/index";
import type { BundleName, FromPage } from "../model/messages";
import type * as Socket from "../socket-bundle/index";
import type { ServiceBundle } from "../streams/service-stream";
import { resend } from "./resend";

interface Bundles {
  livekit: ServiceBundle;
  service: ServiceBundle;
  microphone: typeof Microphone;
  socket: typeof Socket;
}

/** Names the builds of the bundles that belong to this code; written by build.mjs. */
declare const BUNDLE_BUILDS: Readonly<Record<BundleName, string>>;

/** Asked for, it is asked for again after this long, and then after twice as long: it is large, and may be under way. */
export const ASK_AGAIN_MS = 1_600;

type LoadState<Code> =
  | { readonly is: "absent" }
  /** It is here, or will be in a moment. */
  | { readonly is: "here"; readonly code: Promise<Code> }
  /** The rejected promise stays until other code comes: what it is for may come after it. */
  | { readonly is: "failed"; readonly code: Promise<Code> };

interface PageSlot<Code> {
  state: LoadState<Code>;
  readonly waiting: Set<(code: Promise<Code>) => void>;
}

/** Makes a module of its text, gzipped. */
export type Importer = (gzipped: DataView) => Promise<unknown>;

function pageSlot<N extends BundleName>(name: N): PageSlot<Bundles[N]> {
  const page = globalThis as unknown as Record<symbol, PageSlot<Bundles[N]> | undefined>;
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
  const cancel = resend(
    clock,
    () => {
      if (!hasBundle(name)) send({ type: "need-bundle", name });
    },
    ASK_AGAIN_MS,
  );
  signal.addEventListener("abort", cancel, { once: true });
  pageSlot(name).waiting.add(cancel);
}

/** Takes the code that Python has sent. */
export function storeBundle<N extends BundleName>(name: N, gzipped: DataView, load: Importer = importFromBlob): void {
  const slot = pageSlot(name);
  if (hasBundle(name)) return;
  const code = load(gzipped) as Promise<Bundles[N]>;
  slot.state = { is: "here", code };
  code.catch(() => {
    slot.state = { is: "failed", code };
  });
  for (const resolve of slot.waiting) resolve(code);
  slot.waiting.clear();
}

/** The code; null when it has not come before `signal`, or within `ms`. Rejects when the page cannot load it. */
export function loadBundle<N extends BundleName>(
  name: N,
  signal: AbortSignal,
  within?: { readonly clock: Clock; readonly ms: number },
): Promise<Bundles[N] | null> {
  const { state, waiting } = pageSlot(name);
  if (state.is !== "absent") return state.code;
  return new Promise((resolve) => {
    const finish = (code: Promise<Bundles[N]> | null): void => {
      waiting.delete(finish);
      cancel?.();
      resolve(code);
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
