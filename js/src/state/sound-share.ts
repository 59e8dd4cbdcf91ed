// Two tabs of a browser that show the same session would echo each other, so one of them sounds: the one where its user
// was last, as long as it can be heard. What is muted there stays silent; another does not take over behind its back.

import type { Clock } from "../clock";
import { isSilent, type PageState } from "./page-state";
import type { Store } from "./store";

/** The part of a `BroadcastChannel` that is used. */
export interface TabChannel {
  onmessage: ((event: MessageEvent) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface SoundShareOptions {
  readonly document: Document;
  readonly clock: Clock;
  /** This page's own name. */
  readonly page: string;
  /** Opens the way to the other tabs; null where there are none to speak to. Called once something plays here. */
  readonly openTabs: () => TabChannel | null;
  /** Whether another tab sounds in place of this one. */
  readonly onElsewhere: (elsewhere: boolean) => void;
}

/** Who has the sound, since when. The newest claim counts; of two at once that of the greater name. */
interface Claim {
  readonly at: number;
  readonly page: string;
}

const NOBODY: Claim = { at: 0, page: "" };
/** What the user does where she is. */
const SIGNS = ["pointerdown", "keydown", "visibilitychange"];

export class SoundShare {
  #holder = NOBODY;
  /** A view of a connected stream is here. */
  #present = false;
  /** What is said would be heard from here. */
  #able = false;
  /** Undefined before something has played here. */
  #tabs: TabChannel | null | undefined;
  readonly #options: SoundShareOptions;

  readonly #signal: AbortSignal;

  constructor(options: SoundShareOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
  }

  #open(): void {
    const { document, openTabs } = this.#options;
    const tabs = openTabs();
    this.#tabs = tabs;
    if (!tabs) return;
    const signal = this.#signal;
    tabs.onmessage = ({ data }) => this.#hear(data);
    const listening = { signal, capture: true, passive: true };
    const isHere = (): void => {
      if (document.visibilityState === "visible") this.#claim();
    };
    for (const sign of SIGNS) document.addEventListener(sign, isHere, listening);
    document.defaultView?.addEventListener("pagehide", () => this.#free(), { signal });
    signal.addEventListener(
      "abort",
      () => {
        this.#free();
        tabs.close();
      },
      { once: true },
    );
  }

  /** Takes from the state whether this page can be heard. */
  follow(store: Store<PageState>): void {
    store.subscribe((state) => {
      const { stream, views } = state.connection;
      this.#update(views > 0 && stream.phase === "connected", !state.soundBlocked && !isSilent(state));
    }, this.#signal);
  }

  #update(present: boolean, able: boolean): void {
    if (present && this.#tabs === undefined) this.#open();
    const gone = this.#present && !present;
    this.#present = present;
    this.#able = present && able;
    if (gone) this.#free();
    else if (this.#holder === NOBODY) this.#claim();
  }

  #claim(): void {
    const { clock, page } = this.#options;
    if (!this.#able || this.#holder.page === page) return;
    const claim = { at: Math.max(clock.wallTime(), this.#holder.at + 1), page };
    this.#tabs?.postMessage(claim);
    this.#take(claim);
  }

  #free(): void {
    if (this.#holder.page !== this.#options.page) return;
    this.#tabs?.postMessage(NOBODY);
    this.#take(NOBODY);
  }

  #hear(claim: Claim): void {
    const { at, page } = this.#holder;
    if (claim.page === "") {
      this.#take(NOBODY);
      this.#claim();
    } else if (claim.at > at || (claim.at === at && claim.page > page)) this.#take(claim);
  }

  #take(claim: Claim): void {
    this.#holder = claim;
    this.#options.onElsewhere(claim !== NOBODY && claim.page !== this.#options.page);
  }
}

/** To the tabs of this browser that show the same session. */
export function openTabChannel(session: string): TabChannel | null {
  return session !== "" && typeof BroadcastChannel === "function" ? new BroadcastChannel(`ipyavatar-${session}`) : null;
}
