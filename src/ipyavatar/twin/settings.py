"""How the twin behaves: one frozen value, checked once."""

from __future__ import annotations

import hmac
import math
from dataclasses import dataclass, field
from typing import Literal

from ..errors import InvalidArgument
from .faults import Fault

MAX_BODY_BYTES = 10_000_000


@dataclass(frozen=True, kw_only=True)
class TwinSettings:
    """Settings of the offline twin. Times are seconds.

    Attributes:
        api_key: The only key that is accepted, as HeyGen key, LiveAvatar key, Kaltura session (KS)
            or Kaltura admin secret. None accepts any key that is not empty.
        concurrency: Sessions that may be open at one time, per service.
        idle_timeout_s: Replaces every idle limit, also those a client asks for. None keeps what the
            services do: HeyGen as asked (120 by default), LiveAvatar 300, Kaltura 120 (its true
            limit is not known; a session lived through 70 s of silence).
        max_duration_s: A session ends after this long. A LiveAvatar sandbox session ends after 60.
        join_timeout_s: A LiveAvatar session ends so long after its start if no client has joined
            its room by then. 0 is never.
        silent_end: Whether a session that has lasted `max_duration_s` stops in the middle of a
            sentence and tells nobody, as real ones were seen to do.
        join_delay_s: From `start` until the avatar is in the room; before, it refuses to speak.
        stop_latency_s: From `stop` until the session no longer counts as open.
        speech_delay_s: From a task until its sound begins.
        say_text: "503" makes Kaltura's say-text answer as it did in August 2026.
        ended_status: What Kaltura answers for a session that has ended: 404, 410, or None for what
            is known of each call (404 for `end`, 410 for the rest).
        interrupt_clears_queue: Whether Kaltura's interrupt also drops turns that wait; its
            documentation says yes, its SDK says no.
        events: What LiveAvatar LITE tells of a speech: `speak` (`agent.speak_*`), `state`
            (`agent.state_updated`), or both; real sessions were seen to do each.
        event_ids: How its events name a speech: `source` (an id of their own, the client's in
            `source_event_id`), `null` (that member is null), or `same` (the client's id, as the
            documentation has it).
        strict_ids: Whether sound of another id begins another speech in LITE. Real sessions go on
            with the open one.
        responder: Who answers when a client talks to the avatar: `module:function`, or the address
            and model of an OpenAI-compatible service, `http://127.0.0.1:11434/v1#model`.
        hears: What users are taken to have said when their microphone falls silent: the twin hears
            that somebody speaks, by the loudness, and has no recognition. None: it tells of no
            text, and does not answer.
        rtc_v1: Whether LiveKit clients may come with one peer connection. False answers 404 on
            `/rtc/v1`, as older servers do, and clients fall back to `/rtc`.
        allowed_hosts: Names that may stand in the Host header besides `localhost` and IP addresses.
        allowed_origins: Web pages that may use the twin besides its own and those of this machine,
            as `https://hub.example`; `*` lets every page use the services.
        responder_timeout_s: A responder that has not answered, or gone on, for so long is left.
        faults: Faults to begin with.
        keep_closed: Closed sessions remembered, per service.
        keep_calls: Calls remembered.
    """

    api_key: str | None = field(default=None, repr=False)
    concurrency: int = 3
    idle_timeout_s: float | None = None
    max_duration_s: float = 600.0
    join_timeout_s: float = 300.0
    silent_end: bool = False
    join_delay_s: float = 0.0
    stop_latency_s: float = 0.0
    speech_delay_s: float = 0.0
    say_text: Literal["works", "503"] = "works"
    ended_status: Literal[404, 410] | None = None
    interrupt_clears_queue: bool = True
    events: Literal["speak", "state", "both"] = "both"
    event_ids: Literal["source", "null", "same"] = "source"
    strict_ids: bool = False
    responder: str | None = None
    hears: str | None = None
    rtc_v1: bool = True
    allowed_hosts: tuple[str, ...] = ()
    allowed_origins: tuple[str, ...] = ()
    responder_timeout_s: float = 30.0
    faults: tuple[Fault, ...] = ()
    keep_closed: int = 1000
    keep_calls: int = 1000

    def __post_init__(self) -> None:
        if self.api_key == "":
            raise InvalidArgument("The key is empty.", "Leave it out to accept any key.")
        if self.concurrency < 1:
            raise InvalidArgument(f"concurrency is {self.concurrency}.", "It must be 1 or more.")
        for name in ("idle_timeout_s", "max_duration_s", "responder_timeout_s"):
            value = getattr(self, name)
            if value is not None and not (0 < value < math.inf):
                raise InvalidArgument(f"{name} is {value}.", "It must be more than 0 seconds.")
        for name in ("join_timeout_s", "join_delay_s", "stop_latency_s", "speech_delay_s"):
            value = getattr(self, name)
            if not (0 <= value < math.inf):
                raise InvalidArgument(f"{name} is {value}.", "It must be 0 seconds or more.")

    def accepts_key(self, key: str) -> bool:
        """Whether calls with `key` are authorized."""
        if self.api_key is None:
            return bool(key)
        return hmac.compare_digest(key.encode(), self.api_key.encode())

    def resolve_idle_limit(self, service_limit_s: float) -> float:
        """The idle limit of a session, in seconds, where the service alone would set this one."""
        return service_limit_s if self.idle_timeout_s is None else self.idle_timeout_s
