// Which of a room's tracks are the avatar's.

/** HeyGen's name, in rooms of both its services. */
const AVATAR_IDENTITY = "heygen";

export interface OfferedTrack<T> {
  readonly identity: string;
  readonly kind: string;
  readonly track: T;
}

/** The picture and the sound to play: the avatar's, else those of whoever came first. */
export function selectTracks<T>(offered: readonly OfferedTrack<T>[]): readonly T[] {
  return ["video", "audio"].flatMap((wanted) => {
    const fitting = offered.filter(({ kind }) => kind === wanted);
    const best = fitting.find(({ identity }) => identity === AVATAR_IDENTITY) ?? fitting[0];
    return best ? [best.track] : [];
  });
}
