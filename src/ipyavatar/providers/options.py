"""What the user may ask for, checked at the call: every mistake is named with its fix."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec

from ..core.secret import hide_address, hide_key, hide_unless_word, hide_within
from ..errors import InvalidArgument, UnknownName
from ..protocol.options import SessionOptions
from .fallback.options import fallback_of, split_keywords
from .registry import provider_names, spec_of
from .spec import ProviderSpec


def validate_options(
    provider: object,
    keywords: Mapping[str, object],
    environ: Mapping[str, str] | None = None,
    *,
    others: Iterable[str] = (),
) -> SessionOptions:
    """The options of a session, or an error that names what is wrong.

    Args:
        provider: Who is behind it.
        keywords: What the user gave; nothing that was not given, so that a default is never taken
            for a wish. None counts as not given.
        environ: Where keys are looked up; this process's environment when None.
        others: Keywords that the caller itself takes, to guess what was meant.

    Raises:
        UnknownName: No such provider, keyword, character, voice or quality.
        InvalidArgument: A value cannot work or can have no effect, or a key is missing.
    """
    __tracebackhide__ = True  # in notebooks: what is wrong is in the message
    # At once: verbose tracebacks show what stands in variables.
    provider, keywords = hide_unless_word(provider), hide_secrets(keywords)
    spec = spec_of(provider)
    fallback = fallback_of(keywords) if "fallback" in spec.keyword_names else None
    if fallback is None:
        return _validate(spec, keywords, environ, others)
    own, shared = split_keywords(spec, fallback, keywords)
    second = _validate(fallback, shared, environ, others)
    first = _validate(spec, own, environ, others)
    return msgspec.structs.replace(first, fallback=second)


def validate_fallback(
    provider: object, keywords: Mapping[str, object], environ: Mapping[str, str] | None = None
) -> SessionOptions | None:
    """The options of what takes over where `provider` cannot be used; None where nothing does.

    Raises:
        UnknownName: There is no such provider, or no such value.
        InvalidArgument: It cannot work.
    """
    provider, keywords = hide_unless_word(provider), hide_secrets(keywords)
    spec = spec_of(provider)
    fallback = fallback_of(keywords) if "fallback" in spec.keyword_names else None
    if fallback is None:
        return None
    return _validate(fallback, split_keywords(spec, fallback, keywords)[1], environ, ())


def _validate(
    spec: ProviderSpec,
    keywords: Mapping[str, object],
    environ: Mapping[str, str] | None,
    others: Iterable[str],
) -> SessionOptions:
    __tracebackhide__ = True
    for keyword, value in keywords.items():
        if keyword not in spec.keyword_names:
            _refuse(spec, keyword, value, others)
    given = {keyword: value for keyword, value in keywords.items() if value is not None}
    return spec.validate(given, environ)


def hide_secrets(keywords: Mapping[str, object]) -> dict[str, object]:
    """`keywords` with whatever may be a secret hidden, as by `hide_within`.

    That is the key, addresses until their check (a password may stand in them), and all whose
    keyword nobody takes: it may be the key, with its keyword mistyped. What looks like a key in
    another place, and for a keyword, is hidden as by `hide_key`; the ids of services look so, too.
    """
    shown = all_keywords() - {"api_key", "base_url", "ice_servers"} if keywords else frozenset()
    hidden = {
        hide_key(name): _hide_in_place(name, value) if name in shown else hide_within(value)
        for name, value in keywords.items()
    }
    if "fallback" in keywords:  # a name, like the provider's
        name = keywords["fallback"]
        hidden["fallback"] = hide_unless_word(name) if isinstance(name, str) else hide_address(name)
    return hidden


def _hide_in_place(name: str, value: object) -> object:
    if isinstance(value, str) and "://" in value:
        return hide_within(value)
    return value if name.endswith("_id") else hide_key(value)


def all_keywords() -> frozenset[str]:
    """What any provider takes."""
    return frozenset().union(*(spec_of(name).keyword_names for name in provider_names()))


def _refuse(spec: ProviderSpec, keyword: str, value: object, others: Iterable[str]) -> None:
    """Raise for a keyword that `spec` does not take, unless it says nothing."""
    takers = [name for name in provider_names() if keyword in spec_of(name).keyword_names]
    if not takers and keyword not in spec.no_effect:
        known = {*spec.keyword_names, *others} - spec.never_works
        raise UnknownName.of("keyword", keyword, known)
    if value is None:
        return
    raise refusal(spec, keyword)


def refusal(spec: ProviderSpec, keyword: str) -> InvalidArgument:
    """The error for a keyword that can have no effect with `spec`."""
    takers = [name for name in provider_names() if keyword in spec_of(name).keyword_names]
    fix = spec.no_effect.get(keyword, f"Leave it out; it is for {', '.join(takers)}.")
    return InvalidArgument(f"{spec.title} has no {keyword}=: it would have no effect.", fix)
