"""What one may say about a session of Kaltura."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...protocol.options import ServiceOptions
from ..cloud.options import ServiceKeywords

if TYPE_CHECKING:
    from ..embedded_spec import VoiceChoice


class KalturaKeywords(ServiceKeywords, total=False):
    """Keywords of `Avatar("kaltura")`; `api_key` is the KS.

    Attributes:
        voice: Who speaks when the service's own voice does not answer: one of
            `ipyavatar.voices()`.
        relay: False: its stream may come without its relay server. True: it must come through it,
            even from this machine. Else it must, unless it is on this machine.
    """

    voice: VoiceChoice | None
    relay: bool | None


class KalturaOptions(ServiceOptions, frozen=True, kw_only=True):
    """What a Kaltura session is made of.

    Attributes:
        relay: Whether the stream must come through the relay server; None to go by its address.
    """

    relay: bool | None = None
