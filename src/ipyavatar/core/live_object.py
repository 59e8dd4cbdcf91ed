"""What stands for something that goes on cannot be copied: the copy would be of nothing."""

from __future__ import annotations

from typing import NoReturn, SupportsIndex

from ..errors import NotCopyable


class LiveObject:
    """Refuses to be copied and pickled, also where others do that: joblib, multiprocessing."""

    def __reduce_ex__(self, _protocol: SupportsIndex) -> NoReturn:
        raise NotCopyable(
            f"{type(self).__name__} objects can be neither copied nor pickled: they stand for "
            "something that goes on in this process.",
            "Pass on what you need of it, such as its text or its transcript.",
        )

    def __copy__(self) -> NoReturn:
        self.__reduce_ex__(4)

    def __deepcopy__(self, _memo: object) -> NoReturn:
        self.__reduce_ex__(4)
