// What a page and its parts that come on demand know of each other: the code of each is a bundle of its own.

import type { Clock } from "../clock";
import type { Connection } from "../connection/connection";
import type { Bridge } from "../model/bridge";
import type { ToPage } from "../model/messages";
import type { PageState } from "./page-state";
import type { Store } from "./store";

/** What a part needs of its model. */
export interface PartPort {
  readonly bridge: Bridge;
  readonly clock: Clock;
  readonly connection: Connection;
  readonly page: string;
  readonly store: Store<PageState>;
  /** What the page plays. */
  readonly stream: MediaStream | null;
}

/** Where a view shows parts: over the picture, or in the text box. */
export interface PartPlace {
  readonly kind: "stage" | "composer";
  readonly element: HTMLElement;
  readonly signal: AbortSignal;
}

export interface Part {
  /** Python has said something. */
  take(message: ToPage): void;
  /** Shows it in this part of a view, until the view goes. */
  attach(place: PartPlace): void;
}

/** What a part's bundle brings. */
export interface PartBundle {
  createPart(port: PartPort, signal: AbortSignal): Part;
}
