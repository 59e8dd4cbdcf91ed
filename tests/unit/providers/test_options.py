"""What the user may ask for: every mistake is named at the call, with its fix."""

import enum
import re
from traceback import TracebackException

import numpy as np
import pytest

from ipyavatar import Avatar, AvatarSession
from ipyavatar.core.secret import Secret
from ipyavatar.engine.face import CHARACTERS
from ipyavatar.engine.voice import VOICES
from ipyavatar.errors import InvalidArgument, UnknownName
from ipyavatar.protocol import host as m
from ipyavatar.protocol import host_codec
from ipyavatar.providers.options import all_keywords, hide_secrets, validate_options
from ipyavatar.providers.registry import spec_of
from tests.support.services import SERVICES

KEYS = {"HEYGEN_API_KEY": "k", "LIVEAVATAR_API_KEY": "k", "KALTURA_KS": "k"}
FACE = {"heygen": {}, "liveavatar": {"sandbox": True}, "kaltura": {"avatar_id": "a" * 24}}


def of(provider, **keywords):
    return validate_options(provider, {**FACE.get(provider, {}), **keywords}, KEYS)


def test_the_voice_fits_the_character_unless_one_is_named():
    """Every character has a voice of its kind."""
    for name, character in CHARACTERS.items():
        voice = of("embedded", character=name).voice
        assert VOICES[voice].description.startswith(character.voice)
    last = list(VOICES)[-1]
    assert of("embedded", voice=last).voice == last


@pytest.mark.parametrize("provider", ["embedded", *SERVICES])
def test_a_keyword_that_is_none_counts_as_not_given(provider):
    """Each one that is taken; one that nobody knows stays a mistake."""
    nothing = dict.fromkeys(spec_of(provider).keyword_names)
    assert of(provider, **nothing | FACE.get(provider, {})) == of(provider)
    with pytest.raises(UnknownName, match="no keyword 'charcter'"):
        of(provider, charcter=None)


@pytest.mark.parametrize(
    ("kind", "wrong", "guess"),
    [
        ("character", "Ava", "ava"),
        ("voice", "nobody", None),
        ("quality", "mediun", "medium"),
        ("quality", 720, None),
        ("character", ["ava"], None),
    ],
)
def test_an_unknown_name_is_told_with_what_there_is(kind, wrong, guess):
    """The error names the kind and the value, lists the known ones and guesses."""
    with pytest.raises(UnknownName) as caught:
        of("embedded", **{kind: wrong})
    assert f"no {kind} {wrong!r}" in str(caught.value)
    assert "Choose one of" in caught.value.fix
    if guess:
        assert f"Did you mean {guess!r}" in caught.value.fix


def test_an_unknown_provider_or_keyword_is_guessed():
    with pytest.raises(UnknownName, match="Did you mean 'heygen'"):
        of("heigen")
    with pytest.raises(UnknownName, match="Did you mean 'avatar_id'"):
        of("heygen", avatarid="x")
    with pytest.raises(UnknownName, match="Did you mean 'muted'"):
        validate_options("embedded", {"mutd": True}, others=("muted",))
    with pytest.raises(UnknownName) as caught:
        of("heygen", disable_idle="x")
    assert "disable_idle_timeout" not in str(caught.value)


@pytest.mark.parametrize(
    ("provider", "keyword", "value", "fix"),
    [
        ("heygen", "character", "leo", "avatar_id="),
        ("heygen", "voice", "june", "voice_id="),
        ("heygen", "relay", False, "kaltura"),
        ("heygen", "lite", True, "liveavatar"),
        ("liveavatar", "transport", "livekit", "heygen"),
        ("liveavatar", "character", "leo", "avatar_id="),
        ("liveavatar", "idle_timeout_s", 60, "300 s"),
        ("liveavatar", "relay", True, "kaltura"),
        ("kaltura", "quality", "high", "one size"),
        ("kaltura", "quality", "medium", "one size"),
        ("kaltura", "character", "ava", "avatar_id="),
        ("kaltura", "idle_timeout_s", 60, "of its own"),
        ("kaltura", "sandbox", True, "liveavatar"),
        ("embedded", "api_key", "k", "heygen"),
        ("embedded", "avatar_id", "x", "kaltura"),
    ],
)
def test_an_option_that_can_have_no_effect_is_refused(provider, keyword, value, fix):
    """Also with its default value: who writes it wishes something. None says nothing."""
    with pytest.raises(InvalidArgument, match=f"no {keyword}=: it would have no effect") as caught:
        of(provider, **{keyword: value})
    assert fix in caught.value.fix
    of(provider, **{keyword: None})


TWO_VALUES = {
    "api_key": ("one", "two"),
    "avatar_id": ("a" * 24, "b" * 24),
    "base_url": ("https://one.example", "https://two.example"),
    "character": ("ava", "leo"),
    "context_id": ("one", "two"),
    "credits_per_minute": (1.0, 2.0),
    "fallback": ("embedded",),  # there is no other that needs no service
    "ice_servers": (["stun:one"], ["stun:two"]),
    "idle_timeout_s": (60, 90),
    "language": ("en", "de"),
    "lite": (True, False),
    "max_duration_s": (60.0, 90.0),
    "max_idle_s": (60.0, 90.0),
    "push_to_talk": (True, False),
    "quality": ("low", "high"),
    "transport": ("livekit", "webrtc"),
    "video_codec": ("h264", "vp8"),
    "video_encoding": ("H264", "VP8"),
    "relay": (True, False),
    "sandbox": (True, False),
    "speed": (0.8, 1.2),
    "pitch": (0.8, 1.2),
    "voice_timeout_s": (3.0, 5.0),
    "voice": ("cole", "miles"),
    "voice_id": ("one", "two"),
}
VALUES_OF = {("embedded", "transport"): ("webrtc", "messages")}
"""Where a provider means another thing by a keyword."""

NEEDED_WITH = {
    ("embedded", "language"): {"voice": str.upper},
    ("embedded", "voice_timeout_s"): {"voice": str.upper},
    ("liveavatar", "context_id"): {"lite": False},
    ("liveavatar", "language"): {"lite": False},
    ("liveavatar", "push_to_talk"): {"lite": False},
    ("liveavatar", "voice_id"): {"lite": False},
    ("liveavatar", "sandbox"): {"avatar_id": "a" * 24},
}


def test_every_keyword_there_is_is_in_the_table():
    """A new one belongs there, with two values that it can have."""
    never = {name for spec in SERVICES.values() for name in spec.never_works}
    assert set(TWO_VALUES) == all_keywords() - never


@pytest.mark.parametrize("provider", ["embedded", *SERVICES])
@pytest.mark.parametrize("keyword", TWO_VALUES)
def test_every_keyword_changes_something_or_is_refused(provider, keyword):
    """For each provider: none is taken and then forgotten; who is refused is told what to do."""
    spec, values = spec_of(provider), VALUES_OF.get((provider, keyword), TWO_VALUES[keyword])
    if keyword in spec.keyword_names:
        others = NEEDED_WITH.get((provider, keyword), {})
        given = [{keyword: value} for value in values]
        first, second = (of(provider, **{**others, **one}) for one in [*given, {}][:2])
        assert first != second
        return
    for value in (*values, "", 0, False):
        with pytest.raises(InvalidArgument, match=f"{keyword}=.*no effect") as caught:
            of(provider, **{keyword: value})
        assert spec.title in caught.value.what
        advised = set(re.findall(r"(\w+)=", caught.value.fix))
        assert advised <= spec.keyword_names
        takers = [name for name in SERVICES if keyword in spec_of(name).keyword_names]
        assert advised or "eave it out" in caught.value.fix or takers[0] in caught.value.fix


@pytest.mark.parametrize("provider", ["embedded", *SERVICES])
@pytest.mark.parametrize("keyword", TWO_VALUES)
@pytest.mark.parametrize("value", [object(), float("nan"), [], {}, b"x", -1, 10**400, "\x00"])
def test_a_value_of_any_kind_is_taken_or_refused_by_name(provider, keyword, value):
    """Never with an error of another tree."""
    told = f"{keyword} {keyword}"
    try:
        of(provider, **{keyword: value})
    except InvalidArgument as error:
        told = f"{error.what} {error.fix}"
    assert keyword in told


@pytest.mark.parametrize("provider", SERVICES)
def test_the_idle_time_out_is_not_switched_off_and_what_to_use_is_there(provider):
    """The advice names only what this service takes."""
    with pytest.raises(InvalidArgument, match="costing credits after a crash") as caught:
        of(provider, disable_idle_timeout=True)
    advised = set(re.findall(r"(\w+)=", caught.value.fix))
    assert "max_idle_s" in advised
    assert advised <= spec_of(provider).keyword_names


def test_only_one_voice_speaks_in_liveavatar():
    """Ours in LITE, the service's in FULL; the other one cannot be chosen."""
    assert of("liveavatar", voice="cole").voice == "cole"
    assert of("liveavatar", lite=False, voice_id="v").service.voice_id == "v"
    with pytest.raises(InvalidArgument, match="our own voice"):
        of("liveavatar", voice_id="v")
    with pytest.raises(InvalidArgument, match="voice_id="):
        of("liveavatar", lite=False, voice="cole")


def test_kaltura_may_need_a_voice_of_ours():
    """It steps in where the service's own does not answer."""
    assert of("kaltura", voice="miles").voice == "miles"


@pytest.mark.parametrize(
    ("provider", "options", "told"),
    [
        ("heygen", {"idle_timeout_s": 29}, "30 to 3599"),
        ("heygen", {"idle_timeout_s": 3600}, "30 to 3599"),
        ("heygen", {"max_idle_s": 0}, "no session for ever"),
        ("heygen", {"max_duration_s": float("inf")}, "no session for ever"),
        ("heygen", {"disable_idle_timeout": True}, "never sent as true"),
        ("heygen", {"base_url": "ftp://x"}, "http"),
        ("heygen", {"credits_per_minute": -1}, "0 or more"),
        ("heygen", {"quality": "huge"}, "no quality"),
        ("heygen", {"transport": "webrct"}, "no transport"),
        ("kaltura", {"avatar_id": None}, "no default face"),
        ("kaltura", {"relay": "yes"}, "relay='yes'"),
        ("liveavatar", {"sandbox": False}, "sandbox=True, which has one"),
    ],
)
def test_a_value_that_cannot_work_is_refused(provider, options, told):
    with pytest.raises(InvalidArgument, match=told):
        of(provider, **options)


@pytest.mark.parametrize("provider", SERVICES)
def test_a_missing_key_names_its_variable(provider):
    with pytest.raises(InvalidArgument, match=SERVICES[provider].key_variables[0]):
        validate_options(provider, FACE[provider], {})


@pytest.mark.parametrize("provider", SERVICES)
def test_options_are_of_the_services_own_type(provider):
    """Key and place in them; what was not given has its default."""
    options = of(provider, max_idle_s=90, base_url="https://example.com/v1")
    assert type(options.service) is SERVICES[provider].options_type
    assert options.service.credentials.base_url == "https://example.com"
    assert options.service.credentials.key == Secret("k")
    assert (options.service.max_idle_s, options.service.max_duration_s) == (90.0, 3600.0)


def test_auto_quality_begins_in_the_middle():
    assert of("embedded", quality="auto").quality == "medium"
    assert of("heygen", quality="auto").quality == "medium"


def test_a_key_is_hidden_from_the_first_line():
    """Verbose tracebacks show what stands in variables, of our frames too."""
    hidden = hide_secrets({"api_key": "hush", "avatar_id": "x"})
    assert hidden == {"api_key": Secret("hush"), "avatar_id": "x"}
    with pytest.raises(InvalidArgument) as caught:
        validate_options("heygen", hidden | {"max_idle_s": 0}, {"HEYGEN_API_KEY": "hush"})
    assert "hush" not in shown_by(caught.value)


def shown_by(error):
    """What a verbose traceback shows of our frames, and the message."""
    frame, seen = error.__traceback__, []
    while frame is not None:
        if "/src/ipyavatar/" in frame.tb_frame.f_code.co_filename:
            locals_ = {k: v for k, v in frame.tb_frame.f_locals.items() if k != "environ"}
            seen.append(repr(locals_))
        frame = frame.tb_next
    assert seen
    return "".join(seen) + str(error)


MISPLACED = [
    ("heygen", {"apikey": "hush-7"}),
    ("heygen", {"token": "hush-7"}),
    ("heygen", {"key": ["hush-7"]}),
    ("liveavatar", {"API_KEY": "hush-7"}),
    ("kaltura", {"ks": "hush-7"}),
    ("heygen", {"base_url": "http://me:hush-7@host"}),
    ("heygen", {"base_url": "http://host/?key=hush-7"}),
    ("heygen", {"base_url": "hush-7"}),
    ("heygen", {"base_url": "http://[hush-7"}),
    ("heygen", {"base_url": ["hush-7"]}),
    ("hush-7", {}),
    ("hush" * 10, {}),
    (b"hush", {}),
]


@pytest.mark.parametrize(("provider", "keywords"), MISPLACED)
@pytest.mark.parametrize("make", [AvatarSession, Avatar])
def test_a_secret_in_a_wrong_place_is_shown_nowhere(make, provider, keywords):
    """A mistyped keyword, an address, the name of a provider: neither in frames nor in messages."""
    with pytest.raises(InvalidArgument) as caught:
        make(provider, **{"api_key": "k", **keywords})
    assert caught.value.__cause__ is None
    assert "hush" not in shown_by(caught.value)
    TracebackException.from_exception(caught.value, capture_locals=True)


@pytest.mark.parametrize("text", ["", " ", "\t", "line\nbreak", "nul\0", "\u202e"])
@pytest.mark.parametrize(
    ("provider", "name"),
    [
        ("heygen", "avatar_id"),
        ("heygen", "voice_id"),
        ("kaltura", "avatar_id"),
        ("liveavatar", "avatar_id"),
        ("liveavatar", "context_id"),
        ("liveavatar", "language"),
        ("liveavatar", "voice_id"),
    ],
)
def test_a_text_that_no_service_can_mean_is_refused_at_the_call(provider, name, text):
    """As from a variable that is empty, or a file with a line break."""
    with pytest.raises(InvalidArgument, match=f"{name}=.* cannot work") as caught:
        of(provider, **{"lite": False} if provider == "liveavatar" else {}, **{name: text})
    assert "leave it out" in caught.value.fix


@pytest.mark.parametrize("encoding", ["AV1", "h264", "", 5, ["VP8"]])
def test_an_encoding_that_no_service_has_is_refused(encoding):
    with pytest.raises(InvalidArgument, match="video_encoding"):
        of("heygen", video_encoding=encoding)


def test_talking_needs_a_language_model():
    for options in (of("heygen"), of("liveavatar", lite=False, context_id="c")):
        assert spec_of(options.provider).check_mode("talk", options) == "talk"
    for options in (of("embedded"), of("kaltura"), of("liveavatar")):
        with pytest.raises(InvalidArgument, match="no language model"):
            spec_of(options.provider).check_mode("talk", options)
    with pytest.raises(InvalidArgument, match=r"has no language model.*responder="):
        spec_of("embedded").check_mode("talk", of("embedded"))
    with pytest.raises(InvalidArgument, match=r"LITE has no language model.*lite=False"):
        spec_of("liveavatar").check_mode("talk", of("liveavatar"))
    with pytest.raises(InvalidArgument, match=r"has no context.*context_id="):
        spec_of("liveavatar").check_mode("talk", of("liveavatar", lite=False))
    with pytest.raises(InvalidArgument, match=r"In LiveAvatar LITE language= would have no effect"):
        of("liveavatar", language="de")
    with pytest.raises(UnknownName, match="repeat"):
        spec_of("heygen").check_mode("sing", of("heygen"))


def test_every_keyword_is_somebodys():
    """A keyword in a spec's table either goes into its options, or is checked apart."""
    apart = {"api_key", "base_url", "disable_idle_timeout", "quality", "voice", "character"}
    apart |= {"fallback"}
    for spec in SERVICES.values():
        assert spec.keyword_names - apart <= set(spec.options_type.__struct_fields__)
    assert {"relay", "lite", "character"} <= all_keywords()


class Named(str, enum.Enum):
    """As users have their settings; NumPy has texts of its own, too."""

    FACE = "a" * 24
    LOW = "low"
    LEO = "leo"
    JUNE = "june"
    VP8 = "vp8"


@pytest.mark.parametrize(
    ("provider", "name", "given"),
    [
        ("embedded", "character", Named.LEO),
        ("embedded", "voice", Named.JUNE),
        ("embedded", "quality", Named.LOW),
        ("embedded", "video_codec", Named.VP8),
        ("heygen", "quality", Named.LOW),
        ("heygen", "avatar_id", Named.FACE),
        ("kaltura", "voice_id", Named.FACE),
    ],
)
def test_a_text_may_be_of_any_class(provider, name, given):
    """It goes on as what it says, in a message that takes plain texts only."""
    for value in (given, np.str_(given.value)):
        assert of(provider, **{name: value}) == of(provider, **{name: given.value})
        assert host_codec.encode(m.OpenSession("a", of(provider, **{name: value})))
