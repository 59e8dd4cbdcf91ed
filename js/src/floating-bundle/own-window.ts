// Picture in picture: the floating picture in a window of its own.

import type { Player } from "../state/player";

/** Gives the picture a window of its own. Called in a click's handler, without which browsers refuse. */
export async function openWindow(video: HTMLVideoElement, player: Player, signal: AbortSignal): Promise<void> {
  const leave = (): void => player.setOwnWindow(false);
  video.addEventListener("leavepictureinpicture", leave, { signal });
  try {
    if (video.readyState === 0) {
      await new Promise((resolve) => video.addEventListener("loadedmetadata", resolve, { once: true, signal }));
    }
    await video.requestPictureInPicture();
  } catch {
    // Refused; then nothing happens, which the user sees.
    leave();
  }
}
