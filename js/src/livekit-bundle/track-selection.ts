// Which of a room's tracks are the avatar's.

/** HeyGen's name, in rooms of both its services. */
const AVATAR_IDENTITY = "heygen";

export interface OfferedTrack<T> {
  readonly identity: string;
  readonly kind: string;
  readonly track: T;
  /** Nothing comes of it now. */
  readonly muted?: boolean;
}

/**
 * The picture and the sound to play: the avatar's; else of who shows a picture, and was played `before` or came first;
 * sound of others only where that one has none.
 */
export function selectTracks<T>(offered: readonly OfferedTrack<T>[], before: readonly T[] = []): readonly T[] {
  const played = (one: OfferedTrack<T>): boolean => before.includes(one.track);
  const pictures = offered.filter(({ kind }) => kind === "video");
  const owner = (
    pictures.find(isAvatar) ??
    offered.find((one) => isAvatar(one) && played(one)) ??
    pictures.find(played) ??
    pictures[0]
  )?.identity;
  const select = (kind: string): T[] => {
    const fitting = offered.filter((one) => one.kind === kind);
    const own = fitting.filter(({ identity }) => identity === owner);
    const sounding = own.filter(({ muted }) => !muted);
    const best = sounding.find(played) ?? sounding[0] ?? own[0] ?? fitting.find(isAvatar) ?? fitting[0];
    return best ? [best.track] : [];
  };
  return [...select("video"), ...select("audio")];
}

/** What a track is known to bring. */
export interface Flow {
  readonly kind: string;
  /** Who sends it has muted it. */
  readonly isMuted: boolean;
  /** "paused": the room's server leaves it out, since the line takes no more. */
  readonly streamState: string;
}

/** Whether the picture stands still on purpose: nothing is broken, and another connection would bring nothing either. */
export function isPictureStill(tracks: readonly Flow[]): boolean {
  return tracks.some(({ kind, isMuted, streamState }) => kind === "video" && (isMuted || streamState === "paused"));
}

function isAvatar({ identity }: OfferedTrack<unknown>): boolean {
  return identity === AVATAR_IDENTITY;
}
