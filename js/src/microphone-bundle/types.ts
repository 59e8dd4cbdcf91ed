// What its views show of the microphone.

import type { ListeningMode } from "../model/messages";
import type { MicrophoneState } from "./state";

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
