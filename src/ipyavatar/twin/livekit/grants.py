"""What a LiveKit token grants: who its bearer is in which room, and what they may do there."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from ...core.decode import convert
from ...errors import MalformedData
from ..tokens import DEV_KEY

MAX_NAME = 256
MAX_METADATA = 64 * 1024
MAX_ATTRIBUTES = 64
NOT_YET_LEEWAY_S = 60
"""A token that begins later than this is refused; clocks differ by less."""


class NoGrant(Exception):
    """The token grants nothing; its text is the reason, as LiveKit words it."""


@dataclass(frozen=True)
class VideoGrant:
    """The claim `video` of a token; its members are LiveKit's."""

    room: str = ""
    roomJoin: bool = False  # noqa: N815
    roomAdmin: bool = False  # noqa: N815
    canSubscribe: bool = True  # noqa: N815
    canPublish: bool = True  # noqa: N815
    canPublishData: bool = True  # noqa: N815
    canUpdateOwnMetadata: bool = False  # noqa: N815
    hidden: bool = False
    agent: bool = False


@dataclass(frozen=True)
class RoomGrant:
    """A token, read.

    Attributes:
        identity: Who the bearer is: one of a kind in a room.
        video: What they may do there.
        claims: All of it, to renew it.
    """

    identity: str
    name: str = ""
    metadata: str = ""
    kind: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    video: VideoGrant = field(default_factory=VideoGrant)
    claims: dict[str, Any] = field(default_factory=dict, repr=False)

    @property
    def is_made_by_client(self) -> bool:
        """Whether a client has made its token itself; such a one opens any room."""
        return bool(self.claims.get("iss") == DEV_KEY)


@dataclass(frozen=True)
class Profile:
    """What a participant says of itself; its members are LiveKit's."""

    name: str
    metadata: str
    attributes: dict[str, str]

    @classmethod
    def of(cls, grant: RoomGrant) -> Profile:
        """What its token says."""
        return cls(grant.name or grant.identity, grant.metadata, grant.attributes)

    def updated(self, name: str, metadata: str, attributes: dict[str, str]) -> Profile:
        """With these, where they are not empty; an attribute that is empty goes away."""
        merged = {**self.attributes, **attributes}
        kept = {key: value for key, value in merged.items() if value}
        return Profile(name or self.name, metadata or self.metadata, kept)

    def is_small_enough(self) -> bool:
        """Whether it is no more than a participant may have."""
        size = sum(len(key) + len(value) for key, value in self.attributes.items())
        return (
            len(self.name) <= MAX_NAME
            and len(self.attributes) <= MAX_ATTRIBUTES
            and len(self.metadata) + size <= MAX_METADATA
        )


def read_grant(claims: dict[str, Any] | None, now: float) -> RoomGrant:
    """The grant of a token whose signature is good; None is one whose is not.

    Raises:
        NoGrant: It is not valid now, or makes no sense.
    """
    if claims is None:
        raise NoGrant("invalid token")
    members = {name: value for name, value in claims.items() if value is not None}
    video = members.get("video", {})
    if isinstance(video, dict):
        members["video"] = {name: value for name, value in video.items() if value is not None}
    known = ("name", "metadata", "kind", "attributes", "video")
    try:
        expires = convert(members.get("exp", 0), float)
        begins = convert(members.get("nbf", 0), float)
        grant: RoomGrant = convert(
            {
                "identity": members.get("sub", ""),
                "claims": claims,
                **{name: members[name] for name in known if name in members},
            },
            RoomGrant,
        )
    except MalformedData:
        raise NoGrant("invalid token") from None
    if expires < now:
        raise NoGrant("token is expired")
    if begins > now + NOT_YET_LEEWAY_S:
        raise NoGrant("token not valid yet")
    names = max(len(grant.identity), len(grant.video.room))
    if names > MAX_NAME or not Profile.of(grant).is_small_enough():
        raise NoGrant("token is too large")
    return grant
