// What the page sees of the microphone, and what its views show.

import type { ListeningMode, ToPage } from "../model/messages";
import type { MicrophonePlace } from "../state/hearing";
import type { MicrophoneState } from "./state";

export interface Microphone {
  /** Python has said something. */
  take(message: ToPage): void;
  /** Shows it in this part of a view, until the view goes. */
  attach(place: MicrophonePlace): void;
}

export interface ShownMicrophone {
  readonly mode: ListeningMode;
  readonly microphone: MicrophoneState;
  /** There is a session that can hear. */
  readonly usable: boolean;
  /** Somebody is speaking, as Python hears it. */
  readonly hearing: boolean;
  /** What was understood last; null when that is a while ago. */
  readonly heard: Understood | null;
  /** The microphone is open, and the system gives silence. */
  readonly muted: boolean;
  /** What is sent does not arrive. */
  readonly deaf: boolean;
  /** Whom the user talks to; empty where that has no name. */
  readonly name: string;
}

/** An empty `text` comes with the `reason`. */
export interface Understood {
  readonly text: string;
  readonly reason: string;
}
