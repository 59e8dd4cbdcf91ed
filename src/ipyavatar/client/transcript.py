"""What was asked of an avatar, and what became of it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from ..core.markup import strip_markup
from ..core.speech import Speech, SpeechState, SpokenWord
from ..core.subtitles import Cue, make_cues, to_srt, to_vtt
from ..errors import MissingPart

_Times = tuple[float, float | None, float | None, tuple[SpokenWord, ...]]
_TEXTS = ("speech", "text", "state", "answer", "role")
_COLUMNS = ("started_at", "first_audio_at", "finished_at", "words")

LENGTH = 200
"""Speeches kept; the oldest that have ended are forgotten first."""

ENDED = frozenset({"said", "interrupted", "failed"})

OVER = ENDED | {"heard"}


class Transcript:
    """One entry for each speech, in the order in which they were asked for."""

    def __init__(self) -> None:
        self._entries: OrderedDict[str, dict[str, str]] = OrderedDict()
        self._times: dict[str, _Times] = {}
        self._by_user: set[str] = set()
        self._questions: set[str] = set()  # their text is answered, and not said

    def __repr__(self) -> str:
        count = len(self)
        return f"<Transcript: {count} {'entry' if count == 1 else 'entries'}>"

    def __iter__(self) -> Iterator[dict[str, str]]:
        return iter(self.entries())

    def __len__(self) -> int:
        return len(self._entries)

    def entries(self) -> list[dict[str, str]]:
        """`{"speech", "text", "state"}` of each: its id, what was asked for, the newest state.

        What was answered is there, too, as `answer`. What users said into a microphone has
        `"role": "user"`; its state is `heard` where nobody answers it.
        """
        return [dict(entry) for entry in list(self._entries.values())]

    def rows(self) -> list[dict[str, Any]]:
        """The same with times, for tables.

        `started_at`, `first_audio_at` and `finished_at` are seconds of `time.time()`, None until
        then; `words` are `(text, start, end)` in seconds from the first sound.
        """
        return [
            {**entry, **dict(zip(_COLUMNS, self._times[entry["speech"]], strict=True))}
            for entry in self.entries()
            if entry["speech"] in self._times
        ]

    def to_text(self) -> str:
        """What was said, without markup, a paragraph each.

        Where users said or asked something, each begins with who it was: `user:` or `avatar:`.
        """
        turns = [(who, text) for who, text in self._turns() if text]
        named = any(who == "user" for who, _ in turns)
        return "".join(f"{who}: {text}\n\n" if named else f"{text}\n\n" for who, text in turns)

    def to_srt(self) -> str:
        """What was heard of the avatar, as a SubRip file; its time begins with the first sound."""
        return to_srt(self._cues())

    def to_vtt(self, *, word_times: bool = False) -> str:
        """What was heard of the avatar, as a WebVTT file; its time begins with the first sound.

        Of a question that is the answer; one of whose answer a service tells nothing has no
        caption. What was recorded has captions that fit it: `Recording.to_vtt()`.

        Args:
            word_times: With the time of each word in the text.
        """
        return to_vtt(self._cues(), word_times=word_times)

    def to_frame(self) -> Any:
        """`rows()` as a `pandas.DataFrame`.

        Raises:
            MissingPart: pandas is not installed.
        """
        try:
            import pandas
        except ImportError as error:
            what = "A table needs the package pandas, which is not installed."
            raise MissingPart(what, 'pip install "ipyavatar[pandas]", or take rows().') from error
        return pandas.DataFrame(self.rows(), columns=[*_TEXTS, *_COLUMNS])

    def _heard(self) -> list[dict[str, Any]]:
        return [row for row in self.rows() if row["first_audio_at"] is not None]

    def _turns(self) -> Iterator[tuple[str, str]]:
        """Who said what, in order."""
        for row in self.rows():
            if row["state"] == "heard" or row["speech"] in self._questions:
                yield "user", " ".join(row["text"].split())
            if row["first_audio_at"] is not None:
                yield "avatar", self._spoken(row)
            elif row["state"] == "heard" and row.get("answer"):
                yield "avatar", " ".join(strip_markup(row["answer"]).split())

    def _spoken(self, row: dict[str, Any]) -> str:
        """What the avatar says of it, as captions show it; of a question, what is known of that."""
        text = row.get("answer", "") if row["speech"] in self._questions else row["text"]
        return " ".join(strip_markup(text).split())

    def _cues(self) -> list[Cue]:
        rows = self._heard()
        cues: list[Cue] = []
        for row in rows:
            words: tuple[SpokenWord, ...] = row["words"]
            start = row["first_audio_at"] - rows[0]["first_audio_at"]
            lasted = (row["finished_at"] or row["first_audio_at"]) - row["first_audio_at"]
            # A recording may be made faster than time: then words tell how long it is.
            end = start + (words[-1][2] if words else max(lasted, 0.5))
            if cues and start < cues[-1].end:
                start, end = cues[-1].end, end + cues[-1].end - start
            # Of what was cut off, the words that were heard.
            cut_off = words and row["state"] != "said"
            text = " ".join(word for word, _, _ in words) if cut_off else self._spoken(row)
            cues += make_cues(text, words, start, end)
        return cues

    def note_heard(self, name: str, text: str, began_at: float, ended_at: float) -> None:
        """Somebody said this into a microphone, and nobody answers; seconds of `time.time()`."""
        self._entries[name] = {"speech": name, "text": text, "state": "heard", "role": "user"}
        self._times[name] = (began_at, None, ended_at, ())
        self._forget_oldest()

    def note_reply(self, text: str) -> bool:
        """A service has answered this to what was said into a microphone last. Whether it was."""
        for entry in reversed(self._entries.values()):
            if entry["state"] == "heard":
                entry["answer"] = f"{entry.get('answer', '')} {text}".strip()
                return True
        return False

    def note_asked(self, speech: str) -> None:
        """What is asked by that speech was said into a microphone."""
        self._by_user.add(speech)

    def note(self, speech: Speech) -> None:
        """Take in the state of `speech`; it keeps its place."""
        state: SpeechState = speech.state
        entry = {"speech": speech.id, "text": speech.text, "state": state}
        if speech.answer:
            entry["answer"] = speech.answer
        if speech.mode == "talk":
            self._questions.add(speech.id)
        if speech.id in self._by_user:
            entry["role"] = "user"
        self._entries[speech.id] = entry
        self._times[speech.id] = (
            speech.started_at,
            speech.first_audio_at,
            speech.finished_at,
            tuple(speech.words),
        )
        self._forget_oldest()

    def __contains__(self, speech: object) -> bool:
        return speech in self._entries

    def has_ended(self, speech: str) -> bool:
        """Whether it is known to have ended."""
        entry = self._entries.get(speech)
        return entry is not None and entry["state"] in ENDED

    def _forget_oldest(self) -> None:
        if len(self._entries) > LENGTH:
            ended = (name for name, one in self._entries.items() if one["state"] in OVER)
            oldest = next(ended, None)
            if oldest is not None:
                del self._entries[oldest]
                self._times.pop(oldest, None)
                self._by_user.discard(oldest)
                self._questions.discard(oldest)
