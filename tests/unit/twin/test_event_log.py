"""The event log."""

from ipyavatar.twin.event_log import MAX_NAME, EventLog


def test_the_event_log_keeps_the_last_entries_and_short_names() -> None:
    log = EventLog(keep=2)
    for number in range(3):
        log.append(float(number), "session", "x" * 1000, "joined")
    assert [(entry["seq"], len(entry["who"])) for entry in log.to_json()] == [
        (2, MAX_NAME),
        (3, MAX_NAME),
    ]
