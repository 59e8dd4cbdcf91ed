"""Libraries that end the process where their memory cannot be had."""

import pytest

from ipyavatar.core.address_space import MB, NEEDS_MB, require_address_space
from ipyavatar.errors import MediaError

BOTH = ("cv2", "onnxruntime")
ALL_MB = sum(NEEDS_MB.values())


def test_what_does_not_fit_is_refused_with_both_numbers():
    """And with what limits it."""
    with pytest.raises(MediaError, match=rf"{ALL_MB} MB more.*{ALL_MB - 1} MB.*ulimit -v"):
        require_address_space(*BOTH, loaded=(), free=lambda: ALL_MB * MB - 1)


def test_what_is_past_the_limit_has_none_left():
    with pytest.raises(MediaError, match="may have 0 MB"):
        require_address_space("cv2", loaded=(), free=lambda: -MB)


@pytest.mark.parametrize("free", [ALL_MB * MB, None])
def test_what_fits_and_where_nothing_is_limited_it_is_loaded(free):
    require_address_space(*BOTH, loaded=(), free=lambda: free)


def test_what_is_loaded_needs_nothing():
    """A second session opens under whatever limit."""
    require_address_space(*BOTH, loaded=BOTH, free=lambda: 0)
    with pytest.raises(MediaError, match=f"need {NEEDS_MB['onnxruntime']} MB"):
        require_address_space(*BOTH, loaded=["cv2"], free=lambda: 0)
