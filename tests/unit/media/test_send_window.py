"""The window of acknowledged frames."""

from ipyavatar.media.send_window import GONE_S, WINDOW_S, SendWindow


def filled(count=3):
    """`count` frames, one a second from 0 s on."""
    window = SendWindow()
    for number in range(1, count + 1):
        window.note_sent(number, float(number - 1))
    return window


def test_the_oldest_frame_under_way_decides():
    """It is open until that frame has been under way for too long."""
    window = filled(1)
    assert not window.is_full(WINDOW_S)
    assert window.is_full(WINDOW_S + 0.01)


def test_acknowledging_a_frame_acknowledges_those_before():
    """What is lost on the way is not under way."""
    window = filled(3)
    window.acknowledge(2)
    assert not window.is_full(2.0 + WINDOW_S)
    window.acknowledge(3)
    assert not window.is_gone(1e6)


def test_an_old_or_invented_number_does_no_harm():
    """A page may say what it likes."""
    window = filled(2)
    window.acknowledge(0)
    assert window.is_full(1.0)
    window.acknowledge(10**12)
    window.note_sent(3, 5.0)
    assert window.is_full(5.0 + WINDOW_S + 0.01)


def test_a_page_that_takes_nothing_for_a_minute_is_gone():
    """And not before: its kernel may be busy."""
    window = filled(1)
    assert not window.is_gone(GONE_S)
    assert window.is_gone(GONE_S + 0.01)


def test_what_is_taken_back_is_not_waited_for():
    """What went out before it is."""
    window = SendWindow()
    window.note_sent(1, 0.0)
    window.note_sent(2, 0.0)
    window.take_back(1)
    assert window.is_full(WINDOW_S + 0.1)
    window.take_back(0)
    assert not window.is_full(WINDOW_S + 0.1)
