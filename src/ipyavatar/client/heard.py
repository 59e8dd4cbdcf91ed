"""What was heard of a speech that was cut off: by the captions, and the times of their words."""

from __future__ import annotations

from ..protocol.page import Caption


class HeardWords:
    """Takes in captions as they begin. Not thread-safe: used under the session's lock."""

    def __init__(self) -> None:
        self._captions: dict[str, list[Caption]] = {}

    def take(self, caption: Caption) -> None:
        """These words are being spoken from now on."""
        if not any(character.isalnum() for character in caption.text):
            return
        captions = self._captions.setdefault(caption.speech, [])
        if captions and _grows(captions[-1], caption):
            captions.pop()
        captions.append(caption)

    def until(self, speech: str, at: float, again: float | None = None) -> str:
        """The words that had begun to sound by then; of a voice without times, whole captions.

        With `again` also those that began from then on.
        """
        captions = self._captions.get(speech, [])
        begun = [_begun(one, at) for one in captions if again is None or one.at < at]
        if again is not None:
            begun += ["…", *(_begin_from(one, again) for one in captions)]
        return " ".join(filter(None, begun))

    def forget(self, speech: str) -> None:
        """It is over."""
        self._captions.pop(speech, None)


def _grows(before: Caption, caption: Caption) -> bool:
    """Whether it is the same line, of which a service has told more."""
    return not (before.words or caption.words) and caption.text.startswith(before.text)


def _begun(caption: Caption, at: float) -> str:
    if not caption.words or at >= caption.at + caption.words[-1][1]:
        return caption.text
    return " ".join(text for text, start, _ in caption.words if caption.at + start < at)


def _begin_from(caption: Caption, at: float) -> str:
    if not caption.words:
        return caption.text if caption.at >= at else ""
    if caption.at + caption.words[0][1] >= at:
        return caption.text
    return " ".join(text for text, start, _ in caption.words if caption.at + start >= at)
