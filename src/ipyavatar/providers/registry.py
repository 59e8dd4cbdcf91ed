"""Which providers there are: one line for each. A spec is imported when it is first asked for."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any, cast

from ..core.secret import NoKey, Secret, hide_unless_word
from ..core.validate import require_known
from ..errors import UnknownName
from ..protocol.options import ServiceOptions
from .choices import require_choice
from .spec import ProviderSpec

if TYPE_CHECKING:
    from .cloud.spec import ServiceSpec
    from .embedded_spec import EmbeddedKeywords
    from .heygen.options import HeyGenKeywords
    from .kaltura.options import KalturaKeywords
    from .liveavatar.options import LiveAvatarKeywords

    class SessionKeywords(
        EmbeddedKeywords, HeyGenKeywords, LiveAvatarKeywords, KalturaKeywords, total=False
    ):
        """What the user may say about a session of any provider, for `Unpack` and completion."""


PROVIDERS: dict[str, str] = {
    "embedded": "ipyavatar.providers.embedded_spec:SPEC",
    "heygen": "ipyavatar.providers.heygen.spec:SPEC",
    "liveavatar": "ipyavatar.providers.liveavatar.spec:SPEC",
    "kaltura": "ipyavatar.providers.kaltura.spec:SPEC",
}
"""Name to `module:attribute` of the spec."""


def provider_names() -> tuple[str, ...]:
    """All providers."""
    return tuple(PROVIDERS)


def spec_of(provider: object) -> ProviderSpec:
    """What is known of `provider`.

    Raises:
        UnknownName: There is no such provider.
    """
    provider = hide_unless_word(provider)
    if isinstance(provider, (Secret, NoKey)):  # it may be a key: so it is not shown
        fix = f"Choose one of: {', '.join(sorted(PROVIDERS))}."
        if isinstance(provider, NoKey):
            raise UnknownName(f"A provider is a name, and not of type {provider.type_name}.", fix)
        more = "A key is given as api_key=, what to say to speak()."
        raise UnknownName("A provider is a name, and this text is none.", f"{fix} {more}")
    require_choice("provider", provider, PROVIDERS)
    module, _, attribute = PROVIDERS[str(provider)].partition(":")
    spec: ProviderSpec = getattr(importlib.import_module(module), attribute)
    return spec


def service_specs() -> tuple[ServiceSpec[Any], ...]:
    """The paid services."""
    specs = (spec_of(name) for name in PROVIDERS)
    return tuple(cast("ServiceSpec[Any]", spec) for spec in specs if spec.paid)


def service_spec(provider: object) -> ServiceSpec[Any]:
    """What is known of a paid service.

    Raises:
        UnknownName: There is no such service.
    """
    require_known("paid service", provider, [spec.name for spec in service_specs()])
    return cast("ServiceSpec[Any]", spec_of(provider))


def find_service(provider: str) -> ServiceSpec[Any] | None:
    """The same; None where this version does not know it: a later one may have noted it."""
    return next((spec for spec in service_specs() if spec.name == provider), None)


def options_type(provider: str) -> type[ServiceOptions]:
    """A service's own type of options: for whoever decodes a command.

    Raises:
        UnknownName: There is no such service.
    """
    return service_spec(provider).options_type
