// Gets the LiveKit player's code (`src/livekit-bundle/`), which Python sends when a page first needs
// it. One copy serves every model of the page.

import type { Clock } from "../clock";
import type * as Bundle from "../livekit-bundle/index";

export type LiveKitBundle = typeof Bundle;

/** Names the build of the bundle that belongs to this code; written by build.mjs. */
declare const LIVEKIT_BUILD: string;

/** How long the code may be on its way, after the room it is for. */
export const BUNDLE_WAIT_MS = 8_000;

type LoadState =
  | { readonly is: "absent" }
  /** It is here, or will be in a moment. */
  | { readonly is: "here"; readonly bundle: Promise<LiveKitBundle> }
  /** The rejected promise stays until other code comes: the room it is for may come after it. */
  | { readonly is: "failed"; readonly bundle: Promise<LiveKitBundle> };

interface PageSlot {
  state: LoadState;
  readonly waiting: Set<(bundle: Promise<LiveKitBundle>) => void>;
}

/** Makes a module of its text, gzipped. */
export type Importer = (gzipped: DataView) => Promise<LiveKitBundle>;

function pageSlot(): PageSlot {
  const page = globalThis as unknown as Record<symbol, PageSlot | undefined>;
  const key = Symbol.for(`ipyavatar.livekit.${LIVEKIT_BUILD}`);
  page[key] ??= { state: { is: "absent" }, waiting: new Set() };
  return page[key];
}

/** Whether Python need not send the code. */
export function hasBundle(): boolean {
  return pageSlot().state.is === "here";
}

/** Takes the code that Python has sent. */
export function storeBundle(gzipped: DataView, load: Importer = importFromBlob): void {
  const slot = pageSlot();
  if (hasBundle()) return;
  const bundle = load(gzipped);
  slot.state = { is: "here", bundle };
  bundle.catch(() => {
    slot.state = { is: "failed", bundle };
  });
  for (const resolve of slot.waiting) resolve(bundle);
  slot.waiting.clear();
}

/** The code; null when it does not come. Rejects when the page cannot load it. */
export function loadBundle(clock: Clock, signal: AbortSignal): Promise<LiveKitBundle | null> {
  const { state, waiting } = pageSlot();
  if (state.is !== "absent") return state.bundle;
  return new Promise((resolve) => {
    const finish = (bundle: Promise<LiveKitBundle> | null): void => {
      waiting.delete(finish);
      cancel();
      resolve(bundle);
    };
    const cancel = clock.after(BUNDLE_WAIT_MS, () => finish(null));
    waiting.add(finish);
    signal.addEventListener("abort", () => finish(null), { once: true });
  });
}

/** Works wherever anywidget does, which loads our own code the same way. */
async function importFromBlob(gzipped: DataView): Promise<LiveKitBundle> {
  // A copy: the view may lie on memory that is shared, or part of a larger message.
  const bytes = new Uint8Array(gzipped.byteLength);
  bytes.set(new Uint8Array(gzipped.buffer, gzipped.byteOffset, gzipped.byteLength));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as LiveKitBundle;
  } finally {
    URL.revokeObjectURL(url);
  }
}
