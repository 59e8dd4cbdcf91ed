"""An avatar that keeps what it tells its pages, and whose page the test plays."""

from __future__ import annotations

from ipyavatar import Avatar
from tests.support.processes import until


class RecordingAvatar(Avatar):
    """`page_says` is a widget message of a page; what it is told is in `sent`.

    Attributes:
        sent: `(message, buffers)` of all that was sent by widget message.
    """

    def send(self, content, buffers=None):
        self.sent.append((content, buffers))

    @property
    def sent(self):
        return self.__dict__.setdefault("_sent_to_pages", [])

    def page_says(self, **message):
        """A page sends this by widget message."""
        self._pages.on_widget_message(self, message, [])

    def answers(self, kind):
        """Messages of this kind, in order."""
        return [content for content, _ in list(self.sent) if content["type"] == kind]

    def answer(self, kind, peer):
        """The one answer of this kind to `peer`."""
        found = []

        def there():
            found[:] = [answer for answer in self.answers(kind) if answer["peer"] == peer]
            return found

        until(there, 20, f"{kind} to {peer}; told {self.answers('refused')}")
        (only,) = found
        return only
