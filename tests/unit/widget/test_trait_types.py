import pytest
import traitlets as t

from ipyavatar import Avatar
from ipyavatar.errors import InvalidArgument
from ipyavatar.widget.trait_types import WIDEST, Pixels
from tests.support.memory_sessions import make_avatar


class Thing(t.HasTraits):
    width = Pixels(0)


@pytest.mark.parametrize(("value", "width"), [(0, 0), (300, 300), (300.0, 300), (WIDEST, WIDEST)])
def test_whole_pixels_are_a_width(value, width):
    assert Thing(width=value).width == width


@pytest.mark.parametrize("value", [-1, 0.5, True, WIDEST + 1, float("nan"), [300]])
def test_what_is_no_width_is_refused_in_our_words(value):
    """And nothing has changed."""
    thing = Thing(width=400)
    with pytest.raises(InvalidArgument, match="Give whole pixels up to 10000"):
        thing.width = value
    assert thing.width == 400


@pytest.mark.parametrize("value", ["50%", "300px", "20em", "auto"])
def test_a_width_of_css_is_sent_where_ipywidgets_has_it(value):
    """Both are there, so the message names the other one."""
    with pytest.raises(InvalidArgument, match=r"width='.*avatar\.layout\.width"):
        Thing(width=value)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((print, "statu"), r"There is no trait 'statu'\. Did you mean 'status'\?"),
        ((print, ["caption", "volumee"]), r"There is no trait 'volumee'\. Did you mean 'volume'\?"),
        (("status", print), r"observe\(\) takes no str to call\. Give the function first"),
        ((None, "status"), "observe\\(\\) takes no NoneType to call"),
    ],
)
def test_an_observer_that_would_never_be_called_is_refused(arguments, said):
    avatar, _ = make_avatar(Avatar)
    with pytest.raises(InvalidArgument, match=said):
        avatar.observe(*arguments)
    avatar.close()


def test_an_observer_of_what_is_there_is_called():
    """By one name, several, all of them, and of a widget's own."""
    avatar, _ = make_avatar(Avatar)
    seen = []
    for number, names in enumerate(("badge", iter(("badge", "layout")), t.All, [])):
        avatar.observe(lambda change, number=number: seen.append((number, change["name"])), names)
    avatar.badge = False
    assert sorted(seen) == [(0, "badge"), (1, "badge"), (2, "badge"), (3, "badge")]
    avatar.close()
