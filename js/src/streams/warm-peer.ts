// A peer connection made in advance, so that the first view need not wait for it.

import type { Clock } from "../clock";
import { type PreparedPeer, preparePeer } from "./host-stream";
import type { PeerFactory } from "./peer-setup";

/** Not used by then it is closed: most models of a page are never shown. */
const KEPT_MS = 5_000;

export class WarmPeer {
  #peer: PreparedPeer | null = null;

  prepare(create: PeerFactory, clock: Clock, signal: AbortSignal): void {
    try {
      const peer = preparePeer(create);
      this.#peer = peer;
      const drop = (): void => {
        if (this.#peer !== peer) return;
        this.#peer = null;
        peer.pc.close();
      };
      const cancel = clock.after(KEPT_MS, drop);
      signal.addEventListener(
        "abort",
        () => {
          cancel();
          drop();
        },
        { once: true },
      );
    } catch {
      // It will be tried again, and reported, when a view needs it.
      this.#peer = null;
    }
  }

  /** The one made in advance, or a new one. Throws what the browser throws. */
  take(create: PeerFactory): PreparedPeer {
    const peer = this.#peer ?? preparePeer(create);
    this.#peer = null;
    return peer;
  }
}
