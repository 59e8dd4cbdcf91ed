"""The session registry."""

from ipyavatar.twin.session import Rules, TwinSession
from ipyavatar.twin.sessions import Recent, SessionRegistry


def test_the_registry_counts_open_sessions_and_forgets_old_ones() -> None:
    registry = SessionRegistry(keep_closed=2)
    for number in range(5):
        one = TwinSession(str(number), "heygen", "v2", Rules(idle_s=10, max_s=60), float(number))
        registry.add(one)
    assert registry.count_open(5.0, include_new=True) == 5
    assert registry.count_open(5.0, include_new=False) == 0
    assert [s.id for s in registry.open(12.5)] == ["3", "4"]
    assert [s.id for s in registry.closed(12.5)] == ["2", "1"]
    assert registry.get("0", 12.5) is None
    assert registry.get(None, 12.5) is None


def test_recent_keeps_the_last_ones() -> None:
    recent: Recent[int] = Recent(2)
    for number in range(4):
        recent.put(str(number), number)
    assert list(recent) == [2, 3]
    assert len(recent) == 2
