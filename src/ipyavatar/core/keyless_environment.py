"""The environment of a process of ours that needs no key: what Python and the network need."""

from __future__ import annotations

from collections.abc import Mapping

from .python_process import python_environment

PASSED_ON = frozenset(
    (
        *("PATH", "PATHEXT", "HOME", "HOMEDRIVE", "HOMEPATH", "LANG", "LANGUAGE"),
        *("TMP", "TEMP", "TMPDIR", "LD_LIBRARY_PATH", "SSL_CERT_FILE", "SSL_CERT_DIR"),
        *("PYTHONHOME", "PYTHONPLATLIBDIR", "PYTHONUSERBASE", "PYTHONNOUSERSITE"),
        *("PYTHONUTF8", "PYTHONIOENCODING", "PYTHONCOERCECLOCALE"),
        *("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"),
        *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
        *("SYSTEMROOT", "SYSTEMDRIVE", "WINDIR", "USERPROFILE", "APPDATA", "LOCALAPPDATA"),
    )
)
"""The variables that it gets. Whole names: LANGCHAIN_API_KEY begins like LANG, and is a key."""

PASSED_ON_FROM = ("LC_", "DYLD_")
"""How the names of others begin, of which there are many."""


def keyless_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """What of `environ` is passed on: no variable that is not known to be needed, so no key."""
    named = {name: value for name, value in environ.items() if _is_passed_on(name.upper())}
    return python_environment(named)


def _is_passed_on(name: str) -> bool:
    return name in PASSED_ON or name.startswith(PASSED_ON_FROM)
