"""Where a name belongs that is none where it was given."""

import pytest

from ipyavatar.errors import UnknownName
from ipyavatar.providers.options import validate_options


@pytest.mark.parametrize(
    ("provider", "keywords", "said"),
    [
        ("ava", {}, r"no provider 'ava'\. It is a character: give character='ava'\. Choose"),
        ("June", {}, "It is a voice: give voice='june'"),
        ("high", {}, "It is a quality: give quality='high'"),
        ("embedded", {"voice": "leo"}, "no voice 'leo'. It is a character: give character='leo'"),
        ("embedded", {"character": "june"}, "It is a voice: give voice='june'"),
        ("embedded", {"voice": "de"}, "voice='espeak:de'"),
        ("embedded", {"voice": "espeak"}, "voice='espeak:de'"),
        ("embedded", {"quality": "720p"}, "no quality '720p'. That size is quality='medium'"),
        ("embedded", {"quality": 1080}, "no quality 1080. That size is quality='high'"),
    ],
)
def test_a_name_that_is_one_elsewhere_is_sent_there(provider, keywords, said):
    with pytest.raises(UnknownName, match=said):
        validate_options(provider, keywords, {})


@pytest.mark.parametrize("given", ["mickey", 3, None, ["ava"]])
def test_a_name_that_is_none_anywhere_is_sent_nowhere(given):
    for keyword in ("character", "quality"):
        with pytest.raises(UnknownName) as told:
            validate_options("embedded", {keyword: given} if given else {keyword: "mickey"}, {})
        assert told.value.fix.startswith("Choose one of: ")


def test_a_text_to_say_is_no_provider():
    """It is not shown, for it may be a key; what to do with it is."""
    with pytest.raises(UnknownName, match=r"this text is none\. .* say to speak") as told:
        validate_options("Hello, world!", {}, {})
    assert "secret" not in str(told.value)
    with pytest.raises(UnknownName, match="not of type int"):
        validate_options(3, {}, {})
