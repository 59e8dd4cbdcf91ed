"""JupyterLab and browser on a machine without internet: a notebook on a plane."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

LOOPBACK = "ip link set lo up"
INTERFACE = (
    f"{LOOPBACK} && ip link add br0 type bridge && ip addr add 10.9.9.1/24 dev br0"
    " && ip link set br0 up"
)
"""An address that leads nowhere, like that of docker0 or of a WLAN without internet."""

FLAGS = ["--allow-loopback-in-peer-connection", "--disable-features=WebRtcHideLocalIpsWithMdns"]
"""On loopback alone Chromium makes no WebRTC socket at all unless it gets both of these."""


def alone(network: str, *command: str) -> list[str]:
    """`command` in a network namespace of its own with nothing but `network` in it."""
    return [
        "unshare",
        "--map-root-user",
        "--net",
        "sh",
        "-c",
        f'{network} && exec "$@"',
        "sh",
        *command,
    ]


def see_and_hear(network: str, *flags: str) -> dict[str, object]:
    try:
        subprocess.run(alone(network, "true"), check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"a network namespace cannot be made here: {error}")
    run = subprocess.run(
        alone(network, sys.executable, "-m", "tests.support.offline", *flags),
        check=False,
        capture_output=True,
        text=True,
        timeout=120,
        env=os.environ | {"PYTHONPATH": os.getcwd()},
    )
    assert run.returncode == 0, run.stderr[-2000:]
    answer: dict[str, object] = json.loads(run.stdout)
    return answer


ALL_WELL = {"picture": True, "sound": True, "speech": "said"}


def test_it_works_without_internet() -> None:
    assert see_and_hear(INTERFACE) == ALL_WELL


def test_it_works_on_loopback_alone_where_the_browser_may() -> None:
    assert see_and_hear(LOOPBACK, *FLAGS) == ALL_WELL
