"""Which of a room's tracks are the avatar's. Pure.

One of each kind, of one participant: sound has no time of its own, so that of two would be laid end
to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class OfferedTrack:
    """A track that somebody publishes.

    Attributes:
        identity: Whose it is.
        sid: Its id in the room.
        video: Whether it is a picture, and not sound.
        muted: Whether nothing comes of it now.
    """

    identity: str
    sid: str
    video: bool
    muted: bool = False


@dataclass(frozen=True)
class Selection:
    """What is received.

    Attributes:
        identity: Whose tracks; empty where nobody shows a picture.
        sids: The tracks.
    """

    identity: str = ""
    sids: frozenset[str] = frozenset()


def select_tracks(
    offered: Sequence[OfferedTrack], avatar: str, present: Selection = Selection()
) -> Selection:
    """Select a picture and the sound that belongs to it.

    Args:
        offered: What there is, who came first first.
        avatar: What the service calls its avatar in a room; others may be called anything.
        present: What was selected before: who is received stays while it shows a picture, the
            avatar while there is anything of it, and a track while something comes of it.
    """
    shows = [one.identity for one in offered if one.video]
    stays = [one.identity for one in offered if one.identity == avatar == present.identity]
    owner = next((who for who in (avatar, present.identity) if who in shows + stays), None)
    if owner is None:
        if not shows:
            return Selection()
        owner = shows[0]
    chosen: set[str] = set()
    for video in (True, False):
        fitting = [one for one in offered if one.identity == owner and one.video is video]
        fitting.sort(key=lambda one: (one.muted, one.sid not in present.sids))
        chosen.update(one.sid for one in fitting[:1])
    return Selection(owner, frozenset(chosen))
