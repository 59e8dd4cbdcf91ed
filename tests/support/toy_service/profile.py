"""The toy service: its names and numbers."""

from __future__ import annotations

from typing import ClassVar

from ipyavatar.providers.cloud.profile import ServiceProfile


class ToyProfile(ServiceProfile):
    name = "toy"
    title = "Toy Avatars"
    base_url = "https://toys.example"
    key_variables: ClassVar[tuple[str, ...]] = ("TOY_KEY",)
    text_limit = 25
    idle_timeout_s = 6.0
    keep_alive_every_s = 0.5
    credits_per_minute = 6.0
    sizes = False


PROFILE = ToyProfile()
