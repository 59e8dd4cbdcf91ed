"""Takes out of a report what concerns nobody else: secrets, names of users and machines."""

from __future__ import annotations

import getpass
import json
import os
import platform
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from ...core.secret import HIDDEN, Secret, blank_out
from ...providers.cloud.environment import Environment
from ...providers.registry import provider_names, spec_of

HOME, USER, MACHINE = "~", "<user>", "<machine>"

PROXY_VARIABLES = (
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy"),
)

SECRET_LEAST = 6
"""A shorter one is blanked out where it stands by itself; it is part of too many words."""

NAME_LEAST = 3
"""Shorter names stand in too many texts; as that of a folder they go all the same."""

FOLDER, WORD = r"(?<=[\\/]){}(?=[\\/]|$)", r"(?<![A-Za-z0-9]){}(?![A-Za-z0-9])"
"""Where a name stands: as a folder's, or anywhere."""

HOMES = re.compile(r"(?<=[\\/])(home|Users)([\\/]+)[^\\/\s'\"]+")
"""Homes of others, whose names are not known."""

Rule = tuple[re.Pattern[str], str]


class Redaction:
    """Cleans text.

    Args:
        secrets: What is blanked out wherever it stands.
        homes: Folders of the user, shown as `~`.
        users: Names of the user.
        machines: Names of this machine.
    """

    def __init__(
        self,
        secrets: Iterable[Secret],
        homes: Iterable[str] = (),
        users: Iterable[str] = (),
        machines: Iterable[str] = (),
    ) -> None:
        values = {secret.reveal() for secret in secrets if secret}
        self._secrets = [Secret(value) for value in values if len(value) >= SECRET_LEAST]
        self._short = [Secret(value) for value in values if len(value) < SECRET_LEAST]
        self._rules: list[Rule] = []
        for home in sorted({*homes} - {"", "/"}, key=len, reverse=True):
            self._rules.append((re.compile(rf"{re.escape(home)}(?=[\\/]|\W|$)"), HOME))
        for names, shown in ((users, USER), (machines, MACHINE)):
            for name in sorted({*names} - {""}, key=len, reverse=True):
                where = FOLDER if len(name) < NAME_LEAST else WORD
                pattern = where.format(re.escape(name))
                self._rules.append((re.compile(pattern, re.IGNORECASE), shown))

    @classmethod
    def of(cls, environment: Environment) -> Redaction:
        """What is to be hidden here."""
        names = (
            environment.read(name) for name in ("USER", "LOGNAME", "USERNAME", "JUPYTERHUB_USER")
        )
        return cls(
            _secrets_of(environment),
            (os.path.expanduser("~"), environment.read("HOME"), environment.read("USERPROFILE")),
            {*names, _user(), Path(os.path.expanduser("~")).name} - {"root", "user", "home"},
            {platform.node(), platform.node().partition(".")[0]} - {"localhost"},
        )

    def clean(self, text: str) -> str:
        """`text` without any of it."""
        text = blank_out(text, (secret.reveal() for secret in self._secrets))
        for secret in self._short:
            text = re.sub(WORD.format(re.escape(secret.reveal())), HIDDEN, text)
        for pattern, shown in self._rules:
            text = pattern.sub(lambda _, shown=shown: shown, text)  # type: ignore[misc]
        return HOMES.sub(rf"\1\2{USER}", text)

    def clean_facts(self, facts: Any) -> Any:
        """The same for what a JSON report holds."""
        if isinstance(facts, str):
            return self.clean(facts)
        if isinstance(facts, Mapping):
            return {self.clean(str(name)): self.clean_facts(value) for name, value in facts.items()}
        if isinstance(facts, (list, tuple)):
            return [self.clean_facts(value) for value in facts]
        return facts if isinstance(facts, (int, float, bool)) or facts is None else str(facts)


def _secrets_of(environment: Environment) -> list[Secret]:
    """Keys; what a JSON text in such a variable holds; passwords of proxies."""
    found: list[Secret] = []
    for provider in provider_names():
        for name in spec_of(provider).key_variables:
            value = environment.secret(name)
            found += [value, *_within(value)]
    # Requests go by this process's own proxies, whatever environment the caller has given.
    proxies = [one.secret(name) for one in (environment, Environment()) for name in PROXY_VARIABLES]
    for proxy in proxies:
        try:
            parts = urlsplit(proxy.reveal())
            login = (parts.username or "", parts.password or "")
        except ValueError:
            login = ("", "")
        found += [Secret(text) for part in login for text in (part, unquote(part))]
    return found


def _within(value: Secret) -> list[Secret]:
    """User names and credentials in the JSON of `value`: they may be told apart from it."""
    try:
        data = json.loads(value.reveal())
    except (ValueError, RecursionError):
        return []
    servers = data if isinstance(data, list) else [data]
    return [
        Secret(one[name])
        for one in servers
        if isinstance(one, dict)
        for name in ("username", "credential")
        if isinstance(one.get(name), str)
    ]


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # a container's user without a name
        return ""
