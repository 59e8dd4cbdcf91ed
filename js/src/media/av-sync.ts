// Keeps the picture in step with the sound where the network holds the sound back.
//
// The two are sent in step, and where they are of one media stream browsers keep them so. Where each
// is of its own, the picture is asked to wait as long as the browser holds the sound; the sound never
// waits for the picture, because that is heard as delay.

/**
 * Pictures are asked to wait this much less than sound is held, to be seen with it: found with
 * `make bench ROWS=avsync`, where Chromium held sound for 35 to 130 ms.
 */
export const DISPLAY_DELAY_MS = 10;
/** Smaller corrections than this are not worth a jump; people notice 45 ms. */
const DEAD_BAND_MS = 6;
const MAX_DELAY_MS = 400;

/** How long pictures shall wait now, given how long they wait already and how long sound is held. */
export function videoDelayMs(currentMs: number, audioHeldMs: number): number {
  const wantedMs = Math.min(MAX_DELAY_MS, Math.max(0, Math.round(audioHeldMs - DISPLAY_DELAY_MS)));
  return Math.abs(wantedMs - currentMs) < DEAD_BAND_MS ? currentMs : wantedMs;
}

/** Lets the pictures of a receiver wait for sound that is held for so long. */
export function delayVideo(receiver: RTCRtpReceiver | undefined, audioHeldMs: number): void {
  if (!receiver || !("jitterBufferTarget" in receiver)) return;
  const currentMs = receiver.jitterBufferTarget ?? 0;
  const delayMs = videoDelayMs(currentMs, audioHeldMs);
  if (delayMs !== currentMs) receiver.jitterBufferTarget = delayMs;
}
