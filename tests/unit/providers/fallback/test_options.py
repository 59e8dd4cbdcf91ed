"""`fallback=`: which keywords go to whom."""

from ipyavatar.providers.options import validate_options


def test_each_takes_its_own_keywords_and_shared_ones_go_to_both():
    """A word that means something else to each, such as `transport`, is the service's."""
    options = validate_options(
        "heygen",
        {
            "api_key": "k",
            "transport": "livekit",
            "character": "leo",
            "quality": "low",
            "max_idle_s": 60,
            "fallback": "embedded",
        },
    )
    second = options.fallback
    assert second is not None
    assert (options.service.transport, second.transport) == ("livekit", "auto")
    assert (options.quality, second.quality) == ("low", "low")
    assert (options.service.max_idle_s, second.max_idle_s) == (60, 60)
    assert second.character == "leo"
    assert second.fallback is None


def test_without_it_a_service_has_none():
    assert validate_options("heygen", {"api_key": "k"}).fallback is None
