"""The settings of the twin."""

import pytest

from ipyavatar.errors import InvalidArgument
from ipyavatar.twin import TwinSettings


def test_one_key_or_any_is_accepted() -> None:
    assert TwinSettings().accepts_key("anything")
    assert not TwinSettings().accepts_key("")
    assert TwinSettings(api_key="k").accepts_key("k")
    assert not TwinSettings(api_key="k").accepts_key("ключ")


@pytest.mark.parametrize(
    ("named", "error"),
    [
        ({"api_key": ""}, "key is empty"),
        ({"concurrency": 0}, "concurrency is 0"),
        ({"idle_timeout_s": 0}, "idle_timeout_s is 0"),
        ({"max_duration_s": float("nan")}, "max_duration_s is nan"),
        ({"join_timeout_s": -1}, "join_timeout_s is -1"),
        ({"join_delay_s": -1}, "join_delay_s is -1"),
    ],
)
def test_settings_that_cannot_work_are_refused(named: dict[str, object], error: str) -> None:
    with pytest.raises(InvalidArgument, match=error):
        TwinSettings(**named)
