// When sound that comes in messages is to be played: a jitter buffer that is as long as it has to be.
//
// Times of the media and of the page differ by an offset, which is chosen with the first sound after
// a pause. Sound comes ahead of its time, with what the clock of the media said as it was sent: that it is
// behind that clock is the line's doing. Sound that comes too late makes the buffer longer; a line that is
// quicker than the buffer is for makes it shorter, by leaving out silence. No word is ever left out.

/** Sound is held for so long after its time at least. */
const LEAST_MS = 40;
const FIRST_MS = 40;
const MOST_MS = 240;
const LATE_STEP_MS = 30;
const CALM_STEP_MS = 10;
/** A buffer that was long enough for so long is made shorter. */
const CALM_MS = 10_000;
/** After so much media without sound the offset is chosen anew: nobody hears that. */
const PAUSE_MS = 100;
/** What all sound of some time was early by, beyond what the buffer is for, is taken out, from its silence. */
const EXCESS_MS = 60;
const LOOK_MS = 1_500;

/** What is to be placed: how long it is, and whether there is nothing to hear in it. */
export interface Sound {
  readonly ms: number;
  readonly quiet: boolean;
}

export class PlayoutClock {
  /** Page time less media time; null before the first sound. */
  #offset: number | null = null;
  #anchored = false;
  #lastAtMs = -Infinity;
  #targetMs = FIRST_MS;
  #calmSince = 0;
  #leastSlackMs = Infinity;
  #lookedAt = 0;
  /** How much silence is to be left out. */
  #excessMs = 0;
  /** When the sound ends that has come. */
  #endsAt = -Infinity;

  /** For how long sound is held, as it is meant. */
  get targetMs(): number {
    return this.#targetMs;
  }

  /**
   * When the sound of this media time, which has come `now`, is to be played; null if that is over, or left out.
   * `clockMs` is the media's clock when it was sent.
   */
  place(atMs: number, clockMs: number, now: number, sound: Sound): number | null {
    // What was lost fills its hole, or comes too late for it.
    if (this.#offset !== null && this.isBehind(atMs)) {
      return atMs + this.#offset >= now ? atMs + this.#offset : null;
    }
    const goesOn = this.#anchored && atMs - this.#lastAtMs <= PAUSE_MS;
    this.#lastAtMs = atMs;
    if (!goesOn || this.#offset === null) {
      // What comes sooner than the words before it does not take their place.
      this.#anchor(Math.max(now + this.#targetMs - clockMs, now - atMs, this.#endsAt - atMs), now);
    } else if (atMs + this.#offset < now) {
      this.#targetMs = Math.min(MOST_MS, this.#targetMs + LATE_STEP_MS);
      this.#calmSince = now;
      this.#anchor(now + this.#targetMs - atMs, now);
    } else {
      this.#relax(clockMs + this.#offset - now, now);
      if (sound.quiet && this.#excessMs >= sound.ms) {
        this.#excessMs -= sound.ms;
        this.#offset -= sound.ms;
        return null;
      }
    }
    const at = atMs + (this.#offset ?? 0);
    this.#endsAt = at + sound.ms;
    return at;
  }

  /** What was to be played now is played so much later: what went before it was not over. */
  delay(ms: number): void {
    if (this.#offset !== null) this.#offset += ms;
    this.#endsAt += ms;
  }

  /** Whether sound of this media time belongs before what has come. */
  isBehind(atMs: number): boolean {
    return this.#anchored && atMs <= this.#lastAtMs;
  }

  /** When a picture of this media time is to be seen; null before there was sound. */
  dueAt(atMs: number): number | null {
    return this.#offset === null ? null : atMs + this.#offset;
  }

  /** The next sound has nothing to do with that before. */
  restart(): void {
    this.#anchored = false;
    this.#endsAt = -Infinity;
  }

  #anchor(offset: number, now: number): void {
    this.#offset = offset;
    this.#anchored = true;
    this.#look(now);
  }

  #relax(slackMs: number, now: number): void {
    this.#leastSlackMs = Math.min(this.#leastSlackMs, slackMs);
    if (now - this.#calmSince > CALM_MS) {
      this.#targetMs = Math.max(LEAST_MS, this.#targetMs - CALM_STEP_MS);
      this.#calmSince = now;
    }
    if (now - this.#lookedAt < LOOK_MS) return;
    const excessMs = this.#leastSlackMs - this.#targetMs;
    this.#look(now);
    if (excessMs > EXCESS_MS) this.#excessMs = excessMs;
  }

  #look(now: number): void {
    this.#lookedAt = now;
    this.#leastSlackMs = Infinity;
    this.#excessMs = 0;
  }
}
