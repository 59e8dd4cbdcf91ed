"""How long nothing was heard of a process, counted in looks."""

from ipyavatar.client.silence import Silence


def test_as_many_looks_in_a_row_as_were_given_are_too_many():
    silence = Silence(3)
    assert [silence.look() for _ in range(4)] == [False, False, True, True]


def test_whatever_is_heard_begins_the_count_anew():
    silence = Silence(2)
    assert not silence.look()
    silence.note()
    assert not silence.look()
    assert silence.look()
