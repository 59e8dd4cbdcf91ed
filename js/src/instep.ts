// Keeps the picture in step with the sound where the network holds the sound back.
//
// The host sends the two so that they are in step while the browser holds sound for the usual time.
// When it holds sound for longer, the picture is asked to wait as well; the sound never waits for
// the picture, because that is heard as delay.

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
