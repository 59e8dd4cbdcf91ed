import pytest
import traitlets as t

from ipyavatar.errors import InvalidArgument
from ipyavatar.widget.trait_types import WIDEST, Pixels


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
