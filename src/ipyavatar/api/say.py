"""Has a script said into files: movies, sound, captions."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.quality import QUALITIES
from ..core.script import Script, parse_script
from ..core.text import clean_text
from ..core.validate import require_known
from ..errors import InvalidArgument, SpeechFailed
from ..session.marks import UnknownMarks
from .movie_files import sort_files
from .movie_player import MovieOptions, Said, open_player
from .script_voices import ScriptVoice, choose_script_voice

if TYPE_CHECKING:
    from ..media.group_picture import GroupPicture


@dataclass(frozen=True, slots=True)
class SayOptions:
    """How a script is said.

    Attributes:
        character: Who speaks where the script names nobody.
        voices: Voices by character, as `Avatar(voice=...)` takes them; others have their own.
        speed: Of all voices.
        pitch: Of all voices.
        language: Of all voices; their own when None.
        quality: The size of the picture: `"low"`, `"medium"`, `"high"`.
        captions: `"track"`, `"burn"`, `"none"`; None: a track where the file can have one.
        codec: Of the pictures; the usual one when None.
        layout: `"side"` (by side) or `"cut"`: whoever speaks.
    """

    character: str = "ava"
    voices: Mapping[str, object] = field(default_factory=dict)
    speed: float | None = None
    pitch: float | None = None
    language: str | None = None
    quality: str = "medium"
    captions: str | None = None
    codec: str | None = None
    layout: str = "side"


def say(
    text: str,
    outputs: Sequence[str | Path],
    options: SayOptions | None = None,
    on_progress: Callable[[int, int], None] | None = None,
    notify: Callable[[str], object] = str,
) -> Said:
    """Have `text` said into one movie, or sound, and any number of files of captions.

    Args:
        text: A sentence, a Markdown text with headings for chapters, or a conversation.
        outputs: Files, by the end of their name.
        options: How.
        on_progress: Told how many characters were said, of how many.
        notify: Told what a voice leaves out.

    Raises:
        UnknownName: There is no such character, voice, size, layout, codec or kind of file.
        InvalidArgument: There is nothing to say, or what is asked for does not go together.
        MediaError: A file cannot be written; what was written until then plays.
        SpeechFailed: The voice failed, or can read nothing of it.
    """
    from ..engine.face import CHARACTERS

    options = options or SayOptions()
    require_known("character", options.character, CHARACTERS)
    require_known("quality", options.quality, QUALITIES)
    require_known("layout", options.layout, ("side", "cut"))
    given = _choose_voices(options)
    files = sort_files(outputs, options.codec, options.captions)
    script = parse_script(clean_text(text), CHARACTERS, options.character)
    if not script.lines:
        raise InvalidArgument("There is nothing to say.", "Give some text.")
    voices = {name: given.get(name) or _choose(None, name, options) for name in script.speakers}
    if not any(voices[line.speaker].reads(line.text) for line in script.lines):
        fix = "Ours read English; another one may, such as espeak:ru."
        raise SpeechFailed("There is nothing in the text that the voice can read.", fix)
    for name in given.keys() - voices.keys():
        notify(f"{name} says nothing here: the voice has no effect.")
    _tell_left_out(script, voices, notify)
    total, done = sum(len(line.text) for line in script.lines), 0

    def on_said(characters: int) -> None:
        nonlocal done
        done += characters
        if on_progress is not None:
            on_progress(done, total)

    begin = time.monotonic()
    movie = MovieOptions(options.quality, options.captions, options.codec)
    more: Any = {"make_picture": _picture_of(script, options), "on_said": on_said, "notify": notify}
    with open_player(files, movie, voices=voices, **more) as player:
        on_said(0)  # a bar counts its time from here
        player.play(script)
    took_s = time.monotonic() - begin
    return Said(player.seconds, took_s, tuple(player.cues), tuple(player.chapters))


def _tell_left_out(
    script: Script, voices: Mapping[str, ScriptVoice], notify: Callable[[str], object]
) -> None:
    marks = UnknownMarks()
    for line in script.lines:
        told = voices[line.speaker].describe_unreadable(line.text), marks.note(line.text)
        for one in filter(None, told):
            notify(one)


def _choose_voices(options: SayOptions) -> dict[str, ScriptVoice]:
    """Those that were asked for, whether the script needs them or not: a wrong name is told."""
    from ..engine.face import CHARACTERS

    for name in options.voices:
        require_known("character", name, CHARACTERS)
    return {name: _choose(voice, name, options) for name, voice in options.voices.items()}


def _choose(voice: object, character: str, options: SayOptions) -> ScriptVoice:
    more: dict[str, Any] = {
        "speed": options.speed,
        "pitch": options.pitch,
        "language": options.language,
    }
    given = {name: value for name, value in more.items() if value is not None}
    return choose_script_voice(voice, character, given)


def _picture_of(script: Script, options: SayOptions) -> Callable[[tuple[int, int]], GroupPicture]:
    from ..media.group_picture import GroupPicture

    layout: Any = options.layout
    return lambda size: GroupPicture(script.speakers, size, layout)
