"""What the messages of a table have in common."""

from __future__ import annotations

import msgspec


class Message(msgspec.Struct, frozen=True, tag=True):
    """Base of commands and events."""


class PageMessage(msgspec.Struct, frozen=True, tag_field="type", rename="camel"):
    """Base of what a page says and is told."""
