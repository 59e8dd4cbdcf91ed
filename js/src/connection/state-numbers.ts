// Numbers for what this page is: the way past the kernel is quicker than the one that waits for it.

import type { FromPage } from "../model/messages";

export class StateNumbers {
  #last = 0;

  /** `message`, numbered where it tells a state: an older one that comes after it is no news. */
  stamp(message: FromPage): FromPage {
    const isState = message.type === "media" || message.type === "microphone";
    return isState ? { ...message, number: ++this.#last } : message;
  }
}
