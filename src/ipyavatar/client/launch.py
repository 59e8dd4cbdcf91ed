"""How the companion process is started."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from ..core.python_process import HOME, python_command, python_environment
from ..providers.known_keys import strip_keys


def companion_command(
    executable: str, path: Iterable[object] = (), home: str = HOME, cwd: str | None = None
) -> list[str]:
    """The command that starts it; see `python_command`."""
    return python_command("ipyavatar.host.__main__", executable, path, home, cwd)


def companion_environment(environ: Mapping[str, str]) -> dict[str, str]:
    """Its environment: keys go another way."""
    return python_environment(strip_keys(environ))
