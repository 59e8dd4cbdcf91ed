// The LiveKit player's code, which Python sends when a page first needs it. One copy serves every
// model of the page.

import type { Clock } from "../clock";
import type * as LiveKit from "../livekit-bundle/index";

export type PlayerCode = typeof LiveKit;

/** Names the build of the player that belongs to this code; written by build.mjs. */
declare const LIVEKIT_BUILD: string;

/** How long the code may be on its way, after the room it is for. */
export const CODE_MS = 8_000;

interface Shelf {
  code: Promise<PlayerCode> | null;
  /** `code` could not be loaded. It stays until other code comes: its room may come after it. */
  failed: boolean;
  readonly waiting: Set<(code: Promise<PlayerCode>) => void>;
}

/** Makes a module of its text, gzipped. */
export type Importer = (gzipped: DataView) => Promise<PlayerCode>;

function shelf(): Shelf {
  const page = globalThis as unknown as Record<symbol, Shelf | undefined>;
  return (page[Symbol.for(`ipyavatar.livekit.${LIVEKIT_BUILD}`)] ??= { code: null, failed: false, waiting: new Set() });
}

export function isHere(): boolean {
  const { code, failed } = shelf();
  return code !== null && !failed;
}

/** Python has sent it. */
export function put(gzipped: DataView, load: Importer = fromBlob): void {
  const place = shelf();
  if (isHere()) return;
  const code = load(gzipped);
  place.code = code;
  place.failed = false;
  code.catch(() => {
    place.failed = true;
  });
  for (const tell of place.waiting) tell(code);
  place.waiting.clear();
}

/** The player; null when its code does not come. Rejects when the page cannot load it. */
export function take(clock: Clock, signal: AbortSignal): Promise<PlayerCode | null> {
  const place = shelf();
  if (place.code) return place.code;
  return new Promise((resolve) => {
    const cancel = clock.after(CODE_MS, () => leave(null));
    const leave = (code: Promise<PlayerCode> | null): void => {
      place.waiting.delete(leave);
      cancel();
      resolve(code);
    };
    place.waiting.add(leave);
    signal.addEventListener("abort", () => leave(null), { once: true });
  });
}

/** Works wherever anywidget does, which loads our own code the same way. */
async function fromBlob(gzipped: DataView): Promise<PlayerCode> {
  // A copy: the view may lie on memory that is shared, or part of a larger message.
  const bytes = new Uint8Array(gzipped.byteLength);
  bytes.set(new Uint8Array(gzipped.buffer, gzipped.byteOffset, gzipped.byteLength));
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const text = await new Response(plain).text();
  const url = URL.createObjectURL(new Blob([text], { type: "text/javascript" }));
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ url)) as PlayerCode;
  } finally {
    URL.revokeObjectURL(url);
  }
}
