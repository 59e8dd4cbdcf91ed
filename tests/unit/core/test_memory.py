"""How much memory the C library keeps of what was freed."""

import platform

import pytest

from ipyavatar.core.memory import keep_little_free_memory, release_free_memory


def test_where_the_c_library_is_glibc_it_is_told_to_keep_little():
    assert keep_little_free_memory([]) is (platform.libc_ver()[0] == "glibc")
    release_free_memory()  # and nothing is raised where there is no such function


@pytest.mark.parametrize("name", ["MALLOC_ARENA_MAX", "MALLOC_TRIM_THRESHOLD_", "GLIBC_TUNABLES"])
def test_what_the_user_has_set_stands(name):
    assert not keep_little_free_memory(["PATH", name])
