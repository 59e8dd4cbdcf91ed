"""How much memory is free, as systems tell it."""

import pytest

from ipyavatar.api.doctor.checks.machine import check_state_folder, free_memory
from ipyavatar.api.doctor.context import Context
from ipyavatar.providers.cloud.environment import Environment

MEMINFO = "MemTotal: 16000 kB\nMemFree: 100 kB\nMemAvailable: 8000 kB\n"


def write(root, **files):
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_DOT_", ".")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        ({}, None),
        ({"proc__meminfo": MEMINFO}, 8_192_000),
        ({"proc__meminfo": "nonsense"}, None),
        (
            {
                "proc__meminfo": MEMINFO,
                "sys__fs__cgroup__memory_DOT_max": "1000000",
                "sys__fs__cgroup__memory_DOT_current": "400000",
            },
            600_000,
        ),
        (
            {
                "proc__meminfo": MEMINFO,
                "sys__fs__cgroup__memory_DOT_max": "max",
                "sys__fs__cgroup__memory_DOT_current": "400000",
            },
            8_192_000,
        ),
    ],
)
def test_the_least_of_machine_and_container_counts(tmp_path, files, expected):
    assert free_memory(write(tmp_path, **files)) == expected


def test_a_state_folder_that_cannot_be_is_said_without_its_path(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("IPYAVATAR_STATE_DIR", str(tmp_path / "file" / "below"))
    environment = Environment({"IPYAVATAR_STATE_DIR": "x"})
    finding = check_state_folder(Context(environment, notebook=False))
    assert finding.state == "failed"
    assert str(tmp_path) not in finding.what
    assert "IPYAVATAR_STATE_DIR" in finding.fix
