// Keeps the picture in step with the sound where the network holds the sound back.
//
// The two are sent in step, and where they are of one media stream browsers keep them so. Where each
// is of its own, the picture is asked to wait as long as the browser holds the sound; the sound never
// waits for the picture, because that is heard as delay.

/**
 * Pictures are asked to wait this much less than sound is held, to be seen with it: found with
 * `make bench ROWS=avsync`, where Chromium held sound for 35 to 130 ms.
 */
export const LESS_MS = 10;
/** Smaller corrections than this are not worth a jump; people notice 45 ms. */
const DEAD_BAND_MS = 6;
const MOST_MS = 400;

/** How long pictures shall wait now, given how long they were asked to and how long sound is held. */
export function pictureDelayMs(asked: number, soundHeldMs: number): number {
  const wanted = Math.min(MOST_MS, Math.max(0, Math.round(soundHeldMs - LESS_MS)));
  return Math.abs(wanted - asked) < DEAD_BAND_MS ? asked : wanted;
}

/** Lets the pictures of a receiver wait for sound that is held for so long. */
export function follow(receiver: RTCRtpReceiver | undefined, soundHeldMs: number): void {
  if (!receiver || !("jitterBufferTarget" in receiver)) return;
  const asked = receiver.jitterBufferTarget ?? 0;
  const delay = pictureDelayMs(asked, soundHeldMs);
  if (delay !== asked) receiver.jitterBufferTarget = delay;
}
