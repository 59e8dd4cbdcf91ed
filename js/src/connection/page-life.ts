// A page that is left may come back from the browser's cache, as it was; and its network may change.

import type { ConnectionEvent } from "./types";

export function listenToPageLife(
  window: Window | null,
  dispatch: (event: ConnectionEvent) => void,
  signal: AbortSignal,
): void {
  window?.addEventListener("online", () => dispatch({ on: "network-changed" }), { signal });
  const { document } = window ?? {};
  const see = (): void => void (document?.hidden || dispatch({ on: "page-seen" }));
  document?.addEventListener("visibilitychange", see, { signal });
  window?.addEventListener("pagehide", () => dispatch({ on: "page-hidden" }), { signal });
  window?.addEventListener("pageshow", ({ persisted }) => persisted && dispatch({ on: "page-shown" }), { signal });
}
