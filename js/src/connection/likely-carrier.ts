// What is likely to carry a stream of this page: by that it begins, and the other is tried beside it or after it.

import type { Carrier } from "./types";

const LOOPBACK = /^(localhost$|127\.|\[::1)/;

type Page = Document & { ipyavatarCarrier?: Carrier };

/**
 * What the last stream of this page came by, whichever avatar's it was. Before there was one: WebRTC where the
 * kernel's machine seems to be this one; over a network it takes longer to connect, if it passes at all.
 */
export function findLikelyCarrier(page: Page): Carrier {
  return page.ipyavatarCarrier ?? (LOOPBACK.test(page.location.hostname) ? "webrtc" : "messages");
}

export function noteCarrier(page: Page, carrier: Carrier): void {
  page.ipyavatarCarrier = carrier;
}
