// What of the avatar a person could see now: each view's share that is on the screen, of a page that is in front. A
// picture that has a window of its own is always seen.

import type { Clock } from "../clock";

export interface Sight {
  /** Somebody could see a view: pictures are worth drawing. */
  readonly seen: boolean;
  /** So much of a view in its cell is on the screen that nobody needs a second picture. */
  readonly inPlace: boolean;
}

export interface SightOptions {
  readonly document: Document;
  readonly clock: Clock;
  readonly onChange: (sight: Sight) => void;
}

/**
 * Who scrolls past is not told of; who comes back is shown the picture at once. And so often it is looked whether
 * `visibility` or `opacity` hides a view, as slides and widgets' layouts do, and where the browser's own window is.
 */
export const OUT_MS = 400;
/** From such a share on a view is in place. */
export const IN_PLACE = 0.3;
/** Less of a view is nothing: it touches the screen with its edge, or is in a box that has no height. */
const LEAST = 0.001;

interface WatchedView {
  readonly element: HTMLVideoElement;
  readonly floating: boolean;
  /** The share that is on the screen; null until the browser has told, which counts as seen. */
  share: number | null;
}

export class SightWatch {
  readonly #views = new Set<WatchedView>();
  #told: Sight = { seen: false, inPlace: false };
  #cancel: () => void = () => undefined;
  readonly #options: SightOptions;
  readonly #signal: AbortSignal;

  constructor(options: SightOptions, signal: AbortSignal) {
    this.#options = options;
    this.#signal = signal;
    options.document.addEventListener("visibilitychange", () => this.#update(), { signal });
    signal.addEventListener("abort", () => this.#cancel(), { once: true });
  }

  /** Watches a view until `signal`; a floating one is in no cell. */
  watch(element: HTMLVideoElement, floating: boolean, signal: AbortSignal): void {
    const view: WatchedView = { element, floating, share: null };
    this.#views.add(view);
    this.#update();
    const end = observe(element, (share) => {
      view.share = share;
      this.#update();
    });
    signal.addEventListener(
      "abort",
      () => {
        end();
        this.#views.delete(view);
        this.#update();
      },
      { once: true },
    );
  }

  /** Whether a view is on the screen at this moment, as far as the browser has told. */
  get onScreen(): boolean {
    return this.#look(0).seen;
  }

  /** With `untold` for a share of which the browser has not told. */
  #look(untold = 1): Sight {
    const inFront = this.#options.document.visibilityState === "visible";
    let seen = false;
    let inPlace = false;
    for (const { element, floating, share } of this.#views) {
      // One that is about to be put into the page counts as seen, as long as nothing else is known.
      // The floating picture makes itself transparent, in a window of its own.
      const asked = { visibilityProperty: true, opacityProperty: !floating };
      const hidden = element.isConnected && element.checkVisibility?.(asked) === false;
      const on = hidden ? 0 : (share ?? untold);
      // In a shadow tree the document knows only of its host.
      const inWindow = (element.getRootNode() as Document).pictureInPictureElement === element;
      seen ||= inWindow || (inFront && on > 0);
      inPlace ||= !floating && on >= IN_PLACE;
    }
    return { seen, inPlace };
  }

  #update(): void {
    this.#cancel();
    if (this.#signal.aborted) return;
    const { seen, inPlace } = this.#look();
    const told = this.#told;
    // Without a view nothing is left that could come back.
    const waits = this.#views.size > 0;
    this.#tell(waits ? { seen: seen || told.seen, inPlace: inPlace || told.inPlace } : { seen, inPlace });
    if (!waits) return;
    this.#cancel = this.#options.clock.after(OUT_MS, () => {
      this.#tell(this.#look());
      this.#update();
    });
  }

  #tell(sight: Sight): void {
    if (sight.seen === this.#told.seen && sight.inPlace === this.#told.inPlace) return;
    this.#told = sight;
    this.#options.onChange(sight);
  }
}

/** Tells the share of an element that is on the screen; returns what ends that. */
function observe(element: HTMLVideoElement, onShare: (share: number) => void): () => void {
  if (typeof IntersectionObserver !== "function") {
    onShare(1);
    return () => undefined;
  }
  const observer = new IntersectionObserver(
    (entries) => {
      const last = entries.at(-1);
      if (last) onShare(last.intersectionRatio);
      // Browsers pause a video that is out of sight, or out of the page for a while.
      if (element.paused && element.isConnected) element.play().catch(() => undefined);
    },
    { threshold: [LEAST, IN_PLACE] },
  );
  observer.observe(element);
  return () => observer.disconnect();
}
